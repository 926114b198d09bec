"""Every check of a database, each a row of the health table.

Runs on a read-only connection of its own, so that it can neither disturb a
recording nor be disturbed by one. A check that cannot read what it needs says so
as its result: a damaged file gets a report, not a crash.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from ps_tui.domain.health import CheckResult, HealthReport, Verdict
from ps_tui.domain.units import format_age, format_bytes
from ps_tui.storage.sqlite import findings, traces
from ps_tui.storage.sqlite.backup import list_backups
from ps_tui.storage.sqlite.connection import connect_read_only
from ps_tui.storage.sqlite.migrate import shipped_migrations, shipped_schema
from ps_tui.storage.sqlite.plugin_sets import merged_schema
from ps_tui.storage.sqlite.recovery import split_by_life
from ps_tui.storage.sqlite.schema import schema_objects

WAL_LIMIT_BYTES = 64 * 1024 * 1024
DISK_LIMIT_BYTES = 1024 * 1024 * 1024
BACKUP_LIMIT_US = 7 * 86_400 * 1_000_000

_REPAIR = "`ps-tui db repair` puts this right."
_RESTORE = "Restore a backup with `ps-tui db restore`."

Check = Callable[[sqlite3.Connection], CheckResult]


def check_database(path: Path, now_us: int, *, deep: bool = False) -> HealthReport:
    """Run every check. ``deep`` also unpacks every trace and checks every index."""
    try:
        with closing(connect_read_only(path)) as connection:
            checks = [
                _run(name, check, connection)
                for name, check in _checks(path, now_us, deep=deep)
            ]
    except sqlite3.Error as error:
        checks = [_unreadable("quick check", error)]
    return HealthReport(checks)


def _checks(path: Path, now_us: int, *, deep: bool) -> Iterator[tuple[str, Check]]:
    for name in dict.fromkeys(finding.name for finding in findings.FINDINGS):
        yield name, partial(_finding, name)
    yield "sessions stuck in recording", lambda c: _stuck(c, now_us)
    yield (
        "frames out of order",
        lambda c: _disordered(c, None if deep else traces.RECENT_LAPS),
    )
    yield "trace checksums", lambda c: _checksums(c, deep=deep)
    yield "schema fingerprint", _schema
    yield "foreign keys", _foreign_keys
    yield "quick check", lambda c: _integrity(c, "quick_check")
    if deep:
        yield "integrity check", lambda c: _integrity(c, "integrity_check")
    yield "SQLite version", lambda c: _sqlite_version()
    yield "WAL size", lambda c: _wal_size(path)
    yield "free disk", lambda c: _free_disk(path)
    yield "backup age", lambda c: _backup_age(c, path, now_us)


def _run(name: str, check: Check, connection: sqlite3.Connection) -> CheckResult:
    started = time.perf_counter()
    try:
        result = check(connection)
    except sqlite3.Error as error:
        result = _unreadable(name, error)
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


def _unreadable(name: str, error: sqlite3.Error) -> CheckResult:
    return CheckResult(
        name,
        Verdict.ERROR,
        1,
        _RESTORE,
        f"could not be read: {error}",
        is_repairable=False,
    )


def _result(
    count: int,
    remedy: str = _REPAIR,
    detail: str = "",
    *,
    status: Verdict = Verdict.ERROR,
    is_repairable: bool = True,
) -> CheckResult:
    """Return the result of a check that found ``count`` faults; none is ok."""
    if not count:
        return CheckResult("", Verdict.OK, detail=detail)
    return CheckResult("", status, count, remedy, detail, is_repairable=is_repairable)


def _finding(name: str, connection: sqlite3.Connection) -> CheckResult:
    counts = {
        finding: findings.count(connection, finding)
        for finding in findings.FINDINGS
        if finding.name == name
    }
    found = [finding for finding, count in counts.items() if count]
    remedy = found[0].remedy if found else ""
    return _result(sum(counts.values()), remedy)


def _stuck(connection: sqlite3.Connection, now_us: int) -> CheckResult:
    _, dead = split_by_life(connection, now_us)
    return _result(
        len(dead) + len(left_open(connection)),
        "`ps-tui db repair` marks them interrupted and keeps their frames.",
        ", ".join(claimed.name for claimed in dead),
    )


def left_open(connection: sqlite3.Connection) -> list[int]:
    """Return the sessions that are over and still have laps to be sealed."""
    rows = connection.execute(
        "SELECT n FROM sessions WHERE status <> 'recording' AND EXISTS"
        " (SELECT 1 FROM laps WHERE session_n = sessions.n AND (state = 'open'"
        " OR state = 'closed' AND EXISTS"
        " (SELECT 1 FROM telemetry_frames WHERE lap_n = laps.n)))"
    )
    return [n for (n,) in rows]


def _disordered(connection: sqlite3.Connection, limit: int | None) -> CheckResult:
    return _result(len(traces.disordered_traces(connection, limit)))


def _checksums(connection: sqlite3.Connection, *, deep: bool) -> CheckResult:
    damaged = traces.damaged_traces(connection)
    if deep and not damaged:
        damaged = traces.unreadable_traces(connection)
    return _result(
        len(damaged),
        "Restore a backup that still has these laps; `ps-tui db repair` only moves"
        " them to quarantine.",
        is_repairable=False,
    )


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
        return _result(
            len(missing),
            _REPAIR if is_repairable else _RESTORE,
            "not as shipped: " + ", ".join(sorted(entry.name for entry in missing)),
            is_repairable=is_repairable,
        )
    if dict(ledger.fetchall()) != expected:
        return _result(
            1,
            "The tables are as they should be; nothing needs to be done.",
            "the list of applied migrations differs from the shipped ones",
            status=Verdict.WARNING,
        )
    return _result(
        len(added),
        "Nothing of ps-tui needs these; drop them if they are not yours.",
        "not from ps-tui: " + ", ".join(sorted(added)) if added else "",
        status=Verdict.WARNING,
    )


def _foreign_keys(connection: sqlite3.Connection) -> CheckResult:
    return _result(len(connection.execute("PRAGMA foreign_key_check").fetchall()))


def _integrity(connection: sqlite3.Connection, pragma: str) -> CheckResult:
    found = [str(row[0]) for row in connection.execute(f"PRAGMA {pragma}(100)")]
    problems = [] if found == ["ok"] else found
    return _result(
        len(problems), _RESTORE, "; ".join(problems[:3]), is_repairable=False
    )


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
    return _result(0, detail=detail)


def _wal_size(path: Path) -> CheckResult:
    # By its directory entry: opening the journal would drop this process's locks.
    wal = path.with_name(path.name + "-wal")
    try:
        size = wal.stat().st_size
    except FileNotFoundError:
        size = 0
    return _result(
        int(size > WAL_LIMIT_BYTES),
        "Close every ps-tui once; the last one tidies up.",
        format_bytes(size),
        status=Verdict.WARNING,
    )


def _free_disk(path: Path) -> CheckResult:
    free = shutil.disk_usage(path.parent).free
    needed = max(DISK_LIMIT_BYTES, 2 * path.stat().st_size)
    return _result(
        int(free < needed),
        f"Free some space: {format_bytes(needed)} leave room for a backup.",
        format_bytes(free),
        status=Verdict.WARNING,
    )


def _backup_age(connection: sqlite3.Connection, path: Path, now_us: int) -> CheckResult:
    remedy = "`ps-tui db backup` makes one."
    backups = list_backups(path)
    if not backups:
        (laps,) = connection.execute("SELECT count(*) FROM lap_traces").fetchone()
        return _result(int(laps > 0), remedy, "no backup yet", status=Verdict.WARNING)
    age_us = now_us - backups[0].created_us
    return _result(
        int(age_us > BACKUP_LIMIT_US),
        remedy,
        format_age(max(age_us, 0) / 1_000_000),
        status=Verdict.WARNING,
    )
