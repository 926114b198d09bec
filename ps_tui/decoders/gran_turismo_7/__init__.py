"""Gran Turismo 7: encrypted packets that a console sends as long as it is asked."""

from __future__ import annotations

from ps_tui.decoders.gran_turismo_7.cipher import decrypt
from ps_tui.decoders.gran_turismo_7.conversation import (
    GranTurismo7Conversation,
    heartbeat,
)
from ps_tui.decoders.gran_turismo_7.decoder import (
    CHANNELS,
    KINDS,
    GranTurismo7Decoder,
)

__all__ = [
    "CHANNELS",
    "KINDS",
    "GranTurismo7Conversation",
    "GranTurismo7Decoder",
    "decrypt",
    "heartbeat",
]
