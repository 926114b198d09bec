"""F1 packets read and built field by field, by offsets written down once more here.

Each row: the offsets in formats 2023, 2024, 2025 and 2026 (``None`` where a format
has no such field) and the struct code, or the code of the first three and of 2026.
Offsets count from the car's slot, for session, history and motion-ex packets from
the start of the datagram.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from typing import Any

FORMATS = (2023, 2024, 2025, 2026)

_HEADER = "<HBBBBBQfIIBB"

Row = tuple[
    tuple[int | None, int | None, int | None, int | None], str | tuple[str, str]
]


def _same(offset: int) -> tuple[int, int, int, int]:
    return (offset, offset, offset, offset)


FIELDS: Mapping[int, Mapping[str, Row]] = {
    0: {
        "x": (_same(0), "f"),
        "y": (_same(4), "f"),
        "z": (_same(8), "f"),
        "vx": (_same(12), "f"),
        "vy": (_same(16), "f"),
        "vz": (_same(20), "f"),
        "ahead_x": (_same(24), "h"),
        "ahead_z": (_same(28), "h"),
        "g_lateral": (_same(36), ("f", "h")),
        "g_longitudinal": ((40, 40, 40, 38), ("f", "h")),
        "g_vertical": ((44, 44, 44, 40), ("f", "h")),
    },
    1: {
        "weather": (_same(29), "B"),
        "track_temperature": (_same(30), "b"),
        "air_temperature": (_same(31), "b"),
        "track_length": (_same(33), "H"),
        "session_type": (_same(35), "B"),
        "track_id": (_same(36), "b"),
        "spectating": (_same(44), "B"),
        "spectated": (_same(45), "B"),
        "safety_car": (_same(153), "B"),
    },
    2: {
        "last_lap": (_same(0), "I"),
        "lap_time": (_same(4), "I"),
        "s1_ms": (_same(8), "H"),
        "s1_min": (_same(10), "B"),
        "s2_ms": (_same(11), "H"),
        "s2_min": (_same(13), "B"),
        "ahead_ms": (_same(14), "H"),
        "ahead_min": ((None, 16, 16, 16), "B"),
        "leader_ms": ((16, 17, 17, 17), "H"),
        "leader_min": ((None, 19, 19, 19), "B"),
        "distance": ((18, 20, 20, 20), "f"),
        "place": ((30, 32, 32, 32), "B"),
        "lap_number": ((31, 33, 33, 33), "B"),
        "pit": ((32, 34, 34, 34), "B"),
        "sector": ((34, 36, 36, 36), "B"),
        "invalid": ((35, 37, 37, 37), "B"),
    },
    4: {
        "team": ((3, 3, 3, 5), ("B", "H")),
        "name": ((7, 7, 7, 10), "32s"),
    },
    6: {
        "speed": (_same(0), "H"),
        "throttle": (_same(2), "f"),
        "steer": (_same(6), "f"),
        "brake": (_same(10), "f"),
        "clutch": (_same(14), "B"),
        "gear": (_same(15), "b"),
        "rpm": (_same(16), "H"),
        "drs": (_same(18), "B"),
        "brake_temperature": (_same(22), "4H"),
        "outer": (_same(30), "4B"),
        "inner": (_same(34), "4B"),
        "engine": (_same(38), ("H", "B")),
        "psi": ((40, 40, 40, 39), "4f"),
    },
    7: {
        "traction": (_same(0), "B"),
        "abs": (_same(1), "B"),
        "bias": (_same(3), "B"),
        "limiter": (_same(4), "B"),
        "fuel": (_same(5), "f"),
        "fuel_laps": (_same(13), "f"),
        "max_rpm": (_same(17), "H"),
        "drs_allowed": (_same(22), "B"),
        "compound": (_same(25), "B"),
        "tyre_age": (_same(27), "B"),
        "flag": (_same(28), "b"),
        "store": (_same(37), "f"),
        "mode": (_same(41), "B"),
        "harvested_k": (_same(42), "f"),
        "harvested_h": (_same(46), "f"),
        "deployed": ((50, 50, 50, 54), "f"),
    },
    10: {"wear": (_same(0), "4f")},
    11: {
        "whose": (_same(29), "B"),
        "laps": (_same(30), "B"),
        "best_lap": (_same(32), "B"),
        "lap_1": (_same(36), "I"),
        "lap_2": (_same(50), "I"),
        "lap_3": (_same(64), "I"),
    },
    13: {
        "travel": (_same(29), "4f"),
        "wheel_speed": (_same(77), "4f"),
        "slip": (_same(93), "4f"),
        "angle": (_same(109), "4f"),
    },
}

SLOTS: Mapping[int, tuple[int, tuple[int, int, int, int]]] = {
    0: (29, (60, 60, 60, 54)),
    2: (29, (50, 57, 57, 57)),
    4: (30, (58, 60, 57, 60)),
    6: (29, (60, 60, 60, 59)),
    7: (29, (55, 55, 55, 59)),
    10: (29, (42, 42, 46, 46)),
}
"""First slot and length of a slot; kinds that are not here have no slots."""

SIZES: Mapping[int, tuple[int | None, int | None, int | None, int | None]] = {
    0: (1349, 1349, 1349, 1325),
    1: (644, 753, 753, 926),
    2: (1131, 1285, 1285, 1399),
    3: (45, 45, 45, 45),
    4: (1306, 1350, 1284, 1470),
    5: (1107, 1133, 1133, 1233),
    6: (1352, 1352, 1352, 1448),
    7: (1239, 1239, 1239, 1445),
    8: (1020, 1020, 1042, 1134),
    9: (1218, 1306, 954, 1062),
    10: (953, 953, 1041, 1133),
    11: (1460, 1460, 1460, 1460),
    12: (231, 231, 231, 231),
    13: (217, 237, 273, 273),
    14: (None, 101, 101, 104),
    15: (None, None, 1131, 1231),
    16: (None, None, None, 269),
}

PARTS = (2, 0, 13, 6, 7)
"""The kinds of one frame, in the order in which the games send them."""


_NAMED_PARTS = {2: "lap", 0: "motion", 6: "telemetry"}


class Header:
    """The header of a packet, by name."""

    def __init__(self, packet: bytes) -> None:
        values = struct.unpack_from(_HEADER, packet)
        self.format, _, _, _, _, self.kind, self.uid, self.time = values[:8]
        self.frame, self.overall, self.player, _ = values[8:]


def _place(
    packet_format: int, kind: int, name: str, car: int
) -> tuple[int, str] | None:
    year = FORMATS.index(packet_format)
    offsets, code = FIELDS[kind][name]
    offset = offsets[year]
    if offset is None:
        return None
    if isinstance(code, tuple):
        code = code[packet_format == 2026]
    if kind in SLOTS:
        first, strides = SLOTS[kind]
        offset += first + car * strides[year]
    return offset, "<" + code


def read(packet: bytes, name: str, car: int | None = None) -> Any:
    """Return a field of a packet, 0 where its format has none; of the player's car."""
    header = Header(packet)
    car = header.player if car is None else car
    place = _place(header.format, header.kind, name, car)
    if place is None:
        return 0
    values = struct.unpack_from(place[1], packet, place[0])
    return values[0] if len(values) == 1 else values


