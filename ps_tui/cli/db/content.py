"""Rows that come and go: seeds, archives, the bin, free pages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ps_tui.cli.db.opening import with_store
from ps_tui.cli.options import confirm, json_option, narrate, print_json, yes_option
from ps_tui.config import Settings
from ps_tui.domain.units import format_bytes
from ps_tui.domain.upkeep import ArchiveReport, Purged

if TYPE_CHECKING:
    from ps_tui.storage.sqlite.store import SqliteStore


@click.command("seed")
@click.option("--demo-laps", is_flag=True, help="Also laps of the built-in driver.")
@json_option
@click.pass_obj
def seed(settings: Settings, *, demo_laps: bool, as_json: bool) -> None:
    """Put in a demo crew, event and car; again and again with the same result."""
    drive = None
    if demo_laps:
        from ps_tui.demo.laps import driven_laps

        drive = driven_laps()
    report = with_store(settings, lambda store: store.content.seed(drive), create=True)
    if as_json:
        print_json(report)
    else:
        narrate(
            f"{report.inserted} rows new, {report.updated} changed,"
            f" {report.unchanged} as they were."
        )
        click.echo(report.sha256)


@click.command("purge")
@click.option("--days", type=click.FloatRange(0), default=30, show_default=True)
@yes_option
@json_option
@click.pass_obj
def purge(settings: Settings, *, days: float, yes: bool, as_json: bool) -> None:
    """Remove for good what has been in the bin for so many days."""

    async def plan_and_purge(store: SqliteStore) -> Purged:
        planned = await store.content.purge(days, dry_run=True)
        if not planned.rows:
            return planned
        narrate(f"To go for good: {_listed(planned.rows)}.")
        confirm("Back up the database and remove them?", yes=yes)
        return await store.content.purge(days)

    done = with_store(settings, plan_and_purge)
    if as_json:
        print_json(done)
    elif not done.rows:
        narrate(f"Nothing has been in the bin for {days:g} days.")
    else:
        narrate(f"Gone: {_listed(done.rows)}. They are still in {done.backup}.")


@click.command("vacuum")
@click.option("--full", is_flag=True, help="Rewrite the whole file.")
@json_option
@click.pass_obj
def vacuum(settings: Settings, *, full: bool, as_json: bool) -> None:
    """Give room that deleted rows took back to the disk."""
    done = with_store(settings, lambda store: store.content.vacuum(full=full))
    if as_json:
        print_json(done)
    else:
        before, after = format_bytes(done.before_bytes), format_bytes(done.after_bytes)
        narrate(f"{before} before, {after} now.")


@click.command("export-all")
@click.argument("target", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def export_all(settings: Settings, target: Path, *, as_json: bool) -> None:
    """Write everything into an open archive: a zip of JSON tables and CSV laps."""
    _tell(
        with_store(settings, lambda store: store.content.export_all(target)),
        "Wrote",
        as_json=as_json,
    )


@click.command("import")
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@yes_option
@json_option
@click.pass_obj
def import_all(settings: Settings, source: Path, *, yes: bool, as_json: bool) -> None:
    """Add what an archive holds; what is here already stays as it is."""
    confirm(f"Add the content of {source}? A backup is made first.", yes=yes)
    report = with_store(
        settings, lambda store: store.content.import_all(source), create=True
    )
    _tell(report, "Read", as_json=as_json)


def _tell(report: ArchiveReport, done: str, *, as_json: bool) -> None:
    if as_json:
        print_json(report)
        return
    rows = _listed({name: count for name, count in report.rows.items() if count})
    there = f", {report.skipped} were here already" if report.skipped else ""
    narrate(
        f"{done} {report.path}: {rows or 'no rows'}, {report.traces} traces{there}."
    )
    for lap in report.unreadable:
        narrate(f"The frames of lap {lap} are damaged and left out.")


def _listed(rows: dict[str, int]) -> str:
    return ", ".join(f"{count} {table}" for table, count in rows.items())


COMMANDS = {
    "seed": seed,
    "purge": purge,
    "vacuum": vacuum,
    "export-all": export_all,
    "import": import_all,
}
