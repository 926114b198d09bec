"""Charts, table of losses and track map of one comparison, kept in step.

Pictures are drawn in a thread; a move of the cursor needs none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult

from ps_tui.tui.compare.drawing import Drawing
from ps_tui.tui.compare.drawn import Plot
from ps_tui.tui.compare.view import ZOOM, View, following
from ps_tui.tui.compare.wish import Wish
from ps_tui.tui.widgets.compare_axis import Tick
from ps_tui.tui.widgets.compare_chart import LETTERS, CompareChart
from ps_tui.tui.widgets.ground import Pane
from ps_tui.tui.widgets.loss_table import MOST_WORD_ROWS, LossTable
from ps_tui.tui.widgets.track_map import TrackMapView

if TYPE_CHECKING:
    from ps_tui.analysis.losses import LossRow
    from ps_tui.domain.markers import Marker
    from ps_tui.tui.compare.axis import Axis
    from ps_tui.tui.compare.map_picture import MapPicture
    from ps_tui.tui.compare.picture import Picture
    from ps_tui.tui.compare.study import Division, Study

NO_MAP = "This game sends no world positions."
NO_PEDALS = "This game sends no pedals."
FAST_COLUMNS = 10


class CompareBody(Pane):
    """Owns what is looked at: window, cursor, the lap beside A, the division."""

    def __init__(self, *, is_ascii: bool = False) -> None:
        super().__init__(id="compare-body")
        self.chart = CompareChart()
        self.table = LossTable()
        self.map = TrackMapView()
        self._is_ascii = is_ascii
        self.study: Study | None = None
        self.view = View()
        self.plot = Plot()
        self.axis: Axis | None = None
        self.units: Mapping[str, str] = {}
        self.versus = 1
        """Which lap the table and the map set beside the reference."""
        self.division: Division | None = None
        self.shows_pedals = False
        self.drawing = Drawing(self._show)
        self.markers: Sequence[tuple[int, Marker]] = ()

    def compose(self) -> ComposeResult:
        yield self.chart
        with Pane(id="compare-side"):
            yield self.table
            yield self.map

    # What is shown

    def show(self, study: Study, plot: Plot, units: Mapping[str, str]) -> None:
        """Show a comparison; a first one begins at its greatest loss."""
        is_first = self.study is None
        self.study, self.units = study, units
        self.versus = min(self.versus, study.lap_count - 1)
        if (self.versus, self.division) not in study.losses:
            self.division = next(one for _lap, one in study.losses)
        self._show_rows()
        row = self.table.current if is_first else None
        self.set_plot(plot, None if row is None else _place_of(row, study.length_m))

    def set_plot(self, plot: Plot, place: float | None = None) -> None:
        """Draw other panels of the same channels, or over another axis.

        The cursor stays at its place on the reference, or goes to ``place``.
        """
        study = self.study
        if study is None:
            return
        if self.axis is not None and place is None:
            place = self.axis.places_at(self.view.cursor)[0]
        is_other = self.axis is not None and plot.is_over_time != self.plot.is_over_time
        self.plot = plot
        self.axis = axis = study.axis(is_over_time=plot.is_over_time)
        marks = [(corner.name, axis.x_of(corner.apex)) for corner in study.corners]
        self.chart.set_axis(marks, axis.label)
        self.set_markers(self.markers)
        if place is not None:
            cursor = 1.0 if isnan(place) else axis.x_of(place)
            self.view = (self.view.whole() if is_other else self.view).at(cursor)
        self.draw()

    def set_markers(self, markers: Sequence[tuple[int, Marker]]) -> None:
        """Show markers below the panels, each with the number of its lap."""
        self.markers = markers
        study, axis = self.study, self.axis
        if study is None or axis is None:
            return
        ticks = []
        for lap, marker in markers:
            place = study.place_of(lap, marker.received_us)
            if lap < study.lap_count and place is not None:
                ticks.append(Tick(axis.x_of(place, lap), lap, marker.note))
        self.chart.set_ticks(ticks)
        if self.chart.picture is not None:
            self._show_cursor()

    def clear(self, message: str) -> None:
        """Show words in place of the charts."""
        self.study = self.axis = None
        self.view = View()
        self.drawing.want(None, self.screen)
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
        if self.study is not None and self.axis is not None:
            places = [self.axis.x_of(corner.apex) for corner in self.study.corners]
            place = following(places, self.view.cursor, step)
            if place is not None:
                self._look(self.view.at(place))

    def to_marker(self, lap: int, marker: Marker) -> None:
        """Put the cursor where a lap was marked."""
        if self.study is None or self.axis is None:
            return
        place = self.study.place_of(lap, marker.received_us)
        if place is not None:
            self._look(self.view.at(self.axis.x_of(place, lap)))

    def moment(self) -> tuple[int, float] | None:
        """Return when the lap beside A was at the cursor, µs, and where that is."""
        if self.study is None or self.axis is None:
            return None
        place = self.axis.places_at(self.view.cursor)[self.versus]
        if isnan(place):
            return None
        return self.study.moment_at(self.versus, place), place

    def zoom(self, direction: int) -> None:
        """Look nearer (1) or from further away (-1); 0 shows the whole lap."""
        view = self.view
        self._look(view.zoomed(ZOOM**direction) if direction else view.whole())

    def pan(self, direction: int) -> None:
        """Move half of what is shown on."""
        self._look(self.view.panned(direction / 2.0))

    def to_row(self) -> None:
        """Look at the part that the cursor of the table is on."""
        row, axis, study = self.table.current, self.axis, self.study
        if row is not None and axis is not None and study is not None:
            place = _place_of(row, study.length_m)
            places = (row.part.start, row.part.end, place)
            self._look(self.view.on(*map(axis.x_of, places)))

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
        """Draw what is looked at, in a thread."""
        self.drawing.want(self._wish(), self.screen)

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
            is_over_time=self.plot.is_over_time,
            panels=self.plot.panels,
            units=tuple(self.units.items()),
            versus=self.versus,
            division=self.division,
            shows_pedals=self.shows_pedals,
            chart_size=chart.picture_size,
            map_size=track_map.picture_size if track_map.has_room else None,
            is_ascii=self._is_ascii,
        )

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
        study, axis = self.study, self.axis
        if study is None or axis is None:
            return
        places = axis.places_at(self.view.cursor)
        from ps_tui.tui.compare.picture import read_out

        units = self.units
        self.chart.set_cursor(
            self.view,
            lambda key: read_out(study, key, places, units),
            study.deltas_at(places[0]),
        )
        if not isnan(places[0]):
            self.map.set_place(places[0])
        self.drawing.is_current = not self.drawing.is_under_way


def _place_of(row: LossRow, length_m: float | None) -> float:
    """Return where the reference was slowest in a part, else its middle."""
    slowest = row.reference.min_speed_place
    if slowest is None or row.part.slowing_from is None:
        return (row.part.start + row.part.end) / 2.0
    return min(max(slowest / (length_m or 1000.0), 0.0), 1.0)
