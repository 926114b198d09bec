"""Where did I lose it: what a lap and its reference did in each part of the track.

Parts are corners or mini-sectors. Rows carry the loss and what explains it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import msgspec
import numpy as np

from ps_tui.analysis.arrays import Floats, without_gaps
from ps_tui.analysis.corners import Corner
from ps_tui.analysis.driven_lap import DrivenLap, time_where
from ps_tui.analysis.pedals import (
    FULL,
    Braking,
    brakings,
    coasting,
    onset,
    overlapping,
    pressed,
)


class Part(msgspec.Struct, frozen=True):
    """A stretch of the track from ``start`` to ``end``."""

    name: str
    start: float
    end: float
    slowing_from: float | None = None
    """From where on to look for the apex; ``None`` where there is no corner."""
    slowing_to: float | None = None
    """Up to where; ``None`` is the end of the part."""


class PartFigures(msgspec.Struct, frozen=True):
    """How one lap drove a part. ``None``: not driven, not sent, or none there.

    Places are metres from the line where the length of the track is known, else
    thousandths of the lap.
    """

    time_ms: float | None = None
    brake_place: float | None = None
    """Where braking for the apex began; ``None`` without braking, never 0."""
    brake_peak: float | None = None
    brake_ms: float | None = None
    entry_speed_kmh: float | None = None
    """Where braking begins, else at the start of the part."""
    min_speed_kmh: float | None = None
    min_speed_place: float | None = None
    exit_speed_kmh: float | None = None
    throttle_place: float | None = None
    """Where the throttle comes on for the exit."""
    coasting_ms: float | None = None
    overlap_ms: float | None = None
    full_throttle_share: float | None = None
    """Of the time."""


class LossRow(msgspec.Struct, frozen=True):
    """One part: the lap beside its reference; positive loss is slower."""

    part: Part
    loss_ms: float | None
    lap: PartFigures
    reference: PartFigures

    @property
    def brake_change(self) -> float | None:
        """Return how much later (positive) the lap braked, in metres or thousandths."""
        return _change(self.lap.brake_place, self.reference.brake_place)

    @property
    def throttle_change(self) -> float | None:
        """Return how much later the lap was on the throttle."""
        return _change(self.lap.throttle_place, self.reference.throttle_place)

    @property
    def min_speed_change_kmh(self) -> float | None:
        return _change(self.lap.min_speed_kmh, self.reference.min_speed_kmh)


def corner_parts(corners: Sequence[Corner]) -> list[Part]:
    """Return the windows of corners, and what is left up to the line.

    Together they cover the lap, so that their losses add up to the delta.
    """
    parts = [Part(one.name, one.start, one.end, one.crest) for one in corners]
    end = parts[-1].end if parts else 0.0
    return [*parts, Part("line", end, 1.0)] if end < 1.0 else parts


def cut_parts(cuts: Sequence[float], prefix: str = "M") -> list[Part]:
    """Return the stretches between inner cuts: sectors or mini-sectors."""
    edges = (0.0, *cuts, 1.0)
    return [
        Part(f"{prefix}{index}", low, high, low)
        for index, (low, high) in enumerate(pairwise(edges), start=1)
    ]


def loss_rows(
    lap: DrivenLap,
    reference: DrivenLap,
    parts: Sequence[Part],
    corners: Sequence[Corner] = (),
) -> list[LossRow]:
    """Return what was lost in each part, the greatest loss first.

    Where a part holds several of the ``corners``, both laps are judged by the one in
    which the reference is slowest: brake points of two corners do not compare.
    """
    length_m = reference.length_m
    other = part_figures(reference, parts, length_m)
    judged = [
        _at_apex(part, theirs.min_speed_place, corners, length_m or 1000.0)
        for part, theirs in zip(parts, other, strict=True)
    ]
    own = part_figures(lap, judged, length_m)
    rows = [
        LossRow(part, _change(mine.time_ms, theirs.time_ms), mine, theirs)
        for part, mine, theirs in zip(parts, own, other, strict=True)
    ]
    return sorted(rows, key=lambda row: (row.loss_ms is None, -(row.loss_ms or 0.0)))


def _at_apex(
    part: Part, apex_place: float | None, corners: Sequence[Corner], scale: float
) -> Part:
    """Return the part with the corner in which to look for the apex."""
    if part.slowing_from is None or apex_place is None:
        return part
    apex = apex_place / scale
    for corner in corners:
        if corner.start <= apex < corner.end:
            slowing_from = max(part.start, corner.crest)
            slowing_to = min(part.end, corner.end)
            return msgspec.structs.replace(
                part, slowing_from=slowing_from, slowing_to=slowing_to
            )
    return part


def part_figures(
    driven: DrivenLap, parts: Sequence[Part], length_m: float | None = None
) -> list[PartFigures]:
    """Return how a lap drove each part. ``length_m`` is the reference's."""
    scale = length_m or 1000.0
    inputs = _Inputs.of(driven)
    edges = driven.time_at(
        [place for part in parts for place in (part.start, part.end)]
    )
    times = edges[1::2] - edges[::2]
    return [
        _figures(inputs, part, scale, None if np.isnan(time) else float(time))
        for part, time in zip(parts, times, strict=True)
    ]


