"""Which math channels the Live screen reads out, and which one it draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.binding import BindingType

from ps_tui.domain.garage import MathChannel
from ps_tui.domain.garage_ports import Workbench
from ps_tui.tui.dialogs.formula import FormulaDialog
from ps_tui.tui.dialogs.list_dialog import ListDialog
from ps_tui.tui.keymap import bindings
from ps_tui.tui.live_maths import MOST_READ, PLOTS, LiveChoice
from ps_tui.tui.widgets.record_table import Cell, Column, Record

COLUMNS = (
    Column("read", "Read", 4),
    Column("name", "Channel", 12, is_flexible=True),
    Column("unit", "Unit", 6, rank=2),
    Column("trace", "In place of", 11),
    Column("note", "", 28, rank=1),
)
EMPTY = "No math channels yet.\n\nn makes the first one."


class LiveMathsDialog(ListDialog[LiveChoice]):
    """Closing it with enter shows what is marked; esc changes nothing.

    ``notes`` says by name why a channel that is shown already has no value.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings("live_maths")
    COLUMNS = COLUMNS
    EMPTY = EMPTY

    def __init__(
        self,
        workbench: Workbench,
        maths: Sequence[MathChannel],
        choice: LiveChoice,
        notes: Mapping[str, str],
        *,
        is_ascii: bool = False,
    ) -> None:
        super().__init__("Math channels on Live")
        self._workbench = workbench
        self.maths = list(maths)
        self._choice = choice
        self._notes = notes
        self._is_ascii = is_ascii

    def hint(self) -> str:
        return "enter show · space read out · t trace · n new · / filter"

    def on_mount(self) -> None:
        super().on_mount()
        self._draw()

    def _draw(self, current: str | None = None) -> None:
        records = [self._record(one) for one in self.maths]
        self.listing.set_records(records, current)

    def _record(self, math: MathChannel) -> Record:
        choice = self._choice
        is_traced = math.id == choice.traced
        return Record(
            math.id,
            {
                "read": Cell("*" if math.id in choice.read else "", "accent"),
                "name": Cell(math.name),
                "unit": Cell(math.unit or "", "dim"),
                "trace": Cell(PLOTS[choice.instead_of] if is_traced else "", "accent"),
                "note": Cell(self._notes.get(math.name) or f"= {math.formula}", "dim"),
            },
        )

    @property
    def _current(self) -> str | None:
        return self.listing.current_key

    def action_done(self) -> None:
        self.dismiss(self._choice)

    def action_mark(self) -> None:
        """Read this channel out, or no more."""
        if (key := self._current) is not None:
            self._take(self._choice.marked(key))

    def action_trace(self) -> None:
        """Draw this channel in place of the next plot, at last of none."""
        if (key := self._current) is not None:
            self._take(self._choice.drawn(key))

    def _take(self, choice: LiveChoice) -> None:
        is_full = choice == self._choice
        self.say(f"{MOST_READ} are the most that are read out." if is_full else "")
        self._choice = choice
        self._draw(self._current)

    def action_new(self) -> None:
        """Make a math channel, and read it out."""
        dialog = FormulaDialog(
            self._workbench, self.maths, None, is_ascii=self._is_ascii
        )
        self.app.push_screen(dialog, self._made)

    def _made(self, math: MathChannel | None) -> None:
        if math is not None:
            self.maths.append(math)
            self._choice = self._choice.marked(math.id)
            self._draw(math.id)
