"""The lap times of every car of the session, as the game itself gives them."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult

from ps_tui.domain.lap_board import BoardRow
from ps_tui.domain.ports import LiveView
from ps_tui.domain.units import format_gap, format_lap_time
from ps_tui.tui.dialogs.base import Dialog
from ps_tui.tui.widgets.listing import Listing
from ps_tui.tui.widgets.record_table import Cell, Column, Record

INTERVAL_S = 1.0
COLUMNS = (
    Column("place", "", 2, is_right=True),
    Column("driver", "Driver", 12, is_flexible=True),
    Column("car", "Car", 16, rank=2),
    Column("lap", "Lap", 4, rank=1, is_right=True),
    Column("last", "Last", 9, is_right=True),
    Column("best", "Best", 9, is_right=True),
    Column("gap", "Gap", 8, is_right=True),
)


class LapBoardDialog(Dialog[None]):
    """Lists the cars, the quickest first; looks again every second."""

    def __init__(self, live: LiveView, *, has_clock: bool) -> None:
        super().__init__("Lap times of every car")
        self._live = live
        self._has_clock = has_clock
        self._shown: Sequence[BoardRow] = ()

    def compose_body(self) -> ComposeResult:
        yield Listing(COLUMNS, "No car has finished a lap yet.")

    def hint(self) -> str:
        return "The game's own times · esc closes"

    def on_mount(self) -> None:
        super().on_mount()
        self.look()
        if self._has_clock:
            self.set_interval(INTERVAL_S, self.look)

    def look(self) -> None:
        """Show the cars as they are now."""
        rows = self._live.lap_board()
        if rows != self._shown:
            self._shown = rows
            self.query_one(Listing).set_records(records(rows))


def records(rows: Sequence[BoardRow]) -> list[Record]:
    """Return a row for each car; our own stands out."""
    first_ms = rows[0].best_lap_ms if rows else 0
    return [
        Record(
            str(row.car_id),
            {
                "place": Cell(str(place), "dim"),
                "driver": Cell(
                    row.driver or f"car {row.car_id}", "accent" if row.is_own else ""
                ),
                "car": Cell(row.car or "", "dim"),
                "lap": Cell(str(row.lap_number), "dim"),
                "last": Cell(format_lap_time(row.last_lap_ms)),
                "best": Cell(format_lap_time(row.best_lap_ms), "bold"),
                "gap": Cell(
                    "" if place == 1 else format_gap(row.best_lap_ms - first_ms), "dim"
                ),
            },
        )
        for place, row in enumerate(rows, start=1)
    ]
