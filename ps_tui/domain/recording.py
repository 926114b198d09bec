"""What the recorder hands to the store, and what the feed tells about itself."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from ps_tui.domain.frame import Frame, Identity
from ps_tui.domain.laps import LapCompleted, LapRevised, LapStarted
from ps_tui.domain.units import format_at_least


class FeedCounters(msgspec.Struct):
    """Every datagram is in ``packets`` and in exactly one of the next four."""

    packets: int = 0
    frames: int = 0
    repeated: int = 0
    rejected: int = 0
    skipped: int = 0
    """Good packets without a frame: handshakes, menus, a paused game."""
    late: int = 0
    """Frames that arrived after a newer one; they are among ``frames``."""
    lost: int = 0
    """Known missing: gaps in the sender's count, or dropped by the system."""
    dropped: int = 0
    """Frames that the full queue to the database had no room for."""
    unrecorded: int = 0
    """Frames that came while nothing was recorded here: it was stopped, or another
    process records."""
    laps: int = 0


def sum_of(counters: Iterable[FeedCounters]) -> FeedCounters:
    """Return what several streams count together."""
    each = [msgspec.structs.astuple(one) for one in counters]
    return FeedCounters(*map(sum, zip(*each, strict=True)))


class StoredFrame(msgspec.Struct, frozen=True, gc=False):
    """A frame and the lap of the session that it belongs to."""

    lap_number: int
    frame: Frame


class RecordingBatch(msgspec.Struct):
    """What one commit writes. Applied in the order of the fields."""

    opened: list[LapStarted] = []
    frames: list[StoredFrame] = []
    closed: list[LapCompleted] = []
    revised: list[LapRevised] = []
    identity: Identity | None = None
    dropped_frames: int = 0

    def __bool__(self) -> bool:
        return bool(self.opened or self.frames or self.closed or self.revised)


class FeedState(StrEnum):
    """What is known about the game, in the words of the status line."""

    STARTING = "starting"
    WAITING = "waiting"
    """Listening, nothing has arrived yet."""
    CONNECTED = "in menu"
    """The game answered, but sends no frames."""
    LIVE = "live"
    PAUSED = "paused"
    """The game repeats one packet, or says that it is paused."""
    SILENT = "no data"
    """Frames came, and stopped."""
    FAILED = "failed"
    """There is no socket; ``FeedStatus.message`` says why."""
    WATCHING = "watching"
    """Another process records; this one reads along."""


class ForwardStatus(msgspec.Struct, frozen=True):
    """What was passed on to one target, and what could not be."""

    target: str
    sent: int
    errors: int
    source: str | None = None
    """Only packets of this source; ``None`` means all."""
    is_native: bool = False
    """Decoded frames instead of the packets as they came."""
    problem: str = ""
    """Why nothing goes to it, or nothing that goes is heard."""


class CaptureStatus(msgspec.Struct, frozen=True):
    """What was written of a capture of packets."""

    path: str
    datagrams: int
    size_bytes: int
    dropped: int = 0
    """Packets that the full queue to the disk had no room for."""
    problem: str = ""


class SpillRoom(msgspec.Struct, frozen=True):
    """Where frames are set aside, and about how many more have room there."""

    folder: str
    frame_count: int


class Outage(msgspec.Struct, frozen=True):
    """The database takes nothing for now; frames wait in memory and in a side file."""

    cause: str
    remedy: str
    waiting: int
    """Frames that are not in the database yet, wherever they wait."""
    room: int
    """About how many more there is room for."""
    folder: str = ""
    """That of the side file, once there is one."""


def outage_text(outage: Outage, lasts_s: float | None) -> str:
    """Say what is wrong, where frames wait and for how long there is room."""
    where = f"in {outage.folder}" if outage.folder else "in memory"
    lasts = "" if lasts_s is None else f", with room for {format_at_least(lasts_s)}"
    return f"Not saved: {outage.cause} Frames wait {where}{lasts}."


class FeedStatus(msgspec.Struct, frozen=True):
    """A snapshot for the status line. ``age_s`` is that of the last packet."""

    state: FeedState
    source: str
    endpoint: str
    rate_hz: float
    age_s: float | None
    counters: FeedCounters
    queue_depth: int = 0
    queue_capacity: int = 0
    message: str = ""
    remedy: str = ""
    stream: int = 0
    """Which stream is shown: once it changes, what was drawn is of another game."""
    forwards: tuple[ForwardStatus, ...] = ()
    capture: CaptureStatus | None = None
    outage: Outage | None = None
    lasts_s: float | None = None
    """How long an outage may go on at the present rate; None where nothing comes."""


class FoundSource(msgspec.Struct, frozen=True):
    """A game on a computer whose packets arrive, or arrived."""

    key: str
    source: str
    label: str
    host: str
    state: FeedState
    is_shown: bool
    counters: FeedCounters


class LapProgress(msgspec.Struct, frozen=True):
    """The lap clock block of the Live screen."""

    lap_number: int | None = None
    last_lap_time_ms: int | None = None
    last_lap_counts: bool = False
    best_lap_time_ms: int | None = None
    best_lap_number: int | None = None
    """The first lap that took so long."""


class SessionOpened(msgspec.Struct, frozen=True):
    """Recording began. ``is_automatic`` where telemetry opened it by itself."""

    session_id: str
    name: str
    is_automatic: bool


class SessionClosed(msgspec.Struct, frozen=True):
    """Recording ended and everything is committed."""

    session_id: str
    name: str


class LapStored(msgspec.Struct, frozen=True):
    """A finished lap is in the database."""

    session_id: str
    lap: LapCompleted


class Alert(msgspec.Struct, frozen=True):
    """Something a person should know now. ``severity`` as Textual names it."""

    message: str
    severity: str = "warning"


class Refusal(Alert, frozen=True, kw_only=True):
    """Telemetry arrives and is not recorded, for another process records."""

    cause: str
    remedy: str


Notice = SessionOpened | SessionClosed | LapStored | Alert
