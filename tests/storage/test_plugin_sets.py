"""Tables that plug-ins bring: merged at start, kept apart, never in the way."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ps_tui.storage.sqlite import SqliteStore, plugin_sets
from ps_tui.storage.sqlite.migrate import Migration, migrate
from ps_tui.storage.sqlite.plugin_sets import PluginSet, merge
from ps_tui.storage.sqlite.schema import schema_objects

TYRES = Migration(1, "tyres", "CREATE TABLE tyre_sets (n INTEGER PRIMARY KEY) STRICT;")
AGENT_TABLES = {
    "agent_conversations",
    "agent_messages",
    "agent_run_plans",
    "agent_run_plan_items",
}


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        made.execute("PRAGMA foreign_keys = ON")
        migrate(made, 1)
        yield made


def tables(connection: sqlite3.Connection) -> set[str]:
    return {entry.name for entry in schema_objects(connection) if entry.type == "table"}


async def test_the_agent_tables_are_there_from_the_start(
    store: SqliteStore, path: Path
) -> None:
    with closing(sqlite3.connect(path)) as connection:
        assert tables(connection) >= AGENT_TABLES
        ledger = connection.execute("SELECT namespace, revision FROM plugin_migrations")
        assert ("agent", 1) in ledger.fetchall()
        assert plugin_sets.is_merged(connection)
    assert (await store.care.check()).is_ok


def test_a_conversation_takes_its_messages_and_plans_along(
    connection: sqlite3.Connection,
) -> None:
    merge(connection, 1)
    connection.executescript(
        """
        INSERT INTO users VALUES (1, 'u', 'Anna', NULL, 'user', 1, 1, NULL);
        INSERT INTO agent_conversations VALUES (1, 'c', 1, NULL, 'Setup', 1, 1, NULL);
        INSERT INTO agent_messages VALUES (1, 'm', 1, 'user', 'Hi', '{}', 1);
        INSERT INTO agent_run_plans VALUES (1, 'p', 1, 'Softer', 'proposed', 1, 1);
        INSERT INTO agent_run_plan_items
            VALUES (1, 'i', 1, 1, 'edit', '{}', 'pending', NULL, 1, 1);
        DELETE FROM users;
        """
    )
    for table in AGENT_TABLES:
        assert connection.execute(f"SELECT * FROM {table}").fetchall() == []


def test_a_set_is_applied_once_and_remembered(connection: sqlite3.Connection) -> None:
    sets = (PluginSet("tyre", (TYRES,)),)
    assert not plugin_sets.is_merged(connection)
    for _ in range(2):
        assert merge(connection, 1, sets) == []
    assert plugin_sets.is_merged(connection)
    assert plugin_sets.applied_steps(connection) == {("tyre", 1): TYRES.sha256}


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE wheels (n INTEGER PRIMARY KEY) STRICT;",
        "CREATE TABLE tyre_more (n INTEGER PRIMARY KEY) STRICT; DROP TABLE prizes;",
        "CREATE TABLE tyre_more (n INTEGER PRIMARY KEY) STRICT; CREATE nonsense;",
    ],
)
def test_a_set_that_fails_leaves_nothing_and_stops_nobody(
    connection: sqlite3.Connection, sql: str
) -> None:
    before = tables(connection)
    bad = PluginSet(
        "tyre", (TYRES, Migration(2, "bad", sql), Migration(3, "never", ""))
    )
    good = PluginSet(
        "pit", (Migration(1, "pit", "CREATE TABLE pit_stops (n INTEGER);"),)
    )
    assert merge(connection, 1, (bad, good)) == ["tyre"]
    assert tables(connection) == before | {"tyre_sets", "pit_stops"}
    assert set(plugin_sets.applied_steps(connection)) == {("tyre", 1), ("pit", 1)}


async def test_tables_that_a_rollback_left_are_kept_with_their_rows(
    store: SqliteStore, path: Path
) -> None:
    await store.close()
    with closing(sqlite3.connect(path)) as connection:
        (user_n,) = connection.execute("SELECT n FROM users").fetchone()
        connection.execute(
            "INSERT INTO agent_conversations VALUES (1, 'c', ?, NULL, 'Setup', 1, 1,"
            " NULL)",
            (user_n,),
        )
        connection.commit()
    schema = store.schema
    while (await schema.status()).revision > 1:
        await schema.rollback()
    assert "CREATE TABLE agent_messages" in await schema.pending_sql()
    await schema.migrate()
    (agent,) = [s for s in (await schema.status()).migrations if s.namespace]
    assert agent.is_applied
    assert agent.applied_us is not None
    assert await schema.push() == []
    assert await schema.drift() == []
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT title FROM agent_conversations")
        assert found.fetchall() == [("Setup",)]
