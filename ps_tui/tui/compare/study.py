"""Two to four laps worked out for the Compare screen. Loads numpy: use in a thread.

The traces are the slow part to read and are kept by the caller; everything else is
computed anew when laps, reference or channels change.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from math import isnan

import msgspec
import numpy as np

from ps_tui.analysis.arrays import Floats
from ps_tui.analysis.comparison import Comparison, compare
from ps_tui.analysis.corners import Corner
from ps_tui.analysis.driven_lap import DrivenLap
from ps_tui.analysis.grid import resample_values
from ps_tui.analysis.losses import LossRow, Part, corner_parts, cut_parts
from ps_tui.analysis.maths.channels import (
    Formula,
    MathChannels,
    lap_values,
    usable,
)
from ps_tui.analysis.maths.errors import FormulaError
from ps_tui.analysis.sectors import MINI_CUTS
from ps_tui.analysis.trackmap import TrackMap, phases, track_map
from ps_tui.domain.channel import CHANNELS
from ps_tui.domain.lap_figures import THIRDS, SectorLines
from ps_tui.domain.models import LapTrace
from ps_tui.tui.compare.axis import Axis
from ps_tui.tui.compare.panels import BASIC_CHANNELS


class Division(Enum):
    """What the table of losses has a row for."""

    CORNERS = "corners"
    MINI_SECTORS = "mini-sectors"
    SECTORS = "sectors"


class Study(msgspec.Struct, frozen=True, eq=False):
    """Everything that the screen draws from; laps in the order of their letters."""

    comparison: Comparison
    values: tuple[dict[str, Floats], ...]
    """Channels of each lap on the grid, math channels among them."""
    losses: dict[tuple[int, Division], list[LossRow]]
    track: TrackMap | None
    """Of the reference, else of the first lap with world positions."""
    pedal_letters: tuple[str | None, ...]
    """T, B or C at each point of the map, for each lap."""
    refused: dict[str, str]
    """Why a math channel cannot be drawn, by name."""

    @property
    def corners(self) -> tuple[Corner, ...]:
        return self.comparison.corners

    @property
    def lap_count(self) -> int:
        return len(self.values)

    @property
    def length_m(self) -> float | None:
        return self.comparison.grid.length_m

    @property
    def step(self) -> float:
        """Return the share of the lap between two places of the grid."""
        return 1.0 / (self.comparison.grid.places.size - 1)

    def has(self, key: str) -> bool:
        return any(key in values for values in self.values)

    def read(self, key: str, places: Sequence[float]) -> list[float | None]:
        """Return a channel of each lap at a place of its own."""
        return [
            _at(values.get(key), place)
            for values, place in zip(self.values, places, strict=True)
        ]

    def axis(self, *, is_over_time: bool = False) -> Axis:
        """Return the X axis; over time only where the reference has a clock."""
        return Axis(self.comparison, is_over_time=is_over_time)

    def place_of(self, lap: int, received_us: int) -> float | None:
        """Return where a lap was at a moment, ``None`` before and after it."""
        driven = self.comparison.driven[lap]
        received = np.asarray(driven.trace.columns["received_us"])[driven.rows]
        since = (received - received_us).astype(np.float64)
        if not since[0] <= 0.0 <= since[-1]:
            return None
        return float(np.interp(0.0, since, driven.progress))

    def moment_at(self, lap: int, place: float) -> int:
        """Return when a lap was at a place, µs: the time of reception there."""
        driven = self.comparison.driven[lap]
        received = np.asarray(driven.trace.columns["received_us"])[driven.rows]
        since = (received - received[0]).astype(np.float64)
        return int(received[0]) + round(float(np.interp(place, driven.progress, since)))

    def deltas_at(self, place: float) -> list[float | None]:
        """Return the delta of each lap to the reference at a place, ms."""
        return [_at(delta, place) for delta in self.comparison.deltas_ms]


def _at(values: Floats | None, place: float) -> float | None:
    """Return the value at a place, or right beside it: no frame is on the line."""
    if values is None or isnan(place):
        return None
    last = values.size - 1
    index = min(max(round(place * last), 0), last)
    for near in (index, index - 1, index + 1, index - 2, index + 2):
        if 0 <= near <= last and not isnan(values[near]):
            return float(values[near])
    return None


def study(
    traces: Sequence[LapTrace],
    keys: Sequence[str] = (),
    formulas: Sequence[Formula] = (),
    length_m: float | None = None,
    lines: SectorLines = THIRDS,
) -> Study:
    """Compare laps, the first being the reference, with these channels beside the
    basic ones. ``formulas`` are all math channels; those in ``keys`` are computed.
    ``length_m`` is the track's, where a game told it; ``lines`` end its sectors.

    Raises UnplacedLapError for a lap that does not say where it was driven.
    """
    raw = tuple(key for key in keys if key in CHANNELS)
    channels = tuple(dict.fromkeys(BASIC_CHANNELS + raw))
    comparison = compare(traces, length_m, channels, lines)
    values = tuple(dict(lap.channels) for lap in comparison.laps)
    refused = add_maths(
        comparison, [key for key in keys if key not in raw], formulas, values
    )
    parts = divisions(comparison)
    losses = {
        (index, division): comparison.losses(index, rows)
        for index in range(1, len(traces))
        for division, rows in parts.items()
    }
    track = next(
        (found for lap in comparison.driven if (found := track_map(lap))), None
    )
    return Study(
        comparison=comparison,
        values=values,
        losses=losses,
        track=track,
        pedal_letters=tuple(_letters(lap, track) for lap in comparison.driven),
        refused=refused,
    )


def divisions(comparison: Comparison) -> dict[Division, list[Part]]:
    """Return the parts of each division; corners where there are any."""
    corners = comparison.corners
    found = {Division.CORNERS: corner_parts(corners)} if corners else {}
    found[Division.MINI_SECTORS] = cut_parts(MINI_CUTS)
    found[Division.SECTORS] = comparison.sector_parts()
    return found


def add_maths(
    comparison: Comparison,
    names: Sequence[str],
    formulas: Sequence[Formula],
    values: Sequence[dict[str, Floats]],
) -> dict[str, str]:
    """Put math channels beside the others; return why some are not there.

    One that a lap lacks the channels for is missing for that lap alone.
    """
    refused: dict[str, str] = {}
    if not names:
        return refused
    channels = MathChannels(usable(formulas))
    for name in names:
        if name not in channels:
            known = any(formula.name == name for formula in formulas)
            refused[name] = "its formula is wrong" if known else "deleted"
            continue
        for driven, own in zip(comparison.driven, values, strict=True):
            try:
                found = lap_values(channels, [name], driven)[name]
            except FormulaError as error:
                refused[name] = error.cause
            else:
                own[name] = resample_values(found, driven, comparison.grid)
    return refused


def _letters(driven: DrivenLap, track: TrackMap | None) -> str | None:
    found = None if track is None else phases(driven, track.places)
    return None if found is None else "".join(phase.value for phase in found)
