"""``ps-tui laps``: lap tables, and laps as files."""

from __future__ import annotations

from collections.abc import Sequence

import click

from ps_tui.cli.compare import compare_laps
from ps_tui.cli.export import export_laps
from ps_tui.cli.import_laps import import_laps
from ps_tui.cli.options import (
    ask,
    json_option,
    print_json,
    print_record,
    print_table,
)
from ps_tui.cli.removal import Removal, add_removal
from ps_tui.config import Settings
from ps_tui.domain.errors import UsageError
from ps_tui.domain.ids import short_id
from ps_tui.domain.models import Lap, LapDraft, LapKind, best_lap
from ps_tui.domain.ports import Library
from ps_tui.domain.units import format_gap, format_lap_time, parse_lap_time


def lap_rows(
    laps: Sequence[Lap], among: Sequence[Lap] | None = None
) -> tuple[tuple[str, ...], Sequence[tuple[str, ...]]]:
    """Return header and rows of a lap table; gaps are to the best ``among`` laps, by
    default to the best of those shown."""
    header = ("ID", "LAP", "TIME", "GAP", "CLASS", "VALID", "TOP", "FRAMES", "NOTE")
    best = best_lap(list(laps if among is None else among))
    rows = [
        (
            short_id(lap.id),
            str(lap.lap_number),
            format_lap_time(lap.lap_time_ms),
            _gap(lap, best),
            lap.kind.value,
            _validity(lap),
            "" if lap.top_speed_kmh is None else f"{lap.top_speed_kmh:.0f}",
            str(lap.frame_count),
            _note(lap),
        )
        for lap in laps
    ]
    return header, rows


def _validity(lap: Lap) -> str:
    if lap.excluded_us is not None:
        return "excl."
    return "yes" if lap.valid else "INV"


def _note(lap: Lap) -> str:
    stint = None if lap.stint is None else f"stint {lap.stint}"
    parts = (lap.excluded_reason, lap.reason, lap.tags, lap.notes, lap.driver, stint)
    return " · ".join(part for part in parts if part)


def _gap(lap: Lap, best: Lap | None) -> str:
    if best is None or lap.lap_time_ms is None or not lap.counts_as_best:
        return ""
    if lap.id == best.id:
        return "best"
    return format_gap(lap.lap_time_ms - (best.lap_time_ms or 0))


@click.group("laps")
def command() -> None:
    """List, compare, export and delete laps."""


@command.command("list")
@click.option("--session", "session_id", required=True, help="Whose laps.")
@click.option("--deleted", is_flag=True, help="Only deleted ones.")
@json_option
@click.pass_obj
def list_laps(
    settings: Settings, session_id: str, *, deleted: bool, as_json: bool
) -> None:
    """List the laps of a session in driving order."""

    async def listing(library: Library) -> list[Lap]:
        session = await library.session(session_id)
        return await library.laps(session.id, deleted=deleted)

    laps = ask(settings, listing)
    if as_json:
        print_json(laps)
    else:
        print_table(*lap_rows(laps))


@command.command("show")
@click.argument("lap_id")
@json_option
@click.pass_obj
def show_lap(settings: Settings, lap_id: str, *, as_json: bool) -> None:
    """Show what is known of a lap."""

    async def look(library: Library) -> tuple[Lap, list[Lap]]:
        lap = await library.lap(lap_id)
        return lap, await library.laps(lap.session_id)

    lap, among = ask(settings, look)
    if as_json:
        print_json(lap)
    else:
        print_table(*lap_rows([lap], among))


@command.command("new")
@click.argument("session_id")
@click.argument("lap_time")
@click.option("--number", type=click.IntRange(1), help="By default the next.")
@click.option(
    "--class",
    "kind",
    type=click.Choice([kind.value for kind in LapKind]),
    default=LapKind.FLYING.value,
    show_default=True,
)
@click.option("--invalid", is_flag=True, help="It does not count as a best lap.")
@json_option
@click.pass_obj
def new_lap(
    settings: Settings,
    session_id: str,
    lap_time: str,
    *,
    number: int | None,
    kind: str,
    invalid: bool,
    as_json: bool,
) -> None:
    """Add a lap that was timed by hand, as 1:47.880, and print its id."""
    lap_time_ms = parse_lap_time(lap_time)
    if lap_time_ms is None:
        raise UsageError(f"{lap_time!r} is no lap time.", "Write it as 1:47.880.")
    draft = LapDraft(lap_time_ms, number, LapKind(kind), not invalid)

    async def create(library: Library) -> Lap:
        session = await library.session(session_id)
        return await library.create_lap(session.id, draft)

    print_record(ask(settings, create), as_json=as_json)


command.add_command(compare_laps)
command.add_command(export_laps)
command.add_command(import_laps)


def _describe(lap: Lap) -> str:
    return f"lap {lap.lap_number} ({format_lap_time(lap.lap_time_ms)})"


add_removal(
    command,
    Removal[Library](
        "laps",
        "lap",
        lambda database: database.library,
        look_up=lambda library, record_id: library.lap(record_id),
        delete=lambda library, record_id: library.delete_lap(record_id),
        restore=lambda library, record_id: library.restore_lap(record_id),
        describe=_describe,
    ),
)
