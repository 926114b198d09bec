"""Messages of Assetto Corsa Competizione, built from the published layouts."""

from __future__ import annotations

import struct
from collections.abc import Sequence

NONE = 0x7FFFFFFF


def text(value: str) -> bytes:
    return struct.pack("<H", len(value.encode())) + value.encode()


def lap(
    time_ms: int = NONE, splits_ms: Sequence[int] = (), *, is_invalid: bool = False
) -> bytes:
    record = struct.pack("<iHHB", time_ms, 0, 0, len(splits_ms))
    record += struct.pack(f"<{len(splits_ms)}i", *splits_ms)
    return record + bytes((is_invalid, not is_invalid, 0, 0))


def registration(connection_id: int = 7, error: str = "", *, success: int = 1) -> bytes:
    return struct.pack("<BiBB", 1, connection_id, success, 0) + text(error)


def realtime(
    focused: int = 4,
    *,
    session: tuple[int, int, int] = (0, 1, 10),
    time_ms: float = 61_500.0,
    is_replay: bool = False,
    air: int = 22,
    track: int = 31,
) -> bytes:
    event, index, kind = session
    return (
        struct.pack("<BHHBBffi", 2, event, index, kind, 5, time_ms, 1e6, focused)
        + text("Helicam")
        + text("Helicam 1")
        + text("Standings")
        + bytes((is_replay,))
        + (bytes(8) if is_replay else b"")
        + struct.pack("<f5B", 50_000.0, air, track, 1, 0, 0)
        + lap(109_000, (35_000, 36_000, 38_000))
    )


def car_update(
    car: int = 4,
    *,
    driver: int = 0,
    driver_count: int = 1,
    gear: int = 6,
    location: int = 1,
    speed: int = 210,
    place: int = 3,
    spline: float = 0.5,
    laps: int = 2,
    delta: int = -250,
    best: bytes | None = None,
    last: bytes | None = None,
    current: bytes | None = None,
) -> bytes:
    return (
        struct.pack("<BHHBB", 3, car, driver, driver_count, gear)
        + struct.pack("<fffBH", 0.1, 0.2, 0.3, location, speed)
        + struct.pack("<HHHfHi", place, place, place, spline, laps, delta)
        + (lap(110_000, (35_500, 36_500, 38_000)) if best is None else best)
        + (lap(111_000, (36_000, 36_500, 38_500)) if last is None else last)
        + (lap(54_321, (36_100,)) if current is None else current)
    )


def entry_list(*cars: int) -> bytes:
    return struct.pack(f"<BiH{len(cars)}H", 4, 7, len(cars), *cars)


def track_data(name: str = "Kyalami", length_m: int = 4522) -> bytes:
    cameras = bytes((2,)) + text("Drivable") + bytes((1,)) + text("Chase")
    cameras += text("Onboard") + bytes((0,))
    pages = bytes((1,)) + text("Standings")
    return (
        struct.pack("<Bi", 5, 7)
        + text(name)
        + struct.pack("<ii", 12, length_m)
        + cameras
        + pages
    )


def entry(
    car: int = 4, model: int = 31, drivers: Sequence[str] = ("Jo Ann Doe",)
) -> bytes:
    message = struct.pack("<BHB", 6, car, model) + text("A team")
    message += struct.pack("<iBBHB", 99, 0, 0, 2, len(drivers))
    for name in drivers:
        first, _, last = name.rpartition(" ")
        message += text(first) + text(last) + text(last[:3].upper())
        message += struct.pack("<BH", 1, 2)
    return message


def event() -> bytes:
    return struct.pack("<BB", 7, 5) + text("Lap") + struct.pack("<ii", 1000, 4)
