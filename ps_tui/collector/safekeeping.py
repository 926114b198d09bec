"""Backups that nobody has to think of: at each session's end, and while one runs."""

from __future__ import annotations

import asyncio
import contextlib

from ps_tui.domain.ports import Care
from ps_tui.domain.recording import Notice, SessionClosed, SessionOpened

EVERY_S = 900.0


class AutomaticBackups:
    """Copies the database as recordings come and go; subscribe :meth:`note`."""

    def __init__(self, care: Care, *, every_s: float = EVERY_S) -> None:
        self._care = care
        self._every_s = every_s
        self._open_count = 0
        self._rounds: asyncio.Task[None] | None = None
        self._pending: set[asyncio.Task[object]] = set()

    def note(self, notice: Notice) -> None:
        """Take a notice of the collector."""
        if isinstance(notice, SessionOpened):
            self._open_count += 1
            if self._rounds is None:
                self._rounds = asyncio.create_task(self._repeat(), name="backups")
        elif isinstance(notice, SessionClosed):
            self._open_count -= 1
            if self._open_count <= 0:
                self._end_rounds()
            task: asyncio.Task[object] = asyncio.create_task(
                self._care.auto_backup("session end"), name="backup"
            )
            self._pending.add(task)
            task.add_done_callback(self._pending.discard)

    async def close(self) -> None:
        """Wait for the copies under way."""
        self._end_rounds()
        if self._pending:
            await asyncio.wait(self._pending)

    def _end_rounds(self) -> None:
        if self._rounds is not None:
            self._rounds.cancel()
            self._rounds = None

    async def _repeat(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            while True:
                await asyncio.sleep(self._every_s)
                await self._care.auto_backup("while recording")
