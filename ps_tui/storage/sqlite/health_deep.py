"""What only a deep check does: every index, on a copy, and how full the pages are."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from ps_tui.domain.health import CheckResult, Verdict
from ps_tui.storage.sqlite.health_checks import integrity
from ps_tui.storage.sqlite.outcome import outcome

_LEFT_OVER_S = 86_400
_SMALL_BYTES = 10_000_000
_UNUSED_SHARE_LIMIT = 0.35


def integrity_of_copy(connection: sqlite3.Connection, *, path: Path) -> CheckResult:
    """Check a copy with its indexes, so that the database is left in peace.

    Where there is no room for a copy, the database itself is read.
    """
    with working_copy(connection, path) as copy:
        return integrity(copy or connection, pragma="integrity_check")


@contextmanager
def working_copy(
    connection: sqlite3.Connection, path: Path
) -> Iterator[sqlite3.Connection | None]:
    """Copy a database for as long as it is looked at; ``None`` without room for it."""
    for left in path.parent.glob(f"{path.stem}-check-*.tmp"):
        with suppress(OSError):
            if left.stat().st_mtime < time.time() - _LEFT_OVER_S:
                left.unlink()
    if shutil.disk_usage(path.parent).free < 2 * path.stat().st_size:
        yield None
        return
    file = path.with_name(f"{path.stem}-check-{os.getpid()}.tmp")
    try:
        # Created by us, so that nobody else can read it from its first byte on.
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with closing(sqlite3.connect(file, isolation_level=None)) as copy:
            copy.execute("PRAGMA synchronous = OFF")
            connection.backup(copy, pages=-1)
            copy.execute("PRAGMA journal_mode = DELETE")
            yield copy
    finally:
        file.unlink(missing_ok=True)


def fragmentation(connection: sqlite3.Connection) -> CheckResult:
    """Tell how much of the pages in use is empty."""
    try:
        row = connection.execute(
            "SELECT total(pgsize), total(unused) FROM dbstat WHERE aggregate = TRUE"
        ).fetchone()
    except sqlite3.OperationalError:
        return outcome(0, detail="this SQLite has no dbstat to tell by")
    share = row[1] / row[0] if row[0] else 0.0
    is_much = row[0] > _SMALL_BYTES and share > _UNUSED_SHARE_LIMIT
    return outcome(
        int(is_much),
        "`ps-tui db vacuum --full` packs the pages.",
        f"{share:.0%} of the pages in use is empty",
        status=Verdict.WARNING,
    )
