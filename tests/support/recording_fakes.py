"""A store in memory and a clock set by hand."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Sequence

import msgspec

from ps_tui.domain.errors import NotFoundError, PsError, RecorderBusyError
from ps_tui.domain.frame import Frame, Identity
from ps_tui.domain.laps import LapCompleted, LapStarted
from ps_tui.domain.models import (
    ActiveRecorder,
    Event,
    EventStatus,
    Lap,
    RecorderInfo,
    Session,
    SessionDraft,
    SessionStatus,
)
from ps_tui.domain.recording import RecordingBatch, SpillRoom, StoredFrame

ME = RecorderInfo(pid=1, process_started_us=1, boot_id="boot", host="here")
OTHER = ActiveRecorder(
    session_id="elsewhere",
    session_name="Evening",
    recorder=RecorderInfo(pid=77, process_started_us=1, boot_id="boot", host="here"),
    heartbeat_us=1,
    is_own=False,
)


class HandClock:
    """A clock that moves when told."""

    def __init__(self, now_us: int = 1_760_000_000_000_000) -> None:
        self.value_us = now_us

    def now_us(self) -> int:
        return self.value_us

    def advance(self, seconds: float) -> int:
        self.value_us += int(seconds * 1e6)
        return self.value_us


class FakeSpill:
    """Spill in memory over a FakeStore; refuses while ``failure`` is set."""

    def __init__(self, store: FakeStore) -> None:
        self.store = store
        self.waiting: list[RecordingBatch] = []
        self.failure: Exception | None = None
        self.put_count = 0

    @property
    def frame_count(self) -> int:
        return sum(len(batch.frames) for batch in self.waiting)

    async def put(self, session_id: str, batch: RecordingBatch) -> None:
        if self.failure is not None:
            raise self.failure
        self.put_count += 1
        self.waiting.append(batch)

    async def drain(self, session_id: str) -> int:
        count = self.frame_count
        while self.waiting:
            await self.store.write(session_id, self.waiting[0])
            del self.waiting[0]
        return count

    async def room(self, session_id: str) -> SpillRoom:
        return SpillRoom("/elsewhere", 5000)


class FakeStore:
    """RecordingStore and the sessions of a Library; fails when told to.

    Each error in ``failures`` is raised by one call of ``write``; ``failure`` by
    every one while it is set.
    """

    def __init__(self) -> None:
        self.sessions_by_id: dict[str, Session] = {}
        self.batches: dict[str, list[RecordingBatch]] = {}
        self.sealed: list[tuple[str, int]] = []
        self.failures: list[Exception] = []
        self.failure: Exception | None = None
        self.create_failure: PsError | None = None
        self.other: ActiveRecorder | None = None
        self.active_ids: list[str] = []
        self.channels: dict[str, Sequence[str]] = {}
        self.since_us: dict[str, int | None] = {}
        self.write_count = 0
        self.gate: asyncio.Event | None = None
        """A write waits for it before it commits."""
        self.tail_frames: list[Frame] = []
        self.finished_laps: list[Lap] = []
        self.gone_events: set[str] = set()
        self._ids = itertools.count(1)

    # Library

    async def create_session(self, draft: SessionDraft) -> Session:
        if self.create_failure is not None:
            raise self.create_failure
        session = Session(
            id=f"session-{next(self._ids)}",
            name=draft.name,
            source=draft.source,
            status=SessionStatus.PENDING,
            created_us=0,
            event_id=draft.event_id,
            car=draft.car,
            track=draft.track,
            driver=draft.driver,
        )
        self.sessions_by_id[session.id] = session
        return session

    async def event(self, event_id: str) -> Event:
        if event_id in self.gone_events:
            raise NotFoundError(f"no event {event_id}")
        return Event(event_id, event_id, EventStatus.ACTIVE, 0)

    async def sessions(self) -> list[Session]:
        return list(self.sessions_by_id.values())

    async def delete_session(self, session_id: str) -> None:
        del self.sessions_by_id[session_id]

    async def laps(self, session_id: str) -> list[Lap]:
        return self.finished_laps

    async def edit_session(self, session_id: str, draft: SessionDraft) -> Session:
        return self._change(session_id, name=draft.name, source=draft.source)

    async def session(self, session_id: str) -> Session:
        try:
            return self.sessions_by_id[session_id]
        except KeyError:
            raise NotFoundError(f"no session {session_id}") from None

    # RecordingStore

    async def begin_recording(
        self,
        session_id: str,
        recorder: RecorderInfo,
        channels: Sequence[str],
        since_us: int | None = None,
    ) -> None:
        if self.other is not None:
            raise RecorderBusyError("Somebody records.", "Stop it.")
        if session_id not in self.active_ids:
            self.active_ids.append(session_id)
        self.channels[session_id] = channels
        self.since_us[session_id] = since_us
        self.batches.setdefault(session_id, [])
        self._change(session_id, status=SessionStatus.RECORDING)

    async def write(self, session_id: str, batch: RecordingBatch) -> None:
        self.write_count += 1
        if self.gate is not None:
            await self.gate.wait()
        if self.failures:
            raise self.failures.pop(0)
        if self.failure is not None:
            raise self.failure
        assert session_id in self.active_ids
        self.batches[session_id].append(msgspec.structs.replace(batch))

    async def seal_lap(self, session_id: str, lap_number: int) -> None:
        self.sealed.append((session_id, lap_number))

    async def finish_recording(self, session_id: str) -> None:
        if self.failure is not None:
            raise self.failure
        self.active_ids.remove(session_id)
        self._change(
            session_id,
            status=SessionStatus.COMPLETED,
            frame_count=len(self.stored(session_id)),
        )

    async def active_recorder(self) -> ActiveRecorder | None:
        if self.active_ids:
            return ActiveRecorder(self.active_ids[0], "mine", ME, 0, is_own=True)
        return self.other

    async def tail(
        self, session_id: str, after_row: int, limit: int = 2000
    ) -> tuple[int, list[Frame]]:
        frames, self.tail_frames = self.tail_frames, []
        return max(after_row, 0) + len(frames), frames

    # What a test asks

    def stored(self, session_id: str) -> list[StoredFrame]:
        return [f for batch in self.batches[session_id] for f in batch.frames]

    def opened(self, session_id: str) -> list[LapStarted]:
        return [lap for batch in self.batches[session_id] for lap in batch.opened]

    def closed(self, session_id: str) -> list[LapCompleted]:
        return [lap for batch in self.batches[session_id] for lap in batch.closed]

    def identity(self, session_id: str) -> Identity | None:
        known = [b.identity for b in self.batches[session_id] if b.identity]
        return known[-1] if known else None

    def _change(self, session_id: str, **changes: object) -> Session:
        session = self.sessions_by_id[session_id]
        self.sessions_by_id[session_id] = msgspec.structs.replace(session, **changes)
        return self.sessions_by_id[session_id]


async def until(condition: Callable[[], object], seconds: float = 15.0) -> None:
    """Wait until ``condition`` holds; fail when it does not within ``seconds``."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not condition():
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError("the awaited condition did not come true")
        await asyncio.sleep(0.002)
