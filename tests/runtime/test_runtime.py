"""What is put together from settings, in the order that loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from ps_tui.config import Settings, data_path
from ps_tui.domain.models import EventDraft, SessionDraft
from ps_tui.domain.recording import Notice, RecordingBatch, SessionOpened
from ps_tui.runtime import RecordInto, open_database, open_runtime
from ps_tui.storage.process import own_recorder
from ps_tui.storage.spill import SpillFile, SpillHeader
from tests.support.command import free_udp_port
from tests.support.recording_fakes import until
from tests.support.recordings import CHANNELS, frames_of
from tests.support.send_native import sending


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


@pytest.mark.parametrize("by_id", [False, True])
async def test_a_session_that_waits_is_recorded_into(
    tmp_path: Path, *, by_id: bool
) -> None:
    settings = Settings(db=tmp_path / "crew.db", source="native", port=free_udp_port())
    async with open_runtime(settings) as runtime:
        library = runtime.services.library
        event = await library.create_event(EventDraft("Test day"))
        draft = SessionDraft("Morning", event_id=event.id)
        waiting = await library.create_session(draft)
    into = RecordInto(None if by_id else "Test day", waiting.id if by_id else "Morning")
    sessions = await recorded(settings, into, lambda n: n > 5)
    assert sessions == [("Morning", event.id)]
    sessions = await recorded(settings, into, lambda n: n > 5)
    assert len(sessions) == 2


async def test_telemetry_opens_a_session_in_the_named_event(tmp_path: Path) -> None:
    settings = Settings(db=tmp_path / "crew.db", source="native", port=free_udp_port())
    notices: list[Notice] = []
    into = RecordInto("Test day", None, notices.append)
    await recorded(settings, into, lambda n: bool(n and opened_names(notices)))
    again = RecordInto("Test day", "Evening")
    sessions = await recorded(settings, again, lambda n: n > 5)
    assert next(name for name, _ in sessions) == "Evening"
    assert len({event_id for _, event_id in sessions}) == 1


@pytest.mark.parametrize("is_for_screens", [False, True])
async def test_frames_that_found_room_in_the_folder_of_the_user_come_home(
    tmp_path: Path, *, is_for_screens: bool
) -> None:
    settings = Settings(db=tmp_path / "crew.db", source="native", port=free_udp_port())
    dead = msgspec.structs.replace(own_recorder(), boot_id="another-boot")
    header = SpillHeader("s" * 36, "Q", "native", dead, CHANNELS, {1: 7})
    file = SpillFile.create((data_path(),), "crew-x", header)
    file.append(RecordingBatch(frames=frames_of(1, range(30))))
    file.close()
    if is_for_screens:
        async with open_runtime(settings) as runtime:
            (session,) = await runtime.services.library.sessions()
    else:
        async with open_database(settings) as store:
            (session,) = await store.library.sessions()
    assert (session.name, session.frame_count) == ("Q (rescued)", 30)
