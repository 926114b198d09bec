"""The table browser: any name, any size, nothing changed but by the writer."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ps_tui.domain.errors import NotFoundError, RecorderBusyError, UsageError
from ps_tui.domain.garage import MathChannelDraft, VehicleDraft
from ps_tui.domain.models import EventDraft, SessionDraft
from ps_tui.domain.studio import Row, Table, View
from ps_tui.storage.sqlite import SqliteStore
from tests.support.recordings import begin, record_laps

HOSTILE = 'x"; DROP TABLE users; --'
ENDLESS = (
    "WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c)"
    " SELECT count(*) FROM c"
)


def write(path: Path, *statements: str) -> None:
    """Change the file as another program would."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


async def table(store: SqliteStore, name: str) -> Table:
    return next(one for one in await store.studio.tables() if one.name == name)


async def first(store: SqliteStore, name: str, view: View = View()) -> Row:  # noqa: B008
    page = await store.studio.rows(name, view, limit=1)
    assert page.keys[0] is not None
    return await store.studio.row(name, page.keys[0])


async def test_tables_have_columns_counts_and_references(store: SqliteStore) -> None:
    await record_laps(store, await begin(store))
    laps = await table(store, "laps")
    assert laps.row_count == 2
    session = laps.column("session_n")
    assert session is not None
    assert (session.refers_to, session.type) == ("sessions", "INTEGER")
    assert laps.is_editable
    assert not (await table(store, "lap_traces")).is_editable
    assert not (await table(store, "audit")).is_editable


async def test_rows_are_paged_filtered_and_sorted(store: SqliteStore) -> None:
    for number in range(25):
        await store.library.create_event(EventDraft(f"Event {number:02}"))
    studio = store.studio
    page = await studio.rows("events", offset=20, limit=10)
    assert (page.total, page.offset, len(page.rows)) == (25, 20, 5)
    newest = await studio.rows("events", View(sort="name", is_descending=True), limit=2)
    column = newest.columns.index("name")
    assert [row[column] for row in newest.rows] == ["Event 24", "Event 23"]
    assert (await studio.rows("events", View("EVENT name~07"))).total == 1
    assert (await studio.rows("events", View("name~07 n>3 location=null"))).total == 1
    assert (await studio.rows("events", View("n>=3 n<5"))).total == 2
    assert (await studio.rows("events", View("location!=null"))).total == 0
    with pytest.raises(UsageError, match="holds numbers"):
        await studio.rows("events", View("n=three"))


async def test_what_is_typed_never_becomes_sql(store: SqliteStore) -> None:
    await store.library.create_event(EventDraft("x' OR 1=1"))
    studio = store.studio
    assert (await studio.rows("events", View("' OR '1'='1"))).total == 0
    assert (await studio.rows("events", View("x' OR 1=1"))).total == 1
    for bad in (HOSTILE, "sqlite_master", "events e", "", "users; --"):
        with pytest.raises(NotFoundError):
            await studio.rows(bad)
        with pytest.raises(NotFoundError):
            await studio.rows("events", View(sort=bad))
        with pytest.raises(NotFoundError):
            await studio.rows("events", View(where=(bad, 1)))
        with pytest.raises(NotFoundError):
            await studio.row(bad, 1)
    assert (await table(store, "users")).row_count is not None


async def test_tables_with_hostile_names_are_read_and_corrected(
    store: SqliteStore, path: Path
) -> None:
    column = 'a"] = 1; --'
    names = [HOSTILE.replace('"', '""'), column.replace('"', '""')]
    write(
        path,
        f'CREATE TABLE "{names[0]}" ("{names[1]}" TEXT, rowid TEXT, "select" BLOB)',
        f"INSERT INTO \"{names[0]}\" VALUES ('one', 'two', x'00ff')",
        'CREATE TABLE "no key" (k TEXT PRIMARY KEY, v) WITHOUT ROWID',
        "INSERT INTO \"no key\" VALUES ('k', 'v')",
        "CREATE VIEW broken AS SELECT * FROM nowhere",
    )
    page = await store.studio.rows(HOSTILE, View(sort=column))
    assert page.columns == (column, "rowid", "select")
    assert page.rows == (("one", "two", "2 bytes: 00ff"),)
    row = await first(store, HOSTILE)
    changed = await store.studio.update(
        HOSTILE, row.key, {column: "three"}, seen=row.values
    )
    assert changed.values[column] == "three"
    without = await store.studio.rows("no key")
    assert (without.rows, without.keys) == ((("k", "v"),), (None,))
    assert (await table(store, "broken")).row_count is None
    with pytest.raises(UsageError, match="what is gone"):
        await store.studio.rows("broken")


