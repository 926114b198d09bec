"""``ps-tui laps import``: files of laps become laps of a session."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ps_tui.cli.options import json_option, narrate, print_json
from ps_tui.cli.progress import lap_progress
from ps_tui.config import Settings

if TYPE_CHECKING:
    from ps_tui.domain.models import Session


@click.command("import")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--session", "name", help="Name of the session that is made.")
@click.option("--event", "event_id", help="Event to make it in.")
@json_option
@click.pass_obj
def import_laps(
    settings: Settings,
    /,
    files: tuple[Path, ...],
    *,
    name: str | None,
    event_id: str | None,
    as_json: bool,
) -> None:
    """Import laps from CSV (our headers), JSON, Parquet and MoTeC .ld files, one
    session per outing.

    Lap times, notes and markers come from NAME.meta.json beside a CSV and from
    NAME.ldx beside a log.
    """
    sessions = asyncio.run(_import(settings, files, name, event_id))
    if as_json:
        print_json(sessions)
        return
    for session in sessions:
        plural = "" if session.lap_count == 1 else "s"
        narrate(
            f"Imported {session.lap_count} lap{plural} into “{session.name}”:"
            f" ps-tui laps list --session {session.id}"
        )


async def _import(
    settings: Settings, files: tuple[Path, ...], name: str | None, event_id: str | None
) -> list[Session]:
    from ps_tui.collector.clock import SystemClock
    from ps_tui.export.read.files import read_laps
    from ps_tui.runtime import lap_filing, open_database

    sessions = []
    async with open_database(settings) as database:
        if event_id is not None:
            event_id = (await database.library.event(event_id)).id
        filing = lap_filing(database)
        for file in files:
            for read in read_laps(file, SystemClock().now_us()):
                if read.passed_over:
                    narrate(f"{file}: passed over {', '.join(read.passed_over)}.")
                with lap_progress() as on_lap:
                    session = await filing.file(
                        read, name=name, event_id=event_id, on_lap=on_lap
                    )
                sessions.append(session)
    return sessions
