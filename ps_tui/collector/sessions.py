"""Which session is recorded into: the selected one, or a new one beside it."""

from __future__ import annotations

from collections.abc import Sequence

from ps_tui.collector.backing import Backing
from ps_tui.collector.naming import session_name, unlike
from ps_tui.domain.channel import stored_channels
from ps_tui.domain.errors import NotFoundError, RecorderBusyError
from ps_tui.domain.frame import Identity
from ps_tui.domain.models import (
    ActiveRecorder,
    Session,
    SessionDraft,
    SessionStatus,
)


class SessionDesk:
    """Selects, makes and claims sessions.

    ``channels`` names what ``Frame.extra`` holds and ``source`` the game, both for
    the session's row.
    """

    def __init__(
        self, backing: Backing, *, channels: Sequence[str], source: str
    ) -> None:
        self._store = backing.store
        self._library = backing.library
        self._clock = backing.clock
        self._me = backing.me
        self._channels = channels
        self._source = source
        self.event_id: str | None = None
        self.selected: Session | None = None
        self.next_name: str | None = None
        """What the next session is called that is made here."""

    async def select(self, session_id: str | None) -> None:
        """Choose the session to record into. Raises NotFoundError."""
        self.selected = (
            None if session_id is None else await self._library.session(session_id)
        )
        if self.selected is not None:
            self.event_id = self.selected.event_id

    def select_event(self, event_id: str | None) -> None:
        """Choose the event that new sessions belong to."""
        self.event_id = event_id
        self.selected = None

    async def refresh(self) -> Session | None:
        """Return the selected session as it is now; None where it is gone."""
        if self.selected is not None:
            try:
                selected = await self._library.session(self.selected.id)
            except NotFoundError:
                self.selected = None
            else:
                self.selected = None if selected.deleted_us is not None else selected
        return self.selected

    async def has_pending(self) -> bool:
        """Say whether a session is selected that nobody recorded into yet."""
        selected = await self.refresh()
        return selected is not None and selected.status is SessionStatus.PENDING

    async def claim(self, identity: Identity, since_us: int | None = None) -> Session:
        """Open the selected session for recording, or a new one if it is no longer
        pending.

        ``since_us`` is when its first frame was received, if one waits already.
        Raises RecorderBusyError where another process records, DatabaseError where
        the database refuses; a session made for nothing is deleted then.
        """
        if (other := await self.other()) is not None:
            raise busy_error(other)
        is_new = not await self.has_pending() or self.selected is None
        if is_new or self.selected is None:
            draft = await self._draft(identity)
            self.selected = await self._library.create_session(draft)
        elif self.selected.source == "auto":
            draft = _draft_of(self.selected, self._source)
            self.selected = await self._library.edit_session(self.selected.id, draft)
        session = self.selected
        try:
            await self._store.begin_recording(
                session.id, self._me, self._stored, since_us
            )
        except RecorderBusyError:
            if is_new:
                self.selected = None
                await self._library.delete_session(session.id)
            raise
        self.event_id = session.event_id
        if is_new:
            self.next_name = None
        return session

    def use(self, source: str, channels: Sequence[str]) -> None:
        """Record this game from now on."""
        self._source = source
        self._channels = channels

    @property
    def _stored(self) -> tuple[str, ...]:
        """Return what the packed part of a frame's row holds."""
        return stored_channels(tuple(self._channels))

    async def rename_source(self, session: Session) -> Session:
        """Claim ``session``, which this process records already, for the game now.

        Nothing may be written into it meanwhile. Raises DatabaseError.
        """
        draft = _draft_of(session, self._source)
        changed = await self._library.edit_session(session.id, draft)
        await self._store.begin_recording(session.id, self._me, self._stored)
        if self.selected is not None and self.selected.id == session.id:
            self.selected = changed
        return changed

    async def other(self) -> ActiveRecorder | None:
        """Return the other process that records into this database."""
        active = await self._store.active_recorder()
        return None if active is None or active.is_own else active

    async def _draft(self, identity: Identity) -> SessionDraft:
        name = self.next_name
        if name is None:
            taken = {session.name for session in await self._library.sessions()}
            name = unlike(session_name(identity, self._clock.now_us()), taken)
        return SessionDraft(
            name,
            event_id=await self._known_event(),
            source=self._source,
            car=identity.car,
            track=identity.track,
            driver=identity.driver,
        )

    async def _known_event(self) -> str | None:
        """Return the chosen event, None where somebody has deleted it meanwhile."""
        if self.event_id is not None:
            try:
                is_there = (await self._library.event(self.event_id)).deleted_us is None
            except NotFoundError:
                is_there = False
            if not is_there:
                self.event_id = None
        return self.event_id


def busy_error(other: ActiveRecorder) -> RecorderBusyError:
    """Return what tells a person who records."""
    return RecorderBusyError(
        f"{other.recorder.label} (pid {other.recorder.pid}) records the session"
        f" “{other.session_name}” into this database.",
        "Stop it there, or record into another database with --db.",
    )


def _draft_of(session: Session, source: str) -> SessionDraft:
    return SessionDraft(
        session.name,
        event_id=session.event_id,
        source=source,
        tags=session.tags,
        car=session.car,
        track=session.track,
        driver=session.driver,
    )
