"""Writes a MoTeC .ld file from channels of one rate each."""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, BinaryIO

import msgspec
import numpy as np
from numpy.typing import NDArray

from ps_tui.domain.errors import UsageError
from ps_tui.export.motec import layout

Samples = NDArray[np.float32]


class LdHeader(msgspec.Struct, frozen=True):
    """What the file says of itself. ``started`` is local time."""

    started: datetime
    event: str = ""
    session: str = ""
    comment: str = ""
    venue: str = ""
    vehicle: str = ""
    driver: str = ""


class LdChannel(msgspec.Struct, frozen=True):
    """One channel of four-byte samples.

    Floats are the value itself; whole numbers are the value times 10 to the power
    of ``decimals``.
    """

    name: str
    unit: str
    rate_hz: int
    is_float: bool = True
    decimals: int = 0
    short_name: str = ""


def plain(text: str | None, size: int) -> bytes:
    """Return ASCII of at most ``size - 1`` bytes: the field ends with a zero."""
    known = unicodedata.normalize("NFKD", text or "").encode("ascii", "ignore")
    return known[: size - 1]


def write_ld(
    header: LdHeader,
    channels: Sequence[LdChannel],
    sample_count: int,
    fill: Callable[[int, Samples], NDArray[Any]],
    out: BinaryIO,
) -> None:
    """Write the file from first to last byte; ``out`` need not seek.

    ``fill`` is called once for each channel, in order, with an array to put its
    ``sample_count`` samples in, and returns what to write. Raises UsageError where
    the format cannot hold so many.
    """
    data_at = layout.CHANNELS_AT + len(channels) * layout.CHANNEL.size
    size = sample_count * layout.WIDTH
    if data_at + size * len(channels) > layout.LARGEST_ADDRESS:
        raise UsageError(
            "A MoTeC file holds 4 GB at most, and this would be more.",
            "Export single sessions or laps.",
        )
    head = bytearray(data_at)
    _put_head(head, header, len(channels), data_at)
    for number, channel in enumerate(channels):
        here = layout.CHANNELS_AT + number * layout.CHANNEL.size
        is_last = number == len(channels) - 1
        layout.CHANNEL.pack_into(
            head,
            here,
            0 if number == 0 else here - layout.CHANNEL.size,
            0 if is_last else here + layout.CHANNEL.size,
            data_at + number * size,
            sample_count,
            layout.FIRST_CHANNEL_NUMBER + number,
            layout.FLOAT_KIND if channel.is_float else layout.WHOLE_KINDS[-1],
            layout.WIDTH,
            channel.rate_hz,
            0,
            1,
            1,
            channel.decimals,
            plain(channel.name, 32),
            plain(channel.short_name, 8),
            plain(channel.unit, 12),
        )
    out.write(head)
    # One array that stays in the processor's cache: the samples are there when they
    # are written.
    samples = np.empty(sample_count, np.float32)
    for number in range(len(channels)):
        out.write(fill(number, samples).data)


def _put_head(
    head: bytearray, header: LdHeader, channel_count: int, data_at: int
) -> None:
    def put(block: struct.Struct, address: int, *values: object) -> None:
        block.pack_into(head, address, *values)

    put(
        layout.HEAD,
        0,
        layout.MARK,
        layout.CHANNELS_AT,
        data_at,
        layout.EVENT_AT,
        *layout.CONSTANTS,
        layout.SERIAL,
        layout.DEVICE,
        layout.DEVICE_VERSION,
        layout.CONSTANT_AFTER_DEVICE,
        channel_count,
        header.started.strftime("%d/%m/%Y").encode(),
        header.started.strftime("%H:%M:%S").encode(),
        plain(header.driver, 64),
        plain(header.vehicle, 64),
        plain(header.venue, 64),
        layout.OPENS_EVERYWHERE,
        plain(header.session, 64),
    )
    event = (plain(header.event, 64), plain(header.session, 64))
    comment = plain(header.comment, 1024)
    put(layout.EVENT, layout.EVENT_AT, *event, comment, layout.VENUE_AT)
    put(layout.VENUE, layout.VENUE_AT, plain(header.venue, 64), layout.VEHICLE_AT)
    put(layout.VEHICLE, layout.VEHICLE_AT, plain(header.vehicle, 64), 0, b"", b"")
