"""The table that the decoder looks every datagram up in.

One row for each kind of each format, by the bytes of the header that tell them
apart: its exact size, where the fields of a car are, what reads and checks them,
and which part of a frame they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import IntEnum
from functools import cache
from typing import Any, NamedTuple

from ps_tui.decoders.f1.layout import (
    HISTORY,
    LAYOUTS,
    MOTION_EX,
    PACKET_VERSION,
    SAME_FIELDS,
    SESSION,
    Kind,
    Layout,
    Slot,
    packed,
)
from ps_tui.decoders.f1.parts import (
    Fields,
    read_car_damage,
    read_car_status,
    read_car_telemetry,
    read_history,
    read_lap_data,
    read_lap_data_2023,
    read_motion,
    read_motion_ex,
    read_motion_in_mg,
    read_nothing,
    read_participant,
    read_session,
)

_ANY_CAR = 256

Read = Callable[[Fields, bytes], Any]


class Part(IntEnum):
    """What a packet tells. A frame waits for the first five; the last three hold
    or tell more than a frame."""

    LAP = 0
    TELEMETRY = 1
    MOTION = 2
    MOTION_EX = 3
    STATUS = 4
    DAMAGE = 5
    SESSION = 6
    HISTORY = 7
    PARTICIPANT = 8


class Packet(NamedTuple):
    """One kind of packet of one format.

    The fields of car ``c`` are at ``first + c * stride``, for ``c`` below
    ``car_count``, and ``unpack_from`` reads them there. ``read`` returns ``None`` for
    values that no game sends. A negative ``part`` is none: the packet is known and
    holds nothing of a frame.
    """

    size: int
    part: int = -1
    others: int = -1
    """All bits but that of the part."""
    car_count: int = _ANY_CAR
    first: int = 0
    stride: int = 0
    fields: Mapping[int, str] = {}
    unpack_from: Callable[[bytes, int], Fields] = packed({}).unpack_from
    read: Read = read_nothing


def packet_key(packet_format: int, version_and_kind: int) -> int:
    """Return the key of :data:`PACKETS` from two fields of the header."""
    return packet_format << 16 | version_and_kind


def _packets(layout: Layout) -> dict[Kind, Packet]:
    """Return the rows of one format."""
    read_lap = read_lap_data if layout.has_gap_minutes else read_lap_data_2023
    read_g = read_motion_in_mg if layout.has_milli_g else read_motion
    rows: dict[Kind, tuple[Part, Slot, Read]] = {
        Kind.MOTION: (Part.MOTION, layout.motion, read_g),
        Kind.LAP_DATA: (Part.LAP, layout.lap_data, read_lap),
        Kind.CAR_TELEMETRY: (Part.TELEMETRY, layout.car_telemetry, read_car_telemetry),
        Kind.CAR_STATUS: (Part.STATUS, layout.car_status, read_car_status),
        Kind.CAR_DAMAGE: (Part.DAMAGE, layout.car_damage, read_car_damage),
        Kind.MOTION_EX: (Part.MOTION_EX, MOTION_EX, read_motion_ex),
        Kind.SESSION: (Part.SESSION, SESSION, read_session),
        Kind.SESSION_HISTORY: (Part.HISTORY, HISTORY, read_history),
        Kind.PARTICIPANTS: (Part.PARTICIPANT, layout.participants, read_participant),
    }
    packets = {kind: Packet(size) for kind, size in layout.sizes.items()}
    for kind, (part, slot, read) in rows.items():
        packets[kind] = Packet(
            layout.sizes[kind],
            int(part),
            ~(1 << part),
            layout.car_count if slot.stride else _ANY_CAR,
            slot.first,
            slot.stride,
            slot.fields,
            packed(slot.fields).unpack_from,
            read,
        )
    return packets


PACKETS: Mapping[int, Packet] = {
    packet_key(packet_format, PACKET_VERSION | kind << 8): packet
    for packet_format, layout in LAYOUTS.items()
    for kind, packet in _packets(layout).items()
}
"""Every packet that is decoded or known to hold nothing of a frame."""


MOST_CARS = max(layout.car_count for layout in LAYOUTS.values())


@cache
def packets_of_car(packet_format: int, car: int) -> Mapping[int, tuple[Any, ...]]:
    """Return, by packet id, how to read what a format tells of one car.

    A car from :data:`MOST_CARS` on has no slot anywhere: only the packets without
    slots are there.

    Each is what unpacks a whole datagram of that size, the part, all bits but that of
    the part, and what reads the fields: bare tuples, as to take the fields of a named
    one apart costs as much as a call.
    """
    rows = {}
    for kind in LAYOUTS[packet_format].sizes:
        row = PACKETS[packet_key(packet_format, PACKET_VERSION | kind << 8)]
        if car < row.car_count:
            at = row.first + car * row.stride
            moved = {at + offset: code for offset, code in row.fields.items()}
            unpack = packed({**SAME_FIELDS, **moved}, row.size).unpack
            rows[int(kind)] = (unpack, row.part, row.others, row.read)
    return rows
