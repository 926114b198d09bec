"""The shape of the track from world positions, ready to be drawn in dots.

On a map x runs to the right and z down. Both axes keep one scale: the dots of a
braille cell, two by four in a cell twice as high as wide, are square.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import msgspec
import numpy as np

from ps_tui.analysis.arrays import Floats, without_gaps
from ps_tui.analysis.delta import gains_ms
from ps_tui.analysis.driven_lap import DrivenLap
from ps_tui.analysis.pedals import OFF

MOST_POINTS = 500
DOTS_PER_CELL = (2, 4)


class TrackMap(msgspec.Struct, frozen=True, eq=False):
    """Points of a lap in metres, with the place on the lap of each."""

    places: Floats
    x: Floats
    z: Floats

    @property
    def length_m(self) -> float:
        """Return the length of the driven line."""
        return float(np.hypot(np.diff(self.x), np.diff(self.z)).sum())

    def at(self, place: float) -> tuple[float, float]:
        """Return x and z at a place of the lap: for the cursor and for letters."""
        return (
            float(np.interp(place, self.places, self.x)),
            float(np.interp(place, self.places, self.z)),
        )


class Fit(msgspec.Struct, frozen=True):
    """From metres to dots: one scale, turned a quarter where that fills more."""

    scale: float
    is_turned: bool
    offset_x: float
    offset_y: float

    def dots(self, x: Floats, z: Floats) -> tuple[Floats, Floats]:
        """Return columns and rows of dots, from the top left."""
        across, down = (-z, x) if self.is_turned else (x, z)
        return across * self.scale + self.offset_x, down * self.scale + self.offset_y


class Phase(Enum):
    """What the feet do; the letter is for displays without colour."""

    THROTTLE = "T"
    BRAKE = "B"
    COAST = "C"


def track_map(driven: DrivenLap, most: int = MOST_POINTS) -> TrackMap | None:
    """Return the map of a lap; ``None`` if the game sends no world positions."""
    x, z = driven.channel("world_x"), driven.channel("world_z")
    if x is None or z is None:
        return None
    good = np.flatnonzero(np.isfinite(x) & np.isfinite(z))
    if good.size < 2:
        return None
    places = driven.progress[good]
    # Points evenly spread over the lap, not over time: slow corners need no more.
    spread = np.linspace(places[0], places[-1], min(most, good.size))
    return TrackMap(
        spread,
        np.interp(spread, places, x[good]),
        np.interp(spread, places, z[good]),
    )


def fit(
    track: TrackMap, width_cells: int, height_cells: int, *, turn: bool = True
) -> Fit:
    """Return how to draw a map in the middle of so many cells of braille."""
    dots_x = width_cells * DOTS_PER_CELL[0] - 1
    dots_y = height_cells * DOTS_PER_CELL[1] - 1
    straight = _fit(track, dots_x, dots_y, is_turned=False)
    turned = _fit(track, dots_x, dots_y, is_turned=True)
    return turned if turn and turned.scale > straight.scale * 1.05 else straight


def _fit(track: TrackMap, dots_x: int, dots_y: int, *, is_turned: bool) -> Fit:
    across, down = (-track.z, track.x) if is_turned else (track.x, track.z)
    wide = max(float(np.ptp(across)), 1e-9)
    high = max(float(np.ptp(down)), 1e-9)
    scale = min(dots_x / wide, dots_y / high)
    return Fit(
        scale,
        is_turned,
        (dots_x - wide * scale) / 2.0 - float(across.min()) * scale,
        (dots_y - high * scale) / 2.0 - float(down.min()) * scale,
    )


class Segment(msgspec.Struct, frozen=True):
    """A piece of the track between two places, and what was lost on it."""

    start: float
    end: float
    loss_ms: float | None

    @property
    def letter(self) -> str:
        """Return ``-`` where time was gained, ``+`` where lost, ``=`` if neither."""
        if self.loss_ms is None:
            return "?"
        if abs(self.loss_ms) < _EQUAL_MS:
            return "="
        return "+" if self.loss_ms > 0.0 else "-"


_EQUAL_MS = 5.0


def segments(
    lap: DrivenLap, reference: DrivenLap, cuts: Sequence[float]
) -> list[Segment]:
    """Return the gain or loss between neighbouring inner ``cuts``, line to line."""
    edges = (0.0, *cuts, 1.0)
    losses = gains_ms(lap, reference, edges)
    return [
        Segment(edges[index], edges[index + 1], loss)
        for index, loss in enumerate(losses)
    ]


def phases(driven: DrivenLap, places: Floats) -> list[Phase] | None:
    """Return what the feet did at each place; ``None`` without pedal channels."""
    throttle, brake = driven.channel("throttle"), driven.channel("brake")
    if throttle is None or brake is None:
        return None
    pressed, braked = (
        np.interp(places, driven.progress, without_gaps(values))
        for values in (throttle, brake)
    )
    return [
        Phase.BRAKE if b > OFF else Phase.THROTTLE if t > OFF else Phase.COAST
        for t, b in zip(pressed.tolist(), braked.tolist(), strict=True)
    ]
