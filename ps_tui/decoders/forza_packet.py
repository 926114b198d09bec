"""The packets of Forza "Data Out": Motorsport 7, Horizon 4 and 5, Motorsport (2023).

Little-endian and packed, one size per game and format, told apart by it alone:
232 bytes "sled" (motion only), 311 "dash" of Motorsport 7, 323 or 324 of Horizon
(12 bytes more before the dash part), 331 of Motorsport 2023 (tyre wear and track
behind it). Offsets in the comments are those of the 311-byte format. Wheels come as
front left, front right, rear left, rear right. Motion was checked against recorded
paths: acceleration is m/s² with x to the right and z forward, and the map has x to
the right and z up.
"""

from __future__ import annotations

import struct
from typing import Any

from ps_tui.domain.channel import wheel_keys

SLED_SIZE = 232
DASH_SIZE = 311
HORIZON_SIZES = (323, 324)
MOTORSPORT_SIZE = 331
SIZES = (SLED_SIZE, DASH_SIZE, *HORIZON_SIZES, MOTORSPORT_SIZE)

_HEAD_FORMAT = (
    "iI"  # 0 race on, 4 timestamp in ms
    "f4xf"  # 8 max rpm, (idle rpm), rpm
    "3f"  # 20 acceleration: right, up, forward
)
_CAR_FORMAT = (
    "12xf24x"  # 56 yaw, clockwise from the top of the map
    "4f4f"  # 84 slip ratio (1 = limit of grip), 100 wheel speed in rad/s
    "48x4f4f4f"  # 164 slip angle, 180 combined slip (1 = limit), 196 suspension, m
    "i16x"  # 212 car
)
_DASH_FORMAT = (
    "3f3f"  # 232 position, 244 speed in m/s, power in W, torque in Nm
    "4f2f"  # 256 tyre temperature in °F, boost in psi, fuel 0 to 1
    "f8s2f"  # 280 distance in m, best and last lap, current lap and race time in s
    "H7B2x"  # 300 lap, place, throttle, brake, clutch, handbrake, gear, steering
)
"""Best and last lap are left as bytes, and are read when they are others."""
SLED = struct.Struct("<" + _HEAD_FORMAT + "3f" + _CAR_FORMAT)
"""With the velocity, from 32 on, as only a dash tells the speed."""
PAST = struct.Struct("<2f")
NO_PAST = bytes(PAST.size)
TAIL = struct.Struct("<4fi")
"""Tyre wear, and the number of the track."""


def _reader(size: int, before_dash: int = 0) -> tuple[Any, slice]:
    """Return what reads a packet with a dash, and where its numbers have their tops.

    Those are the highest bytes from the highest rpm on. The last value that is read
    is the tail, for which only Motorsport 2023 has bytes.
    """
    dash_format = f"<{_HEAD_FORMAT}12x{_CAR_FORMAT}{before_dash}x{_DASH_FORMAT}"
    behind = size - struct.calcsize(dash_format)
    tail = f"{behind}s" if behind == TAIL.size else f"{behind}x0s"
    tops = slice(11, _DASH_NUMBERS_END + before_dash, 4)
    return struct.Struct(dash_format + tail).unpack, tops


SLED_TOPS, _DASH_NUMBERS_END = slice(11, SLED_SIZE, 4), 300
DASHES = {
    DASH_SIZE: _reader(DASH_SIZE),
    **{size: _reader(size, before_dash=12) for size in HORIZON_SIZES},
    MOTORSPORT_SIZE: _reader(MOTORSPORT_SIZE),
}
"""By the size of the packet."""

CHANNELS: tuple[str, ...] = (
    "max_rpm",
    "g_lateral",
    "g_vertical",
    "g_longitudinal",
    "heading",
    *wheel_keys("slip_ratio_normalized"),
    *wheel_keys("wheel_speed"),
    *wheel_keys("slip_angle_normalized"),
    *wheel_keys("tyre_slip_normalized"),
    *wheel_keys("suspension_travel"),
    "world_x",
    "world_y",
    "world_z",
    "engine_power",
    "engine_torque",
    *wheel_keys("tyre_temperature"),
    "boost_pressure",
    "fuel_fraction",
    "lap_distance",
    "best_lap_time",
    "session_time",
    "track_position",
    "clutch",
    "handbrake",
    *wheel_keys("tyre_wear"),
)
"""Keys of ``Frame.extra``: the sled's, the dash's from world_x, then tyre wear."""
