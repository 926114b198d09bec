"""What the database does not take just now: set aside, in order, and brought home.

Once a batch is set aside, every later one has to be, until all are home: the file
stands between what is committed and what comes next.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable

import msgspec

from ps_tui.domain.errors import PsError
from ps_tui.domain.recording import RecordingBatch, SpillRoom
from ps_tui.domain.recording_ports import Spill

_log = logging.getLogger(__name__)


class Aside:
    """The side file of one recorder; without ``find_spill`` there is none.

    ``find_spill`` is asked when the file is first needed.
    """

    def __init__(self, find_spill: Callable[[], Spill] | None = None) -> None:
        self._find_spill = find_spill
        self._laps: list[RecordingBatch] = []
        self.is_used = False
        """True while something waits in the file."""
        self.frame_count = 0
        """How many frames wait there."""
        self.room = SpillRoom("", 0)
        """As it was when :meth:`look` was last called."""

    @property
    def is_possible(self) -> bool:
        return self._find_spill is not None

    async def look(self, session_id: str) -> None:
        """See how much room there is."""
        if self._find_spill is None:
            return
        with contextlib.suppress(PsError, OSError):
            self.room = await self._find_spill().room(session_id)

    async def put(self, session_id: str, batch: RecordingBatch) -> bool:
        """Set ``batch`` aside; say whether it is on a disk."""
        if self._find_spill is None:
            return False
        try:
            await self._find_spill().put(session_id, batch)
        except Exception as error:
            _log.warning("not set aside: %s", error)
            return False
        self.is_used = True
        self.frame_count += len(batch.frames)
        if batch.closed or batch.revised:
            self._laps.append(msgspec.structs.replace(batch, frames=[]))
        return True

    async def bring_home(self, session_id: str) -> list[RecordingBatch]:
        """Write everything into the database, as it will take it again.

        Returns the batches that end or correct laps, without their frames. Raises
        what the database raises; the rest stays aside then.
        """
        if self._find_spill is None or not self.is_used:
            return []
        spill = self._find_spill()
        try:
            await spill.drain(session_id)
        finally:
            self.frame_count = spill.frame_count
        self.is_used = False
        self.frame_count = 0
        laps, self._laps = self._laps, []
        return laps
