"""``ps-tui plot``: laps over each other as a chart in a plain terminal."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from ps_tui.cli.compare import load_laps
from ps_tui.cli.options import json_option, narrate, print_json
from ps_tui.config import Settings
from ps_tui.domain.errors import UsageError
from ps_tui.domain.models import (
    Lap,
    LapTrace,
    Session,
    known_length_m,
    mixed_tracks,
)

if TYPE_CHECKING:
    from ps_tui.analysis.maths.channels import Formula
    from ps_tui.cli.plot_data import Panel

MOST_LAPS = 4
DEFAULT_CHANNELS = "throttle,brake,steering,speed"
PIPE_WIDTH = 80
LEAST_WIDTH = 40
PANEL_ROWS = 12
"""Rows of a panel, its title and scale included."""


@click.command("plot")
@click.argument("lap_ids", metavar="LAP...", nargs=-1, required=True)
@click.option(
    "--channels",
    default=DEFAULT_CHANNELS,
    show_default=True,
    help="Channels, math channels or formulas, separated by commas; delta is time lost"
    " to the first.",
)
@click.option(
    "--x",
    "axis",
    type=click.Choice(["position", "time"]),
    default="position",
    show_default=True,
    help="Laps are compared by position; over time they drift apart.",
)
@click.option("--width", type=click.IntRange(LEAST_WIDTH, 1000), help="Columns.")
@click.option("--rows", type=click.IntRange(6, 200), help="Rows of each panel.")
@json_option
@click.pass_obj
def command(
    settings: Settings,
    /,
    lap_ids: tuple[str, ...],
    *,
    channels: str,
    axis: str,
    width: int | None,
    rows: int | None,
    as_json: bool,
) -> None:
    """Draw one to four laps; the first is the reference.

    A formula may stand where a channel may: --channels "speed / 3.6, delta".
    """
    if len(lap_ids) > MOST_LAPS:
        raise UsageError(
            f"{len(lap_ids)} laps are too many for one chart.",
            f"Name at most {MOST_LAPS}.",
        )
    wanted = split_channels(channels)

    from ps_tui.cli.plot_chart import draw
    from ps_tui.cli.plot_data import plot_panels

    traces, sessions, maths = asyncio.run(_load(settings, lap_ids))
    panels = plot_panels(traces, wanted, axis, known_length_m(sessions), maths)
    laps = [trace.lap for trace in traces]
    if as_json:
        print_json(plot_record(laps, panels, axis))
        return
    if warning := mixed_tracks(sessions):
        narrate(warning)
    for panel in panels:
        if panel.is_empty:
            narrate(f"“{panel.name}” has no value anywhere on these laps.")
    click.echo(
        draw(
            laps,
            panels,
            width or _terminal_width(),
            rows or PANEL_ROWS,
            is_ascii=settings.ascii,
        ),
        color=None,
    )


async def _load(
    settings: Settings, lap_ids: Sequence[str]
) -> tuple[list[LapTrace], list[Session], list[Formula]]:
    """Return the laps, the session of each, and the math channels."""
    from ps_tui.analysis.maths.channels import Formula
    from ps_tui.runtime import open_database

    async with open_database(settings, create=False) as database:
        traces, sessions = await load_laps(database.library, lap_ids)
        stored = await database.workbench.math_channels()
    return traces, sessions, [Formula(s.name, s.formula, s.unit or "") for s in stored]


def split_channels(text: str) -> list[str]:
    """Split at the commas that stand outside of parentheses."""
    parts, depth = [""], 0
    for sign in text:
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth <= 0:
            parts.append("")
        else:
            parts[-1] += sign
    wanted = [part.strip() for part in parts if part.strip()]
    if not wanted:
        raise UsageError(
            "No channel is named.", f"For example --channels {DEFAULT_CHANNELS}"
        )
    return wanted


def plot_record(laps: Sequence[Lap], panels: list[Panel], axis: str) -> dict[str, Any]:
    """Return the plotted numbers, for scripts; what is missing is null."""
    return {
        "x": axis,
        "laps": [
            {
                "id": lap.id,
                "lap_number": lap.lap_number,
                "lap_time_ms": lap.lap_time_ms,
            }
            for lap in laps
        ],
        "panels": [
            {
                "channel": panel.name,
                "unit": panel.unit,
                "x_unit": panel.x_unit,
                "series": [
                    {"lap": index, "x": line.x.tolist(), "y": _nullable(line.y)}
                    for index, line in enumerate(panel.lines)
                    if line is not None
                ],
            }
            for panel in panels
        ],
    }


def _nullable(values: Any) -> list[float | None]:
    return [None if value != value else value for value in values.tolist()]


def _terminal_width() -> int:
    if not sys.stdout.isatty():
        return PIPE_WIDTH
    return max(shutil.get_terminal_size((PIPE_WIDTH, 24)).columns, LEAST_WIDTH)