async def test_a_row_knows_its_ways(store: SqliteStore) -> None:
    session_id = await begin(store, "Race")
    await record_laps(store, session_id)
    lap = await first(store, "laps")
    (towards,) = lap.references
    assert (towards.table, towards.label) == ("sessions", "Race")
    session = await store.studio.row(towards.table, towards.key or 0)
    assert session.values["id"] == session_id
    back = {one.table: one for one in session.referenced_by}
    assert back["laps"].count == 2
    found = await store.studio.rows("laps", back["laps"].view or View())
    assert found.total == 2
    with pytest.raises(NotFoundError, match="gone"):
        await store.studio.row("laps", 9999)


async def test_a_trace_opens_as_the_table_of_its_frames(store: SqliteStore) -> None:
    await record_laps(store, await begin(store), lap_count=1)
    trace = await first(store, "lap_traces")
    assert trace.lap_id is not None
    assert "bytes" in str(trace.values["data"])
    page = await store.studio.frames(trace.lap_id, offset=290, limit=50)
    assert (page.total, len(page.rows)) == (300, 10)
    assert {"speed", "received_us", "fuel"} <= set(page.columns)
    speed = page.rows[0][page.columns.index("speed")]
    assert isinstance(speed, float)
    assert (await store.studio.frames(trace.lap_id, offset=900)).rows == ()


async def test_a_correction_is_stored_and_noted(store: SqliteStore) -> None:
    event = await store.library.create_event(EventDraft("Imola"))
    row = await first(store, "events")
    changes = {"name": "Imola II", "location": None}
    changed = await store.studio.update("events", row.key, changes, seen=row.values)
    assert changed.values["name"] == "Imola II"
    assert (await store.library.event(event.id)).name == "Imola II"
    note = (await first(store, "audit")).values
    assert str(note["actor"]).startswith("studio")
    assert (note["table_name"], note["row_id"]) == ("events", event.id)
    assert json.loads(str(note["before_json"]))["name"] == "Imola"
    assert json.loads(str(note["after_json"]))["name"] == "Imola II"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"id": "x"}, "cannot be changed"),
        ({"nothing": "x"}, "cannot be changed"),
        ({"name": None}, "needs a value"),
        ({"name": ""}, "breaks a rule of the table: "),
        ({"status": "won"}, "breaks a rule of the table: status IN"),
        ({"deleted_us": "soon"}, "is a number"),
        ({"deleted_us": "9" * 30}, "is too large"),
        ({"user_n": "77"}, "no row that this would refer to"),
    ],
)
async def test_what_does_not_fit_is_refused(
    store: SqliteStore, changes: dict[str, str | None], words: str
) -> None:
    await store.library.create_event(EventDraft("Imola"))
    row = await first(store, "events")
    with pytest.raises(UsageError, match=words):
        await store.studio.update("events", row.key, changes, seen=row.values)
    assert (await table(store, "audit")).row_count == 0
    assert (await store.studio.row("events", row.key)) == row


async def test_json_is_held_against_its_type(store: SqliteStore) -> None:
    await store.garage.create_vehicle(VehicleDraft("Car"))
    row = await first(store, "vehicles")
    studio = store.studio
    with pytest.raises(UsageError, match="right shape"):
        await studio.update("vehicles", row.key, {"tags": "[1]"}, seen=row.values)
    await studio.update("vehicles", row.key, {"tags": '["gt"]'}, seen=row.values)
    assert (await store.garage.vehicles())[0].tags == ("gt",)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"formula": "speed +"}, "formula"),
        ({"formula": "no_such_channel * 2"}, "no_such_channel"),
        ({"formula": "twice + 1"}, "no channel"),
        ({"name": "speed"}, "already a channel"),
    ],
)
async def test_a_formula_is_held_against_the_others(
    store: SqliteStore, changes: dict[str, str | None], words: str
) -> None:
    workbench, studio = store.workbench, store.studio
    await workbench.create_math_channel(MathChannelDraft("half", "speed / 2"))
    await workbench.create_math_channel(MathChannelDraft("twice", "half * 4"))
    row = await first(store, "math_telemetry_channels")
    place = "math_telemetry_channels", row.key
    with pytest.raises(UsageError, match=words):
        await studio.update(*place, changes, seen=row.values)
    assert (await studio.row(*place)) == row
    await studio.update(*place, {"formula": "speed / 3.6"}, seen=row.values)
    assert (await workbench.math_channels())[0].formula == "speed / 3.6"
    await studio.update(*place, {"deleted_us": "7"}, seen=row.values)
    assert [one.name for one in await workbench.math_channels()] == ["twice"]


