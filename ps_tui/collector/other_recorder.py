"""Who else records into the database, and what is not recorded here because of it."""

from __future__ import annotations

from ps_tui.collector.notices import Notices
from ps_tui.collector.sessions import SessionDesk, busy_error
from ps_tui.domain.errors import RecorderBusyError
from ps_tui.domain.models import ActiveRecorder
from ps_tui.domain.recording import Refusal


class OtherRecorder:
    """The other process as it was when somebody last looked."""

    def __init__(self, desk: SessionDesk, notices: Notices) -> None:
        self._desk = desk
        self._notices = notices
        self._has_refused = False
        self.active: ActiveRecorder | None = None

    async def look(self, *, is_own: bool) -> bool:
        """See who records, nobody else while this process does (``is_own``).

        Says whether another process did, and has ended. Raises DatabaseError.
        """
        before = self.active
        self.active = None if is_own else await self._desk.other()
        if self.active is None:
            self._has_refused = False
        return before is not None and self.active is None

    def refuse(self, error: RecorderBusyError | None = None) -> None:
        """Say once that what arrives is not recorded, and who records."""
        if error is None and self.active is not None:
            error = busy_error(self.active)
        if self._has_refused or error is None:
            return
        self._has_refused = True
        refusal = Refusal(str(error), cause=error.cause, remedy=error.remedy)
        self._notices.publish(refusal)
