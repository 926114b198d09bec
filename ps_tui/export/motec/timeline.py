"""Laps laid one behind the other on the even grid of samples that a log needs.

Each lap takes exactly its lap time, so that the beacons at its ends are as far apart
as the time that the game gave. What was not recorded is not in the log: what lay
between two laps (a pause, a deleted lap), and more than a second at either end of one
that was joined late or left early, which then is shorter.

About a tenth of a second at either end repeats the outermost frame: both lines then lie
inside the log. How long it is exactly puts the first frames on samples; those of the
laps driven next, by a game that steps evenly, then are there too.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, log
from statistics import median
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ps_tui.domain.models import Lap, LapKind, LapTrace
from ps_tui.export.motec.pieces import Piece, pieces_of

Floats = NDArray[np.float64]

LEAD_MS = 100.0
RATES_HZ = (1, 2, 5, 10, 20, 25, 30, 50, 60, 100, 120, 200, 250, 333, 500, 1000)
DEFAULT_RATE_HZ = 60

_MOST_DRIFT = 0.05
_MOST_REPEATED = 0.02
_SHORTEST_LAP_MS = 1.0
_UNRECORDED_MS = 1000.0
_LAPS_FOR_RATE = 5
_FRAMES_FOR_PHASE = 200
_FRAMES_FOR_RATE = 200


class Segment(NamedTuple):
    """One lap on the grid."""

    lap: Lap
    start_ms: float
    end_ms: float
    first_sample: int
    end_sample: int
    pieces: list[Piece]


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
    step_ms = 1000.0 / rate_hz
    start_ms = 0.0
    for number, trace in enumerate(traces):
        times_ms, duration_ms = frame_times(trace)
        if number == 0:
            start_ms = _lead_ms(times_ms, step_ms)
        end_ms = start_ms + duration_ms
        # The outermost laps have the samples of the lead, too.
        first = 0 if number == 0 else segments[-1].end_sample
        is_last = number == len(traces) - 1
        end = ceil((end_ms + (LEAD_MS if is_last else 0.0)) / step_ms)
        sampled_ms = np.arange(end - first, dtype=np.float64)
        sampled_ms *= step_ms
        sampled_ms += first * step_ms - start_ms
        pieces = pieces_of(times_ms, sampled_ms)
        segments.append(Segment(trace.lap, start_ms, end_ms, first, end, pieces))
        start_ms = end_ms
    return Timeline(rate_hz, segments[-1].end_sample if segments else 0, segments)


def _lead_ms(times_ms: Floats, step_ms: float) -> float:
    """Return where the first lap begins, so that its frames are at samples.

    In whole milliseconds, as its end is. A clock that counts them has been cut by
    half of one, on average.
    """
    shown_ms = times_ms[:_FRAMES_FOR_PHASE] + 0.5
    ahead = shown_ms - np.arange(shown_ms.size) * step_ms
    phase_ms = (LEAD_MS + float(np.median(ahead))) % step_ms
    return round(LEAD_MS + (step_ms - phase_ms if phase_ms else 0.0))


def usual_rate(traces: Sequence[LapTrace]) -> int:
    """Return the rate that loggers know which is nearest to that of the frames."""
    few = traces[:: max(1, len(traces) // _LAPS_FOR_RATE)]
    received = (np.asarray(trace.columns["received_us"]) for trace in few)
    steps_us = [
        median(np.diff(times[-_FRAMES_FOR_RATE:]).tolist())
        for times in received
        if len(times) > 1
    ]
    step_us = median(steps_us) if steps_us else 0.0
    if step_us <= 0.0:
        return DEFAULT_RATE_HZ
    frames_per_s = 1e6 / step_us
    return min(RATES_HZ, key=lambda rate: abs(log(rate / frames_per_s)))


def frame_times(trace: LapTrace) -> tuple[Floats, float]:
    """Return when each frame was, ms since the lap began, and how long the lap was.

    By the game's lap clock where it runs evenly, else by reception, stretched to the
    official time.
    """
    lap = trace.lap
    whole_ms = None if lap.kind is LapKind.PARTIAL else lap.lap_time_ms
    times_ms = _lap_clock(trace)
    if times_ms is None:
        times_ms = _by_reception(trace, whole_ms)
    missing_ms = float(times_ms[0])
    if whole_ms is None or missing_ms > _UNRECORDED_MS:
        times_ms = times_ms - missing_ms
    else:
        missing_ms = 0.0
    last_ms = float(times_ms[-1])
    if whole_ms is None or whole_ms - missing_ms - last_ms > _UNRECORDED_MS:
        length_ms = round(last_ms + _usual_step_ms(times_ms))
    else:
        length_ms = round(whole_ms - missing_ms)
    return times_ms, max(float(length_ms), _SHORTEST_LAP_MS)


def _lap_clock(trace: LapTrace) -> Floats | None:
    """Return the game's clock of the lap where it can stand for the time."""
    shown = np.asarray(trace.columns["lap_time"])
    if shown.size < 2 or shown.dtype.kind == "f":
        return None
    steps = shown[1:] - shown[:-1]
    least = int(steps.min())
    if least < 0:
        return None
    if least == 0:
        repeated = np.count_nonzero(steps == 0)
        if repeated > _MOST_REPEATED * steps.size:
            return None
    received = np.asarray(trace.columns["received_us"])
    span_ms = float(received[-1] - received[0]) / 1000.0
    drift_ms = abs(float(shown[-1] - shown[0]) - span_ms)
    if drift_ms > _MOST_DRIFT * max(span_ms, 1000.0):
        return None
    return shown.astype(np.float64)


def _by_reception(trace: LapTrace, whole_ms: int | None) -> Floats:
    lap = trace.lap
    received = np.asarray(trace.columns["received_us"])
    first_us = int(received[0])
    since_ms = np.maximum.accumulate((received - first_us) / 1000.0)
    if whole_ms is None:
        return since_ms
    offset_ms, span_ms = 0.0, float(since_ms[-1]) + _usual_step_ms(since_ms)
    if lap.ended_us is not None and lap.started_us <= first_us < lap.ended_us:
        offset_ms = (first_us - lap.started_us) / 1000.0
        span_ms = (lap.ended_us - lap.started_us) / 1000.0
    scale = whole_ms / span_ms if span_ms > 0.0 else 1.0
    return (since_ms + offset_ms) * scale


def _usual_step_ms(times_ms: Floats) -> float:
    return float(np.median(np.diff(times_ms))) if times_ms.size > 1 else 0.0
