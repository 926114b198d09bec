"""Containers of which only the background shows, painted in one go.

Textual paints the lines of every container below those of its children, one by one,
though hardly a cell of them is seen: a third of what a whole frame costs.
"""

from __future__ import annotations

from textual.containers import Container
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class Ground(Widget):
    """A widget without border and content of its own."""

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the background."""
        strip = Strip.blank(crop.width, self.visual_style.rich_style)
        for line_filter in self.get_line_filters():
            strip = strip.apply_filter(line_filter, self.background_colors[1])
        return [strip] * crop.height


class Pane(Ground, Container):
    """A container of panes that fill it."""
