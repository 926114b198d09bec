"""Sessions, laps and frames for the tests of exports and imports."""

from __future__ import annotations

import msgspec
import numpy as np

from ps_tui.domain.models import (
    Event,
    EventStatus,
    Lap,
    LapKind,
    LapTrace,
    Session,
    SessionStatus,
)
from ps_tui.export.selection import LapSelection, Outing

START_US = 1_780_000_000_000_000
HZ = 60


def session_of(name: str = "Practice", number: int = 1) -> Session:
    return Session(
        id=f"session-{number}",
        name=name,
        source="native",
        status=SessionStatus.COMPLETED,
        created_us=START_US,
        car="R8 LMS",
        driver="Ann Driver",
        track="Nürburgring",
        layout="GP",
    )


def event_of() -> Event:
    return Event("event-1", "Track day", EventStatus.ACTIVE, START_US)


def selection_of(*traces: LapTrace) -> LapSelection:
    """Return laps that are at hand, of no known session."""
    loaded = {trace.lap.id: trace for trace in traces}
    outing = Outing(None, [trace.lap for trace in traces])
    return LapSelection([outing], lambda lap: loaded[lap.id])


def traces_of(
    lap_times_ms: list[int],
    session: Session | None = None,
    *,
    kind: LapKind = LapKind.FLYING,
    hz: float = HZ,
) -> list[LapTrace]:
    """Return laps driven one after the other, the game stepping evenly.

    Speed is 100 km/h plus ten per second of the lap; the world is a straight to the
    north-east at 10 m/s along each axis.
    """
    session = session or session_of()
    ends_ms = np.cumsum(lap_times_ms)
    ticks_ms = np.arange(int(ends_ms[-1] * hz / 1000)) * 1000 / hz + 3.0
    traces = []
    for number, (time_ms, end_ms) in enumerate(zip(lap_times_ms, ends_ms, strict=True)):
        start_ms = end_ms - time_ms
        own = ticks_ms[(ticks_ms >= start_ms) & (ticks_ms < end_ms)]
        since_ms = own - start_ms
        lap = Lap(
            id=f"{session.id}-lap-{number + 1}",
            session_id=session.id,
            lap_number=number + 1,
            lap_time_ms=None if kind is LapKind.PARTIAL else time_ms,
            kind=kind,
            valid=True,
            started_us=START_US + int(start_ms * 1000),
            ended_us=START_US + int(end_ms * 1000),
            frame_count=own.size,
            is_official=True,
        )
        traces.append(LapTrace(lap, _columns(since_ms, own, number, time_ms)))
    return traces


def _columns(
    since_ms: np.ndarray, own_ms: np.ndarray, number: int, time_ms: int
) -> dict[str, np.ndarray]:
    def f4(values: np.ndarray) -> np.ndarray:
        return values.astype(np.float32)

    return {
        "received_us": START_US + (own_ms * 1000).astype(np.int64),
        "timestamp": START_US // 1000 + own_ms.astype(np.int64),
        "throttle": f4(since_ms % 1000 / 1000),
        "brake": f4(np.zeros(own_ms.size)),
        "steering": f4(np.sin(since_ms / 700)),
        "speed": f4(100 + since_ms / 100),
        "gear": 1 + (since_ms // 1500).astype(np.int64),
        "rpm": f4(3000 + since_ms),
        "lap_time": since_ms.astype(np.int64),
        "lap_number": np.full(own_ms.size, number + 1),
        "normalized_position": f4(since_ms / time_ms),
        "world_x": f4(own_ms / 100),
        "world_z": f4(-own_ms / 100),
        "last_lap_time": f4(np.full(own_ms.size, 5000.0 + number)),
    }


def changed(trace: LapTrace, **facts: object) -> LapTrace:
    """Return a trace of a lap with other facts."""
    return LapTrace(msgspec.structs.replace(trace.lap, **facts), trace.columns)


def without(trace: LapTrace, *keys: str) -> LapTrace:
    """Return a trace with fewer columns."""
    columns = {key: one for key, one in trace.columns.items() if key not in keys}
    return LapTrace(trace.lap, columns)


def selected(
    *sessions: tuple[Session, list[LapTrace]], event: Event | None = None
) -> LapSelection:
    """Return laps of sessions as a selection of a library would be."""
    loaded = {trace.lap.id: trace for _, traces in sessions for trace in traces}
    outings = [
        Outing(session, [trace.lap for trace in traces]) for session, traces in sessions
    ]
    return LapSelection(outings, lambda lap: loaded[lap.id], event=event)
