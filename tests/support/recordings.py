"""Synthetic recordings for the tests and benches of the storage layer."""

from __future__ import annotations

from math import cos, sin

from ps_tui.domain.channel import stored_channels
from ps_tui.domain.frame import Frame
from ps_tui.domain.laps import LapCompleted, LapStarted
from ps_tui.domain.models import LapKind, SessionDraft
from ps_tui.domain.recording import RecordingBatch, StoredFrame
from ps_tui.storage.process import own_recorder
from ps_tui.storage.sqlite import SqliteStore

START_US = 1_780_000_000_000_000
PERIOD_US = 16_667
CHANNELS = stored_channels(("clutch", "fuel", "g_lateral"))


class ManualClock:
    """A clock that moves when it is told to."""

    def __init__(self, now_us: int = START_US) -> None:
        self.us = now_us

    def now_us(self) -> int:
        return self.us

    def advance(self, seconds: float) -> None:
        self.us += round(seconds * 1_000_000)


def frame_at(index: int, *, sequence: int | None = None) -> Frame:
    """Return the ``index``-th frame of an endless 60 Hz drive."""
    phase = index / 90
    return Frame(
        received_us=START_US + index * PERIOD_US,
        timestamp_ms=(START_US + index * PERIOD_US) // 1000,
        throttle=abs(sin(phase)),
        brake=max(0.0, -sin(phase)),
        steering=cos(phase / 3),
        speed_kmh=150 + 100 * sin(phase),
        gear=3 + index // 200 % 4,
        rpm=5000 + 2000 * cos(phase),
        lap_time_ms=index * PERIOD_US // 1000,
        lap_number=1,
        normalized_position=index / 6000 % 1,
        in_pit=False,
        lap_valid=True,
        sequence=index if sequence is None else sequence,
        extra=(0.0, 40 - index / 10_000, sin(phase)),
    )


def frames_of(lap_number: int, indices: range) -> list[StoredFrame]:
    """Return frames filed under one lap."""
    return [StoredFrame(lap_number, frame_at(index)) for index in indices]


def lap_started(lap_number: int, index: int) -> LapStarted:
    return LapStarted(lap_number, START_US + index * PERIOD_US)


def lap_completed(
    lap_number: int, first: int, end: int, lap_time_ms: int | None = 90_000
) -> LapCompleted:
    """Return the end of a flying lap over the frames ``first`` to ``end``."""
    return LapCompleted(
        lap_number,
        LapKind.FLYING,
        True,
        START_US + first * PERIOD_US,
        START_US + end * PERIOD_US,
        lap_time_ms,
        clock_time_ms=lap_time_ms,
    )


async def begin(store: SqliteStore, name: str = "Practice") -> str:
    """Make a session and start to record into it; return its id."""
    session = await store.library.create_session(SessionDraft(name, source="native"))
    await store.recording.begin_recording(session.id, own_recorder(), CHANNELS)
    return session.id


async def times_of(store: SqliteStore, session_id: str) -> list[int]:
    """Return when the frames of a session were sent, lap by lap, in ms."""
    found: list[int] = []
    for lap in await store.library.laps(session_id):
        trace = await store.library.load_trace(lap.id)
        found += trace.columns["timestamp"].tolist()
    return found


def expected(end: int) -> list[int]:
    """Return when the first ``end`` frames of the drive were sent, in ms."""
    return [frame_at(index).timestamp_ms for index in range(end)]


async def record_laps(
    store: SqliteStore, session_id: str, lap_count: int = 2, frame_count: int = 300
) -> None:
    """Record whole sealed laps, and leave the recording running."""
    for number in range(1, lap_count + 1):
        first, end = (number - 1) * frame_count, number * frame_count
        batch = RecordingBatch(
            opened=[lap_started(number, first)],
            frames=frames_of(number, range(first, end)),
            closed=[lap_completed(number, first, end, 90_000 - number)],
        )
        await store.recording.write(session_id, batch)
        await store.recording.seal_lap(session_id, number)