def build(
    packet_format: int,
    kind: int,
    overall: int = 1,
    *,
    uid: int = 77,
    player: int = 3,
    car: int | None = None,
    frame: int | None = None,
    time: float | None = None,
    **fields: Any,
) -> bytes:
    """Return a packet of nothing but its header and ``fields`` of a car."""
    size = SIZES[kind][FORMATS.index(packet_format)]
    assert size is not None
    packet = bytearray(size)
    struct.pack_into(
        _HEADER,
        packet,
        0,
        *(packet_format, packet_format - 2000, 1, 0, 1, kind, uid),
        overall / 60 if time is None else time,
        overall if frame is None else frame,
        *(overall, player, 255),
    )
    for name, value in fields.items():
        place = _place(packet_format, kind, name, player if car is None else car)
        assert place is not None, f"format {packet_format} has no {name}"
        values = value if isinstance(value, Iterable) and name != "name" else (value,)
        struct.pack_into(place[1], packet, place[0], *values)
    return bytes(packet)


def tick(packet_format: int, overall: int, **common: Any) -> list[bytes]:
    """Return the five packets of a frame.

    ``lap``, ``motion`` and ``telemetry`` hold the fields of those packets.
    """
    fields = {kind: common.pop(name, {}) for kind, name in _NAMED_PARTS.items()}
    return [
        build(packet_format, kind, overall, **common, **fields.get(kind, {}))
        for kind in PARTS
    ]
