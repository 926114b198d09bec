"""The messages of Assetto Corsa Competizione's broadcasting interface, version 4.

Little-endian and unaligned; texts are a 16-bit count of bytes and UTF-8. Reading is
strict: a message ends with its last byte, or it is none. The layouts are those of the
game's published C# sample; no recorded packet is to be had in public.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from functools import cache
from typing import Any

import msgspec

from ps_tui.decoders.text import clean_name

PROTOCOL_VERSION = 4
NO_TIME_MS = 0x7FFF_FFFF


class Request(IntEnum):
    """First byte of what a client sends."""

    REGISTER = 1
    UNREGISTER = 9
    ENTRY_LIST = 10
    TRACK_DATA = 11


class Message(IntEnum):
    """First byte of what the game sends."""

    REGISTRATION = 1
    REALTIME = 2
    CAR = 3
    ENTRY_LIST = 4
    TRACK_DATA = 5
    ENTRY = 6
    EVENT = 7


class MalformedError(ValueError):
    """The bytes are no such message."""


class Registration(msgspec.Struct, frozen=True, gc=False):
    """The answer to a registration."""

    connection_id: int
    is_accepted: bool
    error: str


class Realtime(msgspec.Struct, frozen=True, gc=False):
    """The state of the session, and which car the game's camera is on."""

    session: tuple[int, int, int]
    """Event, session, kind of session."""
    time_s: float
    focused_car: int
    air_c: int
    track_c: int


