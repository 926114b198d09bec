"""Backups come with the sessions, and wait to be finished at the end."""

from __future__ import annotations

import asyncio

from ps_tui.collector.safekeeping import AutomaticBackups
from ps_tui.domain.recording import SessionClosed, SessionOpened


class SlowCare:
    """Takes a moment for each backup, and notes why it was made."""

    def __init__(self) -> None:
        self.reasons: list[str] = []
        self.made = asyncio.Event()

    async def auto_backup(self, reason: str) -> None:
        await asyncio.sleep(0.01)
        self.reasons.append(reason)
        self.made.set()


async def test_a_session_end_is_backed_up_before_the_program_ends() -> None:
    care = SlowCare()
    backups = AutomaticBackups(care)  # type: ignore[arg-type]
    backups.note(SessionOpened("a", "Q1", is_automatic=False))
    backups.note(SessionClosed("a", "Q1"))
    await backups.close()
    assert care.reasons == ["session end"]


async def test_a_long_recording_is_backed_up_now_and_then() -> None:
    care = SlowCare()
    backups = AutomaticBackups(care, every_s=0.01)  # type: ignore[arg-type]
    backups.note(SessionOpened("a", "Race", is_automatic=True))
    await asyncio.wait_for(care.made.wait(), 5)
    await backups.close()
    assert set(care.reasons) == {"while recording"}


async def test_rounds_go_on_while_another_session_records() -> None:
    care = SlowCare()
    backups = AutomaticBackups(care, every_s=0.02)  # type: ignore[arg-type]
    for name in ("a", "b"):
        backups.note(SessionOpened(name, name, is_automatic=True))
    backups.note(SessionClosed("a", "a"))
    async with asyncio.timeout(5):
        while "while recording" not in care.reasons:
            await care.made.wait()
            care.made.clear()
    await backups.close()
    assert care.reasons[0] == "session end"


async def test_nothing_recorded_means_no_backup() -> None:
    care = SlowCare()
    await AutomaticBackups(care).close()  # type: ignore[arg-type]
    assert care.reasons == []
