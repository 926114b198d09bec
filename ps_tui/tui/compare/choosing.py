"""The keys of laps that work on every screen with laps: compare, statistics."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from ps_tui.domain.models import Lap
from ps_tui.domain.units import format_lap_time
from ps_tui.tui.compare.chosen import MOST_LAPS
from ps_tui.tui.compat import start
from ps_tui.tui.screens.base import PsScreen

if TYPE_CHECKING:
    from ps_tui.tui.dialogs.statistics import StatisticsDialog


def toggle_lap(screen: PsScreen, lap: Lap | None) -> None:
    """Add a lap to the comparison, or take it out, and say so."""
    if lap is None:
        return
    chosen = screen.workspace.compared
    if chosen.letter(lap.id):
        chosen.remove(lap.id)
        text = f"{_name(lap)} is compared no more."
    elif chosen.add(lap.id):
        text = f"{_name(lap)} is {chosen.letter(lap.id)}. {_next_step(screen)}"
    else:
        text = f"{MOST_LAPS} laps are compared already; c takes one out again."
    screen.notify(text, markup=False)
    screen.refresh_bindings()


def make_reference(screen: PsScreen, lap: Lap | None) -> None:
    """Make a lap the one that the others are measured against."""
    if lap is None:
        return
    screen.workspace.compared.make_reference(lap.id)
    text = f"{_name(lap)} is A, the reference. {_next_step(screen)}"
    screen.notify(text, markup=False)
    screen.refresh_bindings()


def show_statistics(screen: PsScreen, session_id: str | None) -> None:
    """Open the statistics of a session over a screen."""
    if session_id is not None:
        start(screen, partial(_show_statistics, screen, session_id), group="statistics")


async def _show_statistics(screen: PsScreen, session_id: str) -> None:
    library = screen.services.library
    session = await library.session(session_id)
    rows = await library.lap_rows(session_id)
    dialog = await asyncio.to_thread(_statistics_dialog)
    screen.app.push_screen(dialog(session, rows, library))


def _statistics_dialog() -> type[StatisticsDialog]:
    from ps_tui.tui.dialogs.statistics import StatisticsDialog

    return StatisticsDialog


def _name(lap: Lap) -> str:
    return f"Lap {lap.lap_number} ({format_lap_time(lap.lap_time_ms)})"


def _next_step(screen: PsScreen) -> str:
    is_enough = len(screen.workspace.compared.ids) > 1
    return "5 compares." if is_enough else "c on another lap adds it."
