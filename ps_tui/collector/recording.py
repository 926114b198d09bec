"""Opens and closes sessions: on a key, on arriving telemetry, on another track.

From the first frame on a recorder takes what comes, before its session exists, so
that no decision about sessions costs a frame.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import msgspec

from ps_tui.collector.backing import Backing
from ps_tui.collector.naming import is_elsewhere
from ps_tui.collector.notices import Notices
from ps_tui.collector.pipeline import Stream
from ps_tui.collector.recorder import Recorder
from ps_tui.collector.sessions import SessionDesk, busy_error
from ps_tui.collector.waiting import wait_until
from ps_tui.domain.errors import RecorderBusyError
from ps_tui.domain.frame import Frame, Identity
from ps_tui.domain.laps import LapEvent
from ps_tui.domain.models import (
    ActiveRecorder,
    Session,
)
from ps_tui.domain.recording import Alert, SessionClosed, SessionOpened

_log = logging.getLogger(__name__)

REARM_AFTER_US = 5_000_000
"""After so much silence arriving telemetry counts as a new drive."""


class OpeningPace(msgspec.Struct, frozen=True):
    """How long an automatic opening waits, in seconds."""

    identity_s: float = 0.5
    """For the names of track and car; nothing is committed meanwhile."""
    retry_s: float = 0.5
    retry_limit_s: float = 5.0


class Recording:
    """Implements ``RecordingControl``.

    ``make_recorder`` gives a recorder that is not begun. ``channels`` names what
    ``Frame.extra`` holds and ``source`` the game, both for the session's row.
    """

    def __init__(
        self,
        stream: Stream,
        backing: Backing,
        notices: Notices,
        *,
        make_recorder: Callable[[], Recorder],
        channels: Sequence[str],
        source: str,
        pace: OpeningPace = OpeningPace(),  # noqa: B008  frozen
    ) -> None:
        self._stream = stream
        self._clock = backing.clock
        self._desk = SessionDesk(backing, channels=channels, source=source)
        self._notices = notices
        self._make_recorder = make_recorder
        self._pace = pace
        self._lock = asyncio.Lock()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._identified = asyncio.Event()
        self._hurry = asyncio.Event()
        """Set while a stop waits: no opening may keep it waiting."""
        self._is_off = False
        self.is_enabled = True
        """False where nothing is ever to be recorded."""
        self._session: Session | None = None
        self._other: ActiveRecorder | None = None
        self.last_session_id: str | None = None
        self.recorder: Recorder | None = None
        """The one that takes frames now."""
        stream.sink = self._take_unrecorded
        stream.on_identity = self._note_identity
        stream.on_cut = self._note_cut

    @property
    def session(self) -> Session | None:
        return self._session

    @property
    def selected(self) -> Session | None:
        return self._desk.selected

    @property
    def other(self) -> ActiveRecorder | None:
        return self._other

    @property
    def event_id(self) -> str | None:
        """The event that new sessions belong to."""
        return self._desk.event_id

    def use(self, source: str, channels: Sequence[str]) -> None:
        """Record this game from now on, also into a session that is open already."""
        self._desk.use(source, channels)
        if self.recorder is not None:
            self.recorder.hold()
            self._spawn(self._rename_source(self.recorder))

    async def select(self, session_id: str | None) -> None:
        """Choose where ``start`` and arriving telemetry record into.

        Raises NotFoundError for an unknown session.
        """
        await self._desk.select(session_id)

    def select_event(self, event_id: str | None) -> None:
        """Choose the event that new sessions belong to."""
        self._desk.select_event(event_id)

    async def start(self) -> Session:
        """Record into the selected session, or into a new one beside it.

        Raises RecorderBusyError where another process records, DatabaseError where
        the session cannot be opened.
        """
        return await asyncio.shield(self._spawn(self._start()))

    async def stop(self) -> Session | None:
        """Commit everything and close the session; it stays off until asked.

        Raises DatabaseError where the rest could not be saved. A second call, or
        one while nothing records, returns None.
        """
        self._hurry.set()
        return await asyncio.shield(self._spawn(self._stop()))

    def release(self) -> None:
        """Close the session, for the game is over; arriving telemetry opens another."""
        if self.recorder is not None:
            self._spawn(self._release(self.recorder))

    async def settle(self) -> None:
        """Wait for every opening and closing that is still under way."""
        while self._tasks:
            await asyncio.wait(list(self._tasks))

    def tick(self) -> None:
        """Arm again once the feed has been silent; call it a few times a second."""
        if self.recorder is not None and self.recorder.is_ended:
            self._spawn(self._drop_ended(self.recorder))
            return
        if not self._is_off or self.recorder is not None:
            return
        if self._stream.silence_us(self._clock.now_us()) >= REARM_AFTER_US:
            self._is_off = False
            self._stream.cut("not recorded", is_new_session=True)

    async def refresh_other(self) -> ActiveRecorder | None:
        """Look who else records; returns what :attr:`other` is from now on."""
        before = self._other
        self._other = await self._desk.other() if self._session is None else None
        if before is not None and self._other is None and self.recorder is None:
            self._stream.cut("not recorded", is_new_session=True)
        return self._other

    def _take_unrecorded(
        self, frame: Frame, events: Sequence[LapEvent], is_late: bool
    ) -> None:
        if self._is_off or self._other is not None or not self.is_enabled:
            return
        recorder = self._install_recorder()
        recorder.put(frame, events, is_late)
        self._spawn(self._open_by_itself(recorder))

    def _install_recorder(self) -> Recorder:
        """Let a fresh recorder take every frame from now on."""
        recorder = self.recorder = self._make_recorder()
        self._stream.sink = recorder.put
        recorder.put_identity(self._stream.identity)
        return recorder

    def _remove_recorder(self) -> None:
        self.recorder = None
        self._stream.sink = self._take_unrecorded

    def _note_identity(self, identity: Identity) -> None:
        self._identified.set()
        recorder = self.recorder
        if recorder is None:
            return
        if is_elsewhere(recorder.identity, identity):
            recorder.put_events(
                self._stream.cut("another track or car", is_new_session=True)
            )
            self._spawn(self._roll_over(recorder, self._install_recorder()))
            return
        recorder.put_identity(identity)

    def _note_cut(self, events: Sequence[LapEvent]) -> None:
        if self.recorder is not None:
            self.recorder.put_events(events)

    async def _start(self) -> Session:
        async with self._lock:
            if self._session is None and (other := await self.refresh_other()):
                raise busy_error(other)
            recorder = self.recorder
            if recorder is None:
                self._stream.cut("not recorded", is_new_session=True)
                recorder = self._install_recorder()
            elif self._session is not None:
                if not await self._desk.has_pending():
                    return self._session
                recorder.put_events(
                    self._stream.cut("recording stopped", is_new_session=True)
                )
                old, recorder = recorder, self._install_recorder()
                await self._close(old)
            self._is_off = False
            return await self._open(recorder, is_automatic=False)

    async def _stop(self) -> Session | None:
        async with self._lock:
            self._is_off = True
            self._hurry.clear()
            recorder = self.recorder
            if recorder is None:
                return None
            recorder.put_events(
                self._stream.cut("recording stopped", is_new_session=False)
            )
            self._remove_recorder()
            if not recorder.session_id:
                try:
                    await self._open(recorder, is_automatic=True)
                except Exception:
                    recorder.abandon()
                    raise
            await self._close(recorder)
            return await self._desk.refresh()

    async def _rename_source(self, recorder: Recorder) -> None:
        """Let the open session be of the game that was found; what comes waits."""
        retry_s = self._pace.retry_s
        async with self._lock:
            while self._session is not None and recorder is self.recorder:
                try:
                    self._session = await self._desk.rename_source(self._session)
                    break
                except Exception as error:
                    _log.exception("the session cannot be given to the game")
                    if self._hurry.is_set():
                        break
                    self._notices.publish(Alert(f"Not saved for now: {error}", "error"))
                    await wait_until(self._hurry, retry_s)
                    retry_s = min(retry_s * 2, self._pace.retry_limit_s)
            recorder.release()

    async def _release(self, recorder: Recorder) -> None:
        async with self._lock:
            if recorder is not self.recorder or self._session is None:
                return
            recorder.put_events(self._stream.cut("game ended", is_new_session=True))
            self._remove_recorder()
            try:
                await self._close(recorder)
            except Exception as error:
                _log.exception("a session could not be closed")
                self._notices.publish(Alert(str(error), "error"))

    async def _drop_ended(self, recorder: Recorder) -> None:
        """Let go of a session that was taken away; telemetry opens another."""
        async with self._lock:
            if recorder is not self.recorder:
                return
            self._stream.cut("recording stopped", is_new_session=True)
            self._remove_recorder()
            with contextlib.suppress(Exception):
                await self._close(recorder)

    async def _roll_over(self, old: Recorder, new: Recorder) -> None:
        async with self._lock:
            try:
                if not old.session_id:
                    await self._open(old, is_automatic=True)
                await self._close(old)
            except Exception as error:
                _log.exception("a session could not be closed")
                self._notices.publish(Alert(str(error), "error"))
            await self._open_patiently(new)

    async def _open_by_itself(self, recorder: Recorder) -> None:
        if recorder.identity.track is None and recorder.identity.car is None:
            self._identified.clear()
            await wait_until(self._identified, self._pace.identity_s)
        async with self._lock:
            await self._open_patiently(recorder)

    async def _open_patiently(self, recorder: Recorder) -> None:
        """Open a session for ``recorder``, trying again while the store refuses."""
        retry_s = self._pace.retry_s
        while recorder is self.recorder and not (
            recorder.session_id or self._hurry.is_set()
        ):
            try:
                await self._open(recorder, is_automatic=True)
            except RecorderBusyError as error:
                self._notices.publish(Alert(str(error)))
                self._stream.cut("not recorded", is_new_session=True)
                await self.refresh_other()
                return
            except Exception as error:
                recorder.note_failure(error)
                await wait_until(self._hurry, retry_s)
                retry_s = min(retry_s * 2, self._pace.retry_limit_s)

    async def _open(self, recorder: Recorder, *, is_automatic: bool) -> Session:
        """Claim the database and let ``recorder`` write."""
        try:
            session = await self._desk.claim(recorder.identity)
        except RecorderBusyError:
            if recorder is self.recorder:
                self._remove_recorder()
            raise
        recorder.begin(session.id)
        self._session = session
        self.last_session_id = session.id
        self._notices.publish(
            SessionOpened(session.id, session.name, is_automatic=is_automatic)
        )
        return session

    async def _close(self, recorder: Recorder) -> None:
        session = self._session
        try:
            await recorder.stop()
        finally:
            self._session = None
            if session is not None:
                self._notices.publish(SessionClosed(session.id, session.name))

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
