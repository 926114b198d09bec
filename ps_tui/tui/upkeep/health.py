"""Checks, repairs, and what repairs took away."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ps_tui.domain.health import HealthReport, RepairStep
from ps_tui.domain.units import format_bytes
from ps_tui.domain.upkeep import QuarantineEntry
from ps_tui.tui.dialogs.pick import Option
from ps_tui.tui.upkeep.command import CHOICE, Call, Command, Effect, Outcome, given
from ps_tui.tui.words import counted, moment


async def _check(call: Call, *, is_deep: bool) -> Outcome:
    call.workspace.is_checking = True
    try:
        report = await call.services.care.check(deep=is_deep)
        call.workspace.health = report
    finally:
        call.workspace.is_checking = False
    glyphs = call.workspace.glyphs
    rows = [
        (
            f"{glyphs.of(check.status)} {check.status.value}",
            check.name,
            str(check.count),
            f"{check.elapsed_ms:.1f} ms",
            check.remedy,
        )
        for check in report.checks
    ]
    header = ("VERDICT", "CHECK", "COUNT", "TIME", "WHAT TO DO")
    return Outcome(_verdict(report), header, rows, report.is_ok)


def _verdict(report: HealthReport) -> str:
    count = counted(len(report.checks), "check")
    if report.is_damaged:
        return f"{count}: damaged. backup keeps what is there, restore brings one back."
    if not report.is_ok:
        return f"{count}: something is wrong that repair mends."
    return f"{count}: nothing is wrong."


def plan_text(steps: Sequence[RepairStep]) -> str:
    """Write what a repair would do, for a person to agree to."""
    lines = [f"{step.action}: {step.count} ({step.check})" for step in steps]
    return "\n".join([*lines, "", "A backup is written first."])


async def _plan_repair(call: Call) -> str | Outcome:
    steps = await call.services.care.plan_repair()
    return plan_text(steps) if steps else Outcome("Nothing to repair.")


async def _repair(call: Call) -> Outcome:
    report = await call.services.care.repair()
    if not report.steps:
        return Outcome("Nothing to repair.")
    rows = [(step.check, step.action, str(step.count)) for step in report.steps]
    return Outcome(
        f"Repaired. A backup was made first: {report.backup}",
        ("CHECK", "DONE", "COUNT"),
        rows,
    )


async def _runs(call: Call) -> list[Option]:
    runs: dict[str, list[QuarantineEntry]] = {}
    for entry in await given(call.services.content).quarantine():
        runs.setdefault(entry.run, []).append(entry)
    return [
        Option(run, f"{run}, {moment(rows[0].at_us)}", counted(len(rows), "row"))
        for run, rows in runs.items()
    ]


async def _plan_undo(call: Call) -> str:
    rows = await given(call.services.content).quarantine(call.text(CHOICE))
    return (
        f"{counted(len(rows), 'row')} come back as they were before"
        f" {call.text(CHOICE)}.\nA backup is written first."
    )


async def _undo(call: Call) -> Outcome:
    run = call.text(CHOICE)
    count = await call.services.care.undo_repair(run)
    return Outcome(f"{counted(count, 'row')} are as they were before {run}.")


async def _quarantine(call: Call) -> Outcome:
    found = await given(call.services.content).quarantine()
    rows = [
        (
            entry.run,
            moment(entry.at_us),
            entry.check,
            entry.table,
            str(entry.row.get("id") or entry.row.get("lap_n") or ""),
            format_bytes(entry.blob_bytes),
        )
        for entry in found
    ]
    return Outcome(
        f"{counted(len(rows), 'row')} in quarantine.",
        ("RUN", "WHEN", "CHECK", "TABLE", "ROW", "BLOB"),
        rows,
    )


COMMANDS = (
    Command(
        "check",
        "Run every check; safe while recording",
        partial(_check, is_deep=False),
        working="Checking",
    ),
    Command(
        "check --deep",
        "The same, and read and verify every lap",
        partial(_check, is_deep=True),
        working="Reading and checking every lap",
    ),
    Command(
        "repair",
        "Show what a repair would do, then do it",
        _repair,
        plan=_plan_repair,
        working="Backing up, then repairing",
        effect=Effect.CHANGED,
    ),
    Command(
        "repair --undo",
        "Put back what a repair took away",
        _undo,
        options=_runs,
        plan=_plan_undo,
        working="Backing up, then putting back",
        effect=Effect.CHANGED,
    ),
    Command("quarantine", "List what repairs took away", _quarantine),
)
