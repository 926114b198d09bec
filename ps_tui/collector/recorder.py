"""From frames to committed batches: bounded, counted, retried, never in the way.

A batch is kept until its commit has returned, so that a full disk or a locked
database costs nothing until the queue is full. Before that, and before a crash could
cost more than a few seconds, what waits goes into a side file. Where nothing takes
that either the newest frames are dropped and counted: what is kept stays one piece,
and its end tells where the hole begins.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import msgspec

from ps_tui.collector.aside import Aside
from ps_tui.collector.finished_laps import FinishedLaps
from ps_tui.collector.frame_queue import FrameQueue
from ps_tui.collector.trouble import Trouble
from ps_tui.collector.waiting import wait_until
from ps_tui.domain.errors import DatabaseError, PsError, RecorderBusyError
from ps_tui.domain.frame import Identity
from ps_tui.domain.recording import (
    FeedCounters,
    Notice,
    Outage,
    RecordingBatch,
)
from ps_tui.domain.recording_ports import RecordingStore, Spill

_log = logging.getLogger(__name__)

QUEUE_FRAMES = 100_000
"""Five minutes at 330 Hz, five seconds at 20,000 Hz."""
_SET_ASIDE_AT = 0.8
"""A queue so full is set aside at once."""


class Pace(msgspec.Struct, frozen=True):
    """How often the recorder writes, and how long it tries. Seconds."""

    flush_s: float = 0.25
    flush_frames: int = 2048
    turn_s: float = 0.01
    """Between two commits, however much waits: other programs write then."""
    seal_after_s: float = 1.0
    retry_s: float = 0.25
    retry_limit_s: float = 5.0
    set_aside_after_s: float = 10.0
    """A database that fails for so long is not waited for in memory."""
    heartbeat_s: float = 10.0
    """While nothing arrives, an empty batch tells that the recorder lives."""
    stop_limit_s: float = 10.0
    """How long :meth:`Recorder.stop` tries to save what a failing store refuses."""


class Recorder:
    """Records one session. Frames may be put before the session is known.

    ``counters`` gets ``dropped`` and ``laps``; ``publish`` gets LapStored after the
    commit of a lap (again once its official time is stored), and an Alert when the
    store begins to fail and when it works again. Without ``find_spill`` there is no
    side file.
    """

    def __init__(
        self,
        store: RecordingStore,
        counters: FeedCounters,
        publish: Callable[[Notice], None] = lambda _: None,
        *,
        capacity: int = QUEUE_FRAMES,
        pace: Pace = Pace(),  # noqa: B008  frozen
        find_spill: Callable[[], Spill] | None = None,
    ) -> None:
        self._store = store
        self._pace = pace
        self._counters = counters
        self._wake = asyncio.Event()
        self._queue = queue = FrameQueue(
            counters, self._wake, capacity=capacity, flush_frames=pace.flush_frames
        )
        self._aside = Aside(find_spill)
        self._laps = FinishedLaps(
            store,
            publish,
            queue.filing.sealed,
            seal_after_s=pace.seal_after_s,
            retry_s=pace.retry_limit_s,
        )
        self._may_write = asyncio.Event()
        self._may_write.set()
        self._stopping = asyncio.Event()
        self._give_up_at = 0.0
        self._heartbeat_at = 0.0
        self._task: asyncio.Task[None] | None = None
        self.put = queue.put
        self.put_events = queue.put_events
        self.put_identity = queue.put_identity
        self.session_id = ""
        self.trouble = Trouble(publish, counters)

    @property
    def depth(self) -> int:
        """Return how many frames wait for the database."""
        return self._queue.depth

    @property
    def capacity(self) -> int:
        return self._queue.capacity

    @property
    def identity(self) -> Identity:
        """Return who drives what, as far as is known."""
        return self._queue.identity

    @property
    def first_us(self) -> int | None:
        """Return when the oldest frame that waits was received."""
        return self._queue.first_us

    @property
    def outage(self) -> Outage | None:
        """Return why nothing is saved, and where it waits; None while all is well."""
        error = self.trouble.error
        if error is None:
            return None
        aside = self._aside
        return Outage(
            error.cause if isinstance(error, PsError) else f"{error}",
            error.remedy if isinstance(error, PsError) else "",
            waiting=self.depth + aside.frame_count,
            room=max(0, self.capacity - self.depth) + aside.room.frame_count,
            folder=aside.room.folder if aside.is_used else "",
        )

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
        frames that could not be saved are then in the side file, or counted as
        dropped.
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
        if depth := self._queue.clear():
            self._counters.dropped += depth
            _log.error("%d frames could not be saved", depth)

    def leave_unrecorded(self) -> None:
        """Give up what waits, for another process records; count it so."""
        self._counters.unrecorded += self._queue.clear()

    @property
    def is_ended(self) -> bool:
        """Say whether no frame is saved any more, whoever ended it."""
        return self._task is not None and self._task.done()

    @property
    def _is_overdue(self) -> bool:
        """Say whether what waits has waited long enough in memory."""
        return self.trouble.error is not None and (
            self._aside.is_used
            or self.depth >= self._set_aside_at
            or self.trouble.lasts_s >= self._pace.set_aside_after_s
        )

    @property
    def _set_aside_at(self) -> int:
        return int(self.capacity * _SET_ASIDE_AT)

    async def _run(self) -> None:
        retry_s = self._pace.retry_s
        batch: RecordingBatch | None = None
        while True:
            await self._may_write.wait()
            if self._is_overdue:
                batch = await self._set_aside(batch)
            try:
                batch = batch or self._take()
                await self._bring_home()
                if batch is not None:
                    await self._write(batch)
                    batch = None
                if self._stopping.is_set():
                    if not self._queue.is_empty:
                        continue
                    await self._store.finish_recording(self.session_id)
                    self.trouble.end()
                    return
            except Exception as error:
                self.trouble.begin(error)
                if self._is_in_vain(error):
                    await self._give_up(error, batch)
                await self._aside.look(self.session_id)
                await self._back_off(retry_s)
                retry_s = min(retry_s * 2, self._pace.retry_limit_s)
                continue
            self.trouble.end()
            retry_s = self._pace.retry_s
            await self._laps.seal_due(self.session_id)
            await self._rest()

    def _is_in_vain(self, error: Exception) -> bool:
        """Say whether there is no use in another try."""
        is_last = self._stopping.is_set() and _now() >= self._give_up_at
        return is_last or isinstance(error, RecorderBusyError)

    async def _give_up(self, error: Exception, batch: RecordingBatch | None) -> None:
        """Keep what waits in the side file; raise ``error``, or where it is kept."""
        await self._set_aside(batch)
        await self._aside.look(self.session_id)
        self.abandon()
        kept, folder = self._aside.frame_count, self._aside.room.folder
        if not kept:
            raise error
        raise DatabaseError(
            f"{error} {kept} frames are kept in {folder}.",
            "They are written when ps-tui ends or starts, as soon as that is possible.",
        ) from error

    async def _set_aside(self, batch: RecordingBatch | None) -> RecordingBatch | None:
        """Move everything that waits to the side file; return what it did not take."""
        while batch := batch or self._queue.take():
            if not await self._aside.put(self.session_id, batch):
                return batch
            self._queue.settle()
            batch = None
        return None

    async def _bring_home(self) -> None:
        for batch in await self._aside.bring_home(self.session_id):
            self._laps.note(self.session_id, batch)

    def _take(self) -> RecordingBatch | None:
        """Return the next batch: what waits, or now and then a sign of life."""
        batch = self._queue.take()
        if batch is None and not self._stopping.is_set():
            return RecordingBatch() if _now() >= self._heartbeat_at else None
        return batch

    async def _write(self, batch: RecordingBatch) -> None:
        await self._store.write(self.session_id, batch)
        self._heartbeat_at = _now() + self._pace.heartbeat_s
        self._queue.settle()
        self._laps.note(self.session_id, batch)

    async def _rest(self) -> None:
        """Wait for a full batch, the next flush or the end."""
        if not self._stopping.is_set():
            await asyncio.sleep(self._pace.turn_s)
        await wait_until(self._wake, self._pace.flush_s)
        self._wake.clear()

    async def _back_off(self, seconds: float) -> None:
        """Wait before another try; the end, or too much that waits, cuts it short."""
        if self._stopping.is_set():
            await asyncio.sleep(min(seconds, self._pace.retry_s))
            return
        if not self._aside.is_possible or self.depth >= self._set_aside_at:
            await wait_until(self._stopping, seconds)
            return
        self._queue.arm(self._set_aside_at)
        self._wake.clear()
        await wait_until(self._wake, seconds)


def _now() -> float:
    return asyncio.get_running_loop().time()
