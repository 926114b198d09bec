"""Events, sessions and laps: made, changed, deleted and brought back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ps_tui.domain.errors import (
    NotFoundError,
    RecorderBusyError,
    UsageError,
)
from ps_tui.domain.ids import short_id
from ps_tui.domain.models import (
    EventDraft,
    EventStatus,
    LapDraft,
    LapNotes,
    SessionDraft,
    SessionStatus,
    best_lap,
)
from ps_tui.storage.sqlite import SqliteStore, queries
from ps_tui.storage.sqlite.migrate import migrate
from ps_tui.storage.sqlite.recording import SELECT_TAIL
from ps_tui.storage.sqlite.recovery import RECORDING
from tests.support.recordings import begin, record_laps


async def test_an_event_is_made_and_edited(store: SqliteStore) -> None:
    draft = EventDraft(" Monza ", "wet", "Italy", "2026-11-21", "2026-11-22")
    event = await store.library.create_event(draft)
    assert (event.name, event.location, event.status) == (
        "Monza",
        "Italy",
        EventStatus.DRAFT,
    )
    edited = await store.library.edit_event(event.id, EventDraft("Spa"))
    assert (edited.id, edited.name, edited.location) == (event.id, "Spa", None)
    assert await store.library.event(event.id) == edited


async def test_a_session_is_made_and_moved(store: SqliteStore) -> None:
    event = await store.library.create_event(EventDraft("Monza"))
    draft = SessionDraft("Race", event.id, "native", "wet,race", "Abarth", "Monza", "L")
    session = await store.library.create_session(draft)
    assert session.event_id == event.id
    assert session.status is SessionStatus.PENDING
    assert (session.car, session.track, session.driver) == ("Abarth", "Monza", "L")
    edited = await store.library.edit_session(session.id, SessionDraft("Quali"))
    assert (edited.event_id, edited.name) == (None, "Quali")


async def test_lists_begin_with_the_newest(store: SqliteStore) -> None:
    made = [await store.library.create_event(EventDraft(name)) for name in "abc"]
    event_id = made[0].id
    for name in "xyz":
        await store.library.create_session(SessionDraft(name, event_id))
    await store.library.create_session(SessionDraft("alone"))
    assert [event.name for event in await store.library.events()] == ["c", "b", "a"]
    sessions = await store.library.sessions(event_id)
    assert [session.name for session in sessions] == ["z", "y", "x"]
    assert len(await store.library.sessions()) == 4
    assert (await store.library.event(event_id)).session_count == 3


async def test_an_id_may_be_given_by_its_end(store: SqliteStore) -> None:
    event = await store.library.create_event(EventDraft("Monza"))
    assert (await store.library.event(short_id(event.id).upper())).id == event.id
    for wrong in ("zzzzzzzz", "", "abc", "%%%%", "0" * 36, "0" * 40):
        with pytest.raises(NotFoundError):
            await store.library.event(wrong)


async def test_an_end_of_two_ids_is_refused(store: SqliteStore, path: Path) -> None:
    for name in "ab":
        await store.library.create_event(EventDraft(name))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE events SET id = substr(id, 1, 32) || 'abcd'")
        connection.commit()
    with pytest.raises(NotFoundError, match="More than one"):
        await store.library.event("abcd")


@pytest.mark.parametrize(
    "draft",
    [
        EventDraft("  "),
        EventDraft("a", start_date="tomorrow"),
        EventDraft("a", start_date="2026-02-30"),
        EventDraft("a", start_date="2026-02-02", end_date="2026-02-01"),
    ],
)
async def test_nonsense_is_refused_with_a_remedy(
    store: SqliteStore, draft: EventDraft
) -> None:
    with pytest.raises(UsageError) as caught:
        await store.library.create_event(draft)
    assert caught.value.remedy
    assert await store.library.events() == []


async def test_deleting_an_event_takes_its_sessions_and_laps(
    store: SqliteStore,
) -> None:
    event, session_id = await _event_with_laps(store)
    deletion = await store.library.delete_event(event)
    assert (deletion.name, deletion.session_count, deletion.lap_count) == (
        "Monza",
        1,
        2,
    )
    assert await store.library.events() == []
    assert await store.library.sessions() == []
    assert await store.library.laps(session_id) == []
    (gone,) = await store.library.events(deleted=True)
    assert (gone.id, gone.session_count, gone.lap_count) == (event, 1, 2)
    assert len(await store.library.sessions(deleted=True)) == 1
    assert len(await store.library.laps(session_id, deleted=True)) == 2


async def test_restoring_brings_back_exactly_what_went(store: SqliteStore) -> None:
    event, session_id = await _event_with_laps(store)
    first, _ = await store.library.laps(session_id)
    await store.library.delete_lap(first.id)
    await store.library.delete_event(event)
    restored = await store.library.restore_event(event)
    assert (restored.session_count, restored.lap_count) == (1, 1)
    (lap,) = await store.library.laps(session_id)
    assert lap.lap_number == 2
    assert (await store.library.restore_lap(first.id)).deleted_us is None
    assert len(await store.library.laps(session_id)) == 2


async def test_restoring_a_part_brings_back_what_it_stands_in(
    store: SqliteStore,
) -> None:
    event, session_id = await _event_with_laps(store)
    await store.library.delete_event(event)
    (lap, _) = await store.library.laps(session_id, deleted=True)
    await store.library.restore_lap(lap.id)
    assert [entry.id for entry in await store.library.events()] == [event]
    assert [entry.id for entry in await store.library.laps(session_id)] == [lap.id]
    session = await store.library.restore_session(session_id)
    assert session.deleted_us is None


async def test_deleting_twice_deletes_once(store: SqliteStore) -> None:
    event, session_id = await _event_with_laps(store)
    await store.library.delete_session(session_id)
    assert (await store.library.delete_session(session_id)).lap_count == 0
    assert (await store.library.delete_event(event)).session_count == 0
    assert (await store.library.delete_event(event)).session_count == 0
    assert (await store.library.restore_session(session_id)).lap_count == 2


async def test_what_records_cannot_be_deleted(store: SqliteStore) -> None:
    event = await store.library.create_event(EventDraft("Monza"))
    session_id = await begin(store)
    await store.library.edit_session(session_id, SessionDraft("Q", event.id))
    for attempt in (
        store.library.delete_session(session_id),
        store.library.delete_event(event.id),
    ):
        with pytest.raises(RecorderBusyError) as caught:
            await attempt
        assert "Stop the recording" in caught.value.remedy
    await store.recording.finish_recording(session_id)
    assert (await store.library.delete_event(event.id)).session_count == 1


async def test_the_best_lap_is_the_one_of_the_domain_rule(store: SqliteStore) -> None:
    event, session_id = await _event_with_laps(store)
    for _ in range(3):
        laps = await store.library.laps(session_id)
        expected = best_lap(laps)
        session = await store.library.session(session_id)
        found = None if expected is None else expected.lap_time_ms
        assert session.best_lap_time_ms == found
        assert (await store.library.event(event)).best_lap_time_ms == found
        assert session.lap_count == len(laps)
        if expected is not None:
            await store.library.delete_lap(expected.id)


async def test_an_excluded_lap_counts_no_more(store: SqliteStore) -> None:
    event, session_id = await _event_with_laps(store)
    fastest = best_lap(await store.library.laps(session_id))
    assert fastest is not None
    with pytest.raises(UsageError, match="reason is missing"):
        await store.library.exclude_lap(fastest.id, " ")
    excluded = await store.library.exclude_lap(fastest.id, "cut the chicane")
    assert not excluded.counts_as_best
    assert excluded.excluded_reason == "cut the chicane"
    laps = await store.library.laps(session_id)
    assert excluded in laps
    expected = best_lap(laps)
    assert expected is not None
    session = await store.library.session(session_id)
    assert session.best_lap_time_ms == expected.lap_time_ms
    assert session.best_lap_time_ms != fastest.lap_time_ms
    assert (await store.library.event(event)).best_lap_time_ms == expected.lap_time_ms
    assert await store.library.include_lap(fastest.id) == fastest


async def test_a_lap_carries_what_people_write(store: SqliteStore) -> None:
    _, session_id = await _event_with_laps(store)
    (lap, *_) = await store.library.laps(session_id)
    noted = await store.library.note_lap(
        lap.id, LapNotes("wet, best", "no traffic", "Anna", 2)
    )
    assert (noted.tags, noted.notes) == ("wet, best", "no traffic")
    assert (noted.driver, noted.stint) == ("Anna", 2)
    with pytest.raises(UsageError, match="no stint 0"):
        await store.library.note_lap(lap.id, LapNotes(stint=0))


HOT = {
    "events": (queries.EVENTS, ()),
    "deleted events": (queries.DELETED_EVENTS, ()),
    "sessions": (queries.SESSIONS, ()),
    "sessions of event": (queries.SESSIONS_OF_EVENT, (1,)),
    "deleted sessions": (queries.DELETED_SESSIONS, ()),
    "session": (queries.SESSION, (1,)),
    "laps": (queries.LAPS, (1,)),
    "lap": (queries.LAP, (1,)),
    "tail": (SELECT_TAIL, (1, 1, 1)),
    "recording": (RECORDING, ()),
}


@pytest.mark.parametrize("name", HOT)
def test_no_hot_query_reads_a_whole_table(name: str) -> None:
    query, parameters = HOT[name]
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection, 1)
        plan = connection.execute(f"EXPLAIN QUERY PLAN {query}", parameters)
        steps = [row[3] for row in plan]
    assert steps
    whole = [
        step for step in steps if step.startswith("SCAN") and " USING " not in step
    ]
    assert whole == []


@pytest.mark.parametrize("name", ["events", "sessions", "sessions of event", "laps"])
def test_lists_come_sorted_from_their_index(name: str) -> None:
    query, parameters = HOT[name]
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection, 1)
        plan = connection.execute(f"EXPLAIN QUERY PLAN {query}", parameters).fetchall()
    assert not [row for row in plan if "TEMP B-TREE FOR ORDER BY" in row[3]]


async def test_no_lap_is_added_to_what_somebody_records(store: SqliteStore) -> None:
    session_id = await begin(store)
    with pytest.raises(RecorderBusyError, match="cannot be added to"):
        await store.library.create_lap(session_id, LapDraft(90_000))
    await store.recording.finish_recording(session_id)
    with pytest.raises(UsageError, match="takes time"):
        await store.library.create_lap(session_id, LapDraft(0))
    lap = await store.library.create_lap(session_id, LapDraft(90_000, valid=False))
    assert (lap.lap_time_ms, lap.valid, lap.frame_count) == (90_000, False, 0)
    trace = await store.library.load_trace(lap.id)
    assert {len(column) for column in trace.columns.values()} == {0}


async def _event_with_laps(store: SqliteStore) -> tuple[str, str]:
    event = await store.library.create_event(EventDraft("Monza"))
    session_id = await begin(store)
    await record_laps(store, session_id, frame_count=20)
    await store.recording.finish_recording(session_id)
    await store.library.edit_session(session_id, SessionDraft("Q", event.id))
    return event.id, session_id
