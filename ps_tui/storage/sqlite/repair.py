"""Puts right what the checks find. What it changes can be taken back."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import NamedTuple

from ps_tui.domain.errors import PsError
from ps_tui.domain.health import RepairStep
from ps_tui.storage.sqlite import findings, row_rules, stray_rows, surroundings, traces
from ps_tui.storage.sqlite.change_log import ChangeLog
from ps_tui.storage.sqlite.connection import give_pages_back
from ps_tui.storage.sqlite.findings import Finding
from ps_tui.storage.sqlite.loss import (
    INDEX_PROBLEM,
    database_file,
    integrity_problems,
    missing_parts,
    refuse_loss,
)
from ps_tui.storage.sqlite.recovery import (
    active_recorder,
    close_open_laps,
    left_open,
    recover,
    split_by_life,
)
from ps_tui.storage.sqlite.sealing import seal_all
from ps_tui.storage.sqlite.users import local_user

_READ_EVERYTHING = ("integrity check", "trace checksums", "frames out of order")


class Step(NamedTuple):
    """One kind of repair: counts what it would do, and does it."""

    check: str
    action: str
    count: Callable[[sqlite3.Connection], int]
    apply: Callable[[sqlite3.Connection, ChangeLog], None]


def plan(connection: sqlite3.Connection, now_us: int) -> list[RepairStep]:
    """Return what a repair would do, changing nothing.

    Raises DamagedDatabaseError, which says what is lost and where it still is,
    for a file that no repair can help.
    """
    refuse_loss(connection, now_us)
    planned = []
    for step in _steps(now_us):
        count = _count(step, connection)
        if count:
            planned.append(RepairStep(step.check, step.action, count))
    if active_recorder(connection, now_us) is None:
        planned += [
            RepairStep(check, action, 1)
            for check, action, is_wanted, _ in _TIDYING
            if is_wanted(connection)
        ]
    return planned


def run_name(now_us: int) -> str:
    """Return what a repair begun at ``now_us`` is called."""
    return f"repair-{now_us}"


def repair(
    connection: sqlite3.Connection, now_us: int, planned: Collection[str]
) -> list[RepairStep]:
    """Do it, inside the caller's write transaction; return what was done.

    ``planned`` names the checks of the plan: what reads the whole file is not looked
    for again while others wait to write, the rest is, as one fault may leave another.
    A step that cannot be done leaves no trace and says why; the others go on.
    """
    log = ChangeLog(run_name(now_us), now_us)
    done = []
    with log.watching(connection):
        for step in _steps(now_us):
            if step.check in _READ_EVERYTHING and step.check not in planned:
                continue
            count = _count(step, connection)
            if not count:
                continue
            log.check = step.check
            connection.execute("SAVEPOINT repair")
            problem = ""
            try:
                step.apply(connection, log)
            except (sqlite3.DatabaseError, PsError) as error:
                connection.execute("ROLLBACK TO repair")
                problem = str(error)
            connection.execute("RELEASE repair")
            done.append(RepairStep(step.check, step.action, count, problem))
    return done


def tidy(connection: sqlite3.Connection, now_us: int) -> list[RepairStep]:
    """Give room back, outside of any transaction, unless somebody records."""
    if active_recorder(connection, now_us) is not None:
        return []
    done = []
    for check, action, is_wanted, apply in _TIDYING:
        if is_wanted(connection):
            apply(connection)
            done.append(RepairStep(check, action, 1))
    return done


def _has_free_pages(connection: sqlite3.Connection) -> bool:
    return bool(surroundings.free_pages(connection).count)


def _has_long_journal(connection: sqlite3.Connection) -> bool:
    path = database_file(connection)
    return path is not None and bool(surroundings.wal_size(path).count)


def _checkpoint(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


_TIDYING = (
    (
        "free pages",
        "give empty pages back to the disk",
        _has_free_pages,
        give_pages_back,
    ),
    (
        "WAL size",
        "move the journal into the file",
        _has_long_journal,
        _checkpoint,
    ),
)


def has_changed(connection: sqlite3.Connection, run: str) -> bool:
    """Say whether a repair changed anything that an undo could take back."""
    query = "SELECT 1 FROM quarantine WHERE run = ? LIMIT 1"
    return connection.execute(query, (run,)).fetchone() is not None


def _count(step: Step, connection: sqlite3.Connection) -> int:
    try:
        return step.count(connection)
    except sqlite3.DatabaseError:
        return 0  # unreadable: the check says so, and no repair can help


def _steps(now_us: int) -> Iterator[Step]:
    # Indexes first, as searches use them. Then what is wrong inside a row.
    yield Step(
        "integrity check",
        "build damaged indexes anew",
        lambda connection: len(_damaged_indexes(connection)),
        _reindex,
    )
    yield Step(
        "check constraints",
        "give values that cannot be their default",
        lambda connection: len(row_rules.broken_rules(connection)),
        _mend_rules,
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
        "foreign keys",
        "move rows that refer to nothing to quarantine",
        _count_other_strays,
        lambda connection, log: stray_rows.remove(connection),
    )
    yield Step(
        "sessions stuck in recording",
        "mark sessions whose recorder died as interrupted, keeping their frames",
        lambda connection: (
            len(split_by_life(connection, now_us)[1]) + len(left_open(connection))
        ),
        lambda connection, log: _end_sessions(connection, now_us),
    )
    yield Step(
        "frames out of order",
        "put frames in the order they were driven in",
        lambda connection: len(traces.disordered_traces(connection)),
        _reorder,
    )
    # Last, as a unique index cannot be made before the data is.
    for kind, plural in (("index", "indexes"), ("trigger", "triggers")):
        yield Step(
            "schema fingerprint",
            f"make missing {plural} again",
            partial(_count_missing, kind),
            partial(_make_parts, kind),
        )


def _finding_step(finding: Finding) -> Step:
    def apply(connection: sqlite3.Connection, log: ChangeLog) -> None:
        local_user(connection, log.at_us)
        for key in findings.keys(connection, finding):
            finding.fix(connection, key)

    return Step(
        finding.name,
        finding.action,
        lambda connection: findings.count(connection, finding),
        apply,
    )


def _count_other_strays(connection: sqlite3.Connection) -> int:
    return sum(
        (row.table, row.column) not in findings.REFERENCES
        for row in stray_rows.stray_rows(connection)
    )


def _damaged_indexes(connection: sqlite3.Connection) -> set[str]:
    problems = integrity_problems(connection)
    found = (INDEX_PROBLEM.search(problem) for problem in problems)
    return {match[1] for match in found if match}


def _reindex(connection: sqlite3.Connection, log: ChangeLog) -> None:
    for name in _damaged_indexes(connection):
        connection.execute(f'REINDEX "{name}"')


def _mend_rules(connection: sqlite3.Connection, log: ChangeLog) -> None:
    connection.execute("PRAGMA ignore_check_constraints = ON")
    try:
        for row in row_rules.broken_rules(connection):
            row_rules.mend(connection, row)
    finally:
        connection.execute("PRAGMA ignore_check_constraints = OFF")


def _count_missing(kind: str, connection: sqlite3.Connection) -> int:
    return len(missing_parts(connection, kind))


def _make_parts(kind: str, connection: sqlite3.Connection, log: ChangeLog) -> None:
    for entry in missing_parts(connection, kind):
        connection.execute(entry.sql)
        log.note_made(connection, kind, entry.name)


def _remove_damaged(connection: sqlite3.Connection, log: ChangeLog) -> None:
    for lap_n in traces.damaged_traces(connection):
        traces.remove_damaged(connection, lap_n, log.at_us)


def _end_sessions(connection: sqlite3.Connection, now_us: int) -> None:
    recover(connection, now_us)
    for session_n in left_open(connection):
        close_open_laps(connection, session_n, "recorder died")
        seal_all(connection, session_n)


def _reorder(connection: sqlite3.Connection, log: ChangeLog) -> None:
    for lap_n in traces.disordered_traces(connection):
        traces.reorder(connection, lap_n)
