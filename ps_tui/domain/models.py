"""Events, sessions and laps as the rest of the program passes them round.

Times are integer UTC microseconds (``_us``), durations integer milliseconds.
Public ids are UUIDv7 text; what a list shows beside a record (counts, bests) is
part of the record, zero or ``None`` where it was not asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Protocol

import msgspec


class EventStatus(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class SessionStatus(StrEnum):
    PENDING = "pending"
    RECORDING = "recording"
    PAUSED = "paused"
    COMPLETED = "completed"
    INTERRUPTED = "interrupted"
    ARCHIVED = "archived"


class LapKind(StrEnum):
    """How a lap began and ended; independent of whether it is valid."""

    FLYING = "flying"
    OUT = "out"
    IN = "in"
    PIT = "pit"
    """Out of the pits and back into them within one lap."""
    PARTIAL = "partial"
    """Not driven from line to line, or not recorded so."""


class EventDraft(msgspec.Struct, frozen=True):
    """What a person fills in about an event. Dates are ISO 8601 days."""

    name: str
    description: str | None = None
    location: str | None = None
    start_date: str | None = None
    end_date: str | None = None


class Event(msgspec.Struct, frozen=True):
    """A race weekend or track day: the container of sessions."""

    id: str
    name: str
    status: EventStatus
    created_us: int
    description: str | None = None
    location: str | None = None
    start_date: str | None = None
    end_date: str | None = None
    session_count: int = 0
    lap_count: int = 0
    best_lap_time_ms: int | None = None
    deleted_us: int | None = None


TIMED_BY_HAND = "timed by hand"
"""The reason of a lap that was typed in: it has a time and no frames."""


class LapDraft(msgspec.Struct, frozen=True):
    """A lap that somebody timed; without a number it is the next of its session."""

    lap_time_ms: int
    lap_number: int | None = None
    kind: LapKind = LapKind.FLYING
    valid: bool = True


class LapNotes(msgspec.Struct, frozen=True):
    """What a person writes about a lap. ``tags`` is comma-separated."""

    tags: str | None = None
    notes: str | None = None
    driver: str | None = None
    stint: int | None = None


class SessionDraft(msgspec.Struct, frozen=True):
    """What a person fills in about a session. ``tags`` is comma-separated."""

    name: str
    event_id: str | None = None
    source: str = "auto"
    tags: str | None = None
    car: str | None = None
    track: str | None = None
    driver: str | None = None


class Session(msgspec.Struct, frozen=True):
    """One outing: what was recorded between starting and stopping."""

    id: str
    name: str
    source: str
    status: SessionStatus
    created_us: int
    event_id: str | None = None
    tags: str | None = None
    car: str | None = None
    driver: str | None = None
    track: str | None = None
    layout: str | None = None
    started_us: int | None = None
    ended_us: int | None = None
    lap_count: int = 0
    frame_count: int = 0
    best_lap_time_ms: int | None = None
    dropped_frames: int = 0
    deleted_us: int | None = None
    vehicle_id: str | None = None
    configuration_id: str | None = None
    setup_id: str | None = None
    track_length_m: float | None = None
    """As the game told it."""


def known_length_m(sessions: Iterable[Session]) -> float | None:
    """Return how long the track is, as the first session that knows it says."""
    known = (session.track_length_m for session in sessions)
    return next((length_m for length_m in known if length_m), None)


def mixed_tracks(sessions: Iterable[Session]) -> str:
    """Say that laps of these sessions do not compare; nothing where they may.

    A session whose track or layout nobody knows compares with any.
    """
    layouts: dict[str, dict[str, None]] = {}
    for session in sessions:
        if session.track is not None:
            known = layouts.setdefault(session.track, {})
            if session.layout is not None:
                known[session.layout] = None
    if len(layouts) > 1:
        *names, last = layouts
    else:
        tracks = [f"{track} {one}" for track, known in layouts.items() for one in known]
        if len(tracks) < 2:
            return ""
        *names, last = tracks
    return f"Not one track: {', '.join(names)} and {last}. Differences mean nothing."


class Lap(msgspec.Struct, frozen=True):
    """A lap: its class, its validity and its time are three separate facts."""

    id: str
    session_id: str
    lap_number: int
    lap_time_ms: int | None
    """The game's own time where it has one, else interpolated at the line."""
    kind: LapKind
    valid: bool
    started_us: int
    frame_count: int = 0
    clock_time_ms: int | None = None
    """Our own measurement, to judge the game's by."""
    is_official: bool = False
    reason: str | None = None
    """Why a partial lap is partial."""
    top_speed_kmh: float | None = None
    ended_us: int | None = None
    is_open: bool = False
    deleted_us: int | None = None
    tags: str | None = None
    notes: str | None = None
    excluded_us: int | None = None
    """When a person took the lap out of bests and averages."""
    excluded_reason: str | None = None
    driver: str | None = None
    stint: int | None = None

    @property
    def counts_as_best(self) -> bool:
        """Say whether bests, averages and deltas may use this lap."""
        return (
            self.kind is LapKind.FLYING
            and self.valid
            and self.lap_time_ms is not None
            and not self.is_open
            and self.excluded_us is None
        )


def best_lap(laps: list[Lap]) -> Lap | None:
    """Return the fastest lap that counts, ``None`` where none does."""
    return min(
        (lap for lap in laps if lap.counts_as_best),
        key=lambda lap: lap.lap_time_ms or 0,
        default=None,
    )


class Deletion(msgspec.Struct, frozen=True):
    """What went when something was deleted, so that a message can name it."""

    id: str
    name: str
    session_count: int = 0
    lap_count: int = 0


class Column(Protocol):
    """One channel of a lap: an array of numbers, one per frame."""

    def __len__(self) -> int: ...
    def __getitem__(self, index: Any, /) -> Any: ...
    def tolist(self) -> list[Any]: ...


class LapTrace(msgspec.Struct, frozen=True):
    """All frames of one lap by channel key, in driving order.

    ``columns`` always holds ``received_us`` and the ten frame channels; a channel
    the game sent for no frame of the lap is left out. Missing values are NaN.
    """

    lap: Lap
    columns: Mapping[str, Column]


class RecorderInfo(msgspec.Struct, frozen=True):
    """Which process records: enough to tell a live recorder from a dead one."""

    pid: int
    process_started_us: int
    boot_id: str
    host: str
    label: str = "ps-tui"


class ActiveRecorder(msgspec.Struct, frozen=True):
    """A recording in progress, in this process or another."""

    session_id: str
    session_name: str
    recorder: RecorderInfo
    heartbeat_us: int
    is_own: bool
