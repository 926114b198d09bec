"""What came of a command: a sentence and a table, in a pane that scrolls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import ScrollableContainer
from textual.content import Content
from textual.widgets import Static

from ps_tui.tui.keymap import bindings

GAP = "  "


def aligned(
    header: tuple[str, ...], rows: Sequence[tuple[str, ...]]
) -> tuple[str, list[str]]:
    """Return the head line and the lines of a table, each column as wide as needed."""
    both = [header, *rows] if header else list(rows)
    if not both:
        return "", []
    widths = [max(map(len, column)) for column in zip(*both, strict=True)]
    lines = [
        GAP.join(
            cell.ljust(width) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in both
    ]
    return (lines[0], lines[1:]) if header else ("", lines)


class ResultPane(ScrollableContainer, inherit_bindings=False):
    """Lines of any length and number; tab comes here, arrows move it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("result")

    def compose(self) -> ComposeResult:
        yield Static(id="result-said", markup=False)
        yield Static(id="result-table", markup=False)

    def show(
        self,
        title: str,
        said: str,
        header: tuple[str, ...] = (),
        rows: Sequence[tuple[str, ...]] = (),
        tone: str = "$foreground",
    ) -> None:
        """Show a result from its first line on."""
        head, lines = aligned(header, rows) if rows else ("", [])
        words = Content.assemble((f"{title}\n", "bold $accent"), (said, tone))
        self.query_one("#result-said", Static).update(words)
        table = self.query_one("#result-table", Static)
        table.display = bool(lines)
        parts = [(f"\n{head}", "$accent")] if head else []
        parts += [(f"\n{line}", "$foreground") for line in lines]
        table.update(Content.assemble(*parts))
        self.scroll_home(animate=False)

    def turn(self, pages: int) -> None:
        """Scroll by pages."""
        self.scroll_relative(y=pages * max(1, self.size.height - 1), animate=False)

    def action_down(self) -> None:
        self.scroll_relative(y=1, animate=False)

    def action_up(self) -> None:
        self.scroll_relative(y=-1, animate=False)

    def action_right(self) -> None:
        self.scroll_relative(x=8, animate=False)

    def action_left(self) -> None:
        self.scroll_relative(x=-8, animate=False)

    def action_page(self, pages: int) -> None:
        self.turn(pages)

    def action_first(self) -> None:
        self.scroll_home(animate=False)

    def action_last(self) -> None:
        self.scroll_end(animate=False)