class Track(msgspec.Struct, frozen=True, gc=False):
    name: str | None
    length_m: int


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A car of the entry list and who drives it."""

    car: int
    model: int
    race_number: int
    current_driver: int
    drivers: tuple[str | None, ...]


class Laps(msgspec.Struct, frozen=True, gc=False):
    """What an update tells of the laps of a car, less the clock of the running one.

    Times are as sent: :data:`NO_TIME_MS` or negative for none.
    """

    best_ms: int
    last_ms: int
    last_splits_ms: tuple[int, ...]
    splits_ms: tuple[int, ...]
    is_valid: bool


_REGISTRATION = struct.Struct("<xiBB")
_REALTIME = struct.Struct("<xHHBBffi")
_REPLAY_SIZE = 8
_WEATHER = struct.Struct("<4xBB3x")
_CAR_FORMAT = "<xHHxB12xBHH4xfHi"
_CAR_SIZE = struct.calcsize(_CAR_FORMAT)
_CAR_HEAD = struct.Struct("<xHHB")
_LAP_SIZE = 13
"""Of a lap without splits: time, car, driver, count of splits; then four flags."""
_TIME = struct.Struct("<i")
_SPLITS_AT = 8
_SPLITS_LIMIT = 8
_COUNT = struct.Struct("<H")
_ENTRY_LIST = struct.Struct("<xiH")
_TRACK = struct.Struct("<ii")
_ENTRY = struct.Struct("<xHB")
_ENTRY_CAR = struct.Struct("<iBBHB")
_DRIVER_SIZE = 3

_SPLINE_SLACK = 0.1
SPEED_LIMIT_KMH = 1000
_GEAR_LIMIT = 12
_LOCATION_LIMIT = 4
_TEMPERATURE_LIMIT_C = 120
_TIME_LIMIT_MS = 1e9


def register(name: str, password: str, interval_ms: int) -> bytes:
    """Return the request to be sent an update of every car each ``interval_ms``."""
    return (
        bytes((Request.REGISTER, PROTOCOL_VERSION))
        + _text(name)
        + _text(password)
        + struct.pack("<i", interval_ms)
        + _text("")
    )


def request(what: Request, connection_id: int) -> bytes:
    """Return one of the requests that carry nothing but the connection."""
    return struct.pack("<Bi", what, connection_id)


def _text(text: str) -> bytes:
    encoded = text.encode()
    return _COUNT.pack(len(encoded)) + encoded


class _Reader:
    """Walks over the texts and lap records of a message."""

    def __init__(self, datagram: bytes, offset: int) -> None:
        self._datagram = datagram
        self._offset = offset

    def skip(self, size: int) -> None:
        self._offset += size

    def unpack(self, layout: struct.Struct) -> tuple[int, ...]:
        values = layout.unpack_from(self._datagram, self._offset)
        self._offset += layout.size
        return values

    def byte(self) -> int:
        value = self._datagram[self._offset]
        self._offset += 1
        return value

    def text(self) -> str:
        (size,) = _COUNT.unpack_from(self._datagram, self._offset)
        start = self._offset + _COUNT.size
        self._offset = start + size
        if self._offset > len(self._datagram):
            raise MalformedError
        return self._datagram[start : self._offset].decode("utf-8", "replace")

    def skip_lap(self) -> None:
        count = self._datagram[self._offset + _SPLITS_AT]
        self._offset += _LAP_SIZE + 4 * count

    def end(self) -> None:
        if self._offset != len(self._datagram):
            raise MalformedError


def read_registration(datagram: bytes) -> Registration:
    """Read message 1. This and the others raise MalformedError, IndexError or
    struct.error."""
    connection_id, accepted, _ = _REGISTRATION.unpack_from(datagram)
    reader = _Reader(datagram, _REGISTRATION.size)
    error = reader.text()
    reader.end()
    return Registration(connection_id, accepted != 0, clean_name(error) or "")


def read_realtime(datagram: bytes) -> Realtime:
    """Read message 2."""
    event, session, kind, _, time_ms, _, focused = _REALTIME.unpack_from(datagram)
    reader = _Reader(datagram, _REALTIME.size)
    for _ in range(3):
        reader.text()  # camera set, camera, page of the display
    if reader.byte():
        reader.skip(_REPLAY_SIZE)
    air_c, track_c = reader.unpack(_WEATHER)
    reader.skip_lap()
    reader.end()
    if not (
        -_TIME_LIMIT_MS < time_ms < _TIME_LIMIT_MS
        and air_c < _TEMPERATURE_LIMIT_C
        and track_c < _TEMPERATURE_LIMIT_C
    ):
        raise MalformedError
    return Realtime((event, session, kind), time_ms / 1000, focused, air_c, track_c)


def read_car_head(datagram: bytes) -> tuple[int, int, int]:
    """Return car, driver and count of drivers of message 3, without its rest."""
    return _CAR_HEAD.unpack_from(datagram)


@cache
def _car_layout(past_size: int, rest_size: int) -> struct.Struct:
    return struct.Struct(f"{_CAR_FORMAT}{past_size}si{rest_size}s")


def car_layout(datagram: bytes) -> struct.Struct:
    """Return the layout of message 3 with as many splits as this one has.

    Car, driver, gear (0 none, 1 reverse, 2 neutral), location, speed in km/h, place,
    way along the track as a share, laps, delta in ms, the bytes of best and last lap,
    the running lap in ms, the bytes of its rest: these seldom differ from one message
    to the next, so that what :func:`read_laps` told of them can be kept.
    """
    best = datagram[_CAR_SIZE + _SPLITS_AT]
    last = datagram[_CAR_SIZE + _LAP_SIZE + 4 * best + _SPLITS_AT]
    past_size = 2 * _LAP_SIZE + 4 * (best + last)
    current = datagram[_CAR_SIZE + past_size + _SPLITS_AT]
    if best > _SPLITS_LIMIT or last > _SPLITS_LIMIT or current > _SPLITS_LIMIT:
        raise MalformedError
    layout = _car_layout(past_size, _LAP_SIZE - _TIME.size + 4 * current)
    if layout.size != len(datagram):
        raise MalformedError
    return layout


def read_laps(past: bytes, rest: bytes) -> Laps:
    """Read the laps that :func:`car_layout` leaves as bytes."""
    (best_ms,) = _TIME.unpack_from(past)
    at = _LAP_SIZE + 4 * past[_SPLITS_AT]
    last_ms, *last_splits = struct.unpack_from(
        f"<i5x{past[at + _SPLITS_AT]}i", past, at
    )
    *splits, is_invalid = struct.unpack(f"<5x{rest[4]}iB3x", rest)
    return Laps(best_ms, last_ms, tuple(last_splits), tuple(splits), is_invalid == 0)


def check_car(values: tuple[Any, ...]) -> None:
    """Raise MalformedError where message 3 has what no car has."""
    _, _, gear, location, speed_kmh, _, spline = values[:7]
    if not (
        gear <= _GEAR_LIMIT
        and location <= _LOCATION_LIMIT
        and speed_kmh < SPEED_LIMIT_KMH
        and -_SPLINE_SLACK < spline < 1.0 + _SPLINE_SLACK
    ):
        raise MalformedError


def read_entry_list(datagram: bytes) -> tuple[int, ...]:
    """Return the cars of message 4."""
    _, count = _ENTRY_LIST.unpack_from(datagram)
    reader = _Reader(datagram, _ENTRY_LIST.size)
    cars = tuple(reader.unpack(_COUNT)[0] for _ in range(count))
    reader.end()
    return cars


def read_track(datagram: bytes) -> Track:
    """Read message 5, less the cameras and pages that it goes on to name."""
    reader = _Reader(datagram, 5)
    name = clean_name(reader.text())
    _, length_m = reader.unpack(_TRACK)
    for _ in range(reader.byte()):
        reader.text()
        for _ in range(reader.byte()):
            reader.text()
    for _ in range(reader.byte()):
        reader.text()
    reader.end()
    if not 0 <= length_m < 1_000_000:
        raise MalformedError
    return Track(name, length_m)


def read_entry(datagram: bytes) -> Entry:
    """Read message 6."""
    car, model = _ENTRY.unpack_from(datagram)
    reader = _Reader(datagram, _ENTRY.size)
    reader.text()  # team
    race_number, _, current, _, driver_count = reader.unpack(_ENTRY_CAR)
    drivers = []
    for _ in range(driver_count):
        first, last, short = reader.text(), reader.text(), reader.text()
        reader.skip(_DRIVER_SIZE)
        drivers.append(clean_name(f"{first} {last}") or clean_name(short))
    reader.end()
    return Entry(car, model, race_number, current, tuple(drivers))


def read_event(datagram: bytes) -> None:
    """Read message 7: type, text, time, car; nothing of it is used."""
    reader = _Reader(datagram, 2)
    reader.text()
    reader.skip(8)
    reader.end()
