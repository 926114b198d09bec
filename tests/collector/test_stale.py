"""What somebody deletes elsewhere keeps no telemetry from being recorded."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from ps_tui.config import Settings
from ps_tui.domain.errors import RecorderBusyError
from ps_tui.domain.health import Verdict
from ps_tui.domain.models import EventDraft, Session, SessionDraft, SessionStatus
from ps_tui.domain.recording import Alert, Notice
from ps_tui.runtime import RecordInto, Runtime, open_runtime
from ps_tui.storage.sqlite import SqliteStore, open_store
from tests.support.command import free_udp_port
from tests.support.recording_fakes import until
from tests.support.recordings import ManualClock
from tests.support.send_native import sending

RAW = ("UNIQUE", "constraint", "locked", "not found", "no such")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "crew.db"


@pytest.fixture
async def elsewhere(database: Path) -> AsyncIterator[SqliteStore]:
    """The same database as another window has it open."""
    store = await open_store(database, ManualClock())
    yield store
    await store.close()


class Window:
    """A running program, the port that it listens on and what it said."""

    def __init__(self, database: Path) -> None:
        self.port = free_udp_port()
        self.notices: list[Notice] = []
        self._opened = open_runtime(
            Settings(db=database, source="native", port=self.port),
            keep_trying=False,
            into=RecordInto("Test day", None, self.notices.append),
        )

    async def __aenter__(self) -> Window:
        self.runtime: Runtime = await self._opened.__aenter__()
        self.recording = self.runtime.services.recording
        self.library = self.runtime.services.library
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._opened.__aexit__(*error)  # type: ignore[arg-type]

    async def recorded(self) -> Session:
        """Send until frames are committed; return the session."""
        async with sending(self.port):
            await until(lambda: self.recording.session)
        assert self.recording.session is not None
        return await self.library.session(self.recording.session.id)

    def errors(self) -> list[str]:
        return [one.message for one in self.notices if isinstance(one, Alert)]


async def test_an_event_deleted_elsewhere_is_not_recorded_into(
    database: Path, elsewhere: SqliteStore
) -> None:
    async with Window(database) as window:
        (event,) = await elsewhere.library.events()
        await elsewhere.library.delete_event(event.id)
        session = await window.recorded()
        assert session.event_id is None
        assert window.errors() == []


async def test_an_event_that_vanished_is_not_recorded_into(
    database: Path, elsewhere: SqliteStore
) -> None:
    async with Window(database) as window:
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("DELETE FROM events")
            connection.commit()
        assert (await window.recorded()).event_id is None
        assert window.errors() == []


@pytest.mark.parametrize("script", [None, "DELETE FROM sessions"])
async def test_a_chosen_session_that_is_gone_is_replaced_by_another(
    database: Path, elsewhere: SqliteStore, script: str | None
) -> None:
    async with Window(database) as window:
        chosen = await window.library.create_session(SessionDraft("Qualifying"))
        await window.recording.select(chosen.id)
        if script is None:
            await elsewhere.library.delete_session(chosen.id)
        else:
            with closing(sqlite3.connect(database)) as connection:
                connection.execute(script)
                connection.commit()
        session = await window.recorded()
        assert session.id != chosen.id
        assert session.deleted_us is None
        assert window.errors() == []


async def test_what_records_is_deleted_neither_here_nor_in_another_window(
    database: Path, elsewhere: SqliteStore
) -> None:
    async with Window(database) as window:
        session = await window.recorded()
        assert session.event_id is not None
        for library in (window.library, elsewhere.library):
            with pytest.raises(RecorderBusyError, match=r"records into it.*Stop"):
                await library.delete_session(session.id)
            with pytest.raises(RecorderBusyError, match=r"records into it.*Stop"):
                await library.delete_event(session.event_id)
        await window.recorded()
        await window.recording.stop()
        await window.library.delete_event(session.event_id)
        assert await elsewhere.library.sessions() == []


async def test_a_session_that_vanishes_while_it_records_is_rescued(
    database: Path, elsewhere: SqliteStore
) -> None:
    async with Window(database) as window:
        session = await window.recorded()
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("DELETE FROM sessions")
            connection.commit()
        live = window.runtime.services.live
        seen = live.status().counters.frames
        async with sending(window.port):
            await until(lambda: live.status().counters.frames > seen + 50)
        stopped = await window.recording.stop()
        assert stopped is not None
        assert (stopped.id, stopped.tags) == (session.id, "rescued")
        assert stopped.status is SessionStatus.COMPLETED
        assert stopped.frame_count > 0
        assert window.errors() == []


async def test_a_session_that_vanishes_before_the_end_ends_without_a_fuss(
    database: Path, elsewhere: SqliteStore
) -> None:
    async with Window(database) as window:
        await window.recorded()
        live = window.runtime.services.live
        await until(lambda: live.status().queue_depth == 0)
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("DELETE FROM sessions")
            connection.commit()
        await window.recording.stop()
        assert not any(word in text for text in window.errors() for word in RAW)
    report = await elsewhere.care.check()
    assert [one for one in report.checks if one.status is Verdict.ERROR] == []


async def test_a_rule_of_the_database_is_broken_in_plain_words(
    database: Path, elsewhere: SqliteStore
) -> None:
    event = await elsewhere.library.create_event(EventDraft("Test day"))
    script = "INSERT INTO events SELECT * FROM events"
    with pytest.raises(Exception, match="already") as caught:
        await elsewhere._database.write(lambda c: c.execute(script))
    assert not any(word in str(caught.value) for word in RAW)
    assert [one.id for one in await elsewhere.library.events()] == [event.id]
