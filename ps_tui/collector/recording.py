"""Opens and closes sessions: on a key, on arriving telemetry, on another track.

From the first frame on a recorder takes what comes, before its session exists, so
that no decision about sessions costs a frame.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from ps_tui.collector.backing import Backing
from ps_tui.collector.errands import Errands
from ps_tui.collector.intake import Intake
from ps_tui.collector.naming import is_elsewhere
from ps_tui.collector.notices import Notices
from ps_tui.collector.open_session import OpeningPace, OpenSession
from ps_tui.collector.other_recorder import OtherRecorder
from ps_tui.collector.pipeline import Stream
from ps_tui.collector.recorder import Recorder
from ps_tui.collector.sessions import SessionDesk, busy_error
from ps_tui.collector.waiting import wait_until
from ps_tui.domain.errors import RecorderBusyError
from ps_tui.domain.frame import Frame, Identity
from ps_tui.domain.laps import LapEvent
from ps_tui.domain.models import ActiveRecorder, Session
from ps_tui.domain.recording import Outage

_log = logging.getLogger(__name__)

REARM_AFTER_US = 5_000_000
"""After so much silence arriving telemetry counts as a new drive."""


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
        self._counters = stream.counters
        self._clock = backing.clock
        self._desk = SessionDesk(backing, channels=channels, source=source)
        self._notices = notices
        self._identity_s = pace.identity_s
        self._lock = asyncio.Lock()
        self._errands = Errands()
        self._identified = asyncio.Event()
        self._hurry = asyncio.Event()
        """Set while a stop waits: no opening may keep it waiting."""
        self._open = OpenSession(self._desk, notices, self._hurry, pace)
        self._is_off = False
        self.is_enabled = True
        """False where nothing is ever to be recorded."""
        self._other = OtherRecorder(self._desk, notices)
        self._intake = Intake(stream, make_recorder, self._take_unrecorded)
        stream.on_identity = self._note_identity
        stream.on_takeover = self._note_takeover

    @property
    def recorder(self) -> Recorder | None:
        """The one that takes frames now."""
        return self._intake.recorder

    @property
    def session(self) -> Session | None:
        return self._open.session

    @property
    def outage(self) -> Outage | None:
        """Why nothing is saved, in the session that is open or that is being closed."""
        recorders = (self._open.closing, self.recorder)
        return next((one.outage for one in recorders if one and one.outage), None)

    @property
    def selected(self) -> Session | None:
        return self._desk.selected

    @property
    def other(self) -> ActiveRecorder | None:
        return self._other.active

    @property
    def event_id(self) -> str | None:
        """The event that new sessions belong to."""
        return self._desk.event_id

    def use(self, source: str, channels: Sequence[str]) -> None:
        """Record this game from now on, also into a session that is open already."""
        self._desk.use(source, channels)
        if (recorder := self.recorder) is not None:
            recorder.hold()
            self._errands.spawn(
                self._open.rename_source(recorder, self._intake.is_current, self._lock)
            )

    async def select(self, session_id: str | None) -> None:
        """Choose where ``start`` and arriving telemetry record into.

        Raises NotFoundError for an unknown session.
        """
        await self._desk.select(session_id)

    def select_event(self, event_id: str | None) -> None:
        """Choose the event that new sessions belong to."""
        self._desk.select_event(event_id)

    def name_next(self, name: str | None) -> None:
        """Choose what the next session is called that is made here."""
        self._desk.next_name = name

    async def start(self) -> Session:
        """Record into the selected session, or into a new one beside it.

        Raises RecorderBusyError where another process records, DatabaseError where
        the session cannot be opened.
        """
        return await asyncio.shield(self._errands.spawn(self._start()))

    async def stop(self) -> Session | None:
        """Commit everything and close the session; it stays off until asked.

        Raises DatabaseError where the rest could not be saved. A second call, or
        one while nothing records, returns None.
        """
        self._hurry.set()
        return await asyncio.shield(self._errands.spawn(self._stop()))

    def release(self) -> None:
        """Close the session, for the game is over; arriving telemetry opens another."""
        if self.recorder is not None:
            self._errands.spawn(self._let_go(self.recorder, "game ended"))

    async def settle(self) -> None:
        """Wait for every opening and closing that is still under way."""
        await self._errands.settle()

    def tick(self) -> None:
        """Arm again once the feed has been silent; call it a few times a second."""
        if self.recorder is not None and self.recorder.is_ended:
            self._errands.spawn(self._let_go(self.recorder, "recording stopped"))
            return
        if not self._is_off or self.recorder is not None:
            return
        if self._stream.silence_us(self._clock.now_us()) >= REARM_AFTER_US:
            self._is_off = False
            self._stream.cut("not recorded", is_new_session=True)

    async def refresh_other(self) -> ActiveRecorder | None:
        """Look who else records; returns what :attr:`other` is from now on."""
        has_ended = await self._other.look(is_own=self._open.session is not None)
        if has_ended and self.recorder is None:
            self._stream.cut("not recorded", is_new_session=True)
        return self.other

    def _take_unrecorded(
        self, frame: Frame, events: Sequence[LapEvent], is_late: bool
    ) -> None:
        if not self.is_enabled:
            return
        if self._is_off:
            self._counters.unrecorded += 1
        elif self.other is not None:
            self._counters.unrecorded += 1
            self._other.refuse()
        else:
            recorder = self._intake.install()
            recorder.put(frame, events, is_late)
            self._errands.spawn(self._open_by_itself(recorder))

    def _note_identity(self, identity: Identity) -> None:
        self._identified.set()
        recorder = self.recorder
        if recorder is None:
            return
        if is_elsewhere(recorder.identity, identity):
            self._begin_another(recorder, "another track or car")
            return
        recorder.put_identity(identity)

    def _note_takeover(self) -> None:
        if self.recorder is None:
            self._intake.cut("another sender", is_new_session=True)
        else:
            self._begin_another(self.recorder, "another sender")

    def _begin_another(self, recorder: Recorder, reason: str) -> None:
        """End the session of ``recorder``; what comes next is of a new one."""
        self._intake.cut(reason, is_new_session=True)
        self._errands.spawn(self._roll_over(recorder, self._intake.install()))

    async def _start(self) -> Session:
        async with self._lock:
            if self._open.session is None and (other := await self.refresh_other()):
                raise busy_error(other)
            recorder = self.recorder
            if recorder is None:
                self._stream.cut("not recorded", is_new_session=True)
                recorder = self._intake.install()
            elif self._open.session is not None:
                if not await self._desk.has_pending():
                    return self._open.session
                self._intake.cut("recording stopped", is_new_session=True)
                old, recorder = recorder, self._intake.install()
                await self._open.close(old)
            self._is_off = False
            try:
                return await self._open.open(recorder, is_automatic=False)
            except RecorderBusyError:
                self._leave_to_other(recorder)
                raise

    async def _stop(self) -> Session | None:
        async with self._lock:
            self._is_off = True
            self._hurry.clear()
            recorder = self.recorder
            if recorder is None:
                return None
            self._intake.cut("recording stopped", is_new_session=False)
            self._intake.remove()
            if not recorder.session_id:
                try:
                    await self._open.open(recorder, is_automatic=True)
                except Exception:
                    recorder.abandon()
                    raise
            await self._open.close(recorder)
            return await self._desk.refresh()

    async def _let_go(self, recorder: Recorder, reason: str) -> None:
        """Close the session; arriving telemetry opens another."""
        async with self._lock:
            if recorder is not self.recorder or not recorder.session_id:
                return
            self._intake.cut(reason, is_new_session=True)
            self._intake.remove()
            await self._open.close_or_tell(recorder)

    async def _roll_over(self, old: Recorder, new: Recorder) -> None:
        async with self._lock:
            await self._open.close_or_tell(old)
            await self._open_patiently(new)

    async def _open_by_itself(self, recorder: Recorder) -> None:
        if recorder.identity.track is None and recorder.identity.car is None:
            self._identified.clear()
            await wait_until(self._identified, self._identity_s)
        async with self._lock:
            await self._open_patiently(recorder)

    async def _open_patiently(self, recorder: Recorder) -> None:
        try:
            await self._open.open_patiently(recorder, self._intake.is_current)
        except RecorderBusyError as error:
            self._leave_to_other(recorder)
            self._other.refuse(error)
            self._stream.cut("not recorded", is_new_session=True)
            await self.refresh_other()

    def _leave_to_other(self, recorder: Recorder) -> None:
        """Give up a recorder that another process was quicker than."""
        recorder.leave_unrecorded()
        if self._intake.is_current(recorder):
            self._intake.remove()
