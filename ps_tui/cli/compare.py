"""``ps-tui laps compare``: where one lap lost time to another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from ps_tui.cli.options import ask, json_option, narrate, print_json, print_table
from ps_tui.config import Settings
from ps_tui.domain.ids import short_id
from ps_tui.domain.models import (
    Lap,
    LapTrace,
    Session,
    known_length_m,
    mixed_tracks,
)
from ps_tui.domain.units import format_gap, format_lap_time

if TYPE_CHECKING:
    from ps_tui.analysis.comparison import Comparison
    from ps_tui.analysis.losses import LossRow, PartFigures
    from ps_tui.domain.ports import Library

HEADER = (
    *("PART", "FROM", "LOST s", "TIME s", "BRAKE", "±", "MIN", "±", "THR", "±"),
    *("COAST", "BOTH"),
)
DIVISIONS = ("corners", "sectors", "mini")


@click.command("compare")
@click.argument("lap_id", metavar="A")
@click.argument("reference_id", metavar="B")
@click.option(
    "--by",
    "division",
    type=click.Choice(DIVISIONS),
    default="corners",
    show_default=True,
    help="What the rows are; mini is 24 mini-sectors.",
)
@json_option
@click.pass_obj
def compare_laps(
    settings: Settings, lap_id: str, reference_id: str, *, division: str, as_json: bool
) -> None:
    """Compare lap A with lap B: rows sorted by what A lost, the most first.

    Losses are in seconds, positive where A is slower; places count from the line.
    """
    from ps_tui.analysis.comparison import compare

    async def load(library: Library) -> tuple[Comparison, str]:
        traces, sessions = await load_laps(library, (reference_id, lap_id))
        track, layout = sessions[0].track, sessions[0].layout
        lines = await library.sector_lines(track, layout)
        length_m = known_length_m(sessions)
        return compare(traces, length_m, (), lines), mixed_tracks(sessions)

    comparison, warning = ask(settings, load)
    if as_json:
        print_json(comparison_record(comparison))
        return
    for driven in comparison.driven:
        if not driven.lap.counts_as_best:
            narrate(f"{_named(driven.lap)} does not count: {_why(driven.lap)}.")
    if warning:
        narrate(warning)
    click.echo(headline(comparison))
    narrate(legend(comparison))
    print_table(*loss_table(_losses(comparison, division), comparison))


async def load_laps(
    library: Library, lap_ids: Sequence[str]
) -> tuple[list[LapTrace], list[Session]]:
    """Return the frames of laps, and the session of each."""
    traces = [await library.load_trace(one) for one in lap_ids]
    return traces, [await library.session(trace.lap.session_id) for trace in traces]


def headline(comparison: Comparison) -> str:
    """Return the sentence above the table."""
    reference, lap = (driven.lap for driven in comparison.driven)
    text = f"{_named(lap)} against {_named(reference)}".replace("lap", "Lap", 1)
    at_line = comparison.at_line_ms(1)
    if at_line is None:
        return f"{text}: not both were driven to the line"
    return f"{text}: {format_gap(round(at_line))} at the line"


def legend(comparison: Comparison) -> str:
    """Return what the columns are measured in, for a person."""
    unit = "m" if comparison.reference.length_m else "thousandths of the lap"
    return (
        f"FROM, BRAKE, THR (throttle on): {unit} from the line · MIN: km/h ·"
        " ±: against B, later is + · COAST, BOTH (pedals): s"
    )


def loss_table(
    rows: Sequence[LossRow], comparison: Comparison
) -> tuple[tuple[str, ...], Sequence[tuple[str, ...]]]:
    """Return header and rows; figures of B stand as what A did differently."""
    length_m = comparison.reference.length_m
    scale = length_m or 1000.0
    table = [
        (
            row.part.name,
            f"{row.part.start * scale:.0f}",
            _seconds(row.loss_ms, "+z.3f"),
            _seconds(row.lap.time_ms, ".3f"),
            _number(row.lap.brake_place, 0),
            _number(row.brake_change, 1, "+"),
            _number(row.lap.min_speed_kmh, 1),
            _number(row.min_speed_change_kmh, 1, "+"),
            _number(row.lap.throttle_place, 0),
            _number(row.throttle_change, 1, "+"),
            _seconds(row.lap.coasting_ms, ".2f"),
            _seconds(row.lap.overlap_ms, ".2f"),
        )
        for row in rows
    ]
    return HEADER, table


def comparison_record(comparison: Comparison) -> dict[str, Any]:
    """Return all that is compared, for scripts. Times are ms, places as ``unit``."""
    reference, lap = (driven.lap for driven in comparison.driven)
    official = (
        None
        if lap.lap_time_ms is None or reference.lap_time_ms is None
        else lap.lap_time_ms - reference.lap_time_ms
    )
    return {
        "lap": _lap_record(lap),
        "reference": _lap_record(reference),
        "length_m": comparison.reference.length_m,
        "unit": "m" if comparison.reference.length_m else "thousandth of the lap",
        "delta_at_line_ms": comparison.at_line_ms(1),
        "official_difference_ms": official,
    } | {
        name: [_row_record(row) for row in _losses(comparison, name)]
        for name in DIVISIONS
    }


def _losses(comparison: Comparison, division: str) -> list[LossRow]:
    from ps_tui.analysis.losses import cut_parts
    from ps_tui.analysis.sectors import MINI_CUTS

    if division == "sectors":
        return comparison.losses(1, comparison.sector_parts())
    if division == "mini":
        return comparison.losses(1, cut_parts(MINI_CUTS))
    return comparison.losses(1)


def _row_record(row: LossRow) -> dict[str, Any]:
    return {
        "name": row.part.name,
        "start": row.part.start,
        "end": row.part.end,
        "loss_ms": row.loss_ms,
        "brake_change": row.brake_change,
        "throttle_change": row.throttle_change,
        "min_speed_change_kmh": row.min_speed_change_kmh,
        "lap": _figures_record(row.lap),
        "reference": _figures_record(row.reference),
    }


def _figures_record(figures: PartFigures) -> dict[str, Any]:
    import msgspec

    record: dict[str, Any] = msgspec.structs.asdict(figures)
    return record


def _lap_record(lap: Lap) -> dict[str, Any]:
    return {
        "id": lap.id,
        "lap_number": lap.lap_number,
        "lap_time_ms": lap.lap_time_ms,
        "kind": lap.kind,
        "valid": lap.valid,
        "counts": lap.counts_as_best,
    }


def _named(lap: Lap) -> str:
    return (
        f"lap {lap.lap_number} {short_id(lap.id)} ({format_lap_time(lap.lap_time_ms)})"
    )


def _why(lap: Lap) -> str:
    if lap.excluded_us is not None:
        return f"excluded, {lap.excluded_reason or 'no reason given'}"
    if not lap.valid:
        return "invalid"
    return "not finished" if lap.is_open else f"its class is {lap.kind.value}"


def _number(value: float | None, decimals: int, sign: str = "-") -> str:
    return "" if value is None else f"{value:{sign}z.{decimals}f}"


def _seconds(value_ms: float | None, form: str) -> str:
    return "" if value_ms is None else format(value_ms / 1000.0, form)
