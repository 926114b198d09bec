"""Two to four laps side by side: everything that a comparison shows, in one value."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ps_tui.analysis.arrays import Floats
from ps_tui.analysis.corners import Corner, find_corners
from ps_tui.analysis.delta import at_line_ms, delta_ms
from ps_tui.analysis.driven_lap import DrivenLap, drive
from ps_tui.analysis.grid import Grid, GriddedLap, make_grid, resample
from ps_tui.analysis.losses import LossRow, Part, corner_parts, cut_parts, loss_rows
from ps_tui.analysis.sectors import MINI_CUTS, game_cuts
from ps_tui.domain.lap_figures import THIRDS, SectorLines
from ps_tui.domain.models import LapTrace

COMPARED_CHANNELS = ("speed", "throttle", "brake", "steering", "gear", "rpm")


class Comparison(msgspec.Struct, frozen=True, eq=False):
    """Laps on the grid of their reference, which is the first of them."""

    grid: Grid
    driven: tuple[DrivenLap, ...]
    laps: tuple[GriddedLap, ...]
    deltas_ms: tuple[Floats, ...]
    """Of each lap to the reference: zero for itself."""
    corners: tuple[Corner, ...]
    """As the reference drove them."""
    lines: SectorLines = THIRDS
    """Where sectors end that the game does not cut."""

    @property
    def reference(self) -> DrivenLap:
        return self.driven[0]

    def at_line_ms(self, index: int) -> float | None:
        """Return the delta of a lap at the line."""
        return at_line_ms(self.deltas_ms[index])

    def losses(self, index: int, parts: Sequence[Part] | None = None) -> list[LossRow]:
        """Return where a lap lost time, the worst first; by default per corner.

        Without corners, as where no speed was sent, per mini-sector.
        """
        if parts is None:
            corners = self.corners
            parts = corner_parts(corners) if corners else cut_parts(MINI_CUTS)
        lap = self.driven[index]
        return loss_rows(lap, self.reference, parts, self.corners)

    def sector_parts(self) -> list[Part]:
        """Return the game's sectors where the reference has them, else those between
        the lines of the track."""
        return cut_parts(game_cuts(self.reference) or self.lines, "S")


def compare(
    traces: Sequence[LapTrace],
    length_m: float | None = None,
    channels: Sequence[str] = COMPARED_CHANNELS,
    lines: SectorLines = THIRDS,
) -> Comparison:
    """Lay laps over each other; the first is the reference.

    ``length_m`` is the track's, by default as the reference's distance or speed has
    it; ``lines`` are its sector lines. Raises UnplacedLapError for a lap without
    positions.
    """
    reference = drive(traces[0], length_m)
    length_m = reference.length_m
    driven = (reference, *(drive(trace, length_m) for trace in traces[1:]))
    grid = make_grid(length_m)
    laps = tuple(resample(one, grid, channels) for one in driven)
    return Comparison(
        grid=grid,
        driven=driven,
        laps=laps,
        deltas_ms=tuple(delta_ms(lap, laps[0]) for lap in laps),
        corners=tuple(find_corners(reference)),
        lines=lines,
    )
