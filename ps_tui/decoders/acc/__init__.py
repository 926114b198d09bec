"""Assetto Corsa Competizione, by its broadcasting interface."""

from __future__ import annotations

from ps_tui.decoders.acc.conversation import AccConversation
from ps_tui.decoders.acc.decoder import CHANNELS, AccDecoder, detect

__all__ = ["CHANNELS", "AccConversation", "AccDecoder", "detect"]
