"""What the commands of the database say: its schema, its queries, its content."""

from __future__ import annotations

from typing import Any

import msgspec

from ps_tui.domain.frame import Frame, Identity
from ps_tui.domain.laps import LapCompleted


class MigrationState(msgspec.Struct, frozen=True):
    """One migration. ``namespace`` is empty but for those of plug-ins."""

    revision: int
    name: str
    is_applied: bool
    namespace: str = ""
    applied_us: int | None = None
    app_version: str | None = None
    is_changed: bool = False
    """The file is no longer what was applied."""


class SchemaStatus(msgspec.Struct, frozen=True):
    """Where a database stands."""

    path: str
    revision: int
    latest: int
    migrations: list[MigrationState]
    size_bytes: int
    wal_bytes: int
    page_count: int
    free_pages: int
    sqlite_version: str
    app_version: str

    @property
    def pending(self) -> list[MigrationState]:
        return [step for step in self.migrations if not step.is_applied]


class Drift(msgspec.Struct, frozen=True):
    """An object that is not as the migrations make it. ``diff`` is line by line."""

    kind: str
    """``missing``, ``unexpected`` or ``changed``."""
    type: str
    name: str
    diff: list[str]


class PushStep(msgspec.Struct, frozen=True):
    """One change that brings a database to the schema of the files."""

    action: str
    name: str


class QueryPlan(msgspec.Struct, frozen=True):
    """A named query: what it reads, how fast, by which indexes."""

    name: str
    sql: str
    plan: list[str]
    indexes: list[str]
    elapsed_us: float
    is_scan: bool
    """Reads a whole table that grows with what is recorded."""


class Explanation(msgspec.Struct, frozen=True):
    """All named queries, and the indexes that none of them uses."""

    queries: list[QueryPlan]
    unused: list[str]


class LockHolder(msgspec.Struct, frozen=True):
    """A process that has the database open, and what it is doing with it."""

    pid: int
    name: str
    command: str
    since_us: int | None
    activity: str
    """``open``, ``reading``, ``writing``, ``checkpointing`` or ``recording``."""


class DemoDrive(msgspec.Struct, frozen=True):
    """A drive for a seed: who drove, what was sent, lap by lap."""

    identity: Identity
    channels: tuple[str, ...]
    laps: list[tuple[LapCompleted, list[Frame]]]


class SeedReport(msgspec.Struct, frozen=True):
    """What a seed changed. The hash is of everything a dump would hold."""

    inserted: int
    updated: int
    unchanged: int
    sha256: str


class Purged(msgspec.Struct, frozen=True):
    """Rows that are gone for good, by table."""

    rows: dict[str, int]
    backup: str | None = None


class Vacuumed(msgspec.Struct, frozen=True):
    """Size before and after."""

    before_bytes: int
    after_bytes: int


class QueryResult(msgspec.Struct, frozen=True):
    """Rows of a free query; ``is_truncated`` where there were more."""

    columns: list[str]
    rows: list[list[Any]]
    is_truncated: bool
    elapsed_ms: float
    plan: list[str]


class QuarantineEntry(msgspec.Struct, frozen=True):
    """A row that a repair took away or changed."""

    run: str
    at_us: int
    check: str
    table: str
    row: dict[str, Any]
    blob_bytes: int = 0


class ArchiveReport(msgspec.Struct, frozen=True):
    """What went into an archive, or came out of it, by table."""

    path: str
    rows: dict[str, int]
    traces: int
    skipped: int = 0
    """Rows that were there already."""
    unreadable: list[str] = []
    """Laps whose frames are damaged and not in the archive."""
