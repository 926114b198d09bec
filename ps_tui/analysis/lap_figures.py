"""Makes the figures of a lap from its frames; loads numpy."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ps_tui.analysis.arrays import column
from ps_tui.analysis.consumption import lap_fuel
from ps_tui.analysis.driven_lap import DrivenLap, UnplacedLapError, drive
from ps_tui.analysis.sectors import MINI_CUTS, sector_times, sectors_of
from ps_tui.domain.channel import CHANNELS, wheel_keys
from ps_tui.domain.lap_figures import (
    GAME_LINES,
    SECTORS,
    LapFigures,
    SectorLines,
    SectorTimes,
    lines_text,
)
from ps_tui.domain.models import LapTrace


class Timing(NamedTuple):
    """How the frames of a lap arrived."""

    rate_hz: float | None
    longest_gap_ms: float | None


def figures_of(trace: LapTrace, lines: SectorLines) -> LapFigures:
    """Return the figures of a lap; those that its frames do not tell stay empty.

    ``lines`` are where the sectors end on this track, unless the game sent splits.
    """
    try:
        driven = drive(trace)
    except UnplacedLapError:
        driven = None
    drawn, sectors_ms, minis_ms = _sectors(driven, lines)
    timing, fuel = timing_of(trace), lap_fuel(trace)
    lap = trace.lap
    drift_ms = None if driven is None else driven.drift_ms
    if drift_ms is None and lap.clock_time_ms and lap.lap_time_ms:
        drift_ms = float(lap.clock_time_ms - lap.lap_time_ms)
    return LapFigures(
        lines=drawn,
        sectors_ms=sectors_ms,
        minis_ms=minis_ms,
        rate_hz=timing.rate_hz,
        longest_gap_ms=timing.longest_gap_ms,
        drift_ms=drift_ms,
        fuel_used=None if fuel is None else fuel.burnt,
        fuel_unit=None if fuel is None else CHANNELS[fuel.key].unit,
        tyre_wear=_most_wear(trace),
    )


def timing_of(trace: LapTrace) -> Timing:
    """Return the true rate of the frames and the longest time without one."""
    received_us = np.asarray(trace.columns["received_us"])
    if received_us.size < 2:
        return Timing(None, None)
    span_us = float(received_us[-1] - received_us[0])
    if span_us <= 0.0:
        return Timing(None, None)
    steps_us = np.diff(received_us)
    return Timing(
        (received_us.size - 1) * 1e6 / span_us, float(steps_us.max()) / 1000.0
    )


def _sectors(
    driven: DrivenLap | None, lines: SectorLines
) -> tuple[str, SectorTimes, SectorTimes]:
    if driven is None:
        return lines_text(lines), (None,) * SECTORS, ()
    found = sectors_of(driven)
    minis_ms = sector_times(driven, MINI_CUTS)
    if found.is_from_game:
        return GAME_LINES, found.times_ms, minis_ms
    return lines_text(lines), sector_times(driven, lines), minis_ms


def _most_wear(trace: LapTrace) -> float | None:
    found = []
    for key in wheel_keys("tyre_wear"):
        values = column(trace, key)
        if values is not None and (shown := values[np.isfinite(values)]).size:
            found.append(float(shown[-1]))
    return max(found, default=None)
