"""What the commands of the database need of it: rows that come and go, the schema.

Raises of every call: DatabaseError where the database refuses, UsageError for what
makes no sense, RecorderBusyError where a recording stands in the way.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from ps_tui.domain.upkeep import (
    ArchiveReport,
    DemoDrive,
    Drift,
    Explanation,
    LockHolder,
    Purged,
    PushStep,
    QuarantineEntry,
    SchemaStatus,
    SeedReport,
    Vacuumed,
)


class Content(Protocol):
    """Seeds, archives, the bin, free pages, plans and locks of an open database."""

    async def seed(self, drive: DemoDrive | None = None) -> SeedReport:
        """Put in the demo crew, its car and, with ``drive``, driven laps."""
        ...

    async def purge(self, days: float, *, dry_run: bool = False) -> Purged:
        """Remove for good what has been in the bin for ``days``, after a backup."""
        ...

    async def vacuum(self, *, full: bool = False) -> Vacuumed:
        """Give free pages back; ``full`` rewrites the file, and not while recording."""
        ...

    async def export_all(self, target: Path) -> ArchiveReport:
        """Write everything into an open archive, on one snapshot."""
        ...

    async def import_all(self, source: Path) -> ArchiveReport:
        """Add what an archive holds, after a backup; all of it or nothing."""
        ...

    async def quarantine(self, run: str | None = None) -> list[QuarantineEntry]:
        """Return what repairs took away, newest first."""
        ...

    async def explain(self) -> Explanation:
        """Return plan, time and indexes of every named query."""
        ...

    async def locks(self) -> list[LockHolder]:
        """Return the other processes that have this database open."""
        ...


class Schema(Protocol):
    """Migrations of one file, and whether its tables are what they made."""

    async def status(self) -> SchemaStatus: ...

    async def pending_sql(self, to: int | None = None) -> str:
        """Return the script that :meth:`migrate` would apply."""
        ...

    async def migrate(self, to: int | None = None) -> int:
        """Apply what is missing, after a backup; return how many migrations."""
        ...

    async def resolve(self, wanted: int, *, baseline: bool = False) -> None:
        """Mark a migration as applied, or with ``baseline`` all up to it."""
        ...

    async def rollback(self, *, from_backup: bool = False) -> str:
        """Go back one revision, after a backup; return by which way."""
        ...

    async def draft(self, name: str, folder: Path | None = None) -> Path:
        """Begin a migration with the next number, by default beside those shipped."""
        ...

    async def drift(self) -> list[Drift]:
        """Return how the file differs from the migrations, object by object."""
        ...

    async def validate(self) -> list[str]:
        """Return what is wrong with the shipped files and with this schema."""
        ...

    async def push(self) -> list[PushStep]:
        """Make the schema that of the files, after a backup; refuses to lose data."""
        ...
