"""Is the data safe, and what to do where it is not."""

from __future__ import annotations

import click

from ps_tui.cli.db.opening import check_as_it_lies, with_store
from ps_tui.cli.options import (
    confirm,
    json_option,
    narrate,
    print_json,
    print_table,
    yes_option,
)
from ps_tui.config import Settings
from ps_tui.domain.errors import DamagedDatabaseError
from ps_tui.domain.health import HealthReport, RepairReport, Verdict
from ps_tui.domain.ports import Care
from ps_tui.domain.units import format_bytes

EXIT_REPAIRABLE = 1
EXIT_DAMAGED = 2

GLYPHS = {Verdict.OK: "✓", Verdict.WARNING: "!", Verdict.ERROR: "✗"}


@click.command("check")
@click.option("--deep", is_flag=True, help="Also SQLite's full integrity check.")
@json_option
@click.pass_context
def check(ctx: click.Context, *, deep: bool, as_json: bool) -> None:
    """Run every check. Exit 0 clean, 1 repairable, 2 damaged."""
    report: HealthReport
    try:
        report = with_store(ctx.obj, lambda store: store.care.check(deep=deep))
    except DamagedDatabaseError:
        report = check_as_it_lies(ctx.obj, deep=deep)
    if as_json:
        print_json({"ok": report.is_ok, "checks": report.checks})
    else:
        rows = [
            (
                f"{GLYPHS[result.status]} {result.status.value}",
                result.name,
                str(result.count),
                f"{result.elapsed_ms:.1f} ms",
                result.detail,
            )
            for result in report.checks
        ]
        print_table(("VERDICT", "CHECK", "COUNT", "TIME", "DETAIL"), rows)
        for result in report.checks:
            if result.status is not Verdict.OK:
                click.echo(f"→ {result.name}: {result.remedy}")
    if report.is_damaged:
        ctx.exit(EXIT_DAMAGED)
    if not report.is_ok:
        ctx.exit(EXIT_REPAIRABLE)


@click.command("repair")
@click.option("--undo", metavar="RUN", help="Put back what this repair took away.")
@yes_option
@json_option
@click.pass_context
def repair(ctx: click.Context, *, undo: str | None, yes: bool, as_json: bool) -> None:
    """Show what a repair would do, ask, back up, then do it.

    Exit 1 where a part of it could not be done.
    """
    settings: Settings = ctx.obj
    if undo is not None:
        _undo(settings, undo, yes=yes, as_json=as_json)
        return

    async def plan_and_repair(care: Care) -> RepairReport:
        steps = await care.plan_repair()
        if not steps:
            return RepairReport([])
        for step in steps:
            narrate(f"{step.check}: {step.action} ({step.count})")
        confirm("Back up the database and do this?", yes=yes)
        return await care.repair()

    report = with_store(settings, lambda store: plan_and_repair(store.care))
    failed = [step for step in report.steps if step.problem]
    if as_json:
        print_json(report)
    elif not report.steps:
        narrate("Nothing to repair.")
    else:
        for step in failed:
            narrate(f"{step.check}: left as it was ({step.problem}).")
        narrate(f"Repaired. The state before is in {report.backup}.")
        if report.run:
            narrate(f"`ps-tui db repair --undo {report.run}` takes it back.")
    if failed:
        ctx.exit(EXIT_REPAIRABLE)


@click.command("quarantine")
@click.argument("run", required=False)
@json_option
@click.pass_obj
def quarantine(settings: Settings, run: str | None, *, as_json: bool) -> None:
    """List what repairs took away or changed, newest first."""
    found = with_store(settings, lambda store: store.content.quarantine(run))
    if as_json:
        print_json(found)
        return
    rows = [
        (
            entry.run,
            entry.check,
            entry.table,
            str(entry.row.get("id") or entry.row.get("lap_n") or ""),
            format_bytes(entry.blob_bytes),
        )
        for entry in found
    ]
    print_table(("RUN", "CHECK", "TABLE", "ROW", "BLOB"), rows)


def _undo(settings: Settings, run: str, *, yes: bool, as_json: bool) -> None:
    # Asked for first, so that nobody says yes to a run that does not exist.
    with_store(settings, lambda store: store.content.quarantine(run))
    confirm(f"Back up the database and undo {run}?", yes=yes)
    count = with_store(settings, lambda store: store.care.undo_repair(run))
    if as_json:
        print_json({"run": run, "rows": count})
    else:
        narrate(f"{count} rows are back as they were before {run}.")


COMMANDS = {"check": check, "repair": repair, "quarantine": quarantine}
