"""Every older file reaches today's schema with its data, and every drift is seen."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ps_tui.domain.errors import UsageError
from ps_tui.storage.sqlite import open_store, plugin_sets
from ps_tui.storage.sqlite.drift import compare, find_drift
from ps_tui.storage.sqlite.identity import APPLICATION_ID, LATEST_REVISION
from ps_tui.storage.sqlite.ledger import draft_migration, resolve, status, step_back
from ps_tui.storage.sqlite.migrate import migrate, shipped_migrations, shipped_schema
from ps_tui.storage.sqlite.schema import fingerprint, schema_objects
from ps_tui.storage.sqlite.schema_care import SqliteSchema
from ps_tui.storage.sqlite.validation import schema_problems, validate
from ps_tui.storage.trace_codec import Trace
from tests.support.drifts import DRIFTS, drift_into
from tests.support.recordings import ManualClock

ROWS = """
INSERT INTO users VALUES (1, 'u', 'Anna', 'a@b.c', 'admin', 1, 1, NULL);
INSERT INTO events (n, id, user_n, name, created_us, updated_us)
    VALUES (1, 'e', 1, 'Monza', 1, 1);
INSERT INTO sessions (n, id, user_n, event_n, name, source, created_us, updated_us)
    VALUES (1, 's', 1, 1, 'Q', 'native', 1, 1);
INSERT INTO laps (n, id, session_n, lap_number, lap_time_ms, kind, valid, state,
    started_us, created_us) VALUES (1, 'l', 1, 1, 90000, 'flying', 1, 'sealed', 1, 1);
INSERT INTO lap_traces VALUES (1, 1, 1, '[]', 1, CRC, x'00');
""".replace("CRC", str(Trace(1, 1, "[]", 1, 0, b"\0").checksum()))
OLDER = range(1, LATEST_REVISION)


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        made.execute("PRAGMA foreign_keys = ON")
        migrate(made, 1)
        plugin_sets.merge(made, 1)
        yield made


def old_file(path: Path, to: int) -> None:
    """Make a file as an older version left it, with data."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrate(connection, 1, to)
        connection.executescript(ROWS)


def data_of(path: Path) -> list[object]:
    with closing(sqlite3.connect(path)) as connection:
        return [
            connection.execute(query).fetchall()
            for query in (
                "SELECT id, name, email, role FROM users",
                "SELECT id, user_n, name FROM events",
                "SELECT id, event_n, name, source FROM sessions",
                "SELECT id, lap_number, lap_time_ms, kind, valid, state FROM laps",
                "SELECT * FROM lap_traces",
            )
        ]


@pytest.mark.parametrize("older", OLDER)
async def test_an_older_file_reaches_the_newest_schema_with_its_data(
    path: Path, clock: ManualClock, older: int
) -> None:
    old_file(path, older)
    before = data_of(path)
    store = await open_store(path, clock)
    try:
        (backup,) = await store.care.backups()
        assert backup.reason == f"before migration from {older}"
        (session,) = await store.library.sessions()
        assert session.best_lap_time_ms == 90_000
    finally:
        await store.close()
    assert data_of(path) == before
    with closing(sqlite3.connect(path)) as connection:
        assert find_drift(connection) == []
        expected = shipped_schema() | plugin_sets.merged_schema(connection)
        assert fingerprint(schema_objects(connection)) == fingerprint(expected)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


@pytest.mark.parametrize("older", OLDER)
async def test_going_back_keeps_the_data_and_forward_again_works(
    path: Path, clock: ManualClock, older: int
) -> None:
    await (await open_store(path, clock)).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DELETE FROM users")
        connection.executescript(ROWS)
    schema, before = SqliteSchema(path, clock), data_of(path)
    for revision in range(LATEST_REVISION, older, -1):
        assert (await schema.status()).revision == revision
        clock.advance(1)
        assert (await schema.rollback()).endswith(".down.sql")
    assert (await schema.status()).revision == older
    assert len((await schema.status()).pending) >= LATEST_REVISION - older
    assert data_of(path) == before
    wanted = next(
        line
        for line in shipped_migrations()[older].sql.splitlines()
        if line.startswith("CREATE TABLE")
    )
    assert wanted in await schema.pending_sql()
    assert await schema.migrate(to=older) == 0
    clock.advance(1)
    pending = (await schema.status()).pending
    assert await schema.migrate() == len(pending)
    assert data_of(path) == before


async def test_a_rollback_can_take_the_automatic_backup(
    path: Path, clock: ManualClock
) -> None:
    old_file(path, LATEST_REVISION - 1)
    await (await open_store(path, clock)).close()
    clock.advance(1)
    schema = SqliteSchema(path, clock)
    taken = await schema.rollback(from_backup=True)
    assert taken.endswith(".db")
    assert (await schema.status()).revision == LATEST_REVISION - 1
    with pytest.raises(UsageError, match="no automatic backup"):
        await schema.rollback(from_backup=True)


async def test_a_status_names_what_is_pending_and_changed(
    path: Path, clock: ManualClock
) -> None:
    old_file(path, 1)
    state = await SqliteSchema(path, clock).status()
    pending = [step.revision for step in state.pending if not step.namespace]
    assert pending == list(range(2, LATEST_REVISION + 1))
    assert "agent" in {step.namespace for step in state.pending}
    await (await open_store(path, clock)).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE schema_migrations SET sha256 = 'x'")
        connection.commit()
    schema = SqliteSchema(path, clock)
    state = await schema.status()
    assert state.pending == []
    assert all(step.is_changed for step in state.migrations if not step.namespace)
    assert "initial has changed since it was applied." in await schema.validate()


