"""Widgets that paint a row when its content changes, and no other time.

Rows are drawn when data arrives (``paint``), never when Textual asks for a line, so
a paint costs what has changed since the last one. Colours are resolved once per
theme and size.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.color import Color
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from ps_tui.tui.widgets.palette import ANSI_NAMES, for_background

Piece = tuple[str, Style]


class Rows(Widget):
    """A widget of rows that are kept until their content changes.

    A subclass draws in ``draw`` from the state that it keeps; it must call
    ``paint`` for every row, with a key that changes whenever the row does.
    """

    ALLOW_SELECT = False

    def __init__(self, dom_id: str) -> None:
        super().__init__(id=dom_id)
        self.auto_links = False
        self._strips: dict[int, Strip] = {}
        self._keys: dict[int, Hashable] = {}
        self._styles_by_ink: dict[tuple[str, str, bool], Style] = {}
        self._background = Color(0, 0, 0)
        self._foreground = Color(255, 255, 255)
        self._is_restyled = True
        self._dirty: list[Region] = []
        self.extent = Size(0, 0)
        """The size, kept because Textual computes its own anew each time."""

    @property
    def is_ascii(self) -> bool:
        """Whether only plain characters may be drawn."""
        return bool(getattr(self.app, "ascii_only", False))

    def draw(self) -> None:
        """Paint every row from the state of the widget."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Draw if there is room to; to be called when the state changed."""
        if self.extent:
            if self._is_restyled:
                self._restyle()
            self.draw()
            if self._dirty:
                self.refresh(*self._dirty)
                self._dirty.clear()

    def paint(self, y: int, key: Hashable, *pieces: Piece) -> None:
        """Set a row, cut or filled to the width of the widget.

        Nothing happens while ``key`` is the one of the row that stands there.
        """
        if self.is_painted(y, key):
            return
        width = self.extent.width
        segments = fit(pieces, width, self.ink())
        self._keys[y] = key
        self._strips[y] = Strip(segments, width)
        self._dirty.append(Region(0, y, width, 1))

    def is_painted(self, y: int, key: Hashable) -> bool:
        """Say whether the row stands already; saves building its pieces."""
        return y in self._keys and self._keys[y] == key

    def ink(self, color: str = "", *, on: str = "", is_bold: bool = False) -> Style:
        """Return a style by colour name or number.

        ``""`` is the text colour, ``"muted"`` for labels, ``"faint"`` for guides,
        ``"track"`` for the empty part of a bar.
        """
        key = (color, on, is_bold)
        style = self._styles_by_ink.get(key)
        if style is None:
            background = self._shade(on) if on else self._background
            style = Style.from_color(
                self._shade(color).rich_color, background.rich_color
            )
            if is_bold:
                style += Style(bold=True)
            self._styles_by_ink[key] = style
        return style

    def render_line(self, y: int) -> Strip:
        """Return a painted row; one that nobody painted is blank."""
        strip = self._strips.get(y)
        if strip is None:
            return Strip.blank(self.extent.width, self.ink())
        return strip

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the rows as they stand.

        These widgets have no border, padding, opacity or links, so the general way
        through Textual's style cache, half the cost of a frame, has nothing to add.
        """
        strips = [self.render_line(y) for y in crop.line_range]
        for line_filter in self.get_line_filters():
            strips = [
                strip.apply_filter(line_filter, self._background) for strip in strips
            ]
        if crop.column_span != (0, self.extent.width):
            strips = [strip.crop(*crop.column_span) for strip in strips]
        return strips

    def notify_style_update(self) -> None:
        """Drop what depends on the theme."""
        super().notify_style_update()
        self._is_restyled = True
        if self.is_mounted:
            self.call_later(self._restart)

    def on_resize(self, event: events.Resize) -> None:
        """Draw again in the new size."""
        self.extent = event.size
        self._restart()

    def _restart(self) -> None:
        self._forget()
        self.redraw()
        self.refresh()

    def _forget(self) -> None:
        self._keys.clear()
        self._strips.clear()

    def _restyle(self) -> None:
        self._is_restyled = False
        self._forget()
        self._styles_by_ink.clear()
        base, background = self.background_colors
        self._background = base + background
        self._foreground = self._background + self.colors[3]

    def _shade(self, name: str) -> Color:
        if self._background.ansi is not None:
            return Color.parse(ANSI_NAMES[name])
        blend = _BLENDS.get(name)
        if blend is not None:
            return self._background.blend(self._foreground, blend)
        return for_background(Color.parse(name), self._background)


_BLENDS = {"": 1.0, "muted": 0.6, "faint": 0.3, "track": 0.13, "ground": 0.0}


def fit(pieces: Sequence[Piece], width: int, blank: Style) -> list[Segment]:
    """Cut or fill pieces of single-width characters to a width."""
    segments = []
    room = width
    for text, style in pieces:
        if room <= 0:
            break
        shown = text[:room]
        if shown:
            segments.append(Segment(shown, style))
            room -= len(shown)
    if room > 0:
        segments.append(Segment(" " * room, blank))
    return segments
