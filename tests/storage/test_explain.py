"""Every query finds its index, and every index has a query."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from ps_tui.storage.sqlite import SqliteStore
from ps_tui.storage.sqlite.explain import explain
from tests.support.recordings import begin, record_laps


async def test_no_query_reads_a_whole_table_and_no_index_is_idle(
    store: SqliteStore,
) -> None:
    session_id = await begin(store)
    await record_laps(store, session_id, 2, 30)
    found = await store.content.explain()
    assert [plan.name for plan in found.queries if plan.is_scan] == []
    assert found.unused == []
    assert len({plan.name for plan in found.queries}) == len(found.queries)
    assert all(plan.plan and plan.elapsed_us > 0 for plan in found.queries)


async def test_a_missing_and_an_idle_index_are_seen(
    store: SqliteStore, path: Path
) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP INDEX sessions_by_event")
        connection.execute("CREATE INDEX idle ON laps (top_speed_kmh)")
        found = explain(connection)
    assert found.unused == ["idle"]
    scans = {plan.name for plan in found.queries if plan.is_scan}
    assert {"events", "sessions of an event"} <= scans
