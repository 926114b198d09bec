"""Laps laid one behind the other on the even grid of samples that a log needs.

Each lap takes exactly its lap time, so that the beacons at its ends are as far apart
as the time that the game gave. What lay between two laps (a pause, a deleted lap) is
not in the log. A tenth of a second at either end repeats the outermost frame: both
lines then lie inside the log.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ps_tui.domain.models import Lap, LapKind, LapTrace

Floats = NDArray[np.float64]

LEAD_MS = 100.0
RATES_HZ = (1, 2, 5, 10, 20, 25, 30, 50, 60, 100, 120, 200, 250, 333, 500, 1000)
DEFAULT_RATE_HZ = 60

_MOST_DRIFT = 0.05
_MOST_REPEATED = 0.02
_SHORTEST_LAP_MS = 1.0


class Segment(NamedTuple):
    """One lap on the grid: which frames each sample lies between, and where."""

    lap: Lap
    start_ms: float
    end_ms: float
    first_sample: int
    end_sample: int
    before: NDArray[np.intp]
    share: NDArray[np.float32]


class Timeline(NamedTuple):
    """All laps of a log. Samples before and after them repeat the outermost."""

    rate_hz: int
    sample_count: int
    segments: list[Segment]


def timeline(traces: Sequence[LapTrace], rate_hz: int | None = None) -> Timeline:
    """Lay out laps that have frames, at ``rate_hz`` or at the rate of the frames."""
    if rate_hz is None:
        rate_hz = usual_rate(traces)
    segments: list[Segment] = []
    start_ms = LEAD_MS
    for number, trace in enumerate(traces):
        times_ms, duration_ms = frame_times(trace)
        end_ms = start_ms + duration_ms
        # The outermost laps have the samples of the lead, too.
        first = 0 if number == 0 else segments[-1].end_sample
        is_last = number == len(traces) - 1
        end = ceil((end_ms + (LEAD_MS if is_last else 0.0)) * rate_hz / 1000.0)
        sampled_ms = np.arange(first, end) * (1000.0 / rate_hz) - start_ms
        before, share = _between(times_ms, sampled_ms)
        segments.append(Segment(trace.lap, start_ms, end_ms, first, end, before, share))
        start_ms = end_ms
    return Timeline(rate_hz, segments[-1].end_sample if segments else 0, segments)


def usual_rate(traces: Sequence[LapTrace]) -> int:
    """Return the rate that loggers know which is nearest to that of the frames."""
    steps = [
        step_us
        for trace in traces
        if (step_us := _median_step(np.asarray(trace.columns["received_us"]))) > 0
    ]
    if not steps:
        return DEFAULT_RATE_HZ
    frames_per_s = 1e6 / float(np.median(steps))
    return min(RATES_HZ, key=lambda rate: abs(np.log(rate / frames_per_s)))


def _median_step(received_us: NDArray[Any]) -> float:
    return float(np.median(np.diff(received_us))) if received_us.size > 1 else 0.0


def frame_times(trace: LapTrace) -> tuple[Floats, float]:
    """Return when each frame was, ms since the lap began, and how long the lap was.

    By the game's lap clock where it runs evenly, else by reception, stretched to the
    official time.
    """
    lap = trace.lap
    received = np.asarray(trace.columns["received_us"])
    since_ms = (received - received[0]) / 1000.0
    whole_ms = None if lap.kind is LapKind.PARTIAL else lap.lap_time_ms
    times_ms = _lap_clock(trace, since_ms)
    if times_ms is None:
        return _by_reception(lap, int(received[0]), since_ms, whole_ms)
    if whole_ms is None:
        times_ms = times_ms - times_ms[0]
        whole_ms = round(float(times_ms[-1]) + _step_ms(times_ms))
    return times_ms, max(float(whole_ms), _SHORTEST_LAP_MS)


def _lap_clock(trace: LapTrace, since_ms: Floats) -> Floats | None:
    """Return the game's clock of the lap where it can stand for the time."""
    shown = np.asarray(trace.columns["lap_time"])
    if shown.size < 2 or shown.dtype.kind == "f":
        return None
    steps = np.diff(shown)
    if steps.min() < 0 or np.count_nonzero(steps == 0) > _MOST_REPEATED * steps.size:
        return None
    drift_ms = abs(float(shown[-1] - shown[0]) - float(since_ms[-1]))
    if drift_ms > _MOST_DRIFT * max(float(since_ms[-1]), 1000.0):
        return None
    return shown.astype(np.float64)


def _by_reception(
    lap: Lap, first_us: int, since_ms: Floats, whole_ms: int | None
) -> tuple[Floats, float]:
    span_ms = float(since_ms[-1]) + _step_ms(since_ms)
    if whole_ms is None:
        return since_ms, max(round(span_ms), _SHORTEST_LAP_MS)
    offset_ms = 0.0
    if lap.ended_us is not None and lap.started_us <= first_us < lap.ended_us:
        offset_ms = (first_us - lap.started_us) / 1000.0
        span_ms = (lap.ended_us - lap.started_us) / 1000.0
    scale = whole_ms / span_ms if span_ms > 0.0 else 1.0
    return (since_ms + offset_ms) * scale, max(float(whole_ms), _SHORTEST_LAP_MS)


def _step_ms(times_ms: Floats) -> float:
    return float(np.median(np.diff(times_ms))) if times_ms.size > 1 else 0.0


def _between(
    times_ms: Floats, sampled_ms: NDArray[Any]
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Return the frame before each sample, and how far on to the next it lies."""
    before = np.searchsorted(times_ms, sampled_ms, side="right") - 1
    np.clip(before, 0, times_ms.size - 1, out=before)
    steps = np.zeros(times_ms.size)
    np.subtract(times_ms[1:], times_ms[:-1], out=steps[:-1])
    steps[steps == 0.0] = np.inf
    share = (sampled_ms - times_ms[before]) / steps[before]
    return before, np.clip(share, 0.0, 1.0, out=share).astype(np.float32)
