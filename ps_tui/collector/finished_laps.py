"""What follows the commit of a finished lap: it is told of, and sealed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import msgspec

from ps_tui.domain.laps import LapCompleted
from ps_tui.domain.recording import LapStored, Notice, RecordingBatch
from ps_tui.domain.recording_ports import RecordingStore

_log = logging.getLogger(__name__)


class FinishedLaps:
    """The laps of one recording. ``seal_after_s`` leaves late frames their time;
    what cannot be sealed is tried again after ``retry_s``."""

    def __init__(
        self,
        store: RecordingStore,
        publish: Callable[[Notice], None],
        note_sealed: Callable[[int], None],
        *,
        seal_after_s: float,
        retry_s: float,
    ) -> None:
        self._store = store
        self._publish = publish
        self._note_sealed = note_sealed
        self._seal_after_s = seal_after_s
        self._retry_s = retry_s
        self._to_seal: dict[int, float] = {}
        self._newest: LapCompleted | None = None

    def note(self, session_id: str, batch: RecordingBatch) -> None:
        """Tell of the laps that ``batch`` ended or corrected; it is committed."""
        due = _now() + self._seal_after_s
        for lap in batch.closed:
            self._to_seal[lap.lap_number] = due
            self._newest = lap
            self._publish(LapStored(session_id, lap))
        for revision in batch.revised:
            known = self._newest
            if known is not None and known.lap_number == revision.lap_number:
                lap = msgspec.structs.replace(
                    known, lap_time_ms=revision.lap_time_ms, is_official=True
                )
                self._publish(LapStored(session_id, lap))

    async def seal_due(self, session_id: str) -> None:
        """Seal laps whose late frames have had their time; what fails waits."""
        for lap_number, due in list(self._to_seal.items()):
            if _now() < due:
                continue
            try:
                self._note_sealed(lap_number)
                await self._store.seal_lap(session_id, lap_number)
            except Exception:
                _log.exception("lap %d is not sealed yet", lap_number)
                self._to_seal[lap_number] = _now() + self._retry_s
            else:
                del self._to_seal[lap_number]


def _now() -> float:
    return asyncio.get_running_loop().time()
