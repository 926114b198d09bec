"""Two setups side by side: what differs, or all of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from ps_tui.domain.garage import Setup
from ps_tui.domain.setups import change_text, compare_setups, parameter_text
from ps_tui.tui.dialogs.list_dialog import ListDialog
from ps_tui.tui.keymap import bindings
from ps_tui.tui.widgets.record_table import Cell, Column, Record
from ps_tui.tui.words import counted

MOST_ROWS = 20


class SetupCompareDialog(ListDialog[None]):
    """Shows the differences first; ``a`` shows every parameter."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("compare_setups")
    EMPTY = "These setups are the same."

    def __init__(self, left: Setup, right: Setup) -> None:
        super().__init__(f"{left.name} and {right.name}")
        self._left, self._right = left, right
        self._pairs = compare_setups(left, right)
        self._shows_all = False

    def compose_body(self) -> ComposeResult:
        yield Static(id="verdict", markup=False)
        yield from super().compose_body()

    def columns(self) -> Sequence[Column]:
        return (
            Column("sign", "", 1),
            Column("key", "Parameter", 18, is_flexible=True),
            Column("left", self._left.name[:14], 14, is_right=True),
            Column("right", self._right.name[:14], 14, is_right=True),
            Column("change", "Change", 10, is_right=True),
        )

    def row_count(self) -> int:
        return min(MOST_ROWS, max(3, len(self._pairs))) + 2

    def hint(self) -> str:
        return "a all or differences · esc close"

    def on_mount(self) -> None:
        super().on_mount()
        self._draw()

    def action_done(self) -> None:
        """Nothing is chosen here."""

    def action_all(self) -> None:
        """Between the differences and every parameter."""
        self._shows_all = not self._shows_all
        self._draw()

    def _draw(self) -> None:
        different = [pair for pair in self._pairs if pair.differs]
        same = len(self._pairs) - len(different)
        self.query_one("#verdict", Static).update(
            f"{counted(len(different), 'difference')}, {same} the same"
        )
        self.listing.set_records(
            [
                Record(
                    pair.key,
                    {
                        "sign": Cell("*" if pair.differs else "", "warning"),
                        "key": Cell(pair.key),
                        "left": Cell(parameter_text(pair.left)),
                        "right": Cell(parameter_text(pair.right)),
                        "change": Cell(
                            change_text(pair), "warning" if pair.differs else ""
                        ),
                    },
                )
                for pair in (self._pairs if self._shows_all else different)
            ]
        )
