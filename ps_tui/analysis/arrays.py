"""Small operations on columns of telemetry that several analyses share."""

from __future__ import annotations

from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ps_tui.domain.models import LapTrace

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Flags = NDArray[np.bool_]


def column(trace: LapTrace, key: str) -> Floats | None:
    """Return a channel as float64 with NaN where absent; ``None`` if never sent."""
    values = trace.columns.get(key)
    if values is None:
        return None
    array: NDArray[Any] = np.asarray(values)
    if array.dtype.kind in "iub":
        return array.astype(np.float64)
    floats: Floats = array.astype(np.float64, copy=False)
    if floats.size and isfinite(floats[0]):
        return floats
    return floats if np.isfinite(floats).any() else None


def steps_of(values: Floats) -> Floats:
    """Return the differences of neighbours."""
    steps: Floats = values[1:] - values[:-1]
    return steps


def centred_mean(values: Floats, width: int) -> Floats:
    """Return the mean over ``width`` samples round each, fewer at the ends.

    Windows are symmetric, so that a straight line stays what it is. NaN counts as
    no sample; where a window holds nothing else the result is NaN.
    """
    half = min(max(width, 1) // 2, max(values.size - 1, 0))
    if half == 0 or not values.size:
        return values.astype(np.float64, copy=True)
    good = np.isfinite(values)
    if good.all():
        return _window_means(values, half)
    shares = _window_means(good.astype(np.float64), half)
    with np.errstate(invalid="ignore", divide="ignore"):
        means: Floats = _window_means(np.where(good, values, 0.0), half) / shares
    means[shares < 0.5 / (2 * half + 1)] = np.nan
    return means


def _window_means(values: Floats, half: int) -> Floats:
    size = values.size
    half = min(half, (size - 1) // 2)
    width = 2 * half + 1
    sums = np.empty(size + 1)
    sums[0] = 0.0
    np.cumsum(values, out=sums[1:])
    means = np.empty(size)
    inner = means[half : size - half]
    np.subtract(sums[width:], sums[:-width], out=inner)
    inner /= width
    if half:
        widths = np.arange(1.0, width, 2.0)
        means[:half] = sums[1:width:2] / widths
        tails = sums[-1] - sums[:-width:-1][1::2]
        means[size - half :] = (tails[:half] / widths)[::-1]
    return means


def without_gaps(values: Floats) -> Floats:
    """Return values with NaN bridged by straight lines, held at the ends."""
    good = np.isfinite(values)
    if good.all() or not good.any():
        return values
    index = np.arange(values.size)
    return np.interp(index, index[good], values[good])


def runs(flags: Flags) -> list[tuple[int, int]]:
    """Return first and past-the-last index of each run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False]))))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def area(values: Floats, x: Floats) -> float:
    """Return the integral of ``values`` over ``x`` by trapezoids."""
    return float(((values[1:] + values[:-1]) / 2.0 * steps_of(x)).sum())


def spread(values: Floats) -> float:
    """Return greatest less least value, leaving NaN out; 0 where there are none."""
    if not values.size:
        return 0.0
    least, most = np.fmin.reduce(values), np.fmax.reduce(values)
    return float(most - least) if most >= least else 0.0
