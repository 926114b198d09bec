"""World coordinates as positions on earth, because i2 draws tracks from GPS alone.

Metres are laid out about one fixed place: x to the east, z to the south, as the map on
the screens has it. The length of a degree is that of the WGS 84 ellipsoid, by the usual
series in the latitude (https://en.wikipedia.org/wiki/Geographic_coordinate_system).
"""

from __future__ import annotations

from math import cos, radians

import numpy as np
from numpy.typing import NDArray

ORIGIN_LATITUDE = 45.0
ORIGIN_LONGITUDE = 5.0
DECIMALS = 7
"""Positions are whole numbers of 1e-7 degrees: 1 cm, where float32 has half a metre."""

_PHI = radians(ORIGIN_LATITUDE)
METRES_PER_LATITUDE = (
    111132.92 - 559.82 * cos(2 * _PHI) + 1.175 * cos(4 * _PHI) - 0.0023 * cos(6 * _PHI)
)
METRES_PER_LONGITUDE = (
    111412.84 * cos(_PHI) - 93.5 * cos(3 * _PHI) + 0.118 * cos(5 * _PHI)
)
_SCALE = 10.0**DECIMALS
_FARTHEST_M = np.float32(300_000.0)


def latitudes(world_z: NDArray[np.float32]) -> NDArray[np.int32]:
    """Return latitudes in units of 1e-7 degrees from metres to the south.

    The metres are lost, as with :func:`longitudes`.
    """
    return _whole(world_z, ORIGIN_LATITUDE, -METRES_PER_LATITUDE)


def longitudes(world_x: NDArray[np.float32]) -> NDArray[np.int32]:
    """Return longitudes in units of 1e-7 degrees from metres to the east."""
    return _whole(world_x, ORIGIN_LONGITUDE, METRES_PER_LONGITUDE)


def _whole(
    metres: NDArray[np.float32], origin: float, metres_per_degree: float
) -> NDArray[np.int32]:
    # No track is that large; what lies beyond would leave the whole numbers.
    units = np.clip(metres, -_FARTHEST_M, _FARTHEST_M, out=metres)
    # About the origin float32 tells units apart as well as it does metres.
    units *= np.float32(_SCALE / metres_per_degree)
    np.rint(units, out=units)
    whole = units.astype(np.int32)
    whole += round(origin * _SCALE)
    return whole
