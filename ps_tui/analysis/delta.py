"""The delta of two laps: how much later one is than the other at each place.

Positive is slower. At the line it is the difference of the official times, because
both time bases end there (see :mod:`ps_tui.analysis.lap_clock`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ps_tui.analysis.arrays import Floats
from ps_tui.analysis.driven_lap import DrivenLap
from ps_tui.analysis.grid import GriddedLap
from ps_tui.domain.errors import PsError

AT_LINE_TOLERANCE_MS = 10.0


class GridMismatchError(PsError):
    """Two laps were put on different grids."""


def delta_ms(lap: GriddedLap, reference: GriddedLap) -> Floats:
    """Return the delta at each place of the grid; NaN where either lap has none."""
    if lap.grid.places.size != reference.grid.places.size:
        raise GridMismatchError(
            "The laps are on different grids.", "Resample both on the same one."
        )
    return lap.time_ms - reference.time_ms


def gains_ms(
    lap: DrivenLap, reference: DrivenLap, cuts: Sequence[float]
) -> list[float | None]:
    """Return what was lost (positive) or gained between neighbouring ``cuts``.

    ``cuts`` are rising places; give 0 and 1 too for the whole lap.
    """
    deltas = lap.time_at(cuts) - reference.time_at(cuts)
    return [None if np.isnan(gain) else float(gain) for gain in np.diff(deltas)]


def trend_ms(delta: Floats, index: int, window: int) -> float | None:
    """Return how the delta changed over the ``window`` places before ``index``."""
    change = float(delta[index] - delta[max(index - window, 0)])
    return None if np.isnan(change) else change


def at_line_ms(delta: Floats) -> float | None:
    """Return the delta at the line, ``None`` if a lap does not reach it."""
    last = float(delta[-1])
    return None if np.isnan(last) else last


def agrees_at_line(lap: GriddedLap, reference: GriddedLap) -> bool | None:
    """Say whether the delta at the line is the difference of the official times.

    ``None`` where there is nothing to compare; false means the numbers between
    are not to be trusted.
    """
    own, other = lap.lap.lap_time_ms, reference.lap.lap_time_ms
    at_line = at_line_ms(delta_ms(lap, reference))
    if own is None or other is None or at_line is None:
        return None
    return abs(at_line - (own - other)) <= AT_LINE_TOLERANCE_MS
