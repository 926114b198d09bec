"""DiRT Rally packets, built by index."""

from __future__ import annotations

import struct

INDEX = {
    "total": 0, "time": 1, "distance": 2, "progress": 3, "x": 4, "y": 5, "z": 6,
    "speed": 7, "ahead_x": 14, "ahead_z": 16, "suspension": 17, "rim_speed": 25,
    "throttle": 29, "steer": 30, "brake": 31, "clutch": 32, "gear": 33,
    "g_lateral": 34, "g_longitudinal": 35, "rpm": 37, "place": 39, "fuel": 45,
    "capacity": 46, "pit": 47, "sector1": 49, "sector2": 50, "brakes": 51,
    "pressure": 55, "laps": 59, "lap_count": 60, "length": 61, "last": 62,
    "max_rpm": 63, "idle_rpm": 64, "gears": 65,
}  # fmt: skip


def dirt(**fields: float) -> bytes:
    """Return a packet from the middle of a stage of 5000 m, with ``fields`` set."""
    values = [0.0] * 66
    defaults = {"length": 5000.0, "lap_count": 1.0, "total": 100.0, "time": 60.0}
    for name, value in (defaults | fields).items():
        values[INDEX[name]] = value
    return struct.pack("<66f", *values)
