"""A database that holds nothing, for looking and capturing without recording."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from ps_tui.collector.backing import Backing
from ps_tui.domain.clock import Clock
from ps_tui.domain.errors import DatabaseError
from ps_tui.domain.frame import Frame
from ps_tui.domain.models import ActiveRecorder, RecorderInfo, Session
from ps_tui.domain.ports import Library
from ps_tui.domain.recording import RecordingBatch


class NoDatabase:
    """Nobody records into it, and nothing can be."""

    async def session(self, session_id: str) -> Session:
        raise _refusal()

    async def begin_recording(
        self,
        session_id: str,
        recorder: RecorderInfo,
        channels: Sequence[str],
        since_us: int | None = None,
    ) -> None:
        raise _refusal()

    async def write(self, session_id: str, batch: RecordingBatch) -> None:
        raise _refusal()

    async def seal_lap(self, session_id: str, lap_number: int) -> None:
        raise _refusal()

    async def finish_recording(self, session_id: str) -> None:
        raise _refusal()

    async def active_recorder(self) -> ActiveRecorder | None:
        """Return nobody."""
        return None

    async def tail(
        self, session_id: str, after_row: int, limit: int = 2000
    ) -> tuple[int, list[Frame]]:
        """Return nothing."""
        return after_row, []


def no_backing(clock: Clock) -> Backing:
    """Return what a collector is given that records nothing."""
    nothing = NoDatabase()
    nobody = RecorderInfo(pid=0, process_started_us=0, boot_id="", host="")
    return Backing(nothing, cast("Library", nothing), clock, nobody)


def _refusal() -> DatabaseError:
    return DatabaseError("Nothing is recorded here.", "Use ps-tui collect.")
