"""Facts about the selected record, as many lines as there is room for."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

Line = Sequence[tuple[str, str]]
"""Spans of text and style."""


class Details(Static, can_focus=False):
    """Shows lines; the last line says how many had no room."""

    def __init__(self, id: str = "details") -> None:  # noqa: A002
        super().__init__(id=id, markup=False)
        self._lines: Sequence[Line] = ()

    def set_lines(self, lines: Sequence[Line]) -> None:
        self._lines = lines
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        room = self.content_size.height
        lines = list(self._lines)
        if room and len(lines) > room:
            hidden = len(lines) - room + 1
            lines = [*lines[: room - 1], [(f"… {hidden} more", "$muted")]]
        self.update(
            Content("\n").join(Content.assemble(*line) for line in lines),
            layout=False,
        )


def fact(label: str, value: str, width: int = 10) -> Line:
    """Return a line with a dim label and its value."""
    return [(f"{label:<{width}}", "$muted"), (value or "–", "$foreground")]
