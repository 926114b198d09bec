"""The session that frames are recorded into: opened, renamed and closed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import msgspec

from ps_tui.collector.notices import Notices
from ps_tui.collector.recorder import Recorder
from ps_tui.collector.sessions import SessionDesk
from ps_tui.collector.waiting import wait_until
from ps_tui.domain.errors import RecorderBusyError
from ps_tui.domain.models import Session
from ps_tui.domain.recording import Alert, SessionClosed, SessionOpened

_log = logging.getLogger(__name__)


class OpeningPace(msgspec.Struct, frozen=True):
    """How long an automatic opening waits, in seconds."""

    identity_s: float = 0.5
    """For the names of track and car; nothing is committed meanwhile."""
    retry_s: float = 0.5
    retry_limit_s: float = 5.0


class OpenSession:
    """At most one session at a time. ``hurry`` is set while nobody may wait."""

    def __init__(
        self,
        desk: SessionDesk,
        notices: Notices,
        hurry: asyncio.Event,
        pace: OpeningPace,
    ) -> None:
        self._desk = desk
        self._notices = notices
        self._hurry = hurry
        self._pace = pace
        self.session: Session | None = None
        self.closing: Recorder | None = None
        """The one that writes its last frames."""

    async def open(self, recorder: Recorder, *, is_automatic: bool) -> Session:
        """Claim the database and let ``recorder`` write.

        Raises RecorderBusyError where another process records, DatabaseError.
        """
        session = await self._desk.claim(recorder.identity, recorder.first_us)
        recorder.begin(session.id)
        self.session = session
        self._notices.publish(
            SessionOpened(session.id, session.name, is_automatic=is_automatic)
        )
        return session

    async def open_patiently(
        self, recorder: Recorder, is_wanted: Callable[[Recorder], bool]
    ) -> None:
        """Open a session by itself, trying again while the store refuses.

        Raises RecorderBusyError where another process records.
        """
        retry_s = self._pace.retry_s
        while is_wanted(recorder) and not (recorder.session_id or self._hurry.is_set()):
            try:
                await self.open(recorder, is_automatic=True)
            except RecorderBusyError:
                raise
            except Exception as error:
                _log.exception("no session could be opened")
                recorder.trouble.begin(error)
                await wait_until(self._hurry, retry_s)
                retry_s = min(retry_s * 2, self._pace.retry_limit_s)

    async def rename_source(
        self,
        recorder: Recorder,
        is_wanted: Callable[[Recorder], bool],
        turn: asyncio.Lock,
    ) -> None:
        """Let the session be of the game that was found; what comes waits."""
        retry_s = self._pace.retry_s
        async with turn:
            while self.session is not None and is_wanted(recorder):
                try:
                    self.session = await self._desk.rename_source(self.session)
                    break
                except Exception as error:
                    _log.exception("the session cannot be given to the game")
                    recorder.trouble.begin(error)
                    if self._hurry.is_set():
                        break
                    await wait_until(self._hurry, retry_s)
                    retry_s = min(retry_s * 2, self._pace.retry_limit_s)
            recorder.release()

    async def close(self, recorder: Recorder) -> None:
        """Commit everything and end the session; raises what the store raises."""
        session = self.session
        self.closing = recorder
        try:
            await recorder.stop()
        finally:
            self.session = self.closing = None
            if session is not None:
                self._notices.publish(SessionClosed(session.id, session.name))

    async def close_or_tell(self, recorder: Recorder) -> None:
        """Save and close what may not be open yet; a failure is told, not raised."""
        try:
            if not recorder.session_id:
                await self.open(recorder, is_automatic=True)
            await self.close(recorder)
        except Exception as error:
            _log.exception("a session could not be closed")
            recorder.abandon()
            self._notices.publish(Alert(str(error), "error"))
