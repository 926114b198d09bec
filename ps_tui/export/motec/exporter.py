"""Laps as a MoTeC log with lap beacons, for i2 and everything that reads its files.

All channels are float32 at one rate, the one nearest to that of the frames; the GPS
position made from world coordinates is whole numbers. The frames of all laps are in
memory while a file is written, because a log holds channel after channel.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ps_tui.domain.channel import Channel
from ps_tui.domain.errors import NotFoundError
from ps_tui.domain.models import LapTrace
from ps_tui.export import facts
from ps_tui.export.motec import gps
from ps_tui.export.motec.channels import (
    LATITUDE,
    LEFT_OUT,
    LONGITUDE,
    SESSION_LAP,
    is_held,
    motec_name,
)
from ps_tui.export.motec.ld import LdChannel, LdHeader, write_ld
from ps_tui.export.motec.ldx import PlacedMarker, ldx
from ps_tui.export.motec.samples import Sampler, Samples
from ps_tui.export.motec.timeline import Segment, frame_times, timeline
from ps_tui.export.selection import LapSelection, ordered_keys

LDX_SUFFIX = ".ldx"


class _Written(NamedTuple):
    """A channel of the file; ``samples`` fills an array and returns what to write."""

    channel: LdChannel
    samples: Callable[[Samples], NDArray[Any]]


class MotecExporter:
    """Implements ``formats.LapWriter``.

    ``rate_hz`` overrides the rate of the samples.
    """

    def __init__(self, rate_hz: int | None = None) -> None:
        self._rate_hz = rate_hz

    def write_laps(self, laps: LapSelection, out: BinaryIO) -> Mapping[str, bytes]:
        """Write the log; return the .ldx file that goes beside it.

        Raises NotFoundError where no lap has a frame.
        """
        traces = [trace for trace in laps.traces() if len(trace.columns["received_us"])]
        if not traces:
            raise NotFoundError("None of these laps has telemetry.")
        line = timeline(traces, self._rate_hz)
        found = dict.fromkeys(key for trace in traces for key in trace.columns)
        keys = [
            key
            for key in ordered_keys(found)
            if key not in LEFT_OUT and not _is_empty(key, traces)
        ]
        channels = [laps.channel(key) for key in keys]
        written = _channels(Sampler(line, traces), channels, line.rate_hz)

        write_ld(
            _header(laps, traces[0]),
            [one.channel for one in written],
            line.sample_count,
            lambda number, values: written[number].samples(values),
            out,
        )
        markers = _placed(laps, line.segments, traces)
        return {LDX_SUFFIX: ldx(line.segments, markers, facts.describe(laps))}


def _placed(
    laps: LapSelection, segments: Sequence[Segment], traces: Sequence[LapTrace]
) -> list[PlacedMarker]:
    """Return the markers on laps with where they are in the log; between laps it
    has no time."""
    by_lap = {trace.lap.id: order for order, trace in enumerate(traces)}
    placed = []
    for marker in (one for outing in laps.outings for one in outing.markers):
        order = by_lap.get(marker.lap_id or "")
        if order is None:
            continue
        times_ms, _ = frame_times(traces[order])
        received = np.asarray(traces[order].columns["received_us"])
        since_ms = float(np.interp(marker.received_us, received, times_ms))
        placed.append(PlacedMarker(segments[order].start_ms + since_ms, marker.name))
    return placed


def _is_empty(key: str, traces: list[LapTrace]) -> bool:
    """Say whether a game sent a channel never at all: frame channels are made up."""
    return not any(
        key in trace.columns and not np.isnan(np.asarray(trace.columns[key])).all()
        for trace in traces
    )


def _channels(
    sampler: Sampler, channels: list[Channel], rate_hz: int
) -> list[_Written]:
    keys = [channel.key for channel in channels]
    written = [_Written(LdChannel(SESSION_LAP, "", rate_hz), _lap_numbers(sampler))]
    written += [_channel(sampler, channel, rate_hz) for channel in channels]
    if "world_x" in keys and "world_z" in keys:
        written += [
            _position(LATITUDE, sampler, "world_z", gps.latitudes, rate_hz),
            _position(LONGITUDE, sampler, "world_x", gps.longitudes, rate_hz),
        ]
    return written


def _lap_numbers(sampler: Sampler) -> Callable[[Samples], NDArray[Any]]:
    def samples(values: Samples) -> NDArray[Any]:
        sampler.lap_numbers(values)
        return values

    return samples


def _channel(sampler: Sampler, own: Channel, rate_hz: int) -> _Written:
    key, called = own.key, motec_name(own)

    def samples(values: Samples) -> NDArray[Any]:
        sampler.read(key, values, is_held=is_held(key))
        if called.factor != 1.0:
            values *= np.float32(called.factor)
        return values

    channel = LdChannel(called.name, called.unit, rate_hz, short_name=called.short_name)
    return _Written(channel, samples)


def _position(
    name: str,
    sampler: Sampler,
    key: str,
    degrees: Callable[[Samples], NDArray[np.int32]],
    rate_hz: int,
) -> _Written:
    def samples(values: Samples) -> NDArray[Any]:
        sampler.read(key, values)
        return degrees(values)

    channel = LdChannel(name, "deg", rate_hz, is_float=False, decimals=gps.DECIMALS)
    return _Written(channel, samples)


def _header(laps: LapSelection, first: LapTrace) -> LdHeader:
    session = laps.session
    started_us = int(np.asarray(first.columns["received_us"])[0])
    started = datetime.fromtimestamp(started_us / 1e6).astimezone()
    if session is None:
        return LdHeader(started)
    venue = " ".join(part for part in (session.track, session.layout) if part)
    lap = laps.laps[0]
    return LdHeader(
        started,
        event="" if laps.event is None else laps.event.name,
        session=session.name if len(laps.outings) == 1 else "",
        comment=session.tags or "" if len(laps.laps) > 1 else lap.notes or "",
        venue=venue,
        vehicle=session.car or "",
        driver=lap.driver or session.driver or "",
    )
