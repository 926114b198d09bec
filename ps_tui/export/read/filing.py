"""Laps that were read become recorded laps of a session, as a recorder writes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ps_tui.domain.channel import (
    FRAME_CHANNELS,
    FRAME_FIELDS,
    LAP_FACTS,
    stored_channels,
)
from ps_tui.domain.errors import PsError
from ps_tui.domain.frame import Frame, Identity
from ps_tui.domain.laps import LapCompleted, LapStarted
from ps_tui.domain.markers import MarkerDraft
from ps_tui.domain.models import LapKind, LapNotes, RecorderInfo, Session, SessionDraft
from ps_tui.domain.ports import Library
from ps_tui.domain.recording import RecordingBatch, StoredFrame
from ps_tui.domain.recording_ports import RecordingStore
from ps_tui.export.facts import LapFacts
from ps_tui.export.read.laps import Floats, ReadLap, ReadSession

SOURCE = "import"

_WHOLE = ("timestamp_ms", "gear", "lap_time_ms", "lap_number")
_FACT_FIELDS = ("in_pit", "lap_valid", "last_lap_ms")
_LINE_KEYS = ("received_us", *(channel.key for channel in FRAME_CHANNELS), *LAP_FACTS)


class LapFiling:
    """Writes read sessions into a database that nobody records into meanwhile."""

    def __init__(
        self, recording: RecordingStore, library: Library, recorder: RecorderInfo
    ) -> None:
        self._recording = recording
        self._library = library
        self._recorder = recorder

    async def file(
        self,
        read: ReadSession,
        *,
        name: str | None = None,
        event_id: str | None = None,
        on_lap: Callable[[int, int], None] | None = None,
    ) -> Session:
        """Make a session of what was read, and return it.

        Raises RecorderBusyError while another window records, and DatabaseError.
        """
        about = read.facts
        draft = SessionDraft(
            name=name or about.name or "Imported laps",
            event_id=event_id,
            source=SOURCE,
            tags=about.tags,
            car=about.car,
            track=about.track,
            driver=about.driver,
        )
        session = await self._library.create_session(draft)
        try:
            await self._record(session.id, read, on_lap)
        except PsError:
            await self._library.delete_session(session.id)
            raise
        await self._annotate(session.id, [_facts(lap) for lap in read.laps])
        await self._mark(session.id, read)
        return await self._library.session(session.id)

    async def _record(
        self,
        session_id: str,
        read: ReadSession,
        on_lap: Callable[[int, int], None] | None,
    ) -> None:
        keys = _further_keys(read.laps)
        channels = stored_channels(keys)
        await self._recording.begin_recording(session_id, self._recorder, channels)
        try:
            await self._write(session_id, read, keys, on_lap)
        finally:
            await self._recording.finish_recording(session_id)

    async def _write(
        self,
        session_id: str,
        read: ReadSession,
        keys: tuple[str, ...],
        on_lap: Callable[[int, int], None] | None,
    ) -> None:
        earliest_us = number = 0
        identity = Identity(layout=read.facts.layout) if read.facts.layout else None
        for done, lap in enumerate(read.laps):
            frames = frames_of(lap, keys, earliest_us)
            # Numbers rise within a session, whatever the file says.
            number = max(number + 1, _facts(lap).lap_number)
            completed = _completed(_facts(lap), number, frames)
            earliest_us = completed.ended_us
            batch = RecordingBatch(
                opened=[LapStarted(number, completed.started_us)],
                frames=[StoredFrame(number, frame) for frame in frames],
                closed=[completed],
                identity=identity,
            )
            await self._recording.write(session_id, batch)
            await self._recording.seal_lap(session_id, number)
            if on_lap is not None:
                on_lap(done + 1, len(read.laps))

    async def _annotate(self, session_id: str, facts: Sequence[LapFacts]) -> None:
        laps = await self._library.laps(session_id)
        for lap, told in zip(laps, facts, strict=True):
            notes = LapNotes(told.tags, told.notes, told.driver, told.stint)
            if notes != LapNotes():
                await self._library.note_lap(lap.id, notes)
            if told.excluded_us is not None:
                await self._library.exclude_lap(lap.id, told.excluded_reason or "")

    async def _mark(self, session_id: str, read: ReadSession) -> None:
        """Put the markers on the laps that they were on."""
        laps = await self._library.laps(session_id)
        by_number = {
            _facts(told).lap_number: lap
            for told, lap in zip(read.laps, laps, strict=True)
        }
        for marker in read.facts.markers:
            lap = by_number.get(marker.lap_number or 0)
            at_us = marker.received_us
            if lap is not None and marker.at_ms is not None:
                at_us = lap.started_us + marker.at_ms * 1000
            if at_us is None or (lap is None) != (marker.lap_number is None):
                continue
            lap_id = None if lap is None else lap.id
            draft = MarkerDraft(session_id, at_us, lap_id, marker.position, marker.note)
            await self._library.add_marker(draft)


def _facts(lap: ReadLap) -> LapFacts:
    if lap.facts is None:
        raise ValueError("a lap is filed with its facts")
    return lap.facts


def _further_keys(laps: Sequence[ReadLap]) -> tuple[str, ...]:
    found = dict.fromkeys(key for lap in laps for key in lap.columns)
    return tuple(key for key in found if key not in _LINE_KEYS)


def frames_of(lap: ReadLap, keys: tuple[str, ...], earliest_us: int) -> list[Frame]:
    """Return a lap as frames that were received one after the other.

    None is dated before ``earliest_us``: laps of one session do not overlap.
    """
    columns = lap.columns
    received = np.maximum.accumulate(np.rint(columns["received_us"]).astype(np.int64))
    received += max(0, earliest_us - int(received[0]))
    clock = columns.get("timestamp")
    stamps = received // 1000 if clock is None else clock
    fields: dict[str, list[Any]] = {"received_us": received.tolist()}
    for channel, field in zip(FRAME_CHANNELS, FRAME_FIELDS, strict=True):
        values = stamps if field == "timestamp_ms" else columns.get(channel.key)
        fields[field] = _values(values, len(received), whole=field in _WHOLE)
    fields["timestamp_ms"] = [
        us // 1000 if ms is None else ms
        for us, ms in zip(received.tolist(), fields["timestamp_ms"], strict=True)
    ]
    for key, field in zip(
        LAP_FACTS, ("in_pit", "lap_valid", "last_lap_ms"), strict=True
    ):
        told = _values(columns.get(key), len(received), whole=True)
        is_flag = field != "last_lap_ms"
        fields[field] = [
            bool(value) if is_flag and value is not None else value for value in told
        ]
    missing = np.full(len(received), np.nan)
    extra = np.column_stack([columns.get(key, missing) for key in keys] or [missing])
    further = map(tuple, extra.tolist()) if keys else ((),) * len(received)
    names = (*fields, "extra")
    return [
        Frame(**dict(zip(names, values, strict=True)))
        for values in zip(*fields.values(), further, strict=True)
    ]


def _values(column: Floats | Any, count: int, *, whole: bool) -> list[Any]:
    if column is None:
        return [None] * count
    finite = np.isfinite(column)
    if whole:
        column = np.rint(np.where(finite, column, 0.0)).astype(np.int64)
    values: list[Any] = column.tolist()
    if finite.all():
        return values
    return [
        value if is_there else None
        for value, is_there in zip(values, finite.tolist(), strict=True)
    ]


def _completed(told: LapFacts, number: int, frames: Sequence[Frame]) -> LapCompleted:
    """Return the end of a lap; times of day are those of its frames."""
    first_us, last_us = frames[0].received_us, frames[-1].received_us
    step_us = (last_us - first_us) // max(len(frames) - 1, 1)
    return LapCompleted(
        lap_number=number,
        kind=_kind(told.kind),
        valid=told.valid,
        started_us=first_us,
        ended_us=last_us + max(step_us, 1),
        lap_time_ms=told.lap_time_ms,
        clock_time_ms=told.clock_time_ms,
        is_official=told.is_official,
        reason=told.reason,
    )


def _kind(text: str) -> LapKind:
    try:
        return LapKind(text)
    except ValueError:
        return LapKind.PARTIAL
