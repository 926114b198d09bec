"""The functions of formulas: most value by value, some over the whole lap.

What comes out undefined or infinite becomes NaN at the end, so every function may
leave it to floating point: a huge power is ``inf``, no long computation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ps_tui.analysis.arrays import Floats, centred_mean

CONSTANTS = {"pi": float(np.pi), "e": float(np.e), "Infinity": float("inf")}
DEFAULT_SMOOTHING_S = 0.25
MAX_ARGUMENTS = 16


class Function(NamedTuple):
    """``call`` is given time in seconds first where ``needs_time``."""

    call: Callable[..., Any]
    least: int
    most: int
    help: str
    needs_time: bool = False


def _cbrt(x: Floats) -> Any:
    return np.cbrt(x)


def _log(x: Floats, base: Floats | None = None) -> Any:
    return np.log(x) if base is None else np.log(x) / np.log(base)


def _round(x: Floats, digits: Floats | None = None) -> Any:
    """Round halves away from zero, as people do."""
    scale = 1.0 if digits is None else np.power(10.0, np.rint(digits))
    return np.copysign(np.floor(np.abs(x) * scale + 0.5), x) / scale


def _hypot(*values: Floats) -> Any:
    total: Any = 0.0
    for value in values:
        total = np.hypot(total, value)
    return total


def _max(*values: Floats) -> Any:
    if len(values) == 1:
        return _over_lap(values[0], np.max)
    largest: Any = values[0]
    for value in values[1:]:
        largest = np.maximum(largest, value)
    return largest


def _min(*values: Floats) -> Any:
    if len(values) == 1:
        return _over_lap(values[0], np.min)
    least: Any = values[0]
    for value in values[1:]:
        least = np.minimum(least, value)
    return least


def _mean(*values: Floats) -> Any:
    if len(values) == 1:
        return _over_lap(values[0], np.mean)
    total: Any = 0.0
    for value in values:
        total = total + value
    return total / len(values)


def _over_lap(values: Floats, figure: Callable[[Floats], Any]) -> Any:
    good = np.asarray(values)[np.isfinite(values)]
    return figure(good) if good.size else np.nan


def _if(condition: Floats, yes: Floats, no: Floats) -> Any:
    chosen = np.where(np.asarray(condition) != 0.0, yes, no)
    return np.where(np.isnan(condition), np.nan, chosen)


def _random(time_s: Floats) -> Any:
    """Return noise that is the same at each drawing, so that a chart stands still."""
    return np.random.default_rng(0).random(time_s.size)


def _derivative(time_s: Floats, values: Floats) -> Any:
    """Return the rate per second by central differences."""
    values = np.broadcast_to(values, time_s.shape)
    rate = np.full(time_s.size, np.nan)
    if time_s.size < 2:
        return rate
    rate[1:-1] = (values[2:] - values[:-2]) / (time_s[2:] - time_s[:-2])
    rate[0] = (values[1] - values[0]) / (time_s[1] - time_s[0])
    rate[-1] = (values[-1] - values[-2]) / (time_s[-1] - time_s[-2])
    return rate


def _integral(time_s: Floats, values: Floats) -> Any:
    """Return the area since the first frame, per second, by trapezoids.

    A missing value adds nothing.
    """
    values = np.broadcast_to(values, time_s.shape)
    pieces = (values[1:] + values[:-1]) / 2.0 * np.diff(time_s)
    pieces = np.where(np.isfinite(pieces), pieces, 0.0)
    return np.concatenate(([0.0], np.cumsum(pieces)))[: time_s.size]


def _smooth(time_s: Floats, values: Floats, window_s: Any = None) -> Any:
    """Return the mean over a centred window of seconds, the same for all frames."""
    values = np.broadcast_to(values, time_s.shape)
    window = DEFAULT_SMOOTHING_S if window_s is None else float(np.max(window_s))
    if time_s.size < 2 or not window > 0.0:
        return values
    step_s = float(np.median(np.diff(time_s)))
    if not step_s > 0.0:
        return values
    width = min(window / step_s, float(2 * time_s.size))
    finite = np.where(np.isfinite(values), values, np.nan)
    means = centred_mean(finite, 2 * round(width / 2.0) + 1)
    # Where nothing was measured nothing is made up.
    result: NDArray[np.float64] = np.where(np.isfinite(finite), means, np.nan)
    return result


def _plain(call: Callable[..., Any], help_text: str, count: int = 1) -> Function:
    return Function(call, count, count, help_text)


FUNCTIONS: dict[str, Function] = {
    "abs": _plain(np.abs, "abs(x): without its sign"),
    "acos": _plain(np.arccos, "acos(x): angle in radians"),
    "acosh": _plain(np.arccosh, "acosh(x)"),
    "asin": _plain(np.arcsin, "asin(x): angle in radians"),
    "asinh": _plain(np.arcsinh, "asinh(x)"),
    "atan": _plain(np.arctan, "atan(x): angle in radians"),
    "atan2": _plain(np.arctan2, "atan2(y, x): angle in radians", 2),
    "atanh": _plain(np.arctanh, "atanh(x)"),
    "cbrt": _plain(_cbrt, "cbrt(x): cube root"),
    "ceil": _plain(np.ceil, "ceil(x): next whole number above"),
    "cos": _plain(np.cos, "cos(x): of radians"),
    "cosh": _plain(np.cosh, "cosh(x)"),
    "derivative": Function(
        _derivative, 1, 1, "derivative(x): change per second", needs_time=True
    ),
    "exp": _plain(np.exp, "exp(x): e^x"),
    "floor": _plain(np.floor, "floor(x): next whole number below"),
    "hypot": Function(_hypot, 1, MAX_ARGUMENTS, "hypot(x, y): length of a vector"),
    "if": _plain(_if, "if(condition, yes, no): yes where condition is not 0", 3),
    "integral": Function(
        _integral, 1, 1, "integral(x): sum over time, in seconds", needs_time=True
    ),
    "log": Function(_log, 1, 2, "log(x), log(x, base): natural without a base"),
    "log10": _plain(np.log10, "log10(x)"),
    "log2": _plain(np.log2, "log2(x)"),
    "max": Function(
        _max,
        1,
        MAX_ARGUMENTS,
        "max(x): of the lap; max(x, y): the larger of the two",
    ),
    "mean": Function(
        _mean,
        1,
        MAX_ARGUMENTS,
        "mean(x): of the lap; mean(x, y): of the two",
    ),
    "min": Function(
        _min,
        1,
        MAX_ARGUMENTS,
        "min(x): of the lap; min(x, y): the smaller of the two",
    ),
    "pow": _plain(np.power, "pow(x, y): x^y", 2),
    "random": Function(_random, 0, 0, "random(): noise from 0 to 1", needs_time=True),
    "round": Function(_round, 1, 2, "round(x), round(x, digits)"),
    "sign": _plain(np.sign, "sign(x): -1, 0 or 1"),
    "sin": _plain(np.sin, "sin(x): of radians"),
    "sinh": _plain(np.sinh, "sinh(x)"),
    "smooth": Function(
        _smooth,
        1,
        2,
        f"smooth(x), smooth(x, seconds): moving mean, {DEFAULT_SMOOTHING_S} s",
        needs_time=True,
    ),
    "sqrt": _plain(np.sqrt, "sqrt(x): square root"),
    "tan": _plain(np.tan, "tan(x): of radians"),
    "tanh": _plain(np.tanh, "tanh(x)"),
}
"""Every function that a formula may call, by name."""
