"""Reads the blocks of a MoTeC .ld file. Total: whatever the bytes, it reads or says no.

The layout is that of :mod:`ps_tui.export.motec.layout`.
"""

from __future__ import annotations

import struct
from datetime import datetime
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from ps_tui.export.motec import layout
from ps_tui.export.read.laps import Floats, UnreadableFileError

MOST_CHANNELS = 4096

_KINDS = {
    **{(kind, 1): "i1" for kind in layout.WHOLE_KINDS},
    **{(kind, 2): "<i2" for kind in layout.WHOLE_KINDS},
    **{(kind, 4): "<i4" for kind in layout.WHOLE_KINDS},
    (layout.FLOAT_KIND, 2): "<f2",
    (layout.FLOAT_KIND, 4): "<f4",
}


class LogChannel(msgspec.Struct, frozen=True, eq=False):
    """One channel; ``values`` are in ``unit``."""

    name: str
    short_name: str
    unit: str
    rate_hz: int
    values: Floats


class Log(msgspec.Struct, frozen=True, eq=False):
    """A whole file. ``started`` is the logger's local time, where it can be read."""

    started: datetime | None
    driver: str
    vehicle: str
    venue: str
    event: str
    session: str
    comment: str
    channels: list[LogChannel]


def read_log(path: Path) -> Log:
    """Return header and channels. Raises UnreadableFileError."""
    return parse_log(path.read_bytes(), str(path))


def parse_log(data: bytes, name: str = "The file") -> Log:
    """Return header and channels of the bytes of a file. Raises UnreadableFileError."""
    try:
        return _parse(data)
    except (struct.error, _BrokenError) as error:
        raise UnreadableFileError(
            f"{name} is no MoTeC log: {error}.", "Export it once more, as .ld."
        ) from error


class _BrokenError(Exception):
    pass


def _parse(data: bytes) -> Log:
    head = layout.HEAD.unpack_from(data)
    mark, first_channel, _, event_at = head[:4]
    if mark != layout.MARK:
        raise _BrokenError("it begins otherwise")
    date, time, driver, vehicle, venue = map(_text, head[12:17])
    event = session = comment = ""
    if event_at:
        *texts, venue_at = layout.EVENT.unpack_from(data, event_at)
        event, session, comment = map(_text, texts)
        if venue_at:
            venue_text, vehicle_at = layout.VENUE.unpack_from(data, venue_at)
            venue = venue or _text(venue_text)
            if vehicle_at:
                vehicle_text, *_ = layout.VEHICLE.unpack_from(data, vehicle_at)
                vehicle = vehicle or _text(vehicle_text)
    return Log(
        started=_moment(date, time),
        driver=driver,
        vehicle=vehicle,
        venue=venue,
        event=event,
        session=session,
        comment=comment,
        channels=_channels(data, first_channel),
    )


def _channels(data: bytes, address: int) -> list[LogChannel]:
    channels: list[LogChannel] = []
    seen: set[int] = set()
    sample_count = 0
    while address:
        if address in seen or len(seen) == MOST_CHANNELS:
            raise _BrokenError("its channels go in a circle")
        seen.add(address)
        fields = layout.CHANNEL.unpack_from(data, address)
        channels.append(_channel(data, fields))
        sample_count += channels[-1].values.size
        if sample_count > len(data):
            raise _BrokenError("its channels lie one over the other")
        address = fields[1]
    return channels


def _channel(data: bytes, fields: tuple[object, ...]) -> LogChannel:
    numbers = [field for field in fields if isinstance(field, int)]
    _, _, data_at, count, _, kind, width, rate_hz = numbers[:8]
    shift, multiplier, scale, decimals = numbers[8:]
    name, short_name, unit = (_text(one) for one in fields if isinstance(one, bytes))
    form = _KINDS.get((kind, width))
    if form is None:
        raise _BrokenError(f"{name} has samples of kind {kind}, width {width}")
    if rate_hz == 0 or data_at + count * width > len(data):
        raise _BrokenError(f"{name} lies beyond its end")
    raw: NDArray[np.generic] = np.frombuffer(
        data[data_at : data_at + count * width], form
    )
    values = raw.astype(np.float64)
    if (shift, multiplier, scale, decimals) != (0, 1, 1, 0):
        with np.errstate(over="ignore"):
            exponent = float(np.clip(-decimals, -300, 300))
            values = (values / (scale or 1) * 10.0**exponent + shift) * multiplier
    return LogChannel(name, short_name, unit, rate_hz, values)


def _text(field: bytes) -> str:
    return field.split(b"\0", 1)[0].decode("cp1252", "replace").strip()


def _moment(date: str, time: str) -> datetime | None:
    for form in ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M"):
        try:
            return datetime.strptime(f"{date} {time}", form).astimezone()
        except (ValueError, OverflowError):
            continue
    return None
