"""The packet of DiRT Rally, DiRT 4 and DiRT Rally 2.0: "extra data 3", 264 bytes.

66 little-endian 32-bit floats, the whole numbers too; offsets in the comments are in
bytes. Wheels come as rear left, rear right, front left, front right. Recorded stages
show that engine speed is in rad/s (÷ 10 is an old mistake), lateral g positive to the
left, and that the map has x to the right and z down.
"""

from __future__ import annotations

import struct

from ps_tui.domain.channel import wheel_keys

SIZE = 264

PACKET = struct.Struct(
    "<"
    "4f"  # 0 total time in s, 4 stage time in s, 8 distance in m, 12 progress
    "3ff"  # 16 position, 28 speed in m/s
    "24xf4xf"  # 56 forward vector: its x and z
    "4f"  # 68 suspension position in mm
    "16x4f"  # 100 speed of the wheels' rims in m/s
    "7f"  # 116 throttle, steering, brake, clutch, gear, g lateral, longitudinal
    "4xf"  # 148 rpm in rad/s
    "4xf"  # 156 place
    "20x24s4f44s"  # 180 state, 204 brake temperature in °C, 220 stage
)
STATE = struct.Struct("<3f3f")
"""180 fuel, its capacity, in pit, 192 sector from 0, duration of sector 1 and of sector
2 in s."""
STAGE = struct.Struct("<4f3f4f")
"""220 tyre pressure in psi, 236 laps completed, laps in all, 244 length in m, last lap
in s, 252 max rpm, idle rpm in rad/s, gears. Neither changes much within a lap: they are
left as bytes, and are read when they are others."""
ENGINE_OFFSET = 32
TOPS = slice(3, 220, 4)
"""Where the highest bytes of the numbers before are."""

CHANNELS: tuple[str, ...] = (
    "world_x",
    "world_y",
    "world_z",
    "lap_distance",
    "session_time",
    "clutch",
    "g_lateral",
    "g_longitudinal",
    "heading",
    "max_rpm",
    *wheel_keys("suspension_travel"),
    *wheel_keys("wheel_rim_speed"),
    *wheel_keys("brake_temperature"),
    "track_position",
    "sector",
    "sector1_time",
    "sector2_time",
    "fuel_fraction",
    *wheel_keys("tyre_pressure"),
)
"""Keys of ``Frame.extra``. Rally stages send neither fuel nor tyre pressure."""
