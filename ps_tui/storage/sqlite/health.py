"""Runs the checks of a database, a tier at a time.

On read-only connections of its own, so that a check can neither disturb a recording
nor be disturbed by one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from enum import Enum
from functools import partial
from pathlib import Path

from ps_tui.domain.errors import DatabaseError
from ps_tui.domain.health import CheckResult, HealthReport
from ps_tui.domain.progress import teller
from ps_tui.storage.sqlite import health_start as start
from ps_tui.storage.sqlite.connection import connect_read_only
from ps_tui.storage.sqlite.health_start import Named
from ps_tui.storage.sqlite.outcome import unreadable

BIG_BYTES = 64 * 1024 * 1024
"""From here on the full tier is run by processes of its own."""


class Part(Enum):
    """What of the full tier one process runs beside another."""

    ROWS = "rows"
    TRACES = "traces"


def check_database(
    path: Path, now_us: int, *, deep: bool = False, quick: bool = False
) -> HealthReport:
    """Run the checks of one tier.

    ``quick`` is for a start: what takes no time to see. ``deep`` also unpacks every
    trace and checks every index. Raises DatabaseError where the file cannot be
    looked at, as when its disk is gone.
    """
    try:
        return _check(path, now_us, deep=deep, quick=quick)
    except OSError as error:
        raise DatabaseError(
            f"{path} cannot be looked at: {error.strerror}.",
            "Reconnect its disk, or give yourself the right to read its folder.",
        ) from error


def _check(path: Path, now_us: int, *, deep: bool, quick: bool) -> HealthReport:
    size = path.stat().st_size
    lost = start.emptied(path)
    if lost is not None:
        return HealthReport([lost])
    if quick:
        return HealthReport(_run_all(path, list(start.quick_checks(path, now_us))))
    if size > BIG_BYTES:
        from ps_tui.storage.sqlite.health_beside import check_beside

        report = check_beside(path, now_us, deep=deep)
        if report is not None:
            return report
    return check_here(path, now_us, deep=deep)


def check_here(
    path: Path,
    now_us: int,
    *,
    deep: bool,
    parts: Collection[Part] = tuple(Part),
    mapped: bool = False,
) -> HealthReport:
    """Run the full tier, or ``parts`` of it, in threads of this process.

    ``mapped`` reads the file as memory: three times as fast, but a disk that fails
    then ends the process.
    """
    from ps_tui.storage.sqlite import health_checks as checks

    # Its share stands for the whole: nothing else takes as long in a big file.
    checksums = partial(checks.checksums, tell=teller(), deep=deep)
    groups: list[tuple[Part, list[Named]]] = [
        (Part.ROWS, [("file header", start.file_header)]),
        (Part.ROWS, list(checks.row_checks(now_us, deep=deep))),
        (Part.ROWS, [("quick check", partial(checks.integrity, pragma="quick_check"))]),
        (Part.ROWS, list(start.around(path, now_us))),
        (Part.TRACES, [("trace checksums", checksums)]),
    ]
    if deep:
        from ps_tui.storage.sqlite.health_deep import fragmentation, integrity_of_copy

        groups[2][1].append(("integrity check", partial(integrity_of_copy, path=path)))
        groups[2][1].append(("fragmentation", fragmentation))
    wanted = [group for part, group in groups if part in parts]
    with ThreadPoolExecutor(len(wanted), "health") as pool:
        done = pool.map(lambda group: _run_all(path, group, mapped=mapped), wanted)
        return HealthReport([result for results in done for result in results])


def _run_all(
    path: Path, named: list[Named], *, mapped: bool = False
) -> list[CheckResult]:
    try:
        with closing(connect_read_only(path, mapped=mapped)) as connection:
            return [start.run(name, check, connection) for name, check in named]
    except sqlite3.Error as error:
        return [unreadable(named[0][0], error)]