def test_a_ledger_is_put_right_only_where_the_tables_agree() -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for step in shipped_migrations():
            connection.executescript(step.sql)
        resolve(connection, LATEST_REVISION, 5, baseline=True)
        state = status_of(connection)
        assert state == {step.revision: True for step in shipped_migrations()}
        with pytest.raises(UsageError, match="no migration 99"):
            resolve(connection, 99, 5, baseline=False)
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection, 1, 1)
        with pytest.raises(UsageError, match="not at revision 2"):
            resolve(connection, 2, 5, baseline=False)
        resolve(connection, 1, 5, baseline=False)


def status_of(connection: sqlite3.Connection) -> dict[int, bool]:
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    assert application_id == APPLICATION_ID
    state = status(connection, Path(__file__))
    return {
        step.revision: step.is_applied
        for step in state.migrations
        if not step.namespace
    }


def test_a_way_back_that_goes_astray_changes_nothing(
    connection: sqlite3.Connection,
) -> None:
    step = shipped_migrations()[-1]._replace(down_sql="DROP TABLE markers;")
    connection.execute("BEGIN")
    with pytest.raises(sqlite3.IntegrityError, match="does not lead back"):
        step_back(connection, step)
    connection.execute("ROLLBACK")
    assert find_drift(connection) == []


def test_the_shipped_schema_keeps_its_rules() -> None:
    assert validate() == []


def test_broken_rules_are_named(connection: sqlite3.Connection) -> None:
    connection.executescript(
        """
        CREATE TABLE loose (lap_n INTEGER REFERENCES laps (n));
        CREATE INDEX laps_again ON laps (session_n);
        """
    )
    problems = schema_problems(connection)
    assert "loose is not STRICT." in problems
    assert "loose.lap_n refers to laps without an index." in problems
    assert any("laps_again repeats" in problem for problem in problems)


def test_a_drafted_migration_gets_the_next_number(tmp_path: Path) -> None:
    made = [draft_migration(tmp_path, "fuel_stops") for _ in range(2)]
    assert [file.name for file in made] == [
        f"{LATEST_REVISION + 1:04}_fuel_stops.sql",
        f"{LATEST_REVISION + 2:04}_fuel_stops.sql",
    ]
    with pytest.raises(UsageError, match="cannot name"):
        draft_migration(tmp_path, "No Spaces")
    with pytest.raises(UsageError, match="takes no migration"):
        draft_migration(tmp_path / "missing", "fuel_stops")


def test_there_are_seventeen_kinds_of_drift() -> None:
    assert len(DRIFTS) == 17


@pytest.mark.parametrize("name", DRIFTS)
def test_a_drift_is_found_and_shown(connection: sqlite3.Connection, name: str) -> None:
    assert find_drift(connection) == []
    drift_into(connection, DRIFTS[name])
    found = find_drift(connection)
    assert found
    assert all(drift.diff for drift in found)
    assert {drift.kind for drift in found} <= {"missing", "unexpected", "changed"}


def test_a_diff_shows_the_one_line_that_differs() -> None:
    schema = shipped_schema()
    events = next(entry for entry in schema if entry.name == "events")
    other = events._replace(sql=events.sql.replace("location TEXT", "location BLOB"))
    (drift,) = compare(schema - {events} | {other}, schema)
    assert drift.diff == ["-location TEXT,", "+location BLOB,"]


@pytest.mark.parametrize(
    "script",
    [
        "DROP INDEX events_by_user",
        "DROP TABLE markers",
        "CREATE TABLE mine (x)",
        "CREATE VIEW v AS SELECT * FROM laps",
        "ALTER TABLE laps DROP COLUMN notes",
        "ALTER TABLE laps ADD COLUMN weather TEXT",
        "DROP INDEX laps_best; ALTER TABLE laps RENAME COLUMN reason TO why",
    ],
)
async def test_a_push_makes_the_schema_that_of_the_files(
    path: Path, clock: ManualClock, script: str
) -> None:
    await (await open_store(path, clock)).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM users")
        connection.executescript(ROWS + script)
    schema, before = SqliteSchema(path, clock), data_of(path)
    assert await schema.drift()
    assert await schema.push()
    assert await schema.drift() == []
    assert data_of(path) == before
    clock.advance(1)
    assert await schema.push() == []
    await (await open_store(path, clock)).close()


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TABLE mine (x); INSERT INTO mine VALUES (1)",
        "ALTER TABLE laps ADD COLUMN weather TEXT; UPDATE laps SET weather = 'dry'",
    ],
)
async def test_a_push_refuses_what_would_lose_data(
    path: Path, clock: ManualClock, script: str
) -> None:
    await (await open_store(path, clock)).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM users")
        connection.executescript(ROWS + script)
    schema = SqliteSchema(path, clock)
    drift, before = await schema.drift(), data_of(path)
    with pytest.raises(UsageError, match="would be lost"):
        await schema.push()
    assert await schema.drift() == drift
    assert data_of(path) == before
