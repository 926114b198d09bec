"""What lap detection says: the facts that the recorder stores and screens show."""

from __future__ import annotations

import msgspec

from ps_tui.domain.models import LapKind


class LapStarted(msgspec.Struct, frozen=True, gc=False):
    """A lap began. Frames received from ``started_us`` on belong to it."""

    lap_number: int
    """Rises within a session and is never used twice."""
    started_us: int
    game_lap_number: int | None = None


class LapCompleted(msgspec.Struct, frozen=True, gc=False):
    """The running lap ended. Frames received before ``ended_us`` belong to it."""

    lap_number: int
    kind: LapKind
    valid: bool
    started_us: int
    ended_us: int
    lap_time_ms: int | None
    clock_time_ms: int | None = None
    is_official: bool = False
    reason: str | None = None


class LapRevised(msgspec.Struct, frozen=True, gc=False):
    """The game published the official time of a lap after its end."""

    lap_number: int
    lap_time_ms: int


LapEvent = LapStarted | LapCompleted | LapRevised
