"""A second reader of MoTeC logs, written from the addresses and nothing of ours.

It takes one number at a time from the place where it stands. What the program writes is
judged by it, and it is itself judged by a log that a game wrote.
"""

from __future__ import annotations

import struct
from typing import NamedTuple


class Channel(NamedTuple):
    name: str
    short_name: str
    unit: str
    rate_hz: int
    values: list[float]


class LogFile(NamedTuple):
    date: str
    time: str
    driver: str
    vehicle: str
    venue: str
    event: str
    session: str
    comment: str
    event_venue: str
    venue_vehicle: str
    channel_count: int
    constants: bytes
    channels: list[Channel]

    def __getitem__(self, name: str) -> Channel:  # type: ignore[override]
        (found,) = [channel for channel in self.channels if channel.name == name]
        return found


def read(data: bytes) -> LogFile:
    def u16(at: int) -> int:
        return int.from_bytes(data[at : at + 2], "little")

    def i16(at: int) -> int:
        return int.from_bytes(data[at : at + 2], "little", signed=True)

    def u32(at: int) -> int:
        return int.from_bytes(data[at : at + 4], "little")

    def text(at: int, size: int) -> str:
        field = data[at : at + size]
        assert b"\0" in field, "every text ends inside its field"
        return field[: field.index(b"\0")].decode("ascii")

    assert u32(0) == 64
    event = u32(0x24)
    venue = u16(event + 64 + 64 + 1024)
    vehicle = u16(venue + 64 + 1034)
    channels = []
    before, here = 0, u32(8)
    first_data = u32(12)
    while here:
        assert u32(here) == before, "each channel points back to the one before"
        assert here + 124 <= first_data or u32(here + 4) == 0
        kind, width = u16(here + 18), u16(here + 20)
        at, count = u32(here + 8), u32(here + 12)
        code = {(7, 4): "f", (7, 2): "e", (5, 4): "i", (3, 4): "i", (3, 2): "h"}
        raw = struct.unpack_from(f"<{count}{code[kind, width]}", data, at)
        shift, multiplier = i16(here + 24), i16(here + 26)
        scale, decimals = i16(here + 28), i16(here + 30)
        values = [
            (value / scale * 10.0**-decimals + shift) * multiplier for value in raw
        ]
        names = text(here + 32, 32), data[here + 64 : here + 72], text(here + 72, 12)
        short = names[1].rstrip(b"\0").decode("ascii")
        rate_hz = u16(here + 22)
        channels.append(Channel(names[0], short, names[2], rate_hz, values))
        before, here = here, u32(here + 4)
    return LogFile(
        date=text(0x5E, 16),
        time=text(0x7E, 16),
        driver=text(0x9E, 64),
        vehicle=text(0xDE, 64),
        venue=text(0x15E, 64),
        event=text(event, 64),
        session=text(event + 64, 64),
        comment=text(event + 128, 1024),
        event_venue=text(venue, 64),
        venue_vehicle=text(vehicle, 64),
        channel_count=u32(0x56),
        constants=data[0x40:0x56] + data[0x5DE:0x5E2],
        channels=channels,
    )
