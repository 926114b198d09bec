"""Where the parts of the Live screen stand, for any size of terminal.

Parts that do not fit are left out, so that those which remain are whole. The rule
is a pure function of the size; the container hands it to Textual.
"""

from __future__ import annotations

from collections.abc import KeysView
from typing import NamedTuple

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
_STRIP_WIDTH = 26
"""A letter and 24 mini-sectors."""
_CAR_ROWS = 5

MATH_TRACE = "math-trace"
_LEAST_PLOT = 3
"""Rows of a plot: a title and a canvas of two."""

Places = dict[str, Region]
Parts = frozenset[str]
FOUR_PLOTS = ("throttle", "brake", "steering-trace", "speed-trace")
OPTIONAL: Parts = frozenset({"car", "race", "sectors"})
"""Parts that have a place only while the game sends what they show."""


class MathRoom(NamedTuple):
    """What math channels are given: rows below the plots, and the place of a plot."""

    rows: int = 0
    instead_of: str = ""


def place_panes(
    width: int,
    height: int,
    sent: Parts = OPTIONAL,
    *,
    is_car_page: bool = False,
    maths: MathRoom = MathRoom(),  # noqa: B008  frozen
) -> Places:
    """Return the region of each part by its id, for an area of this size.

    ``sent`` are the optional parts that there is something to show in. The car page
    gives the car the place of the plots.
    """
    places = {
        "heading": Region(1, 0, width - 2, 1),
        "rpm-bar": Region(1, 1, width - 2, 2),
    }
    body = Region(1, _TOP_ROWS, width - 2, height - _TOP_ROWS)
    is_car_page = is_car_page and "car" in sent
    if width >= WIDE and body.height >= TALL - 3:
        _place_wide(places, body, sent, is_car_page, maths)
    else:
        _place_narrow(places, body, sent, is_car_page, maths)
    return places


