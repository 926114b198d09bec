"""Every check of a database, each a row of the health table.

Runs on a read-only connection of its own, so that it can neither disturb a
recording nor be disturbed by one. A check that cannot read what it needs says so
as its result: a damaged file gets a report, not a crash.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path

from ps_tui.domain.health import CheckResult, HealthReport, Verdict
from ps_tui.storage.sqlite import findings, surroundings, traces
from ps_tui.storage.sqlite.connection import connect_read_only
from ps_tui.storage.sqlite.migrate import revision, shipped_migrations, shipped_schema
from ps_tui.storage.sqlite.outcome import REPAIR, RESTORE, outcome, unreadable
from ps_tui.storage.sqlite.plugin_sets import merged_schema
from ps_tui.storage.sqlite.recovery import split_by_life
from ps_tui.storage.sqlite.schema import schema_objects
from ps_tui.storage.sqlite.signals import newest_signals

Check = Callable[[sqlite3.Connection], CheckResult]
Named = tuple[str, Check]

QUICK_FINDINGS = ("orphaned sessions", "orphaned laps")


def check_database(
    path: Path, now_us: int, *, deep: bool = False, quick: bool = False
) -> HealthReport:
    """Run the checks of one tier.

    ``quick`` is for a start: what takes no time to see. ``deep`` also unpacks every
    trace and checks every index. What reads the whole file runs beside the rest, on
    connections of its own.
    """
    if quick:
        return HealthReport(_run_all(path, list(_quick(path, now_us))))
    groups: list[list[Named]] = [
        list(_rows(path, now_us, deep=deep)),
        [("trace checksums", partial(_checksums, deep=deep))],
        [("quick check", partial(_integrity, "quick_check"))],
        list(_around(path, now_us)),
    ]
    if deep:
        groups[2].append(("integrity check", partial(_integrity, "integrity_check")))
    with ThreadPoolExecutor(3, "health") as pool:
        done = pool.map(lambda group: _run_all(path, group), groups)
        return HealthReport([result for results in done for result in results])


def _run_all(path: Path, checks: list[Named]) -> list[CheckResult]:
    try:
        with closing(connect_read_only(path)) as connection:
            return [_run(name, check, connection) for name, check in checks]
    except sqlite3.Error as error:
        return [unreadable(checks[0][0], error)]


def _quick(path: Path, now_us: int) -> Iterator[Named]:
    for name in QUICK_FINDINGS:
        yield name, partial(_finding, name)
    yield "sessions stuck in recording", partial(_stuck, now_us=now_us)
    yield "schema fingerprint", _marked_schema
    yield from _around(path, now_us)


def _rows(path: Path, now_us: int, *, deep: bool) -> Iterator[Named]:
    for name in dict.fromkeys(finding.name for finding in findings.FINDINGS):
        yield name, partial(_finding, name)
    yield "sessions stuck in recording", partial(_stuck, now_us=now_us)
    limit = None if deep else traces.RECENT_LAPS
    yield "frames out of order", partial(_disordered, limit=limit)
    yield "newest signals", newest_signals
    yield "schema fingerprint", _schema
    yield "foreign keys", _foreign_keys


def _around(path: Path, now_us: int) -> Iterator[Named]:
    yield "SQLite version", lambda c: _sqlite_version()
    yield "file place", lambda c: surroundings.file_place(path)
    yield "file mode", lambda c: surroundings.file_mode(path)
    yield "free pages", surroundings.free_pages
    yield "WAL size", lambda c: surroundings.wal_size(path)
    yield "free disk", lambda c: surroundings.free_disk(path)
    yield "backup age", lambda c: surroundings.backup_age(c, path, now_us)


def _run(name: str, check: Check, connection: sqlite3.Connection) -> CheckResult:
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


LEFT_OPEN = (
    "SELECT DISTINCT l.session_n FROM laps AS l JOIN sessions AS s ON s.n = l.session_n"
    " WHERE l.state <> 'sealed' AND s.status <> 'recording' AND (l.state = 'open'"
    " OR EXISTS (SELECT 1 FROM telemetry_frames WHERE lap_n = l.n))"
)


def left_open(connection: sqlite3.Connection) -> list[int]:
    """Return the sessions that are over and still have laps to be sealed."""
    return [n for (n,) in connection.execute(LEFT_OPEN)]


def _disordered(connection: sqlite3.Connection, *, limit: int | None) -> CheckResult:
    return outcome(len(traces.disordered_traces(connection, limit)))


def _checksums(connection: sqlite3.Connection, *, deep: bool) -> CheckResult:
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
    return _schema(connection)


def _schema(connection: sqlite3.Connection) -> CheckResult:
    found = schema_objects(connection)
    shipped = shipped_schema() | merged_schema(connection)
    missing = shipped - found
    names = {entry.name for entry in shipped}
    added = {entry.name for entry in found if entry.name not in names}
    ledger = connection.execute("SELECT revision, sha256 FROM schema_migrations")
    expected = {step.revision: step.sha256 for step in shipped_migrations()}
    if missing:
        present = {entry.name for entry in found}
        is_repairable = all(
            entry.type == "index" and entry.name not in present for entry in missing
        )
        return outcome(
            len(missing),
            REPAIR if is_repairable else RESTORE,
            "not as shipped: " + ", ".join(sorted(entry.name for entry in missing)),
            is_repairable=is_repairable,
        )
    if dict(ledger.fetchall()) != expected:
        return outcome(
            1,
            "The tables are as they should be; nothing needs to be done.",
            "the list of applied migrations differs from the shipped ones",
            status=Verdict.WARNING,
        )
    return outcome(
        len(added),
        "Nothing of ps-tui needs these; drop them if they are not yours.",
        "not from ps-tui: " + ", ".join(sorted(added)) if added else "",
        status=Verdict.WARNING,
    )


def _foreign_keys(connection: sqlite3.Connection) -> CheckResult:
    return outcome(len(connection.execute("PRAGMA foreign_key_check").fetchall()))


def _integrity(pragma: str, connection: sqlite3.Connection) -> CheckResult:
    found = [str(row[0]) for row in connection.execute(f"PRAGMA {pragma}(100)")]
    problems = [] if found == ["ok"] else found
    return outcome(len(problems), RESTORE, "; ".join(problems[:3]), is_repairable=False)


def has_wal_reset_bug(version: tuple[int, int, int]) -> bool:
    """Say whether two checkpointers at once can damage a file (sqlite.org/wal.html)."""
    is_fixed = version >= (3, 51, 3) or any(
        (major, minor, patch) <= version < (major, minor + 1, 0)
        for major, minor, patch in ((3, 44, 6), (3, 50, 7))
    )
    return version >= (3, 7, 0) and not is_fixed


def _sqlite_version() -> CheckResult:
    major, minor, patch = sqlite3.sqlite_version_info[:3]
    detail = sqlite3.sqlite_version
    if has_wal_reset_bug((major, minor, patch)):
        detail += ": has the WAL-reset fault, which one checkpointer alone avoids"
    return outcome(0, detail=detail)
