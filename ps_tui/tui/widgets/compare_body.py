"""Charts, table of losses and track map of one comparison, kept in step.

Pictures are drawn in a thread. While one is under way further changes wait for it
and then are drawn at once, so that a held key never queues up work.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Vertical

from ps_tui.tui.compare.panels import DEFAULT_PANELS, Panel
from ps_tui.tui.compare.view import ZOOM, View, following
from ps_tui.tui.compare.wish import Wish
from ps_tui.tui.compat import start
from ps_tui.tui.widgets.compare_chart import LETTERS, CompareChart
from ps_tui.tui.widgets.loss_table import MOST_WORD_ROWS, LossTable
from ps_tui.tui.widgets.track_map import TrackMapView

if TYPE_CHECKING:
    from ps_tui.analysis.losses import LossRow
    from ps_tui.tui.compare.map_picture import MapPicture
    from ps_tui.tui.compare.picture import Picture
    from ps_tui.tui.compare.study import Division, Study

NO_MAP = "This game sends no world positions."
NO_PEDALS = "This game sends no pedals."
FAST_COLUMNS = 10


class CompareBody(Container):
    """Owns what is looked at: window, cursor, the lap beside A, the division."""

    def __init__(self, *, is_ascii: bool = False) -> None:
        super().__init__(id="compare-body")
        self.chart = CompareChart()
        self.table = LossTable()
        self.map = TrackMapView()
        self._is_ascii = is_ascii
        self.study: Study | None = None
        self.view = View()
        self.panels: Sequence[Panel] = DEFAULT_PANELS
        self.units: Mapping[str, str] = {}
        self.versus = 1
        """Which lap the table and the map set beside the reference."""
        self.division: Division | None = None
        self.shows_pedals = False
        self.is_current = False
        """Whether what is shown is what was asked for last."""
        self._is_drawing = False
        self._wanted: Wish | None = None

    def compose(self) -> ComposeResult:
        yield self.chart
        with Vertical(id="compare-side"):
            yield self.table
            yield self.map

    # What is shown

    def show(
        self, study: Study, panels: Sequence[Panel], units: Mapping[str, str]
    ) -> None:
        """Show a comparison; a first one begins at its greatest loss."""
        is_first = self.study is None
        self.study, self.panels, self.units = study, panels, units
        self.versus = min(self.versus, study.lap_count - 1)
        if (self.versus, self.division) not in study.losses:
            self.division = next(one for _lap, one in study.losses)
        marks = [(corner.name, corner.apex) for corner in study.corners]
        self.chart.set_track(marks, study.length_m)
        self._show_rows()
        if is_first and (row := self.table.current) is not None:
            self.view = self.view.at(self._place_of(row))
        self.draw()

    def set_panels(self, panels: Sequence[Panel]) -> None:
        """Draw other panels of the same channels."""
        self.panels = panels
        self.draw()

    def clear(self, message: str) -> None:
        """Show words in place of the charts."""
        self.study = self._wanted = None
        self.view = View()
        self.chart.say(message)
        self.table.set_rows([], "", "B", "m")
        self.map.set_picture(None, "", "")

    def _show_rows(self) -> None:
        assert self.study is not None
        assert self.division is not None
        rows = self.study.losses[self.versus, self.division]
        title = self.division.value.removesuffix("-sectors").removesuffix("s")
        unit = "‰" if self.study.length_m is None else "m"
        self.table.set_rows(rows, title, LETTERS[self.versus], unit)
        self.table.styles.max_height = len(rows) + 1 + MOST_WORD_ROWS
        self.map.styles.max_height = 2 if self.study.track is None else None

    # Moving through it

    def move(self, columns: int) -> None:
        """Move the cursor by columns of the chart, at least one place of the grid."""
        if self.study is not None:
            step = max(self.chart.step * self.view.span, self.study.step)
            self._look(self.view.at(self.view.cursor + columns * step))

    def to_place(self, place: float) -> None:
        """Put the cursor at a place of the lap."""
        self._look(self.view.at(place))

    def to_corner(self, step: int) -> None:
        """Put the cursor on the next or the previous corner."""
        if self.study is not None:
            places = [corner.apex for corner in self.study.corners]
            place = following(places, self.view.cursor, step)
            if place is not None:
                self._look(self.view.at(place))

    def zoom(self, direction: int) -> None:
        """Look nearer (1) or from further away (-1); 0 shows the whole lap."""
        view = self.view
        self._look(view.zoomed(ZOOM**direction) if direction else view.whole())

    def pan(self, direction: int) -> None:
        """Move half of what is shown on."""
        self._look(self.view.panned(direction / 2.0))

    def to_row(self) -> None:
        """Look at the part that the cursor of the table is on."""
        if (row := self.table.current) is not None:
            part = row.part
            self._look(self.view.on(part.start, part.end, self._place_of(row)))

    def _place_of(self, row: LossRow) -> float:
        """Return where the reference was slowest in a part, else its middle."""
        assert self.study is not None
        slowest = row.reference.min_speed_place
        if slowest is None or row.part.slowing_from is None:
            return (row.part.start + row.part.end) / 2.0
        return min(max(slowest / (self.study.length_m or 1000.0), 0.0), 1.0)

    def _look(self, view: View) -> None:
        is_same = view.window == self.view.window
        self.view = view
        if is_same:
            self._show_cursor()
        else:
            self.draw()

    # What the table and the map are about

    def next_lap(self) -> None:
        """Set the next lap beside the reference."""
        if self.study is not None:
            self.versus = self.versus % (self.study.lap_count - 1) + 1
            self._show_rows()
            self.draw()

    def next_division(self) -> None:
        """Cut the lap into corners, mini-sectors or sectors."""
        if self.study is not None:
            known = [one for lap, one in self.study.losses if lap == self.versus]
            index = known.index(self.division) if self.division in known else -1
            self.division = known[(index + 1) % len(known)]
            self._show_rows()
            self.draw()

    def next_map(self) -> None:
        """Colour the map by losses or by pedals; where it is narrow, show it first."""
        narrow = self.screen.has_class("-narrow")
        if narrow and not self.has_class("-map"):
            self.add_class("-map")
        elif not self.shows_pedals:
            self.shows_pedals = True
        else:
            self.shows_pedals = False
            self.remove_class("-map")
        self.draw()

    # Drawing

    @on(CompareChart.Resized)
    @on(TrackMapView.Resized)
    def _draw_in_new_size(self, event: CompareChart.Resized) -> None:
        event.stop()
        self.draw()

    def draw(self) -> None:
        """Draw what is looked at, in a thread; the newest wish wins."""
        self._wanted = self._wish()
        self.is_current = False
        if self._wanted is not None and not self._is_drawing:
            self._is_drawing = True
            start(self.screen, self._draw, group="draw")

    def _wish(self) -> Wish | None:
        """Return what is to be drawn; ``None`` where there is nothing, or no room."""
        if self.study is None or self.division is None:
            return None
        chart, track_map = self.chart, self.map
        if chart.picture_size[1] <= 0:
            return None
        return Wish(
            study=self.study,
            window=self.view.window,
            panels=tuple(self.panels),
            units=tuple(self.units.items()),
            versus=self.versus,
            division=self.division,
            shows_pedals=self.shows_pedals,
            chart_size=chart.picture_size,
            map_size=track_map.picture_size if track_map.has_room else None,
            is_ascii=self._is_ascii,
        )

    async def _draw(self) -> None:
        try:
            drawn: Wish | None = None
            while (wish := self._wanted) is not None and wish is not drawn:
                picture, track = await asyncio.to_thread(wish.granted)
                drawn = wish
                newest = self._wanted
                # A window that was panned away meanwhile is shown in passing.
                if newest is not None and newest.differs_in_window_only(wish):
                    self._show(picture, track)
        finally:
            self._is_drawing = False
        self.is_current = True

    def _show(self, picture: Picture, track: MapPicture | None) -> None:
        self.chart.set_picture(picture)
        letter = LETTERS[self.versus]
        title = f"Track  {letter} + slower  - faster than A"
        message = NO_MAP
        if self.shows_pedals:
            title = f"Pedals of {letter}  Throttle Brake Coast"
            if self.study is not None and self.study.track is not None:
                message = NO_PEDALS
        self.map.set_picture(track, title, message)
        self._show_cursor()

    def _show_cursor(self) -> None:
        study, place = self.study, self.view.cursor
        if study is None:
            return
        from ps_tui.tui.compare.picture import read_out

        units = self.units
        self.chart.set_cursor(
            self.view,
            lambda key: read_out(study, key, place, units),
            study.deltas_at(place),
        )
        self.map.set_place(place)
        self.is_current = not self._is_drawing
