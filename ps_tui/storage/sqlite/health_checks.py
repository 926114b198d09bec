"""The checks of a database that read its rows, each a row of the health table."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from functools import partial

from ps_tui.domain.health import CheckResult, Verdict
from ps_tui.domain.progress import Listener
from ps_tui.storage.sqlite import findings, row_rules, traces
from ps_tui.storage.sqlite.drift import expected_schema
from ps_tui.storage.sqlite.health_start import Named, broken_rows, stuck
from ps_tui.storage.sqlite.loss import (
    integrity_problems,
    is_beyond_repair,
    missing_parts,
    remedy_for_loss,
)
from ps_tui.storage.sqlite.migrate import shipped_migrations
from ps_tui.storage.sqlite.outcome import REPAIR, RESTORE, outcome
from ps_tui.storage.sqlite.schema import schema_objects
from ps_tui.storage.sqlite.signals import lap_load, newest_signals, wall_clock


def row_checks(now_us: int, *, deep: bool) -> Iterator[Named]:
    """Return the checks of what the rows say."""
    for name in dict.fromkeys(finding.name for finding in findings.FINDINGS):
        yield name, partial(broken_rows, name)
    yield "sessions stuck in recording", partial(stuck, now_us=now_us)
    limit = None if deep else traces.RECENT_LAPS
    yield "frames out of order", partial(_disordered, limit=limit)
    yield "newest signals", newest_signals
    yield "lap load", lap_load
    yield "wall clock", partial(wall_clock, now_us=now_us)
    yield "schema fingerprint", partial(schema, now_us=now_us)
    yield "check constraints", _rules
    yield "foreign keys", _foreign_keys
    yield "quarantine", _quarantine


def _disordered(connection: sqlite3.Connection, *, limit: int | None) -> CheckResult:
    return outcome(len(traces.disordered_traces(connection, limit)))


def checksums(
    connection: sqlite3.Connection, *, tell: Listener, deep: bool = False
) -> CheckResult:
    """Compare every trace with its checksum; ``deep`` also unpacks each."""
    # Unpacking takes so much longer that its share alone is told.
    damaged = traces.damaged_traces(connection, *(() if deep else (tell,)))
    if deep and not damaged:
        damaged = traces.unreadable_traces(connection, tell)
    return outcome(
        len(damaged),
        "Restore a backup that still has these laps; `ps-tui db repair` only moves"
        " them to quarantine.",
        is_repairable=False,
    )


def schema(connection: sqlite3.Connection, *, now_us: int) -> CheckResult:
    """Compare object by object with what the migrations make."""
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
