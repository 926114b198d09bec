"""Long work on a database tells how far it has come."""

from __future__ import annotations

from pathlib import Path

import pytest

from ps_tui.domain.progress import heard_by
from ps_tui.storage.sqlite import SqliteStore, health
from tests.support.recordings import begin, record_laps


@pytest.fixture
async def recorded(store: SqliteStore) -> SqliteStore:
    session_id = await begin(store)
    await record_laps(store, session_id, 3, 50)
    await store.recording.finish_recording(session_id)
    return store


async def test_a_backup_an_archive_and_a_check_are_heard(
    recorded: SqliteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[float] = []
    with heard_by(heard.append):
        await recorded.care.backup()
        assert heard[-1] == 1.0
        assert heard == sorted(heard)
        heard.clear()
        await recorded.content.export_all(tmp_path / "all.zip")
        assert heard == pytest.approx([0, 1 / 3, 2 / 3])
        heard.clear()
        await recorded.care.check(deep=True)
        assert heard == [0.0]
        heard.clear()
        # In processes of its own, as a big file is.
        monkeypatch.setattr(health, "BIG_BYTES", 0)
        assert (await recorded.care.check()).is_ok
        assert heard == [0.0]


async def test_giving_room_back_is_heard(recorded: SqliteStore) -> None:
    heard: list[float] = []
    (session,) = await recorded.library.sessions()
    await recorded.library.delete_session(session.id)
    await recorded.content.purge(0)
    with heard_by(heard.append):
        await recorded.content.vacuum()
    assert heard == [0.0]
