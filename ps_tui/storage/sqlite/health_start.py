"""The checks that take no time to see: for a start, and around every other check.

A check that cannot read what it needs says so as its result: a damaged file gets a
report, not a crash. What few starts need is imported when it is asked.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from ps_tui.domain.errors import DatabaseError
from ps_tui.domain.health import CheckResult, Verdict
from ps_tui.storage.sqlite import findings, surroundings
from ps_tui.storage.sqlite.identity import APPLICATION_ID, LATEST_REVISION
from ps_tui.storage.sqlite.migrate import revision
from ps_tui.storage.sqlite.opening import RESTORE_LATEST, signs_of_use
from ps_tui.storage.sqlite.outcome import RESTORE, outcome, unreadable
from ps_tui.storage.sqlite.recovery import left_open, split_by_life

Check = Callable[[sqlite3.Connection], CheckResult]
Named = tuple[str, Check]

QUICK_FINDINGS = ("orphaned sessions", "orphaned laps")


def quick_checks(path: Path, now_us: int) -> Iterator[Named]:
    """Return what takes no time to see: for a start."""
    yield "file header", file_header
    for name in QUICK_FINDINGS:
        yield name, partial(broken_rows, name)
    yield "sessions stuck in recording", partial(stuck, now_us=now_us)
    yield "schema fingerprint", _marked_schema
    yield from around(path, now_us)


def around(path: Path, now_us: int) -> Iterator[Named]:
    """Return the checks of the file, its folder, the disk and the copies."""
    yield "SQLite version", lambda c: surroundings.sqlite_version()
    yield "file place", lambda c: surroundings.file_place(path)
    yield "file mode", lambda c: surroundings.file_mode(path)
    yield "free pages", surroundings.free_pages
    yield "WAL size", lambda c: surroundings.wal_size(path)
    yield "free disk", lambda c: surroundings.free_disk(path)
    yield "backup age", lambda c: surroundings.backup_age(c, path, now_us)


def run(name: str, check: Check, connection: sqlite3.Connection) -> CheckResult:
    """Run one check and say how long it took."""
    started = time.perf_counter()
    try:
        result = check(connection)
    except sqlite3.Error as error:
        result = unreadable(name, error)
    except DatabaseError as error:
        # Something beside the file, such as the folder of backups.
        result = outcome(1, error.remedy, error.cause, status=Verdict.WARNING)
    elapsed_ms = (time.perf_counter() - started) * 1000
    return CheckResult(
        name=name,
        status=result.status,
        count=result.count,
        remedy=result.remedy,
        detail=result.detail,
        elapsed_ms=round(elapsed_ms, 3),
        is_repairable=result.is_repairable,
    )


def emptied(path: Path) -> CheckResult | None:
    """Return the result for a file of no bytes that was a database, else ``None``."""
    signs = signs_of_use(path)
    if not signs:
        return None
    return CheckResult(
        "file header",
        Verdict.ERROR,
        1,
        RESTORE_LATEST,
        f"the file is empty, and {signs}",
        is_repairable=False,
    )


def file_header(connection: sqlite3.Connection) -> CheckResult:
    """Look at what the first page says the file is."""
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    done = revision(connection)
    if application_id != APPLICATION_ID:
        return outcome(
            1,
            RESTORE,
            f"marked as {application_id:#010x}, not as a database of ps-tui",
            is_repairable=False,
        )
    if done > LATEST_REVISION:
        return outcome(
            1,
            "Update ps-tui.",
            f"revision {done}, this version knows {LATEST_REVISION}",
            is_repairable=False,
        )
    return outcome(
        int(done < LATEST_REVISION),
        "`ps-tui db migrate` brings it up to date.",
        f"revision {done} of {LATEST_REVISION}",
        status=Verdict.WARNING,
    )


def broken_rows(name: str, connection: sqlite3.Connection) -> CheckResult:
    """Count the rows that break the rule of this name."""
    counts = {
        finding: findings.count(connection, finding)
        for finding in findings.FINDINGS
        if finding.name == name
    }
    found = [finding for finding, count in counts.items() if count]
    remedy = found[0].remedy if found else ""
    return outcome(sum(counts.values()), remedy)


def stuck(connection: sqlite3.Connection, *, now_us: int) -> CheckResult:
    """Count the sessions and laps that dead recorders left open."""
    _, dead = split_by_life(connection, now_us)
    return outcome(
        len(dead) + len(left_open(connection)),
        "`ps-tui db repair` marks them interrupted and keeps their frames.",
        ", ".join(claimed.name for claimed in dead),
    )


def _marked_schema(connection: sqlite3.Connection) -> CheckResult:
    """Compare with the mark of the last migration, object by object if it differs."""
    row = connection.execute(
        "SELECT value FROM store_facts WHERE key = 'schema'"
    ).fetchone()
    if row is not None and row[0] == surroundings.schema_mark(connection):
        return outcome(0, detail=f"revision {revision(connection)}")
    from ps_tui.storage.sqlite.health_checks import schema

    return schema(connection, now_us=0)
