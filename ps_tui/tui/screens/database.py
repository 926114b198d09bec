"""Database: is the data safe? Checks, repair, backups and the file itself."""

from __future__ import annotations

from functools import partial
from pathlib import PurePath
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
    RepairReport,
    RepairStep,
)
from ps_tui.domain.ports import Services
from ps_tui.domain.units import format_age, format_bytes
from ps_tui.tui.compat import start
from ps_tui.tui.dialogs.care_forms import reset_form, restore_form
from ps_tui.tui.dialogs.confirm import ConfirmDialog
from ps_tui.tui.glyphs import TONES, Glyphs
from ps_tui.tui.keymap import bindings
from ps_tui.tui.screens.base import PsScreen
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
        "place and X empties the database: both keep a copy of what was there."
    )

    def __init__(self, services: Services, workspace: Workspace) -> None:
        super().__init__(services, workspace)
        self._info: DatabaseInfo | None = None
        self._backups: list[Backup] = []
        self._activity = ""

    def compose_body(self) -> ComposeResult:
        yield Details(id="file")
        yield Static(id="verdict", markup=False)
        with Container(id="body", classes="kept"):
            yield Listing(COLUMNS, EMPTY)
            yield Static(id="explain", markup=False)
            yield Details(id="backups")

    async def load(self) -> None:
        self._info = await self.services.care.info()
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
        what = "Reading and checking every lap …" if is_deep else "Checking …"
        self._say(what)
        try:
            report = await self.services.care.check(deep=is_deep)
            self.workspace.health = report
        finally:
            self.workspace.is_checking = False
            self._say("")
        await self.load()

    def action_repair(self) -> None:
        start(self, self._plan, group="repair")

    async def _plan(self) -> None:
        steps = await self.services.care.plan_repair()
        if not steps:
            self.notify("Nothing to repair.")
            return
        dialog = ConfirmDialog(
            "Repair the database?", _plan_text(steps), yes="Repair", work=self._repair
        )
        self.app.push_screen(dialog, self._repaired)

    async def _repair(self) -> RepairReport:
        return await self.services.care.repair()

    def _repaired(self, is_done: bool | None) -> None:
        if is_done:
            self.notify("Repaired. A backup was made first.")
            self.action_check()

    def action_backup(self) -> None:
        start(self, self._back_up, group="backup", exclusive=True)

    def action_studio(self) -> None:
        """Look into the tables themselves."""
        self.go("studio")

    def action_restore(self) -> None:
        """Put a backup in place, after a word that is typed."""
        form = restore_form(self.services.care, self._backups)
        self.app.push_screen(form, self._replaced)

    def action_reset(self) -> None:
        """Empty the database, after a word that is typed."""
        self.app.push_screen(reset_form(self.services.care), self._replaced)

    def _replaced(self, safety: Backup | None) -> None:
        if safety is None:
            return
        name = PurePath(safety.path).name
        self.notify(f"What was there before is in {name}.", markup=False)
        self.workspace.event_id = self.workspace.session_id = None
        self.workspace.undo = None
        self.action_check()

    async def _back_up(self) -> None:
        self._say("Writing and verifying a backup …")
        try:
            backup = await self.services.care.backup()
        finally:
            self._say("")
        name = PurePath(backup.path).name
        self.notify(f"{name}, {format_bytes(backup.size_bytes)}", title="Backup")
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
        self._activity = activity
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


def _plan_text(steps: list[RepairStep]) -> str:
    lines = [f"{step.action}: {step.count} ({step.check})" for step in steps]
    return "\n".join([*lines, "", "A backup is written first."])