class _Inputs(msgspec.Struct, frozen=True, eq=False):
    """The channels of a lap that explain a loss, and its brakings."""

    progress: Floats
    time_ms: Floats
    speed: Floats | None
    throttle: Floats | None
    brake: Floats | None
    brakings: list[Braking]

    @classmethod
    def of(cls, driven: DrivenLap) -> _Inputs:
        speed, throttle, brake = (
            None if values is None else without_gaps(values)
            for values in map(driven.channel, ("speed", "throttle", "brake"))
        )
        found = (
            [] if brake is None else brakings(brake, driven.progress, driven.time_ms)
        )
        return cls(driven.progress, driven.time_ms, speed, throttle, brake, found)

    def speed_at(self, place: float) -> float | None:
        if self.speed is None or not self.progress[0] <= place <= self.progress[-1]:
            return None
        return float(np.interp(place, self.progress, self.speed))

    def feet(self, frames: slice) -> dict[str, float | None]:
        """Return how long the pedals were used in which way, by figure."""
        throttle, brake, times = self.throttle, self.brake, self.time_ms[frames]
        figures: dict[str, float | None] = {}
        if throttle is None:
            return figures
        whole_ms = float(times[-1] - times[0])
        if whole_ms > 0.0:
            full_ms = time_where(throttle[frames] >= FULL, times)
            figures["full_throttle_share"] = full_ms / whole_ms
        if brake is not None:
            pedals = throttle[frames], brake[frames]
            figures["coasting_ms"] = time_where(coasting(*pedals), times)
            figures["overlap_ms"] = time_where(overlapping(*pedals), times)
        return figures


def _figures(
    inputs: _Inputs, part: Part, scale: float, time_ms: float | None
) -> PartFigures:
    crest_place, last_place = part.slowing_from or part.start, part.slowing_to
    places = (part.start, crest_place, last_place or part.end, part.end)
    low, crest, last, high = np.searchsorted(inputs.progress, places).tolist()
    if high - low < 2 or last - crest < 1:
        return PartFigures(time_ms=time_ms)
    apex = _lowest(inputs, crest, last)
    braking: Braking | None = None
    throttle_on: float | None = None
    if part.slowing_from is not None:
        braking = _braking_before(inputs.brakings, low, apex)
        throttle_on = _throttle_on(inputs, braking, (low, apex, high))
    figures = PartFigures(
        time_ms=time_ms,
        entry_speed_kmh=inputs.speed_at(braking.onset if braking else part.start),
        min_speed_kmh=None if inputs.speed is None else float(inputs.speed[apex]),
        min_speed_place=None
        if inputs.speed is None
        else float(inputs.progress[apex]) * scale,
        exit_speed_kmh=inputs.speed_at(part.end),
        throttle_place=None if throttle_on is None else throttle_on * scale,
        **inputs.feet(slice(low, high)),
    )
    if braking is None:
        return figures
    return msgspec.structs.replace(
        figures,
        brake_place=braking.onset * scale,
        brake_peak=braking.peak,
        brake_ms=braking.duration_ms,
    )


def _lowest(inputs: _Inputs, low: int, high: int) -> int:
    """Return the frame of this lap's own apex."""
    if inputs.speed is None:
        return (low + high) // 2
    return low + int(np.argmin(inputs.speed[low:high]))


def _braking_before(found: list[Braking], low: int, apex: int) -> Braking | None:
    """Search back from the apex for the braking that led to it, passing over dabs."""
    for braking in reversed(found):
        if braking.first > apex:
            continue
        if braking.end <= low:
            return None
        if not braking.is_dab:
            return braking
    return None


def _throttle_on(
    inputs: _Inputs, braking: Braking | None, window: tuple[int, int, int]
) -> float | None:
    """Return where the throttle came on for the exit, not before the brake was off."""
    throttle = inputs.throttle
    if throttle is None:
        return None
    low, apex, high = window
    if braking is not None:
        low = max(low, min(braking.end, apex))
    is_on = pressed(throttle)
    after = np.flatnonzero(is_on[apex:high])
    if not after.size:
        return None
    first = apex + int(after[0])
    while first > low and is_on[first - 1]:
        first -= 1
    return onset(throttle, inputs.progress, first)


def _change(own: float | None, other: float | None) -> float | None:
    return None if own is None or other is None else own - other
