"""Where the parts of the Live screen stand, for any size of terminal.

Parts that do not fit are left out, so that those which remain are whole. The rule
is a pure function of the size; the container hands it to Textual.
"""

from __future__ import annotations

from collections.abc import KeysView

from textual.containers import Container
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import Layout, WidgetPlacement
from textual.widget import Widget

WIDE = 104
"""From this width on there are three columns."""
TALL = 24
"""From this height of the columns on there are four plots and large digits."""
_GAP = 2
_INPUT_WIDTH = 33
_LAP_WIDTH = 33
_TOP_ROWS = 3
_CLOCK_WIDTH = 23
"""Room for 10:23.4 in small digits."""

Places = dict[str, Region]


def place_panes(width: int, height: int) -> Places:
    """Return the region of each part by its id, for an area of this size."""
    places = {
        "heading": Region(1, 0, width - 2, 1),
        "rpm-bar": Region(1, 1, width - 2, 2),
    }
    body = Region(1, _TOP_ROWS, width - 2, height - _TOP_ROWS)
    if width >= WIDE and body.height >= TALL - 3:
        _place_wide(places, body)
    else:
        _place_narrow(places, body)
    return places


def _place_wide(places: Places, body: Region) -> None:
    """Digits and inputs on the left, four plots in the middle, laps on the right."""
    x, y, width, height = body
    y, height = y + 1, height - 1
    places["gear"] = Region(x, y, 8, 6)
    places["speed"] = Region(x + 10, y, 22, 6)
    places["rpm"] = Region(x, y + 7, _INPUT_WIDTH, 4)
    rest = height - 12
    places["inputs"] = Region(x, y + 12, _INPUT_WIDTH, min(rest, 16) // 4 * 4)
    middle = width - _INPUT_WIDTH - _LAP_WIDTH - 2 * _GAP
    _place_plots(
        places,
        Region(x + _INPUT_WIDTH + _GAP, y, middle, height),
        ("throttle", "brake", "steering-trace", "speed-trace"),
    )
    right = body.right - _LAP_WIDTH
    places["lap-clock"] = Region(right, y, _LAP_WIDTH, 4)
    places["lap-times"] = Region(right, y + 5, _LAP_WIDTH, 3)
    places["laps"] = Region(right, y + 9, _LAP_WIDTH, height - 9)


def _place_narrow(places: Places, body: Region) -> None:
    """Digits in a band, below it inputs on the left and plots on the right."""
    x, y, width, height = body
    left = 26 if width >= 74 else 22
    places["gear"] = Region(x, y, 8, 4)
    places["speed"] = Region(x + 9, y, 12, 4)
    places["rpm"] = Region(x + 22, y, 20, 4)
    clock = Region(x + 44, y, width - 44, 4)
    if clock.width >= _CLOCK_WIDTH:
        places["lap-clock"] = clock
    y, height = y + 4, height - 4
    input_rows = 8 if height >= 12 else 4
    places["inputs"] = Region(x, y, left, input_rows)
    if height - input_rows >= 3:
        places["lap-times"] = Region(x, body.bottom - 3, left, 3)
    plots = Region(x + left + _GAP, y, width - left - _GAP, height)
    names: tuple[str, ...] = ("pedals", "speed-trace")
    if height >= TALL:
        names = ("throttle", "brake", "steering-trace", "speed-trace")
    elif height < 8:
        names = ("pedals",)
    _place_plots(places, plots, names)
    below = input_rows + 1
    if height - below - 3 >= 6:
        places["laps"] = Region(x, y + below, left, height - below - 4)


def _place_plots(places: Places, area: Region, names: tuple[str, ...]) -> None:
    """Share the height out; the last plot gets what does not divide."""
    each = area.height // len(names)
    for index, name in enumerate(names):
        is_last = index == len(names) - 1
        height = area.height - index * each if is_last else each
        places[name] = Region(area.x, area.y + index * each, area.width, height)


class _PaneLayout(Layout):
    """Places children by id and leaves out those without a place."""

    name = "panes"

    def arrange(
        self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True
    ) -> list[WidgetPlacement]:
        """Return a placement for each child that has one."""
        places = place_panes(size.width, size.height)
        return [
            WidgetPlacement(places[child.id], NULL_OFFSET, NULL_SPACING, child)
            for child in children
            if child.id in places
        ]


class Panes(Container):
    """Holds the parts of the Live screen."""

    DEFAULT_CSS = "Panes { width: 1fr; height: 1fr; }"

    def __init__(self, *children: Widget, dom_id: str) -> None:
        super().__init__(*children, id=dom_id)
        self._pane_layout = _PaneLayout()
        self._placed_for = Size(0, 0)
        self._placed: KeysView[str] = {}.keys()

    @property
    def layout(self) -> Layout:
        """The rule of :func:`place_panes`."""
        return self._pane_layout

    def has_place(self, child: Widget) -> bool:
        """Say whether a part is shown at the present size."""
        if self._placed_for != self.size:
            self._placed_for = self.size
            self._placed = place_panes(*self.size).keys()
        return child.id in self._placed