async def test_what_others_changed_or_record_is_left_alone(store: SqliteStore) -> None:
    event = await store.library.create_event(EventDraft("Imola"))
    row = await first(store, "events")
    await store.library.edit_event(event.id, EventDraft("Monza"))
    with pytest.raises(UsageError, match="changed meanwhile"):
        await store.studio.update("events", row.key, {"name": "Spa"}, seen=row.values)
    await begin(store)
    session = await first(store, "sessions")
    with pytest.raises(RecorderBusyError):
        await store.studio.update(
            "sessions", session.key, {"name": "X"}, seen=session.values
        )
    with pytest.raises(UsageError, match="program alone"):
        await store.studio.update("audit", 1, {"actor": "me"}, seen={})


async def test_a_query_pages_through_a_huge_result(store: SqliteStore) -> None:
    numbers = (
        "WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c"
        " WHERE i < 200000) SELECT i FROM c"
    )
    page = await store.studio.query(numbers, offset=150_000, limit=3)
    assert page.rows == [[150_001], [150_002], [150_003]]
    assert page.is_truncated
    last = await store.studio.query(numbers, offset=199_999, limit=3)
    assert (last.rows, last.is_truncated) == ([[200_000]], False)


async def test_a_long_query_ends_by_itself_and_by_cancelling(
    store: SqliteStore,
) -> None:
    with pytest.raises(UsageError, match=r"longer than 0\.05 s"):
        await store.studio.query(ENDLESS, timeout_s=0.05)
    task = asyncio.create_task(store.studio.query(ENDLESS, timeout_s=600))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    # Its thread must end by itself: the loop waits for it when it closes.
    await asyncio.get_running_loop().shutdown_default_executor()


async def test_frames_of_laps_can_be_queried_and_planned(store: SqliteStore) -> None:
    await record_laps(store, await begin(store))
    session = (await store.library.sessions())[0]
    laps = [lap.id for lap in await store.library.laps(session.id)]
    sql = "SELECT lap, count(*), max(speed) FROM frames GROUP BY lap"
    result = await store.studio.query(sql, frames_of=laps)
    assert [row[:2] for row in result.rows] == [[1, 300], [2, 300]]
    assert any("frames" in step for step in result.plan)
    assert await store.studio.plan(sql, frames_of=laps) == result.plan
    with pytest.raises(UsageError, match="no such table"):
        await store.studio.plan("SELECT * FROM nowhere")


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM events",
        "UPDATE events SET name = 'x'",
        "CREATE TABLE x (y)",
        "PRAGMA user_version = 9",
        "ATTACH '{file}' AS other",
        "VACUUM INTO '{file}'",
        "SELECT 1; DROP TABLE events",
        "SELECT load_extension('x')",
        "SELECT length(zeroblob(900000000))",
        "",
    ],
)
async def test_the_sql_box_cannot_write(
    store: SqliteStore, tmp_path: Path, sql: str
) -> None:
    await store.library.create_event(EventDraft("Kept"))
    target = tmp_path / "stolen.db"
    with pytest.raises(UsageError):
        await store.studio.query(sql.format(file=target))
    assert not target.exists()
    (event,) = await store.library.events()
    assert event.name == "Kept"


async def test_sessions_without_a_car_have_one_way(store: SqliteStore) -> None:
    await store.library.create_session(SessionDraft("Q"))
    session = await first(store, "sessions")
    assert [one.column for one in session.references] == ["user_n"]
