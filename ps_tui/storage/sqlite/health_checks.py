"""The checks of a database, each a row of the health table.

A check that cannot read what it needs says so as its result: a damaged file gets a
report, not a crash.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from ps_tui.domain.health import CheckResult, Verdict
from ps_tui.storage.sqlite import findings, row_rules, surroundings, traces
from ps_tui.storage.sqlite.drift import expected_schema
from ps_tui.storage.sqlite.identity import APPLICATION_ID, LATEST_REVISION
from ps_tui.storage.sqlite.loss import (
    integrity_problems,
    is_beyond_repair,
    missing_parts,
    remedy_for_loss,
)
from ps_tui.storage.sqlite.migrate import revision, shipped_migrations
from ps_tui.storage.sqlite.opening import RESTORE_LATEST, signs_of_use
from ps_tui.storage.sqlite.outcome import REPAIR, RESTORE, outcome, unreadable
from ps_tui.storage.sqlite.recovery import left_open, split_by_life
from ps_tui.storage.sqlite.schema import schema_objects
from ps_tui.storage.sqlite.signals import lap_load, newest_signals, wall_clock

Check = Callable[[sqlite3.Connection], CheckResult]
Named = tuple[str, Check]

QUICK_FINDINGS = ("orphaned sessions", "orphaned laps")


def quick_checks(path: Path, now_us: int) -> Iterator[Named]:
    """Return what takes no time to see: for a start."""
    yield "file header", file_header
    for name in QUICK_FINDINGS:
        yield name, partial(_finding, name)
    yield "sessions stuck in recording", partial(_stuck, now_us=now_us)
    yield "schema fingerprint", _marked_schema
    yield from around(path, now_us)


def row_checks(now_us: int, *, deep: bool) -> Iterator[Named]:
    """Return the checks of what the rows say."""
    for name in dict.fromkeys(finding.name for finding in findings.FINDINGS):
        yield name, partial(_finding, name)
    yield "sessions stuck in recording", partial(_stuck, now_us=now_us)
    limit = None if deep else traces.RECENT_LAPS
    yield "frames out of order", partial(_disordered, limit=limit)
    yield "newest signals", newest_signals
    yield "lap load", lap_load
    yield "wall clock", partial(wall_clock, now_us=now_us)
    yield "schema fingerprint", partial(_schema, now_us=now_us)
    yield "check constraints", _rules
    yield "foreign keys", _foreign_keys
    yield "quarantine", _quarantine


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


def _finding(name: str, connection: sqlite3.Connection) -> CheckResult:
    counts = {
        finding: findings.count(connection, finding)
        for finding in findings.FINDINGS
        if finding.name == name
    }
    found = [finding for finding, count in counts.items() if count]
    remedy = found[0].remedy if found else ""
    return outcome(sum(counts.values()), remedy)


def _stuck(connection: sqlite3.Connection, *, now_us: int) -> CheckResult:
    _, dead = split_by_life(connection, now_us)
    return outcome(
        len(dead) + len(left_open(connection)),
        "`ps-tui db repair` marks them interrupted and keeps their frames.",
        ", ".join(claimed.name for claimed in dead),
    )


def _disordered(connection: sqlite3.Connection, *, limit: int | None) -> CheckResult:
    return outcome(len(traces.disordered_traces(connection, limit)))


def checksums(connection: sqlite3.Connection, *, deep: bool = False) -> CheckResult:
    """Compare every trace with its checksum; ``deep`` also unpacks each."""
    damaged = traces.damaged_traces(connection)
    if deep and not damaged:
        damaged = traces.unreadable_traces(connection)
    return outcome(
        len(damaged),
        "Restore a backup that still has these laps; `ps-tui db repair` only moves"
        " them to quarantine.",
        is_repairable=False,
    )


def _marked_schema(connection: sqlite3.Connection) -> CheckResult:
    """Compare with the mark of the last migration, object by object if it differs."""
    row = connection.execute(
        "SELECT value FROM store_facts WHERE key = 'schema'"
    ).fetchone()
    if row is not None and row[0] == surroundings.schema_mark(connection):
        return outcome(0, detail=f"revision {revision(connection)}")
    return _schema(connection, now_us=0)


def _schema(connection: sqlite3.Connection, *, now_us: int) -> CheckResult:
    tables = [entry.name for entry in missing_parts(connection, "table")]
    if tables:
        return outcome(
            len(tables),
            remedy_for_loss(connection, tables, now_us),
            f"gone with every row: {', '.join(tables)}",
            is_repairable=False,
        )
    found = schema_objects(connection)
    shipped = expected_schema(connection)
    missing = shipped - found
    if missing:
        present = {entry.name for entry in found}
        is_repairable = all(
            entry.type in ("index", "trigger") and entry.name not in present
            for entry in missing
        )
        return outcome(
            len(missing),
            REPAIR if is_repairable else RESTORE,
            "not as shipped: " + ", ".join(sorted(entry.name for entry in missing)),
            is_repairable=is_repairable,
        )
    ledger = connection.execute("SELECT revision, sha256 FROM schema_migrations")
    if dict(ledger.fetchall()) != {
        step.revision: step.sha256 for step in shipped_migrations()
    }:
        return outcome(
            1,
            "The tables are as they should be; nothing needs to be done.",
            "the list of applied migrations differs from the shipped ones",
            status=Verdict.WARNING,
        )
    added = {entry.name for entry in found} - {entry.name for entry in shipped}
    return outcome(
        len(added),
        "Nothing of ps-tui needs these; drop them if they are not yours.",
        "not from ps-tui: " + ", ".join(sorted(added)) if added else "",
        status=Verdict.WARNING,
    )


def _rules(connection: sqlite3.Connection) -> CheckResult:
    found = row_rules.broken_rules(connection)
    tables = sorted({row.table for row in found})
    return outcome(len(found), REPAIR, f"in {', '.join(tables)}" if found else "")


def _foreign_keys(connection: sqlite3.Connection) -> CheckResult:
    broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    tables = sorted({row[0] for row in broken})
    return outcome(len(broken), REPAIR, f"in {', '.join(tables)}" if broken else "")


def _quarantine(connection: sqlite3.Connection) -> CheckResult:
    """Tell how much repairs and refused frames have left there: no fault."""
    rows = connection.execute(
        "SELECT check_name, count(*) FROM quarantine GROUP BY check_name ORDER BY 1"
    ).fetchall()
    detail = ", ".join(f"{count} of {name}" for name, count in rows)
    return CheckResult("", Verdict.OK, sum(count for _, count in rows), "", detail)


def integrity(connection: sqlite3.Connection, *, pragma: str) -> CheckResult:
    """Let SQLite look through the whole file."""
    problems = integrity_problems(connection, pragma)
    is_damaged = any(is_beyond_repair(problem) for problem in problems)
    return outcome(
        len(problems),
        RESTORE if is_damaged else REPAIR,
        "; ".join(problems[:3]),
        is_repairable=not is_damaged,
    )