def _place_wide(
    places: Places, body: Region, sent: Parts, is_car_page: bool, maths: MathRoom
) -> None:
    """Digits and inputs on the left, four plots in the middle, laps on the right."""
    x, y, width, height = body
    y, height = y + 1, height - 1
    places["gear"] = Region(x, y, 8, 6)
    places["speed"] = Region(x + 10, y, 22, 6)
    places["rpm"] = Region(x, y + 7, _INPUT_WIDTH, 4)
    rest = height - 12
    if "car" in sent and not is_car_page and rest >= 9 + _CAR_ROWS:
        places["inputs"] = Region(x, y + 12, _INPUT_WIDTH, 8)
        places["car"] = Region(x, y + 21, _INPUT_WIDTH, rest - 9)
    else:
        places["inputs"] = Region(x, y + 12, _INPUT_WIDTH, min(rest, 16) // 4 * 4)
    middle = Region(
        x + _INPUT_WIDTH + _GAP,
        y,
        width - _INPUT_WIDTH - _LAP_WIDTH - 2 * _GAP,
        height,
    )
    middle = _place_maths(places, middle, maths.rows, 4 * _LEAST_PLOT)
    if is_car_page:
        places["car"] = middle
    else:
        _place_plots(places, middle, FOUR_PLOTS, maths.instead_of)
    parts = [("lap-clock", 4), ("delta", 5 if height > TALL else 3)]
    parts.append(("lap-times", 4 if "race" in sent else 3))
    if "sectors" in sent:
        parts.append(("sectors", 4))
    right = body.right - _LAP_WIDTH
    for name, rows in parts:
        places[name] = Region(right, y, _LAP_WIDTH, rows)
        y += rows + 1
    if body.bottom - y >= 3:
        places["laps"] = Region(right, y, _LAP_WIDTH, body.bottom - y)


def _place_narrow(
    places: Places, body: Region, sent: Parts, is_car_page: bool, maths: MathRoom
) -> None:
    """Digits in a band, below it inputs on the left and plots on the right."""
    x, y, width, height = body
    left = _STRIP_WIDTH if width >= 74 else 22
    places["gear"] = Region(x, y, 8, 4)
    places["speed"] = Region(x + 9, y, 12, 4)
    places["rpm"] = Region(x + 22, y, 20, 4)
    clock = Region(x + 44, y, width - 44, 4)
    if clock.width >= _CLOCK_WIDTH:
        places["lap-clock"] = clock
    y, height = y + 4, height - 4
    input_rows = 8 if height >= 12 else 4
    places["inputs"] = Region(x, y, left, input_rows)
    below = height - input_rows
    right = Region(x + left + _GAP, y, width - left - _GAP, height)
    if below >= 3:
        places["lap-times"] = Region(x, body.bottom - 3, left, 3)
        places["delta"] = Region(right.x, right.bottom - 2, right.width, 2)
        right = Region(right.x, right.y, right.width, height - 2)
    elif below == 2:
        places["delta"] = Region(x, body.bottom - 2, left, 2)
    if "sectors" in sent and left >= _STRIP_WIDTH and below >= 6:
        places["sectors"] = Region(x, body.bottom - 5, left, 2)
    if below >= 4 + 3 + 6:
        places["laps"] = Region(x, y + input_rows + 1, left, below - 8)
    right = _place_maths(places, right, maths.rows, TALL)
    if is_car_page:
        places["car"] = right
        return
    names: tuple[str, ...] = ("pedals", "speed-trace")
    if right.height >= TALL:
        names = FOUR_PLOTS
    elif right.height < 8:
        names = ("pedals",)
    elif maths.instead_of:
        names = ("pedals", MATH_TRACE)
    _place_plots(places, right, names, maths.instead_of)


def _place_maths(places: Places, area: Region, rows: int, least: int) -> Region:
    """Read math channels out at the foot, if ``least`` rows stay above them."""
    height = area.height - rows - 1
    if not rows or height < least:
        return area
    places["maths"] = Region(area.x, area.bottom - rows, area.width, rows)
    return Region(area.x, area.y, area.width, height)


def _place_plots(
    places: Places, area: Region, names: tuple[str, ...], instead_of: str
) -> None:
    """Share the height out; the last plot gets what does not divide."""
    names = tuple(MATH_TRACE if name == instead_of else name for name in names)
    each = area.height // len(names)
    for index, name in enumerate(names):
        is_last = index == len(names) - 1
        height = area.height - index * each if is_last else each
        places[name] = Region(area.x, area.y + index * each, area.width, height)


class _PaneLayout(Layout):
    """Places children by id and leaves out those without a place."""

    name = "panes"

    def __init__(self) -> None:
        self.sent: Parts = frozenset()
        self.is_car_page = False
        self.maths = MathRoom()

    def places(self, size: Size) -> Places:
        """Return the regions for an area of this size."""
        return place_panes(
            *size, self.sent, is_car_page=self.is_car_page, maths=self.maths
        )

    def arrange(
        self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True
    ) -> list[WidgetPlacement]:
        """Return a placement for each child that has one."""
        places = self.places(size)
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
    def is_car_page(self) -> bool:
        """Whether the car has the place of the plots, where it is sent."""
        return self._pane_layout.is_car_page

    @property
    def sent(self) -> Parts:
        """The optional parts that there is something to show in."""
        return self._pane_layout.sent

    def arrange_for(self, sent: Parts, *, is_car_page: bool) -> None:
        """Give the optional parts their places, or take them away."""
        layout = self._pane_layout
        if (sent, is_car_page) != (layout.sent, layout.is_car_page):
            layout.sent, layout.is_car_page = sent, is_car_page
            self._arrange()

    def make_room(self, maths: MathRoom) -> None:
        """Give math channels their places, or take them away."""
        if maths != self._pane_layout.maths:
            self._pane_layout.maths = maths
            self._arrange()

    def _arrange(self) -> None:
        self._placed_for = Size(0, 0)
        # A child asks: a container forgets its arrangement for children alone.
        self.children[0].refresh(layout=True)

    @property
    def layout(self) -> Layout:
        """The rule of :func:`place_panes`."""
        return self._pane_layout

    def has_place(self, child: Widget) -> bool:
        """Say whether a part is shown at the present size."""
        if self._placed_for != self.size:
            self._placed_for = self.size
            self._placed = self._pane_layout.places(self.size).keys()
        return child.id in self._placed
