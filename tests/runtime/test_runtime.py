"""What is put together from settings, in the order that loses nothing."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
from collections.abc import Callable
from pathlib import Path

from ps_tui.config import Settings
from ps_tui.domain.recording import Notice, SessionOpened
from ps_tui.runtime import RecordInto, open_runtime
from tests.support.command import free_udp_port
from tests.support.recording_fakes import until
from tests.support.telemetry import native_frame


@contextlib.asynccontextmanager
async def sending(port: int):  # type: ignore[no-untyped-def]
    """Send native frames without a pause meanwhile, heard or not."""

    async def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for number in itertools.count():
                sender.sendto(native_frame(number), ("127.0.0.1", port))
                await asyncio.sleep(0)

    task = asyncio.create_task(send())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def opened_names(notices: list[Notice]) -> list[str]:
    return [notice.name for notice in notices if isinstance(notice, SessionOpened)]


async def recorded(
    settings: Settings, into: RecordInto, enough: Callable[[int], bool]
) -> list[tuple[str, str | None]]:
    """Return name and event of what is recorded while telemetry is under way."""
    assert settings.port is not None
    async with (
        sending(settings.port),
        open_runtime(settings, keep_trying=False, into=into) as runtime,
    ):
        live = runtime.services.live
        await until(lambda: enough(live.status().counters.frames))
        sessions = await runtime.services.library.sessions()
        return [(session.name, session.event_id) for session in sessions]


async def test_telemetry_that_is_under_way_goes_into_the_named_session(
    tmp_path: Path,
) -> None:
    settings = Settings(db=tmp_path / "crew.db", source="native", port=free_udp_port())
    notices: list[Notice] = []
    into = RecordInto("Test day", "Morning", notices.append)
    ((name, event_id),) = await recorded(settings, into, lambda n: n > 50)
    assert name == "Morning"
    assert event_id is not None
    assert opened_names(notices) == ["Morning"]


async def test_telemetry_opens_a_session_in_the_named_event(tmp_path: Path) -> None:
    settings = Settings(db=tmp_path / "crew.db", source="native", port=free_udp_port())
    notices: list[Notice] = []
    into = RecordInto("Test day", None, notices.append)
    await recorded(settings, into, lambda n: bool(n and opened_names(notices)))
    again = RecordInto("Test day", "Evening")
    sessions = await recorded(settings, again, lambda n: n > 5)
    assert next(name for name, _ in sessions) == "Evening"
    assert len({event_id for _, event_id in sessions}) == 1
