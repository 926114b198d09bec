"""EA's F1 games: F1 23, F1 24, F1 25 and the 2026 season of F1 25."""

from __future__ import annotations

from ps_tui.decoders.f1.decoder import F1Decoder
from ps_tui.decoders.f1.extra import CHANNELS
from ps_tui.decoders.f1.header import describe, detect

__all__ = ["CHANNELS", "DEFAULT_PORT", "MENU_HINT", "F1Decoder", "describe", "detect"]

DEFAULT_PORT = 20777

MENU_HINT = (
    "Options > Settings > Telemetry Settings: UDP Telemetry On, UDP IP Address that of "
    "this computer (127.0.0.1 if the game runs on it), UDP Port 20777, UDP Send Rate "
    "60 Hz, UDP Format 2023 or newer"
)
"""The settings of the game that make it send, in the order of its menu."""
