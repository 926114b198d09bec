"""A recorder whose session vanishes loses nothing that it records from then on."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ps_tui.domain.models import SessionStatus
from ps_tui.domain.recording import RecordingBatch
from ps_tui.storage.sqlite import SqliteStore
from tests.support.recordings import (
    begin,
    frame_at,
    frames_of,
    lap_completed,
    lap_started,
)


def change(path: Path, script: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.executescript(script)


@pytest.mark.parametrize("what", ["DELETE FROM sessions", "DELETE FROM users"])
async def test_a_vanished_session_is_made_anew(
    store: SqliteStore, path: Path, what: str
) -> None:
    session_id = await begin(store, "Race")
    await store.recording.write(
        session_id,
        RecordingBatch(opened=[lap_started(1, 0)], frames=frames_of(1, range(60))),
    )
    change(path, what)
    await store.recording.write(
        session_id,
        RecordingBatch(
            opened=[lap_started(2, 80)],
            frames=[*frames_of(1, range(60, 80)), *frames_of(2, range(80, 90))],
            closed=[lap_completed(1, 0, 80)],
        ),
    )
    await store.recording.seal_lap(session_id, 1)
    await store.recording.write(session_id, RecordingBatch())
    await store.recording.finish_recording(session_id)
    session = await store.library.session(session_id)
    assert (session.name, session.tags) == ("Race (rescued)", "rescued")
    assert (session.source, session.status) == ("native", SessionStatus.COMPLETED)
    times = []
    for lap in await store.library.laps(session_id):
        trace = await store.library.load_trace(lap.id)
        times += trace.columns["timestamp"].tolist()
    assert times == [frame_at(index).timestamp_ms for index in range(60, 90)]
    assert [one.id for one in await store.library.sessions()] == [session_id]
    assert (await store.care.check(deep=True)).is_ok


async def test_laps_that_went_with_the_session_are_not_asked_for_again(
    store: SqliteStore, path: Path
) -> None:
    session_id = await begin(store)
    await store.recording.write(
        session_id,
        RecordingBatch(
            opened=[lap_started(1, 0)],
            frames=frames_of(1, range(60)),
            closed=[lap_completed(1, 0, 60)],
        ),
    )
    change(path, "DELETE FROM sessions")
    await store.recording.write(
        session_id,
        RecordingBatch(opened=[lap_started(2, 60)], frames=frames_of(2, range(60, 70))),
    )
    await store.recording.seal_lap(session_id, 1)
    assert (await store.library.session(session_id)).frame_count == 10


async def test_a_session_put_in_the_bin_by_hand_comes_back(
    store: SqliteStore, path: Path
) -> None:
    session_id = await begin(store)
    await store.recording.write(
        session_id,
        RecordingBatch(opened=[lap_started(1, 0)], frames=frames_of(1, range(9))),
    )
    change(path, "UPDATE sessions SET deleted_us = 5; UPDATE laps SET deleted_us = 5")
    await store.recording.write(
        session_id, RecordingBatch(frames=frames_of(1, range(9, 20)))
    )
    await store.recording.finish_recording(session_id)
    (session,) = await store.library.sessions()
    assert (session.id, session.frame_count) == (session_id, 20)
