"""Puts right what the checks find. What it takes away goes to quarantine."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ps_tui.domain.health import RepairStep
from ps_tui.storage.sqlite import findings, traces
from ps_tui.storage.sqlite.findings import Finding, Quarantine
from ps_tui.storage.sqlite.health import left_open
from ps_tui.storage.sqlite.migrate import shipped_schema
from ps_tui.storage.sqlite.plugin_sets import merged_schema
from ps_tui.storage.sqlite.recovery import (
    close_open_laps,
    recover,
    split_by_life,
)
from ps_tui.storage.sqlite.schema import schema_objects
from ps_tui.storage.sqlite.sealing import seal_all
from ps_tui.storage.sqlite.users import local_user


class Step(NamedTuple):
    """One kind of repair: counts what it would do, and does it."""

    check: str
    action: str
    count: Callable[[sqlite3.Connection], int]
    apply: Callable[[sqlite3.Connection, Quarantine], None]


def plan(connection: sqlite3.Connection, now_us: int) -> list[RepairStep]:
    """Return what a repair would do, changing nothing."""
    planned = []
    for step in _steps(now_us):
        count = _count(step, connection)
        if count:
            planned.append(RepairStep(step.check, step.action, count))
    return planned


def run_name(now_us: int) -> str:
    """Return what a repair begun at ``now_us`` is called."""
    return f"repair-{now_us}"


def repair(connection: sqlite3.Connection, now_us: int) -> list[RepairStep]:
    """Do it, inside the caller's write transaction; return what was done."""
    quarantine = Quarantine(run_name(now_us), now_us)
    done = []
    for step in _steps(now_us):
        count = _count(step, connection)
        if count:
            step.apply(connection, quarantine)
            done.append(RepairStep(step.check, step.action, count))
    return done


def _count(step: Step, connection: sqlite3.Connection) -> int:
    try:
        return step.count(connection)
    except sqlite3.DatabaseError:
        return 0  # unreadable: the check says so, and no repair can help


def _steps(now_us: int) -> Iterator[Step]:
    yield Step(
        "schema fingerprint",
        "make missing indexes again",
        lambda connection: len(_missing_indexes(connection)),
        _make_indexes,
    )
    # Damaged traces first: the laps they leave behind are found by what follows.
    yield Step(
        "trace checksums",
        "move damaged traces to quarantine and their laps to the bin",
        lambda connection: len(traces.damaged_traces(connection)),
        _remove_damaged,
    )
    for finding in findings.FINDINGS:
        yield _finding_step(finding)
    yield Step(
        "sessions stuck in recording",
        "mark sessions whose recorder died as interrupted, keeping their frames",
        lambda connection: (
            len(split_by_life(connection, now_us)[1]) + len(left_open(connection))
        ),
        lambda connection, quarantine: _end_sessions(connection, now_us),
    )
    yield Step(
        "frames out of order",
        "put frames in the order they were driven in",
        lambda connection: len(traces.disordered_traces(connection)),
        _reorder,
    )


def _finding_step(finding: Finding) -> Step:
    def apply(connection: sqlite3.Connection, quarantine: Quarantine) -> None:
        local_user(connection, quarantine.at_us)
        for key in findings.keys(connection, finding):
            quarantine.keep(connection, finding.name, finding.table, key)
            if finding.table == "laps":
                for table, part in findings.parts_of_lap(connection, key):
                    quarantine.keep(connection, finding.name, table, part)
            finding.fix(connection, key)

    return Step(
        finding.name,
        finding.action,
        lambda connection: findings.count(connection, finding),
        apply,
    )


def _missing_indexes(connection: sqlite3.Connection) -> list[str]:
    present = {entry.name for entry in schema_objects(connection)}
    return sorted(
        entry.sql
        for entry in shipped_schema() | merged_schema(connection)
        if entry.type == "index" and entry.name not in present
    )


def _make_indexes(connection: sqlite3.Connection, quarantine: Quarantine) -> None:
    for sql in _missing_indexes(connection):
        connection.execute(sql)


def _remove_damaged(connection: sqlite3.Connection, quarantine: Quarantine) -> None:
    for lap_n in traces.damaged_traces(connection):
        traces.remove_damaged(connection, lap_n, quarantine)


def _end_sessions(connection: sqlite3.Connection, now_us: int) -> None:
    recover(connection, now_us)
    for session_n in left_open(connection):
        close_open_laps(connection, session_n, "recorder died")
        seal_all(connection, session_n)


def _reorder(connection: sqlite3.Connection, quarantine: Quarantine) -> None:
    for lap_n in traces.disordered_traces(connection):
        traces.reorder(connection, lap_n, quarantine)
