"""Database: is the data safe? Checks, repair, backups and the file itself."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.widgets import Static

from ps_tui.domain.health import (
    Backup,
    CheckResult,
    DatabaseInfo,
    HealthReport,
)
from ps_tui.domain.ports import Services
from ps_tui.domain.units import format_age, format_bytes
from ps_tui.tui.compat import start
from ps_tui.tui.glyphs import TONES, Glyphs
from ps_tui.tui.keymap import bindings
from ps_tui.tui.screens.base import PsScreen
from ps_tui.tui.toasts import Severity
from ps_tui.tui.upkeep.command import Command, Effect, Outcome
from ps_tui.tui.upkeep.runner import Runner
from ps_tui.tui.upkeep.table import BY_NAME
from ps_tui.tui.widgets.details import Details, Line
from ps_tui.tui.widgets.listing import Listing
from ps_tui.tui.widgets.record_table import Cell, Column, Record
from ps_tui.tui.widgets.status_line import StatusLine
from ps_tui.tui.words import counted, moment
from ps_tui.tui.workspace import Workspace

COLUMNS = (
    Column("verdict", "Verdict", 9),
    Column("name", "Check", 27),
    Column("count", "Count", 5, is_right=True),
    Column("time", "Time", 8, rank=1, is_right=True),
    Column("remedy", "What to do", 16, is_flexible=True),
)
EMPTY = "Not checked yet.\n\nh runs every check; it is safe while recording."


class DatabaseScreen(PsScreen):
    """Every check as a row, and the repair it offers."""

    PLACE = "database"
    BINDINGS = bindings("database")
    AUTO_FOCUS: ClassVar[str] = "#records"
    HELP = (
        "h runs the quick checks, D reads and verifies every lap trace as well. p "
        "shows what a repair would do and asks; it backs up first and moves what it "
        "removes to quarantine. All of it is safe while recording. o puts a backup in "
        "place and X empties the database: both keep a copy of what was there. c lists "
        "every command."
    )

    def __init__(self, services: Services, workspace: Workspace) -> None:
        super().__init__(services, workspace)
        self._info: DatabaseInfo | None = None
        self._backups: list[Backup] = []
        self._activity = ""
        self._runner = Runner(self, self._tell, self._say)

    def compose_body(self) -> ComposeResult:
        yield Details(id="file")
        yield Static(id="verdict", markup=False)
        with Container(id="body", classes="kept"):
            yield Listing(COLUMNS, EMPTY)
            yield Static(id="explain", markup=False)
            yield Details(id="backups")

    async def load(self) -> None:
        self._info = await self.services.care.info()
        self._draw()
        self._backups = await self.services.care.backups()
        self._draw()

    # What the keys do

    def action_check(self) -> None:
        """Run the quick checks."""
        self._start_check(is_deep=False)

    def action_deep_check(self) -> None:
        self._start_check(is_deep=True)

    def _start_check(self, *, is_deep: bool) -> None:
        if self.workspace.is_checking:
            return
        self.workspace.is_checking = True
        start(self, partial(self._check, is_deep=is_deep), group="check")

    async def _check(self, *, is_deep: bool) -> None:
        what = "Reading and checking every lap" if is_deep else "Checking"
        self._say(what)
        try:
            report = await self.services.care.check(deep=is_deep)
            self.workspace.health = report
        finally:
            self.workspace.is_checking = False
            self._say("")
        await self.load()

    def action_repair(self) -> None:
        """Show what a repair would do; do it after a yes."""
        self._runner.run(BY_NAME["repair"])

    def action_backup(self) -> None:
        """Write a verified copy beside the database."""
        self._runner.run(BY_NAME["backup"], {})

    def action_studio(self) -> None:
        """Look into the tables themselves."""
        self.go("studio")

    def action_commands(self) -> None:
        """Look at everything that can be done."""
        self.go("commands")

    def action_restore(self) -> None:
        """Put a backup in place, after a word that is typed."""
        self._runner.run(BY_NAME["restore"])

    def action_reset(self) -> None:
        """Empty the database, after a word that is typed."""
        self._runner.run(BY_NAME["reset"])

    def _tell(self, command: Command, outcome: Outcome) -> None:
        severity: Severity = "information" if outcome.is_good else "error"
        self.notify(outcome.said, title=command.name, severity=severity, markup=False)
        if outcome.is_good and command.effect is not Effect.NONE:
            self.action_check()

    @on(Listing.Current)
    def _explain(self, event: Listing.Current) -> None:
        event.stop()
        self._draw_explanation(event.key)

    def _draw_explanation(self, key: str | None) -> None:
        check = self._checks().get(key or "")
        text = ""
        if check is not None:
            said = " ".join(filter(None, (check.detail, check.remedy)))
            text = f"{check.name}: {said or 'nothing is wrong.'}"
        self.query_one("#explain", Static).update(text)

    # What is shown

    def _checks(self) -> dict[str, CheckResult]:
        report = self.workspace.health
        return {check.name: check for check in report.checks} if report else {}

    def _say(self, activity: str) -> None:
        self._activity = f"{activity} …" if activity else ""
        self.query_one(StatusLine).draw()
        self._draw()

    def _draw(self) -> None:
        glyphs = self.workspace.glyphs
        report = self.workspace.health
        verdict = self.query_one("#verdict", Static)
        verdict.update(self._activity or (_verdict_text(report) if report else ""))
        records = [_record(check, glyphs) for check in self._checks().values()]
        self.query_one(Listing).set_records(records)
        self._draw_explanation(self.query_one(Listing).current_key)
        now_us = self.services.clock.now_us()
        if self._info is not None:
            lines = _file_lines(self._info)
            self.query_one("#file", Details).set_lines(lines)
        backups = _backup_lines(self._backups, now_us)
        self.query_one("#backups", Details).set_lines(backups)


def _record(check: CheckResult, glyphs: Glyphs) -> Record:
    return Record(
        check.name,
        {
            "verdict": Cell(
                f"{glyphs.of(check.status)} {check.status.value}", TONES[check.status]
            ),
            "name": Cell(check.name[:1].upper() + check.name[1:]),
            "count": Cell(str(check.count), "" if check.count else "dim"),
            "time": Cell(f"{check.elapsed_ms:.1f} ms", "dim"),
            "remedy": Cell(check.remedy),
        },
    )


def _verdict_text(report: HealthReport) -> str:
    count = counted(len(report.checks), "check")
    total_ms = sum(check.elapsed_ms for check in report.checks)
    if report.is_damaged:
        return (
            f"Damaged: b writes a backup; ps-tui db restore brings one back. {count}."
        )
    if not report.is_ok:
        return f"Something is wrong that p repairs. {count} in {total_ms:.0f} ms."
    return f"{count} in {total_ms:.0f} ms."


def _file_lines(info: DatabaseInfo) -> list[Line]:
    facts = (
        ("size", format_bytes(info.size_bytes)),
        ("WAL", format_bytes(info.wal_bytes)),
        ("free", format_bytes(info.disk_free_bytes)),
        ("revision", str(info.revision)),
        ("SQLite", info.sqlite_version),
    )
    spans: list[tuple[str, str]] = []
    for label, value in facts:
        spans += [(f"{label} ", "$muted"), (f"{value}   ", "$foreground")]
    return [[(info.path, "bold $foreground")], spans]


def _backup_lines(backups: list[Backup], now_us: int) -> list[Line]:
    if not backups:
        return [
            [("No backups yet. ", "$warning"), ("b writes one.", "$foreground")],
        ]
    lines: list[Line] = [[(counted(len(backups), "backup"), "bold $accent")]]
    for backup in backups:
        age = format_age(max(0.0, (now_us - backup.created_us) / 1e6))
        lines.append(
            [
                (f"{moment(backup.created_us)}  ", "$foreground"),
                (f"{age:>6} old  ", "$muted"),
                (f"{format_bytes(backup.size_bytes):>8}  ", "$foreground"),
                (f"{counted(backup.lap_count, 'lap'):>8}  ", "$foreground"),
                (backup.reason, "$muted"),
            ]
        )
    return lines
