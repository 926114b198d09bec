"""Results of the database checks, and what a repair would do."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Verdict(StrEnum):
    OK = "ok"
    WARNING = "warning"
    """Worth knowing; nothing is wrong with the data."""
    ERROR = "error"


class CheckResult(msgspec.Struct, frozen=True):
    """One row of the health table. ``count`` is how many were found wrong."""

    name: str
    status: Verdict
    count: int = 0
    remedy: str = ""
    detail: str = ""
    elapsed_ms: float = 0.0
    is_repairable: bool = True


class HealthReport(msgspec.Struct, frozen=True):
    """All checks of one run."""

    checks: list[CheckResult]

    @property
    def is_ok(self) -> bool:
        return all(check.status is not Verdict.ERROR for check in self.checks)

    @property
    def is_damaged(self) -> bool:
        """Say whether something is wrong that no repair brings back."""
        return any(
            check.status is Verdict.ERROR and not check.is_repairable
            for check in self.checks
        )

    @property
    def verdict(self) -> Verdict:
        """Return the worst status of all checks."""
        statuses = {check.status for check in self.checks}
        for verdict in (Verdict.ERROR, Verdict.WARNING):
            if verdict in statuses:
                return verdict
        return Verdict.OK


class RepairStep(msgspec.Struct, frozen=True):
    """One thing that a repair does, for a person to agree to."""

    check: str
    action: str
    count: int
    problem: str = ""
    """Why it could not be done; nothing of it was."""


class RepairReport(msgspec.Struct, frozen=True):
    """What a repair did. ``backup`` was made before the first change."""

    steps: list[RepairStep]
    backup: str | None = None
    run: str = ""
    """Names the repair, to undo it; empty where no row was changed."""


class Backup(msgspec.Struct, frozen=True):
    """A verified copy of the database."""

    path: str
    size_bytes: int
    created_us: int
    reason: str
    session_count: int
    lap_count: int
    sha256: str
    is_pinned: bool = False
    is_verified: bool = True
    revision: int = 0
    copied_to: str | None = None
    """The same copy in the second folder."""
    copy_problem: str = ""
    """Why it is not there, or why that is of little use."""


class DatabaseInfo(msgspec.Struct, frozen=True):
    """What the Database screen and the status line say about the file."""

    path: str
    size_bytes: int
    wal_bytes: int
    disk_free_bytes: int
    revision: int
    sqlite_version: str
