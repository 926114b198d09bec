"""The order in which a lap's frames were driven, from the order they arrived in."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

LATE_LIMIT_US = 2_000_000
"""A packet that is further behind than this is a jump of the clock, not late."""


def driving_order(
    received_us: Sequence[int],
    timestamps_ms: Sequence[int],
    sequences: Sequence[int] | None = None,
) -> list[int] | None:
    """Return the indices of frames in driving order; ``None`` if they are in it.

    Frames are put in order of arrival first, so that the answer does not depend on
    how they lie in store. Then each late packet (behind the sender's counter, or
    its clock where it has no counter, by less than two seconds) moves back to its
    place. A larger step back is a restart or a reset of the clock: what follows it
    stays behind what came before.
    """
    keys = timestamps_ms if sequences is None else sequences
    if _is_rising(received_us) and _is_rising(keys):
        return None
    arrival = sorted(range(len(keys)), key=received_us.__getitem__)
    order: list[int] = []
    stretch: list[int] = []
    highs: list[int] = []
    highs_us: list[int] = []
    newest_ms = 0
    for index in arrival:
        key = keys[index]
        if highs and key < highs[-1]:
            overtaken_us = highs_us[bisect_right(highs, key)]
            is_late = (
                received_us[index] - overtaken_us < LATE_LIMIT_US
                and (newest_ms - timestamps_ms[index]) * 1000 < LATE_LIMIT_US
            )
            if not is_late:
                order += sorted(stretch, key=keys.__getitem__)
                stretch, highs, highs_us = [], [], []
        if not highs or key > highs[-1]:
            newest_ms = timestamps_ms[index]
            highs.append(key)
            highs_us.append(received_us[index])
        stretch.append(index)
    order += sorted(stretch, key=keys.__getitem__)
    return None if _is_rising(order) else order


def _is_rising(values: Sequence[int]) -> bool:
    return all(one <= two for one, two in pairwise(values))
