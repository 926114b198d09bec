"""``ps-tui db``: is the data safe, and what to do where it is not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click

from ps_tui.cli.options import (
    confirm,
    json_option,
    narrate,
    print_json,
    print_table,
    yes_option,
)
from ps_tui.config import Settings
from ps_tui.domain.errors import UsageError
from ps_tui.domain.health import Backup, HealthReport, RepairReport, Verdict
from ps_tui.domain.ports import Care
from ps_tui.domain.units import format_bytes

Result = TypeVar("Result")

EXIT_REPAIRABLE = 1
EXIT_DAMAGED = 2

GLYPHS = {Verdict.OK: "✓", Verdict.WARNING: "!", Verdict.ERROR: "✗"}


def care_for(settings: Settings, task: Callable[[Care], Awaitable[Result]]) -> Result:
    """Open the database as it is, without recovery, and do one task on it."""
    from ps_tui.runtime import open_care

    async def answer() -> Result:
        async with open_care(settings) as care:
            return await task(care)

    return asyncio.run(answer())


@click.group("db")
def command() -> None:
    """Check, repair, back up and restore the database."""


@command.command("check")
@click.option("--deep", is_flag=True, help="Also SQLite's full integrity check.")
@json_option
@click.pass_context
def check(ctx: click.Context, *, deep: bool, as_json: bool) -> None:
    """Run every check. Exit 0 clean, 1 repairable, 2 damaged."""
    report: HealthReport = care_for(ctx.obj, lambda care: care.check(deep=deep))
    if as_json:
        print_json({"ok": report.is_ok, "checks": report.checks})
    else:
        rows = [
            (
                f"{GLYPHS[result.status]} {result.status.value}",
                result.name,
                str(result.count),
                f"{result.elapsed_ms:.1f} ms",
                result.remedy if result.status is not Verdict.OK else "",
            )
            for result in report.checks
        ]
        print_table(("VERDICT", "CHECK", "COUNT", "TIME", "REMEDY"), rows)
    if report.is_damaged:
        ctx.exit(EXIT_DAMAGED)
    if not report.is_ok:
        ctx.exit(EXIT_REPAIRABLE)


@command.command("repair")
@yes_option
@json_option
@click.pass_obj
def repair(settings: Settings, *, yes: bool, as_json: bool) -> None:
    """Show what a repair would do, ask, back up, then do it."""

    async def plan_and_repair(care: Care) -> RepairReport:
        steps = await care.plan_repair()
        if not steps:
            return RepairReport([])
        for step in steps:
            narrate(f"{step.check}: {step.action} ({step.count})")
        confirm("Back up the database and do this?", yes=yes)
        return await care.repair()

    report = care_for(settings, plan_and_repair)
    if as_json:
        print_json(report)
    elif not report.steps:
        narrate("Nothing to repair.")
    else:
        narrate(f"Repaired. The state before is in {report.backup}.")


@command.command("backup")
@click.argument("target", type=click.Path(path_type=Path), required=False)
@json_option
@click.pass_obj
def backup(settings: Settings, target: Path | None, *, as_json: bool) -> None:
    """Write a verified copy, by default into the folder beside the database."""
    made = care_for(settings, lambda care: care.backup(target))
    _tell(made, as_json=as_json)


@command.command("backups")
@json_option
@click.pass_obj
def backups(settings: Settings, *, as_json: bool) -> None:
    """List the verified copies beside the database, newest first."""
    found = care_for(settings, lambda care: care.backups())
    if as_json:
        print_json(found)
        return
    rows = [
        (copy.path, copy.reason, format_bytes(copy.size_bytes), str(copy.lap_count))
        for copy in found
    ]
    print_table(("FILE", "REASON", "SIZE", "LAPS"), rows)


@command.command("restore")
@click.argument("source", type=click.Path(path_type=Path), required=False)
@click.option("--latest", is_flag=True, help="The newest copy beside the database.")
@yes_option
@json_option
@click.pass_obj
def restore(
    settings: Settings, source: Path | None, *, latest: bool, yes: bool, as_json: bool
) -> None:
    """Put a backup's content in place; what is there now is backed up first."""
    if (source is None) is not latest:
        raise UsageError("Name a backup file, or say --latest.")

    async def find_and_restore(care: Care) -> Backup:
        chosen = source or await _newest(care)
        confirm(f"Replace everything by the content of {chosen}?", yes=yes)
        return await care.restore(chosen)

    _tell(care_for(settings, find_and_restore), as_json=as_json, before="restore")


@command.command("reset")
@yes_option
@json_option
@click.pass_obj
def reset(settings: Settings, *, yes: bool, as_json: bool) -> None:
    """Empty the database, after a backup and a typed confirmation."""

    async def empty(care: Care) -> Backup:
        info = await care.info()
        if not yes:
            typed = click.prompt(
                f"This empties {info.path}. Type reset to go on", err=True, default=""
            )
            if typed.strip() != "reset":
                raise click.Abort
        return await care.reset()

    _tell(care_for(settings, empty), as_json=as_json, before="reset")


async def _newest(care: Care) -> Path:
    copies = await care.backups()
    if not copies:
        raise UsageError("There is no backup yet.", "ps-tui db backup makes one.")
    return Path(copies[0].path)


def _tell(made: Backup, *, as_json: bool, before: str = "") -> None:
    if as_json:
        print_json(made)
    elif before:
        narrate(f"Done. The state before the {before} is in {made.path}.")
    else:
        narrate(
            f"Wrote {made.path}: {format_bytes(made.size_bytes)}, "
            f"{made.session_count} sessions, {made.lap_count} laps, verified."
        )
