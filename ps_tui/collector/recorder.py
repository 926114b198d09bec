"""From frames to committed batches: bounded, counted, retried, never in the way.

A batch is kept until its commit has returned, so that a full disk or a locked
database costs nothing until the queue is full. Then the newest frames are dropped
and counted: what is kept stays one piece, and its end tells where the hole begins.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

import msgspec

from ps_tui.collector.filing import LapFiling
from ps_tui.collector.waiting import wait_until
from ps_tui.domain.errors import RecorderBusyError
from ps_tui.domain.frame import Frame, Identity
from ps_tui.domain.laps import LapCompleted, LapEvent
from ps_tui.domain.ports import Clock, RecordingStore
from ps_tui.domain.recording import (
    Alert,
    FeedCounters,
    LapStored,
    Notice,
    RecordingBatch,
)

_log = logging.getLogger(__name__)

QUEUE_FRAMES = 100_000
"""Five minutes at 330 Hz, five seconds at 20,000 Hz."""


class Pace(msgspec.Struct, frozen=True):
    """How often the recorder writes, and how long it tries. Seconds."""

    flush_s: float = 0.25
    flush_frames: int = 2048
    seal_after_s: float = 1.0
    retry_s: float = 0.25
    retry_limit_s: float = 5.0
    heartbeat_s: float = 10.0
    """While nothing arrives, an empty batch tells that the recorder lives."""
    stop_limit_s: float = 10.0
    """How long :meth:`Recorder.stop` tries to save what a failing store refuses."""


class Recorder:
    """Records one session. Frames may be put before the session is known.

    ``counters`` gets ``dropped`` and ``laps``; ``publish`` gets LapStored after the
    commit of a lap (again once its official time is stored), and an Alert when the
    store begins to fail and when it works again.
    """

    def __init__(
        self,
        store: RecordingStore,
        clock: Clock,
        counters: FeedCounters,
        publish: Callable[[Notice], None] = lambda _: None,
        *,
        capacity: int = QUEUE_FRAMES,
        pace: Pace = Pace(),  # noqa: B008  frozen
    ) -> None:
        self._store = store
        self._clock = clock
        self._publish = publish
        self._capacity = capacity
        self._pace = pace
        self._counters = counters
        self._frames: list[Frame] = []
        self._late: list[Frame] = []
        self._events: list[LapEvent] = []
        self._unsaved_identity: Identity | None = None
        self._dropped = 0
        self._in_flight = 0
        self._alarm_at = min(pace.flush_frames, capacity)
        self._filing = LapFiling()
        self._to_seal: dict[int, float] = {}
        self._closed: dict[int, LapCompleted] = {}
        self._wake = asyncio.Event()
        self._may_write = asyncio.Event()
        self._may_write.set()
        self._stopping = asyncio.Event()
        self._give_up_at = 0.0
        self._heartbeat_at = 0.0
        self._task: asyncio.Task[None] | None = None
        self.session_id = ""
        self.identity = Identity()
        self.failing_since_us: int | None = None
        self.last_error: Exception | None = None

    @property
    def depth(self) -> int:
        """Return how many frames wait for the database."""
        return len(self._frames) + len(self._late) + self._in_flight

    @property
    def capacity(self) -> int:
        return self._capacity

    def put(self, frame: Frame, events: Sequence[LapEvent], is_late: bool) -> None:
        """Queue a frame and the lap events that it caused. Never blocks."""
        frames = self._frames
        if len(frames) >= self._alarm_at and not self._has_room():
            self._dropped += 1
            self._counters.dropped += 1
        elif is_late:
            self._late.append(frame)
        else:
            frames.append(frame)
        if events:
            self.put_events(events)

    def put_events(self, events: Sequence[LapEvent]) -> None:
        """Queue lap events that no frame caused, as at the end of a recording."""
        self._events.extend(events)
        for event in events:
            if type(event) is LapCompleted:
                self._counters.laps += 1

    def put_identity(self, identity: Identity) -> None:
        """Store who drives what with the next batch of frames."""
        self.identity = self._unsaved_identity = identity

    def begin(self, session_id: str) -> None:
        """Start to write into a session that the store has opened for recording."""
        self.session_id = session_id
        self._heartbeat_at = _now() + self._pace.heartbeat_s
        self._task = asyncio.create_task(self._run(), name="recorder")

    def hold(self) -> None:
        """Queue only, until :meth:`release`: the session is being changed."""
        self._may_write.clear()

    def release(self) -> None:
        """Write again."""
        self._may_write.set()

    async def stop(self) -> None:
        """Write everything and finish the session.

        Safe to call twice and to cancel: the writing goes on and another call
        waits for it. Raises what the store raised where it kept failing; the
        frames that could not be saved are then counted as dropped.
        """
        if self._task is None:
            return
        if not self._stopping.is_set():
            self._give_up_at = _now() + self._pace.stop_limit_s
            self._stopping.set()
            self._wake.set()
        await asyncio.shield(self._task)

    def abandon(self) -> None:
        """Give up what waits, and count it as dropped."""
        depth = self.depth
        self._counters.dropped += depth
        if depth:
            _log.error("%d frames could not be saved", depth)
        self._frames, self._late, self._in_flight = [], [], 0

    @property
    def is_ended(self) -> bool:
        """Say whether no frame is saved any more, whoever ended it."""
        return self._task is not None and self._task.done()

    @property
    def _is_out_of_time(self) -> bool:
        return _now() >= self._give_up_at

    def _has_room(self) -> bool:
        """Wake the writer for a full batch; say whether another frame fits."""
        self._wake.set()
        room = self._capacity - (self.depth - len(self._frames))
        self._alarm_at = room
        return len(self._frames) < room

    async def _run(self) -> None:
        retry_s = self._pace.retry_s
        batch: RecordingBatch | None = None
        while True:
            await self._may_write.wait()
            try:
                batch = batch or self._take()
                if batch is not None:
                    await self._write(batch)
                    batch = None
                if self._stopping.is_set():
                    if self._frames or self._late or self._events:
                        continue
                    await self._store.finish_recording(self.session_id)
                    self._note_success()
                    return
            except Exception as error:
                self._note_failure(error)
                is_in_vain = isinstance(error, RecorderBusyError)
                if is_in_vain or (self._stopping.is_set() and self._is_out_of_time):
                    self.abandon()
                    raise
                await self._back_off(retry_s)
                retry_s = min(retry_s * 2, self._pace.retry_limit_s)
                continue
            self._note_success()
            retry_s = self._pace.retry_s
            await self._seal_due()
            await self._rest()

    def _take(self) -> RecordingBatch | None:
        """Turn what is queued into one batch, None where there is nothing."""
        if not (self._frames or self._late or self._events):
            is_due = _now() >= self._heartbeat_at
            return RecordingBatch() if is_due and not self._stopping.is_set() else None
        frames, late, events = self._frames, self._late, self._events
        self._frames, self._late, self._events = [], [], []
        batch = self._filing.batch(frames, late, events)
        batch.identity, self._unsaved_identity = self._unsaved_identity, None
        batch.dropped_frames, self._dropped = self._dropped, 0
        self._in_flight = len(batch.frames)
        self._alarm_at = min(self._pace.flush_frames, self._capacity - self.depth)
        return batch

    async def _write(self, batch: RecordingBatch) -> None:
        await self._store.write(self.session_id, batch)
        self._heartbeat_at = _now() + self._pace.heartbeat_s
        self._in_flight = 0
        self._alarm_at = self._pace.flush_frames
        due = _now() + self._pace.seal_after_s
        for lap in batch.closed:
            self._to_seal[lap.lap_number] = due
            self._closed = {lap.lap_number: lap}
            self._publish(LapStored(self.session_id, lap))
        for revision in batch.revised:
            known = self._closed.get(revision.lap_number)
            if known is not None:
                lap = msgspec.structs.replace(
                    known, lap_time_ms=revision.lap_time_ms, is_official=True
                )
                self._publish(LapStored(self.session_id, lap))

    async def _seal_due(self) -> None:
        """Seal laps whose late frames have had their time; what fails waits."""
        for lap_number, due in list(self._to_seal.items()):
            if _now() < due:
                continue
            try:
                self._filing.sealed(lap_number)
                await self._store.seal_lap(self.session_id, lap_number)
            except Exception:
                _log.exception("lap %d is not sealed yet", lap_number)
                self._to_seal[lap_number] = _now() + self._pace.retry_limit_s
            else:
                del self._to_seal[lap_number]

    async def _rest(self) -> None:
        """Wait for a full batch, the next flush or the end."""
        await wait_until(self._wake, self._pace.flush_s)
        self._wake.clear()

    async def _back_off(self, seconds: float) -> None:
        """Wait before another try; the end of the recording cuts it short."""
        if self._stopping.is_set():
            await asyncio.sleep(min(seconds, self._pace.retry_s))
            return
        await wait_until(self._stopping, seconds)

    def _note_failure(self, error: Exception) -> None:
        self.last_error = error
        if self.failing_since_us is not None:
            return
        self.failing_since_us = self._clock.now_us()
        _log.warning("not saved for now", exc_info=error)
        self._publish(Alert(f"Not saved for now: {error}", "error"))

    def _note_success(self) -> None:
        if self.failing_since_us is None:
            return
        self.failing_since_us = self.last_error = None
        dropped = self._counters.dropped
        lost = f"{dropped} frames had no room." if dropped else "Nothing was lost."
        self._publish(Alert(f"Saving works again. {lost}", "information"))


def _now() -> float:
    return asyncio.get_running_loop().time()
