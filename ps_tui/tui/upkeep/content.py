"""Rows that come and go, archives, free pages, plans and locks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from ps_tui.domain.units import format_bytes
from ps_tui.domain.upkeep import ArchiveReport
from ps_tui.tui.dialogs.form import Field
from ps_tui.tui.upkeep.command import Call, Command, Effect, Outcome, given
from ps_tui.tui.words import counted, moment

PURGE_DAYS = "30"


async def _plan_seed(call: Call, *, has_laps: bool) -> str:
    laps = " with driven laps" if has_laps else ""
    return (
        f"A demo crew, event and car{laps} are added. Done again, nothing changes;"
        " roles stay as they are."
    )


async def _seed(call: Call, *, has_laps: bool) -> Outcome:
    drive = None
    if has_laps:
        drive = await asyncio.to_thread(given(call.services.drive_demo))
    report = await given(call.services.content).seed(drive)
    said = (
        f"{counted(report.inserted, 'row')} new, {report.updated} changed,"
        f" {report.unchanged} as they were."
    )
    return Outcome(said, (), [(f"sha256 {report.sha256}",)])


def check_days(text: str) -> str | None:
    """Say what is wrong with an age in days."""
    try:
        is_age = 0 <= float(text) < float("inf")
    except ValueError:
        is_age = False
    return None if is_age else f"{text!r} is no number of days: type 30."


async def _days(call: Call) -> Sequence[Field]:
    return (Field("days", "Days in bin", PURGE_DAYS, PURGE_DAYS, check_days),)


async def _plan_purge(call: Call) -> str | Outcome:
    days = float(call.text("days"))
    planned = await given(call.services.content).purge(days, dry_run=True)
    if not planned.rows:
        return Outcome(f"Nothing has been in the bin for {days:g} days.")
    return f"To go for good:\n{_listed(planned.rows)}\nA backup is written first."


async def _purge(call: Call) -> Outcome:
    done = await given(call.services.content).purge(float(call.text("days")))
    rows = [(table, str(count)) for table, count in done.rows.items()]
    said = f"Gone. The rows are still in {done.backup}."
    return Outcome(said, ("TABLE", "ROWS"), rows)


async def _plan_full(call: Call) -> str:
    info = await call.services.care.info()
    size = format_bytes(info.size_bytes)
    return f"The whole file, {size}, is written anew; it needs as much room beside it."


async def _vacuum(call: Call, *, is_full: bool) -> Outcome:
    done = await given(call.services.content).vacuum(full=is_full)
    before, after = format_bytes(done.before_bytes), format_bytes(done.after_bytes)
    return Outcome(f"{before} before, {after} now.")


async def _archive(call: Call) -> Sequence[Field]:
    def check(text: str) -> str | None:
        path = Path(text).expanduser()
        return f"{path} is there already." if path.exists() else None

    return (Field("file", "File", "ps-tui.zip", "ps-tui.zip", check),)


async def _export(call: Call) -> Outcome:
    target = call.path("file") or Path()
    return _told(await given(call.services.content).export_all(target), "Wrote")


async def _which(call: Call) -> Sequence[Field]:
    def check(text: str) -> str | None:
        path = Path(text).expanduser()
        return None if path.is_file() else f"There is no file {path}."

    return (Field("file", "File", "", "ps-tui.zip", check),)


async def _plan_import(call: Call) -> str:
    return (
        f"What {call.text('file')} holds is added; what is here already stays as it"
        " is.\nA backup is written first."
    )


async def _import(call: Call) -> Outcome:
    source = call.path("file") or Path()
    return _told(await given(call.services.content).import_all(source), "Read")


def _told(report: ArchiveReport, done: str) -> Outcome:
    there = f", {report.skipped} were here already" if report.skipped else ""
    said = f"{done} {report.path}: {counted(report.traces, 'trace')}{there}."
    rows = [(table, str(count)) for table, count in report.rows.items() if count]
    return Outcome(said, ("TABLE", "ROWS"), rows)


def _listed(rows: dict[str, int]) -> str:
    return "\n".join(f"{count} {table}" for table, count in rows.items())


async def _locks(call: Call) -> Outcome:
    found = await given(call.services.content).locks()
    rows = [
        (str(one.pid), one.activity, moment(one.since_us), one.command) for one in found
    ]
    others = counted(len(rows), "other process", "other processes")
    said = f"{others} beside this window." if rows else "This window alone has it open."
    return Outcome(said, ("PROCESS", "DOES", "SINCE", "COMMAND"), rows)


async def _explain(call: Call) -> Outcome:
    found = await given(call.services.content).explain()
    rows = [
        (
            query.name,
            f"{query.elapsed_us:.0f} µs",
            "SCAN" if query.is_scan else ", ".join(query.indexes) or "primary key",
            "; ".join(query.plan),
        )
        for query in found.queries
    ]
    said = (
        f"{counted(len(rows), 'query', 'queries')}."
        f" Unused indexes: {', '.join(found.unused) or 'none'}."
    )
    return Outcome(said, ("QUERY", "TIME", "INDEX", "PLAN"), rows, not found.unused)


COMMANDS = (
    Command(
        "seed",
        "Put in a demo crew, event and car",
        partial(_seed, has_laps=False),
        plan=partial(_plan_seed, has_laps=False),
        effect=Effect.CHANGED,
    ),
    Command(
        "seed --demo-laps",
        "The same, with laps of the built-in driver",
        partial(_seed, has_laps=True),
        plan=partial(_plan_seed, has_laps=True),
        working="Driving some laps",
        effect=Effect.CHANGED,
    ),
    Command(
        "purge",
        "Remove for good what was deleted long ago",
        _purge,
        fields=_days,
        plan=_plan_purge,
        working="Backing up, then removing",
        effect=Effect.CHANGED,
    ),
    Command(
        "vacuum",
        "Give room of deleted rows back to the disk",
        partial(_vacuum, is_full=False),
        working="Giving room back",
        effect=Effect.CHANGED,
    ),
    Command(
        "vacuum --full",
        "Write the whole file anew",
        partial(_vacuum, is_full=True),
        plan=_plan_full,
        working="Writing the file anew",
        needs_idle=True,
        effect=Effect.CHANGED,
    ),
    Command(
        "export-all",
        "Write everything into an open archive",
        _export,
        fields=_archive,
        working="Writing the archive",
    ),
    Command(
        "import",
        "Add what an archive holds",
        _import,
        fields=_which,
        plan=_plan_import,
        working="Backing up, then reading the archive",
        effect=Effect.CHANGED,
    ),
    Command("locks", "Which processes have it open, and what they do", _locks),
    Command("explain", "Plan, time and index of every query", _explain),
)
