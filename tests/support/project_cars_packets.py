"""Packets of both Project CARS protocols, built by offset."""

from __future__ import annotations

import struct
from typing import Any

OLD_OFFSETS: dict[str, tuple[int, str]] = {
    "mark": (2, "B"), "state": (3, "B"), "viewed": (4, "b"), "race": (10, "B"),
    "best": (12, "f"), "last": (16, "f"), "current": (20, "f"), "ahead": (24, "f"),
    "behind": (28, "f"), "sector1": (48, "f"), "sector2": (52, "f"),
    "flag": (98, "B"), "pit": (99, "B"), "oil": (100, "h"), "car_flags": (110, "B"),
    "capacity": (111, "B"), "brake": (112, "B"), "throttle": (113, "B"),
    "clutch": (114, "B"), "steer": (115, "b"), "fuel": (116, "f"),
    "speed": (120, "f"), "rpm": (124, "H"), "max_rpm": (126, "H"), "gear": (128, "B"),
    "accel_x": (184, "f"), "accel_z": (192, "f"), "rotation_rr": (256, "f"),
    "tyre_fl": (276, "B"), "wear_fl": (316, "B"), "brake_fl": (328, "h"),
    "carcass_fl": (352, "H"), "travel_fl": (408, "f"), "pressure_rr": (446, "H"),
    "torque": (452, "f"), "air": (458, "b"), "track": (459, "b"),
    "x": (464, "h"), "z": (468, "h"), "distance": (470, "H"), "place": (472, "B"),
    "lap": (474, "B"), "sector": (475, "B"), "length": (1360, "f"),
}  # fmt: skip

OLD_DEFAULTS = {
    "state": 2 | 5 << 4, "race": 2, "best": -1.0, "last": -1.0, "current": 30.0,
    "sector1": 30.0, "sector2": -1.0, "ahead": -1.0, "behind": -1.0, "lap": 2,
    "sector": 1, "distance": 1000, "length": 4000.0, "max_rpm": 7000, "place": 0x81,
}  # fmt: skip

NEW_OFFSETS: dict[str, tuple[int, str]] = {
    "number": (4, "I"), "viewed": (12, "b"), "car_flags": (17, "B"), "oil": (18, "h"),
    "water": (22, "h"), "capacity": (28, "B"), "brake": (29, "B"),
    "throttle": (30, "B"), "clutch": (31, "B"), "fuel": (32, "f"), "speed": (36, "f"),
    "rpm": (40, "H"), "max_rpm": (42, "H"), "steer": (44, "b"), "gear": (45, "B"),
    "accel_x": (100, "f"), "accel_y": (104, "f"), "accel_z": (108, "f"),
    "rotation_fl": (160, "f"), "tyre_rr": (179, "B"), "wear_rl": (198, "B"),
    "brake_fr": (210, "h"), "carcass_fl": (232, "H"), "carcass_rr": (238, "H"),
    "travel_rl": (320, "f"), "pressure_fl": (352, "H"), "torque": (364, "f"),
    "handbrake": (370, "B"), "x": (542, "f"), "y": (546, "f"), "z": (550, "f"),
    "bias": (554, "B"), "tick": (555, "I"),
}  # fmt: skip

SLOT_OFFSETS: dict[str, tuple[int, str]] = {
    "distance": (12, "H"), "place": (14, "B"), "sector": (15, "B"), "flag": (16, "B"),
    "pit": (17, "B"), "car": (18, "H"), "race": (20, "B"), "lap": (21, "B"),
    "current": (22, "f"), "sector_time": (26, "f"), "participant": (30, "H"),
}  # fmt: skip


def put(packet: bytearray, offsets: dict[str, tuple[int, str]], **fields: Any) -> None:
    for name, value in fields.items():
        offset, code = offsets[name]
        struct.pack_into("<" + code, packet, offset, value)


def old_telemetry(sequence: int = 0, **fields: float) -> bytes:
    """Return a telemetry packet of the older protocol, in the middle of a race."""
    packet = bytearray(1367)
    fields = {"mark": sequence % 64 << 2} | OLD_DEFAULTS | fields
    put(packet, OLD_OFFSETS, **fields)
    return bytes(packet)


def old_names(*names: bytes) -> bytes:
    """Return names of car, class, track, variation and drivers, over older text."""
    packet = bytearray(1347)
    packet[2] = 1
    for index, name in enumerate(names):
        at = 3 + 64 * index
        packet[at : at + 64] = (name + b"\0left over").ljust(64, b"\0")
    struct.pack_into("<16f", packet, 3 + 64 * 20, *(93.6 for _ in range(16)))
    return bytes(packet)


def header(size: int, kind: int, *, part: int = 1, parts: int = 1) -> bytearray:
    packet = bytearray(size)
    packet[8:12] = bytes((part, parts, kind, 1))
    return packet


def telemetry(tick: int | None = 1000, **fields: float) -> bytes:
    """Return a telemetry packet of version 2; without ``tick`` of the first patch."""
    packet = header(555 if tick is None else 559, 0)
    put(packet, NEW_OFFSETS, **({"max_rpm": 8000, "speed": 50.0} | fields))
    if tick is not None:
        put(packet, NEW_OFFSETS, tick=tick)
    return bytes(packet)


def timings(tick: int | None = 1000, viewed: int = 0, **fields: float) -> bytes:
    packet = header(1059 if tick is None else 1063, 3)
    slot = bytearray(32)
    defaults = {
        "race": 2, "lap": 2, "distance": 1000, "current": 30.0, "sector_time": 30.0,
        "place": 0x83,
    }  # fmt: skip
    put(slot, SLOT_OFFSETS, **(defaults | fields))
    at = 33 + 32 * viewed
    packet[at : at + 32] = slot
    struct.pack_into("<2f", packet, 21, 1.5, -1.0)
    if tick is not None:
        struct.pack_into("<I", packet, 1059, tick)
    return bytes(packet)


def game(state: int, session: int = 5, air: int = 20, track: int = 30) -> bytes:
    packet = header(24, 4)
    packet[14:17] = bytes((state | session << 3, air, track))
    return bytes(packet)


def race(
    length_m: float = 4000.0, track: bytes = b"Spa", best_s: float = -1.0
) -> bytes:
    packet = header(308, 1)
    struct.pack_into("<f", packet, 16, best_s)
    struct.pack_into("<f64s64s", packet, 44, length_m, track, b"Grand Prix\0GT")
    return bytes(packet)


def time_stats(best_s: float, last_s: float, viewed: int = 0) -> bytes:
    packet = header(1040, 7)
    struct.pack_into("<2f", packet, 16 + 32 * viewed, best_s, last_s)
    return bytes(packet)


def participants(names: dict[int, bytes], part: int = 1) -> bytes:
    packet = header(1136, 2, part=part, parts=2)
    for place, (index, name) in enumerate(names.items()):
        struct.pack_into("64s", packet, 16 + 64 * place, name)
        struct.pack_into("<H", packet, 1104 + 2 * place, index)
    return bytes(packet)


def vehicles(names: dict[int, bytes]) -> bytes:
    packet = header(1164, 8)
    for place, (index, name) in enumerate(names.items()):
        struct.pack_into("<H", packet, 12 + 72 * place, index)
        struct.pack_into("64s", packet, 12 + 72 * place + 8, name)
    return bytes(packet)
