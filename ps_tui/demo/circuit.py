"""Kestrel Ridge: a made-up circuit of nine corners, driven clockwise.

Described as straights and arcs; the curvature is then smoothed, as no car can
change it at once, and the small gap that this leaves is spread over the lap.
Positions are metres on an unmirrored map: x to the right, z down, y up.
"""

from __future__ import annotations

from math import cos, hypot, pi, radians, sin

import msgspec


class Straight(msgspec.Struct, frozen=True):
    length_m: float


class Corner(msgspec.Struct, frozen=True):
    """An arc; ``angle_deg`` is positive to the right."""

    name: str
    radius_m: float
    angle_deg: float

    @property
    def length_m(self) -> float:
        return self.radius_m * abs(radians(self.angle_deg))


KESTREL_RIDGE: tuple[Straight | Corner, ...] = (
    Straight(451.2),
    Corner("Quarry", 38, 95),
    Straight(291.2),
    Corner("Birch", 70, -60),
    Straight(137.6),
    Corner("Weir", 55, 75),
    Straight(441.5),
    Corner("Anvil", 24, 140),
    Straight(379.8),
    Corner("Mill", 45, -80),
    Straight(116.0),
    Corner("Long Barn", 160, 50),
    Straight(350.1),
    Corner("Gate", 40, -45),
    Straight(27.5),
    Corner("Gate Exit", 40, 50),
    Straight(255.0),
    Corner("Kestrel", 75, 135),
    Straight(478.7),
)
"""From the line to the line again."""

PIT_EXIT_M = 300.0
PIT_ENTRY_M = 330.0
"""Before the line."""
PIT_BOX_M = 40.0
_PIT_OFFSET_M = 16.0
_PIT_BLEND_M = 60.0
_SMOOTHING_M = 12
_HILL_M = 9.0


class Apex(msgspec.Struct, frozen=True):
    """A corner by its place on the lap."""

    name: str
    entry_m: float
    exit_m: float


class Circuit:
    """A closed line through the map, sampled every metre."""

    name = "Kestrel Ridge"
    layout = "Grand Prix"

    def __init__(self, segments: tuple[Straight | Corner, ...] = KESTREL_RIDGE) -> None:
        self.apexes, curvature = _walk(segments)
        self.curvature = _smoothed(curvature)
        """1/m at each metre, positive to the right."""
        self.length_m = float(len(self.curvature))
        self._headings, self._places = _integrated(self.curvature)

    def curvature_at(self, distance_m: float) -> float:
        """Return the curvature at a distance from the line, 1/m."""
        count = len(self.curvature)
        index = int(distance_m)
        share = distance_m - index
        here = self.curvature[index % count]
        return here + (self.curvature[(index + 1) % count] - here) * share

    def place(
        self, distance_m: float, offset_m: float = 0.0
    ) -> tuple[float, float, float]:
        """Return x, y, z; ``offset_m`` is to the right of the line."""
        count = len(self._places)
        index = int(distance_m)
        share = distance_m - index
        x, z = self._places[index % count]
        next_x, next_z = self._places[(index + 1) % count]
        heading = self._headings[index % count]
        hill = 1 - cos(2 * pi * distance_m / self.length_m)
        return (
            x + (next_x - x) * share - sin(heading) * offset_m,
            _HILL_M * hill,
            z + (next_z - z) * share + cos(heading) * offset_m,
        )

    def pit_offset_m(self, distance_m: float) -> float:
        """Return how far right of the track the pit lane lies at a distance."""
        from_line_m = distance_m % self.length_m
        if from_line_m > self.length_m / 2:
            behind_m = from_line_m - (self.length_m - PIT_ENTRY_M)
        else:
            behind_m = PIT_EXIT_M - from_line_m
        return _PIT_OFFSET_M * min(max(behind_m / _PIT_BLEND_M, 0.0), 1.0)


def _walk(
    segments: tuple[Straight | Corner, ...],
) -> tuple[tuple[Apex, ...], list[float]]:
    apexes = []
    curvature: list[float] = []
    end_m = 0.0
    for segment in segments:
        begin_m, end_m = end_m, end_m + segment.length_m
        value = 0.0
        if isinstance(segment, Corner):
            apexes.append(Apex(segment.name, begin_m, end_m))
            value = (1 if segment.angle_deg > 0 else -1) / segment.radius_m
        curvature += [value] * (round(end_m) - len(curvature))
    return tuple(apexes), curvature


def _smoothed(curvature: list[float]) -> list[float]:
    """Return the mean around each metre, and a whole turn in total."""
    count = len(curvature)
    window = range(-_SMOOTHING_M, _SMOOTHING_M + 1)
    means = [
        sum(curvature[(index + step) % count] for step in window) / len(window)
        for index in range(count)
    ]
    scale = 2 * pi / sum(means)
    return [mean * scale for mean in means]


def _integrated(
    curvature: list[float],
) -> tuple[list[float], list[tuple[float, float]]]:
    """Return heading and place at each metre of the closed line."""
    count = len(curvature)
    heading = x = z = 0.0
    headings, places = [], []
    for value in curvature:
        headings.append(heading)
        places.append((x, z))
        x += cos(heading + value / 2)
        z += sin(heading + value / 2)
        heading += value
    closed = [
        (place_x - x * index / count, place_z - z * index / count)
        for index, (place_x, place_z) in enumerate(places)
    ]
    return headings, closed


def gap_m(circuit: Circuit) -> float:
    """Return the distance from the last metre of the line to its first."""
    end_x, _, end_z = circuit.place(circuit.length_m - 1)
    start_x, _, start_z = circuit.place(0.0)
    return hypot(end_x - start_x, end_z - start_z)
