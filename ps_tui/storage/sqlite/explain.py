"""How the named queries run on this very database."""

from __future__ import annotations

import re
import sqlite3
import time

from ps_tui.domain.upkeep import Explanation, QueryPlan
from ps_tui.storage.sqlite.named_queries import (
    GROWING,
    SCANS_ON_PURPOSE,
    NamedQuery,
    named_queries,
    samples,
)

_ROUNDS = 3
_INDEX = re.compile(r"USING (?:COVERING )?INDEX (\w+)")
_SCAN = re.compile(r"SCAN (\w+)")


def explain(connection: sqlite3.Connection) -> Explanation:
    """Return plan, time and indexes of every named query, and the idle indexes."""
    plans = [_plan(connection, query) for query in named_queries(connection)]
    used = {index for plan in plans for index in plan.indexes}
    rows = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        " ORDER BY name"
    )
    return Explanation(plans, [name for (name,) in rows if name not in used])


def plan_of(
    connection: sqlite3.Connection, sql: str, parameters: tuple[object, ...] = ()
) -> list[str]:
    """Return the steps of a query as SQLite tells them."""
    rows = connection.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)
    return [row[3] for row in rows]


def _plan(connection: sqlite3.Connection, query: NamedQuery) -> QueryPlan:
    parameters = samples(connection, query.about)
    plan = plan_of(connection, query.sql, parameters)
    indexes = sorted({name for step in plan for name in _INDEX.findall(step)})
    is_scan = query.name not in SCANS_ON_PURPOSE and any(
        _is_scan(query.sql, step) for step in plan
    )
    elapsed_us = min(_timed(connection, query.sql, parameters) for _ in range(_ROUNDS))
    sql = " ".join(query.sql.split())
    return QueryPlan(query.name, sql, plan, indexes, elapsed_us, is_scan)


def _is_scan(sql: str, step: str) -> bool:
    found = _SCAN.match(step)
    if found is None or " USING " in step:
        return False
    alias = found[1]
    return any(
        re.search(rf"\b{table}( AS)? {alias}\b", sql) or alias == table
        for table in GROWING
    )


def _timed(
    connection: sqlite3.Connection, sql: str, parameters: tuple[object, ...]
) -> float:
    started = time.perf_counter()
    connection.execute(sql, parameters).fetchall()
    return round((time.perf_counter() - started) * 1_000_000, 1)
