"""The result of one check before it has a name and a time."""

from __future__ import annotations

import sqlite3

from ps_tui.domain.health import CheckResult, Verdict

REPAIR = "`ps-tui db repair` puts this right."
RESTORE = "Restore a backup with `ps-tui db restore`."


def outcome(
    count: int,
    remedy: str = REPAIR,
    detail: str = "",
    *,
    status: Verdict = Verdict.ERROR,
    is_repairable: bool = True,
) -> CheckResult:
    """Return the result of a check that found ``count`` faults; none is ok."""
    if not count:
        return CheckResult("", Verdict.OK, detail=detail)
    return CheckResult("", status, count, remedy, detail, is_repairable=is_repairable)


def unreadable(name: str, error: sqlite3.Error) -> CheckResult:
    """Return the result of a check that could not read what it needs."""
    return CheckResult(
        name,
        Verdict.ERROR,
        1,
        RESTORE,
        f"could not be read: {error}",
        is_repairable=False,
    )
