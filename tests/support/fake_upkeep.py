"""Rows that come and go and the schema, in memory, with fixed answers."""

from __future__ import annotations

from pathlib import Path

from ps_tui.domain.errors import PsError
from ps_tui.domain.upkeep import (
    ArchiveReport,
    DemoDrive,
    Drift,
    Explanation,
    LockHolder,
    MigrationState,
    Purged,
    PushStep,
    QuarantineEntry,
    QueryPlan,
    SchemaStatus,
    SeedReport,
    Vacuumed,
)
from tests.support.fixed_data import NOW_US

PATH = "/home/ada/.local/share/ps-tui/purple-sector.db"


class FakeContent:
    """Keeps what was asked of it in ``done``; ``next_error`` is raised once."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.next_error: PsError | None = None
        self.doomed = {"laps": 3, "sessions": 1}

    def _note(self, what: str) -> None:
        error, self.next_error = self.next_error, None
        if error is not None:
            raise error
        self.done.append(what)

    async def seed(self, drive: DemoDrive | None = None) -> SeedReport:
        self._note("seed" if drive is None else "seed with laps")
        return SeedReport(13, 0, 0, "ab" * 32)

    async def purge(self, days: float, *, dry_run: bool = False) -> Purged:
        if dry_run:
            return Purged(self.doomed)
        self._note(f"purge {days:g}")
        return Purged(self.doomed, f"{PATH}.backup")

    async def vacuum(self, *, full: bool = False) -> Vacuumed:
        self._note("vacuum full" if full else "vacuum")
        return Vacuumed(48_500_000, 31_200_000)

    async def export_all(self, target: Path) -> ArchiveReport:
        self._note(f"export {target.name}")
        return ArchiveReport(str(target), {"events": 3, "laps": 24}, 24)

    async def import_all(self, source: Path) -> ArchiveReport:
        self._note(f"import {source.name}")
        return ArchiveReport(str(source), {"events": 1}, 0, skipped=2)

    async def quarantine(self, run: str | None = None) -> list[QuarantineEntry]:
        row = {"id": "l-7", "lap_number": 7}
        return [
            QuarantineEntry("run-1", NOW_US, "Empty laps", "laps", row),
            QuarantineEntry("run-1", NOW_US, "Empty laps", "laps", row | {"id": "l-9"}),
        ]

    async def explain(self) -> Explanation:
        plan = ["SEARCH laps USING INDEX laps_by_session (session_n=?)"]
        query = QueryPlan(
            "laps of a session", "…", plan, ["laps_by_session"], 18, False
        )
        return Explanation([query], [])

    async def locks(self) -> list[LockHolder]:
        return [LockHolder(4120, "ps-tui", "ps-tui collect", NOW_US, "writing")]


class FakeSchema:
    """At its newest revision, until ``pending`` says otherwise."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.pending = False
        self.drifts: list[Drift] = []
        self.problems: list[str] = []

    async def status(self) -> SchemaStatus:
        steps = [
            MigrationState(1, "initial", True, "", NOW_US, "0.1.0"),
            MigrationState(2, "garage", not self.pending, "", NOW_US, "0.1.0"),
            MigrationState(1, "agent", True, "agent", NOW_US, "0.1.0"),
        ]
        revision = 1 if self.pending else 2
        return SchemaStatus(
            PATH, revision, 2, steps, 48_500_000, 1_310_720, 11_840, 96, "3.45.1", "0.1"
        )

    async def pending_sql(self, to: int | None = None) -> str:
        return "-- 0002_garage.sql\nCREATE TABLE vehicles (…);" if self.pending else ""

    async def migrate(self, to: int | None = None) -> int:
        self.done.append(f"migrate {to}")
        return 1

    async def resolve(self, wanted: int, *, baseline: bool = False) -> None:
        self.done.append(f"resolve {wanted} {baseline}")

    async def rollback(self, *, from_backup: bool = False) -> str:
        self.done.append(f"rollback {from_backup}")
        return "0002_garage.down.sql"

    async def draft(self, name: str, folder: Path | None = None) -> Path:
        self.done.append(f"draft {name}")
        return Path(f"0003_{name}.sql")

    async def drift(self) -> list[Drift]:
        return self.drifts

    async def validate(self) -> list[str]:
        return self.problems

    async def push(self) -> list[PushStep]:
        self.done.append("push")
        return [PushStep("create", "index laps_by_day")]
