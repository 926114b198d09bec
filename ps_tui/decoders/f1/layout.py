"""Where each format of the F1 games keeps what: the packets' tables, year by year.

A format differs from the one before only in rows of these tables; the code that
reads them is the same for all. Offsets count from the start of a car's slot, or
from the start of the datagram where a packet is about one car only.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

HEADER = struct.Struct("<H3xH8sf4xIBx")
"""Of the 29 bytes ``<HBBBBBQfIIBB`` (format, game year, version, packet version and
id, session uid, session time in s, frame, overall frame, car of both players) the
format, packet version and id in one number, session uid as bytes, session time, overall
frame, car of the first player."""
SAME_FIELDS: Mapping[int, str] = {0: "6s", 7: "21s"}
"""What the packets of a frame have in common: all around the packet id."""
FRAME = struct.Struct("<8sf4xIB")
"""Behind it: session uid, session time, overall frame, car of the player."""

PACKET_VERSION = 1
NO_CAR = 255

_SLOTS_OFFSET = HEADER.size
_NAMES_OFFSET = HEADER.size + 1

Fields = Mapping[int, str]
"""Struct codes by offset."""


class Kind(IntEnum):
    """Packet ids."""

    MOTION = 0
    SESSION = 1
    LAP_DATA = 2
    EVENT = 3
    PARTICIPANTS = 4
    CAR_SETUPS = 5
    CAR_TELEMETRY = 6
    CAR_STATUS = 7
    FINAL_CLASSIFICATION = 8
    LOBBY_INFO = 9
    CAR_DAMAGE = 10
    SESSION_HISTORY = 11
    TYRE_SETS = 12
    MOTION_EX = 13
    TIME_TRIAL = 14
    LAP_POSITIONS = 15
    CAR_TELEMETRY_2 = 16


@dataclass(frozen=True, slots=True)
class Slot:
    """Where the fields of one car are, or those of a packet that has no slots."""

    fields: Fields
    first: int = 0
    stride: int = 0


@dataclass(frozen=True, slots=True)
class Layout:
    """One format: how many cars, how long each packet, where each field."""

    car_count: int
    sizes: Mapping[Kind, int]
    motion: Slot
    lap_data: Slot
    car_telemetry: Slot
    car_status: Slot
    car_damage: Slot
    participants: Slot
    has_milli_g: bool = False
    has_gap_minutes: bool = True


def packed(fields: Fields, size: int = 0) -> struct.Struct:
    """Return what reads each code at its offset and skips what lies between.

    With a ``size`` it is that of a whole datagram, and reads no other.
    """
    codes, end = ["<"], 0
    for offset in sorted(fields):
        code = fields[offset]
        codes.append(f"{offset - end}x{code}")
        end = offset + struct.calcsize("<" + code)
    return struct.Struct("".join(codes) + f"{max(size - end, 0)}x")


def _slot(fields: Fields, stride: int, first: int = _SLOTS_OFFSET) -> Slot:
    return Slot(fields, first, stride)


_MOTION_2023: Fields = {
    0: "3f",  # world x, y (up), z in m
    12: "3f",  # velocity in m/s
    24: "h2xh",  # x and z of the forward direction
    36: "3f",  # g lateral (left > 0), longitudinal (accelerating > 0), vertical
}
_MOTION_2026: Fields = {0: "3f", 12: "3f", 24: "h2xh", 36: "3h"}

_LAP_DATA_2023: Fields = {
    0: "2I",  # last lap, current lap in ms
    8: "HB",  # sector 1: ms, minutes
    11: "HB",  # sector 2: ms, minutes
    14: "H",  # gap to the car ahead: ms
    16: "H",  # gap to the leader: ms
    18: "f",  # distance from the line in m, negative before the first crossing
    30: "3B",  # place, lap number, pit status (0 none)
    34: "2B",  # sector from 0, lap invalid
}
_LAP_DATA_2024: Fields = {
    0: "2I",
    8: "HB",
    11: "HB",
    14: "HB",  # gap to the car ahead: ms, minutes
    17: "HB",  # gap to the leader: ms, minutes
    20: "f",
    32: "3B",
    36: "2B",
}

_CAR_TELEMETRY_2023: Fields = {
    0: "H",  # speed in km/h
    2: "3f",  # throttle, steer (right > 0), brake
    14: "Bb",  # clutch in %, gear
    16: "H",  # rpm
    18: "B",  # DRS open
    22: "4H",  # brake temperature in °C
    30: "4B",  # tyre surface temperature in °C
    34: "4B",  # tyre inner temperature in °C
    38: "H",  # engine temperature in °C
    40: "4f",  # tyre pressure in psi
}
_CAR_TELEMETRY_2026: Fields = {
    **{at: code for at, code in _CAR_TELEMETRY_2023.items() if at < 38},
    38: "B",
    39: "4f",
}

_CAR_STATUS_2023: Fields = {
    0: "2B",  # traction control, ABS
    3: "2B",  # brake bias in % to the front, pit limiter
    5: "f",  # fuel in kg
    13: "f",  # laps that it lasts
    17: "H",  # rev limit
    22: "B",  # DRS allowed
    25: "B",  # tyre compound
    27: "B",  # tyre age in laps
    28: "b",  # flag, -1 unknown
    37: "f",  # ERS store in J
    41: "B",  # ERS mode
    42: "2f",  # ERS harvested this lap by MGU-K, MGU-H in J
    50: "f",  # ERS deployed this lap in J
}
_CAR_STATUS_2026: Fields = {
    **{at: code for at, code in _CAR_STATUS_2023.items() if at < 50},
    54: "f",
}

_CAR_DAMAGE: Fields = {0: "4f"}  # tyre wear in %

_PARTICIPANTS_2023: Fields = {3: "B", 7: "48s"}  # team, name in UTF-8
_PARTICIPANTS_2025: Fields = {3: "B", 7: "32s"}
_PARTICIPANTS_2026: Fields = {5: "H", 10: "32s"}

SESSION = Slot(
    {
        29: "B2b",  # weather, track and air temperature in °C
        33: "HBb",  # track length in m, session type, track id
        44: "2B",  # spectating, spectated car
        153: "B",  # safety car
    }
)
MOTION_EX = Slot(
    {
        29: "4f",  # suspension position in mm
        77: "4f",  # wheel speed in m/s
        93: "4f",  # slip ratio
        109: "4f",  # slip angle in rad
    }
)
MOTION_EX_TOPS = slice(32, 125, 4)
"""The highest bytes of its floats, and of those between that are not read."""

HISTORY = Slot({29: "2B", 32: "B"})
"""Car, number of laps, which of them is the best (0 none)."""

HISTORY_LAPS = 100


def history_lap_ms(datagram: bytes, lap: int) -> int:
    """Return the time of a lap, counted from 1, of a session history."""
    at = 36 + (lap - 1) * 14
    return int.from_bytes(datagram[at : at + 4], "little")


_SIZES_2023 = {
    Kind.MOTION: 1349,
    Kind.SESSION: 644,
    Kind.LAP_DATA: 1131,
    Kind.EVENT: 45,
    Kind.PARTICIPANTS: 1306,
    Kind.CAR_SETUPS: 1107,
    Kind.CAR_TELEMETRY: 1352,
    Kind.CAR_STATUS: 1239,
    Kind.FINAL_CLASSIFICATION: 1020,
    Kind.LOBBY_INFO: 1218,
    Kind.CAR_DAMAGE: 953,
    Kind.SESSION_HISTORY: 1460,
    Kind.TYRE_SETS: 231,
    Kind.MOTION_EX: 217,
}
_SIZES_2024 = {
    **_SIZES_2023,
    Kind.SESSION: 753,
    Kind.LAP_DATA: 1285,
    Kind.PARTICIPANTS: 1350,
    Kind.CAR_SETUPS: 1133,
    Kind.LOBBY_INFO: 1306,
    Kind.MOTION_EX: 237,
    Kind.TIME_TRIAL: 101,
}
_SIZES_2025 = {
    **_SIZES_2024,
    Kind.PARTICIPANTS: 1284,
    Kind.FINAL_CLASSIFICATION: 1042,
    Kind.LOBBY_INFO: 954,
    Kind.CAR_DAMAGE: 1041,
    Kind.MOTION_EX: 273,
    Kind.LAP_POSITIONS: 1131,
}
_SIZES_2026 = {
    **_SIZES_2025,
    Kind.MOTION: 1325,
    Kind.SESSION: 926,
    Kind.LAP_DATA: 1399,
    Kind.PARTICIPANTS: 1470,
    Kind.CAR_SETUPS: 1233,
    Kind.CAR_TELEMETRY: 1448,
    Kind.CAR_STATUS: 1445,
    Kind.FINAL_CLASSIFICATION: 1134,
    Kind.LOBBY_INFO: 1062,
    Kind.CAR_DAMAGE: 1133,
    Kind.TIME_TRIAL: 104,
    Kind.LAP_POSITIONS: 1231,
    Kind.CAR_TELEMETRY_2: 269,
}

_F1_23 = Layout(
    car_count=22,
    sizes=_SIZES_2023,
    motion=_slot(_MOTION_2023, 60),
    lap_data=_slot(_LAP_DATA_2023, 50),
    car_telemetry=_slot(_CAR_TELEMETRY_2023, 60),
    car_status=_slot(_CAR_STATUS_2023, 55),
    car_damage=_slot(_CAR_DAMAGE, 42),
    participants=_slot(_PARTICIPANTS_2023, 58, _NAMES_OFFSET),
    has_gap_minutes=False,
)
_F1_24 = Layout(
    car_count=22,
    sizes=_SIZES_2024,
    motion=_F1_23.motion,
    lap_data=_slot(_LAP_DATA_2024, 57),
    car_telemetry=_F1_23.car_telemetry,
    car_status=_F1_23.car_status,
    car_damage=_F1_23.car_damage,
    participants=_slot(_PARTICIPANTS_2023, 60, _NAMES_OFFSET),
)
_F1_25 = Layout(
    car_count=22,
    sizes=_SIZES_2025,
    motion=_F1_24.motion,
    lap_data=_F1_24.lap_data,
    car_telemetry=_F1_24.car_telemetry,
    car_status=_F1_24.car_status,
    car_damage=_slot(_CAR_DAMAGE, 46),
    participants=_slot(_PARTICIPANTS_2025, 57, _NAMES_OFFSET),
)
_F1_26 = Layout(
    car_count=24,
    sizes=_SIZES_2026,
    motion=_slot(_MOTION_2026, 54),
    lap_data=_F1_25.lap_data,
    car_telemetry=_slot(_CAR_TELEMETRY_2026, 59),
    car_status=_slot(_CAR_STATUS_2026, 59),
    car_damage=_F1_25.car_damage,
    participants=_slot(_PARTICIPANTS_2026, 60, _NAMES_OFFSET),
    has_milli_g=True,
)

LAYOUTS: Mapping[int, Layout] = {2023: _F1_23, 2024: _F1_24, 2025: _F1_25, 2026: _F1_26}
"""The formats that are decoded, by the first field of the header."""
