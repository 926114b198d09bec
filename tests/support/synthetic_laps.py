"""Laps whose every moment is known: what analyses are judged against."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from ps_tui.domain.frame import Frame
from ps_tui.domain.lap_detector import LapDetector
from ps_tui.domain.laps import LapCompleted, LapRevised
from ps_tui.domain.models import Lap, LapKind, LapTrace

START_US = 1_780_000_000_000_000
Floats = NDArray[np.float64]


def lap_of(
    number: int = 1,
    lap_time_ms: int | None = 90_000,
    kind: LapKind = LapKind.FLYING,
    *,
    valid: bool = True,
    session_id: str = "s",
) -> Lap:
    """Return a finished lap."""
    return Lap(
        id=f"{session_id}-{number}",
        session_id=session_id,
        lap_number=number,
        lap_time_ms=lap_time_ms,
        kind=kind,
        valid=valid,
        started_us=START_US + number * 100_000_000,
        is_official=True,
    )


def trace_of(lap: Lap, **columns: object) -> LapTrace:
    """Return a trace of these columns, ``received_us`` made up where it is absent."""
    arrays = {key: np.asarray(values) for key, values in columns.items()}
    count = len(next(iter(arrays.values())))
    if "received_us" not in arrays:
        arrays["received_us"] = START_US + np.arange(count) * 16_667
    return LapTrace(lap, arrays)


def timed_lap(
    place_at: Callable[[Floats], Floats],
    lap_time_ms: float,
    *,
    number: int = 1,
    hz: float = 60.0,
    phase_ms: float = 5.0,
    channels: Mapping[str, Callable[[Floats], Floats]] | None = None,
) -> LapTrace:
    """Sample a lap as a game shows it.

    ``place_at`` gives the share of the lap at a share of its time; ``channels``
    give values at a place. The clock is cut to whole milliseconds and positions to
    float32, as they are stored.
    """
    times_ms = np.arange(phase_ms, lap_time_ms, 1000.0 / hz)
    places = place_at(times_ms / lap_time_ms)
    columns: dict[str, object] = {
        "received_us": START_US + np.rint(times_ms * 1000).astype(np.int64),
        "lap_time": times_ms.astype(np.int64),
        "normalized_position": places.astype(np.float32),
    }
    for key, value_at in (channels or {}).items():
        columns[key] = value_at(places).astype(np.float32)
    return trace_of(lap_of(number, round(lap_time_ms)), **columns)


def traces_of(frames: list[Frame], channels: tuple[str, ...]) -> list[LapTrace]:
    """Cut frames into laps as the program does, with the columns as it stores them."""
    detector = LapDetector()
    events = [event for frame in frames for event in detector.feed(frame)]
    events += detector.finish()
    official = {
        e.lap_number: e.lap_time_ms for e in events if isinstance(e, LapRevised)
    }
    traces = []
    for event in events:
        if not isinstance(event, LapCompleted):
            continue
        number = event.lap_number
        lap = Lap(
            id=f"lap-{number}",
            session_id="s",
            lap_number=number,
            lap_time_ms=official.get(number, event.lap_time_ms),
            kind=event.kind,
            valid=event.valid,
            started_us=event.started_us,
            ended_us=event.ended_us,
            clock_time_ms=event.clock_time_ms,
            is_official=event.is_official or number in official,
            reason=event.reason,
        )
        own = [f for f in frames if event.started_us <= f.received_us < event.ended_us]
        traces.append(LapTrace(lap, columns_of(own, channels)))
    return traces


def columns_of(
    frames: list[Frame], channels: tuple[str, ...]
) -> dict[str, NDArray[np.generic]]:
    """Return the columns of frames, integers and float32 as in a stored trace."""

    def floats(name: str) -> NDArray[np.generic]:
        values = [getattr(frame, name) for frame in frames]
        return np.array(values, dtype=np.float64).astype(np.float32)

    def integers(name: str) -> NDArray[np.generic]:
        values = [getattr(frame, name) for frame in frames]
        if None in values:
            return np.array(values, dtype=np.float64)
        return np.array(values, dtype=np.int64)

    columns = {
        "received_us": integers("received_us"),
        "timestamp": integers("timestamp_ms"),
        "throttle": floats("throttle"),
        "brake": floats("brake"),
        "steering": floats("steering"),
        "speed": floats("speed_kmh"),
        "gear": integers("gear"),
        "rpm": floats("rpm"),
        "lap_time": integers("lap_time_ms"),
        "lap_number": integers("lap_number"),
        "normalized_position": floats("normalized_position"),
    }
    for index, key in enumerate(channels):
        values = [
            frame.extra[index] if index < len(frame.extra) else np.nan
            for frame in frames
        ]
        if not np.isnan(values).all():
            columns[key] = np.array(values, dtype=np.float32)
    return columns
