"""Numbers that no drive produces, told from those that one does."""

from __future__ import annotations

from collections.abc import Iterable
from math import nan
from typing import Any

GRAVITY = 9.80665
"""Standard gravity, m/s²: what one g is."""

PSI_KPA = 6.894757
"""Kilopascals in a pound per square inch."""

LARGEST = 1e7
"""No quantity of any game comes near it, in whatever unit it is sent."""

BYTE_SHARES = tuple(byte / 255 for byte in range(256))
"""Pedals that are sent as a byte."""

STEERING_SHARES = (
    *(raw / 127 for raw in range(128)),
    *(max(raw / 127, -1.0) for raw in range(-128, 0)),
)
"""Steering that is sent as a byte from -127 to 127, by the byte signed or unsigned."""

SMALL_TOPS = bytes(128 if byte & 127 >= 0x4B else 0 for byte in range(256))
"""Turns the highest bytes of 32-bit floats (sign and most of the exponent) to ASCII
where each float is below 2**23, so neither absurd nor infinite nor NaN:
``packet[3::4].translate(SMALL_TOPS).isascii()`` looks at all of them in a fifth of
the time that any look at the numbers takes."""


def without_absurd(values: Iterable[Any]) -> tuple[Any, ...]:
    """Return ``values`` with NaN for what is infinite or beyond all physics.

    What is left as bytes stays.
    """
    return tuple(
        x if isinstance(x, bytes) or -LARGEST < x < LARGEST else nan for x in values
    )


def unit_share(value: float) -> float:
    """Return ``value`` within 0 to 1; rounding takes games a little outside.

    NaN where it is far outside: then it is no share of anything.
    """
    if 0.0 <= value <= 1.0:
        return value
    if -0.01 <= value <= 1.01:
        return 0.0 if value < 0.0 else 1.0
    return nan
