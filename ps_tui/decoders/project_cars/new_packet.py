"""The packets of version 2 of the protocol: Project CARS 2 and Automobilista 2.

Little-endian and packed behind a header of 12 bytes, each kind of packet with one
or two sizes. The layouts rest on single recorded packets (kinds 0, 3, 4 and 7) and
on the published definitions.
"""

from __future__ import annotations

import struct

TELEMETRY, RACE, PARTICIPANTS, TIMINGS, GAME, TIME_STATS, VEHICLES = 0, 1, 2, 3, 4, 7, 8
SIZES: dict[int, int] = {
    559: TELEMETRY,
    555: TELEMETRY,
    308: RACE,
    1136: PARTICIPANTS,
    1063: TIMINGS,
    1059: TIMINGS,
    24: GAME,
    1040: TIME_STATS,
    1164: VEHICLES,
    1452: VEHICLES,
}
"""Kind of packet by size; 555 and 1,059 are the first patch's, 1,452 car classes."""

FIRST_TELEMETRY_SIZE, FIRST_TIMINGS_SIZE, CLASSES_SIZE = 555, 1059, 1452

HEAD = struct.Struct("<4xI3B")
"""Number within the kind, part, count of parts, kind."""
RUN = struct.Struct(
    "<h2xh4x"  # 18 oil, 22 water in °C
    "4Bff2HxB"  # 28 fuel capacity in l, brake, throttle, clutch, fuel, speed, rpm, gear
    "54x3f48x4f"  # 100 local acceleration, 160 wheel speed in rad/s
    "4B16x4s8x4h"  # 176 tyre °C, 196 wear, 208 brake °C
    "16x8s72x4f"  # 232 carcass in K, 312 suspension travel in m
    "24x8s4xf"  # 352 tyre kPa, 364 torque
)
RUN_OFFSET = 18
BRAKE, THROTTLE, SPEED, RPM, MAX_RPM, GEAR = 3, 4, 7, 8, 9, 10
"""Places in what ``RUN`` reads."""
WEAR, CARCASS, PRESSURE = 22, 27, 32
"""Places of tyre wear, inner temperature and pressure, which are left as bytes."""
PLACE = struct.Struct("<3f")
PLACE_OFFSET = 542
"""Position in m."""
VIEWED = struct.Struct("<b")
VIEWED_OFFSET = 12
CAR_FLAGS_OFFSET, STEERING_OFFSET = 17, 44
HANDBRAKE_OFFSET, BIAS_OFFSET = 370, 554
TICK = struct.Struct("<I")
TELEMETRY_TICK, TIMINGS_TICK = 555, 1059
GAPS = struct.Struct("<2f")
GAPS_OFFSET = 21
SLOT = struct.Struct("<12xH4BH2B2fH")
"""Lap distance in m, place, sector, flag, pit mode, car, race state, lap, lap time and
sector time in s, participant."""
SLOTS_OFFSET = 33
SLOT_COUNT = 32
STATS = struct.Struct("<2f24x")
"""Fastest and last lap in s."""
STATS_OFFSET = 16
RACE_FIELDS = struct.Struct("<16xf24xf64s64s")
"""Personal fastest lap in s, length of the track in m, track and variation."""
GAME_FIELDS = struct.Struct("<14xB2b")
"""State and session, air and track in °C."""
