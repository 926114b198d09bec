"""Live for Speed's OutSim: motion, and with options also inputs, lap distance, wheels.

Little-endian. Without options 64 bytes, 68 with an id; with ``OutSim Opts`` the
blocks whose bits are set follow each other in the order of the bits. Which bits they
are cannot be told from the length alone, so that only 1ff (280 bytes behind a mark)
is recognised by itself. The world has x to the east, y to the north and z up;
the heading turns anticlockwise; wheels come as rear left, rear right, front left,
front right. Recorded packets show that steering is positive to the left.
"""

from __future__ import annotations

import struct
from math import atan, cos, degrees, hypot, nan, pi, sin
from typing import Any

import msgspec

from ps_tui.decoders.plausible import GRAVITY, LARGEST

MARK = b"LFST"
ALL_OPTIONS = 0x1FF

_MAIN_FORMAT = "12xf8x3f3f3i"  # heading, acceleration, velocity, position
_WHEEL_FORMAT = "f12x2f8x2f"  # suspension, load, angular velocity, slip ratio, tan
_BLOCKS: tuple[tuple[int, str], ...] = (
    (0x01, "4s"),
    (0x02, "4x"),
    (0x04, "I"),
    (0x08, _MAIN_FORMAT),
    (0x10, "5f"),  # throttle, brake, steering in rad, clutch, handbrake
    (0x20, "B3xf4x"),  # gear, engine speed in rad/s
    (0x40, "f4x"),  # distance in the lap, m
    (0x80, _WHEEL_FORMAT * 4),
    (0x100, "8x"),
)
_LEGACY = struct.Struct("<I" + _MAIN_FORMAT)
_LEGACY_SIZES = (64, 68)
_POSITION_UNITS = 65536
_RPM = 30 / pi
_SPEED_LIMIT_MS = 300.0
_HEADING_LIMIT = 10.0
_ACCELERATION_LIMIT = 1e4

MOTION_CHANNEL_COUNT = 7
WHEEL_CHANNEL_COUNT = 20
NO_WHEELS = (nan,) * WHEEL_CHANNEL_COUNT


class OutSim(msgspec.Struct, frozen=True, gc=False):
    """One packet in the units of the channel table; ``None`` for absent blocks."""

    time_ms: int | None = None
    speed_ms: float | None = None
    motion: tuple[float, ...] | None = None
    """World x, y, z, heading, g lateral, longitudinal, vertical."""
    inputs: tuple[float, ...] | None = None
    """Throttle, brake, steering in rad (left > 0), clutch, handbrake."""
    gear: int | None = None
    rpm: float | None = None
    lap_distance_m: float | None = None
    wheels: tuple[float, ...] = NO_WHEELS
    """Suspension, load, speed, slip ratio, slip angle, each FL FR RL RR."""


class OutSimReader:
    """Reads OutSim of one setting of ``OutSim Opts``; ``None`` recognises 0 and 1ff."""

    def __init__(self, options: int | None = None) -> None:
        self._options = ALL_OPTIONS if options is None else options
        blocks = "".join(code for bit, code in _BLOCKS if self._options & bit)
        self._layout = struct.Struct("<" + blocks)
        self._has_mark = bool(self._options & 0x01)

    @property
    def size(self) -> int:
        """Return the bytes of a packet of this setting."""
        return self._layout.size

    def read(self, datagram: bytes) -> OutSim | None:
        """Return the packet's content, ``None`` if it is no OutSim of this setting."""
        if len(datagram) == self._layout.size and self._options:
            if self._has_mark and datagram[:4] != MARK:
                return None
            values = self._layout.unpack_from(datagram)
            options = self._options
            if self._has_mark:
                values = values[1:]
        elif len(datagram) in _LEGACY_SIZES:
            values = _LEGACY.unpack_from(datagram)
            options = 0x0C
        else:
            return None
        return _read_blocks(values, options)


def _read_blocks(values: tuple[Any, ...], options: int) -> OutSim | None:
    content: dict[str, Any] = {}
    at = 0
    if options & 0x04:
        content["time_ms"], at = values[0], 1
    if options & 0x08:
        motion = _read_motion(values[at : at + 10])
        if motion is None:
            return None
        content["motion"], content["speed_ms"] = motion
        at += 10
    rest = values[at:]
    if not hypot(*rest) < LARGEST:
        return None
    at = 0
    if options & 0x10:
        throttle, brake, _, clutch, handbrake = content["inputs"] = rest[:5]
        if not all(-0.01 <= x <= 1.01 for x in (throttle, brake, clutch, handbrake)):
            return None
        at = 5
    if options & 0x20:
        content["gear"], content["rpm"] = rest[at], max(rest[at + 1] * _RPM, 0.0)
        at += 2
    if options & 0x40:
        content["lap_distance_m"] = rest[at]
        at += 1
    if options & 0x80:
        content["wheels"] = _read_wheels(rest[at : at + 20])
    return OutSim(**content)


def _read_motion(values: tuple[Any, ...]) -> tuple[tuple[float, ...], float] | None:
    """Return the motion channels and the speed in m/s."""
    heading, ax, ay, az, vx, vy, vz, x, y, z = values
    speed_ms = hypot(vx, vy, vz)
    if not (
        -_HEADING_LIMIT < heading < _HEADING_LIMIT
        and speed_ms < _SPEED_LIMIT_MS
        and hypot(ax, ay, az) < _ACCELERATION_LIMIT
    ):
        return None
    ahead_x, ahead_y = -sin(heading), cos(heading)
    motion = (
        x / _POSITION_UNITS,
        z / _POSITION_UNITS,
        -y / _POSITION_UNITS,
        degrees(-heading) % 360.0,
        (ay * ahead_x - ax * ahead_y) / GRAVITY,
        (ax * ahead_x + ay * ahead_y) / GRAVITY,
        az / GRAVITY,
    )
    return motion, speed_ms


def _read_wheels(values: tuple[float, ...]) -> tuple[float, ...]:
    rear_left, rear_right, front_left, front_right = (
        values[at : at + 5] for at in (0, 5, 10, 15)
    )
    suspension, load, speed, slip, tangent = zip(
        front_left, front_right, rear_left, rear_right, strict=True
    )
    angles = tuple(degrees(atan(x)) for x in tangent)
    return (*suspension, *load, *speed, *slip, *angles)
