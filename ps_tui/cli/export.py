"""``ps-tui laps export``: a lap, a session or an event as a file for other tools."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import click

from ps_tui.cli.options import narrate
from ps_tui.cli.progress import OnLap, lap_progress
from ps_tui.config import Settings
from ps_tui.domain.errors import UsageError

FORMATS = ("csv", "json", "parquet", "motec")
"""Names of the table of formats; a test compares them: help needs no import."""

TEXT_FORMATS = ("csv", "json")
SUFFIXES = {".json": "json", ".parquet": "parquet", ".ld": "motec"}


@click.command("export")
@click.argument("lap_id", required=False)
@click.option("--session", "session_id", help="All laps of a session instead.")
@click.option("--event", "event_id", help="All laps of an event instead.")
@click.option(
    "--format",
    "format_name",
    type=click.Choice(FORMATS),
    help="By default what the name of the file says, else csv.",
)
@click.option(
    "-o",
    "--output",
    required=True,
    help="File to write; - is standard output.",
)
@click.option(
    "--units",
    type=click.Choice(["file", "row", "none"]),
    default="file",
    show_default=True,
    help="Of csv: in a second file, or also in a second header row.",
)
@click.option("--all", "with_excluded", is_flag=True, help="Also excluded laps.")
@click.option("--no-maths", is_flag=True, help="Only what the game sent.")
@click.pass_obj
def export_laps(
    settings: Settings,
    /,
    lap_id: str | None,
    *,
    session_id: str | None,
    event_id: str | None,
    format_name: str | None,
    output: str,
    **options: Any,
) -> None:
    """Write all frames of a lap, a session or an event, full rate, nothing rounded.

    Beside a csv file lies NAME.meta.json with units, lap times, classes and notes;
    beside a MoTeC .ld file lies the .ldx with the lap beacons. Math channels are
    columns like any other.
    """
    if sum(given is not None for given in (lap_id, session_id, event_id)) != 1:
        raise UsageError(
            "Name one lap, or a --session, or an --event.",
            "`ps-tui laps list --session ID` shows the ids of laps.",
        )
    if format_name is None:
        format_name = SUFFIXES.get(Path(output).suffix.lower(), "csv")
    if output == "-" and format_name not in TEXT_FORMATS and sys.stdout.isatty():
        raise UsageError(f"A terminal cannot show {format_name}.", "Name a file.")
    wanted = (lap_id, session_id, event_id, options["with_excluded"])
    with lap_progress() as on_lap:
        writing = _export(settings, wanted, format_name, options, output, on_lap)
        written = asyncio.run(writing)
    if written:
        narrate(f"Wrote {', '.join(map(str, written))}.")


async def _export(
    settings: Settings,
    wanted: tuple[str | None, str | None, str | None, bool],
    format_name: str,
    options: dict[str, Any],
    output: str,
    on_lap: OnLap,
) -> list[Path]:
    from ps_tui.export import selection
    from ps_tui.export.files import export_laps as write_laps
    from ps_tui.export.formats import writer_of
    from ps_tui.export.own_channels import own_channels
    from ps_tui.runtime import open_database

    writer = writer_of(format_name, units=options["units"])
    lap_id, session_id, event_id, with_excluded = wanted
    target = sys.stdout.buffer if output == "-" else Path(output)
    found: Any
    async with open_database(settings, create=False) as database:
        library = database.library
        if lap_id is not None:
            found = await selection.find_lap(library, lap_id)
        elif session_id is not None:
            found = await selection.find_session(
                library, session_id, with_excluded=with_excluded
            )
        else:
            found = await selection.find_event(
                library, event_id or "", with_excluded=with_excluded
            )
        stored = [] if options["no_maths"] else await database.workbench.math_channels()
        own = own_channels(stored)
        return await write_laps(library, found, writer, target, on_lap=on_lap, own=own)
