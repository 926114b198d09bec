"""Which channels are drawn: marked in a list, each in a panel of its own or with
another.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual.binding import BindingType

from ps_tui.domain.channel import CHANNELS
from ps_tui.domain.garage import MathChannel
from ps_tui.domain.garage_ports import Workbench
from ps_tui.domain.models import LapTrace
from ps_tui.tui.compare.panels import (
    BASIC_CHANNELS,
    MOST_PANELS,
    Panel,
    joined,
    keys_of,
    toggled,
)
from ps_tui.tui.compat import start
from ps_tui.tui.dialogs.formula import FormulaDialog
from ps_tui.tui.dialogs.list_dialog import ListDialog
from ps_tui.tui.keymap import bindings
from ps_tui.tui.widgets.record_table import Cell, Column, Record
from ps_tui.tui.workspace import Undo, Workspace

COLUMNS = (
    Column("panel", "Panel", 5, is_right=True),
    Column("channel", "Channel", 24, is_flexible=True),
    Column("unit", "Unit", 6),
    Column("kind", "", 22, rank=1),
)
NOT_DRAWN = frozenset({"timestamp", "lap_time", "lap_number", "normalized_position"})


class PanelsDialog(ListDialog[tuple[Panel, ...]]):
    """Closing it with enter draws what is marked; esc changes nothing.

    Math channels are made, changed and deleted here too, where there is a workbench.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings("panels")
    COLUMNS = COLUMNS
    EMPTY = "These laps have no channels."
    ROWS = 14

    def __init__(
        self,
        panels: Sequence[Panel],
        traces: Sequence[LapTrace],
        workbench: Workbench | None,
        maths: Sequence[MathChannel],
        workspace: Workspace,
    ) -> None:
        super().__init__("Panels")
        self._panels = tuple(panels)
        self._traces = traces
        self._workbench = workbench
        self._maths = list(maths)
        self._workspace = workspace

    def hint(self) -> str:
        maths = " · n formula · e edit · d delete" if self._workbench else ""
        return f"enter draw · space mark · t together{maths} · / filter"

    def on_mount(self) -> None:
        super().on_mount()
        self._draw()

    def _draw(self, current: str | None = None) -> None:
        records = [self._record(key) for key in self._keys()]
        self.listing.set_records(records, current)

    def _keys(self) -> list[str]:
        sent = {key for trace in self._traces for key in trace.columns} - NOT_DRAWN
        shown = keys_of(self._panels)
        own = [one.name for one in self._maths]
        rest = [key for key in CHANNELS if key in sent]
        basic = [key for key in BASIC_CHANNELS if key in sent]
        return list(dict.fromkeys([*shown, *basic, *own, *rest]))

    def _record(self, key: str) -> Record:
        number = next(
            (
                index
                for index, panel in enumerate(self._panels, start=1)
                if key in panel.channels
            ),
            None,
        )
        math = next((one for one in self._maths if one.name == key), None)
        known = CHANNELS.get(key)
        kind = "not there any more"
        if math is not None:
            kind = f"= {math.formula}"
        elif known is not None:
            kind = ""
        return Record(
            key,
            {
                "panel": Cell("" if number is None else str(number), "accent"),
                "channel": Cell(known.label if known else key),
                "unit": Cell(
                    known.unit if known else (math and math.unit) or "", "dim"
                ),
                "kind": Cell(kind, "dim"),
            },
        )

    @property
    def _current(self) -> str | None:
        return self.listing.current_key

    def _change(self, panels: tuple[Panel, ...], why_not: str) -> None:
        if panels == self._panels:
            self.say(why_not)
            return
        self.say("")
        self._panels = panels
        self._draw(self._current)

    def action_done(self) -> None:
        self.dismiss(self._panels)

    def action_mark(self) -> None:
        """Draw this channel in a panel of its own, or no more."""
        if (key := self._current) is not None:
            why_not = "One panel has to stay."
            if key not in keys_of(self._panels):
                why_not = f"{MOST_PANELS} panels are the most."
            self._change(toggled(self._panels, key), why_not)

    def action_together(self) -> None:
        """Draw this channel in the panel above, with an axis of its own."""
        if (key := self._current) is not None:
            why_not = "A panel has room for two channels; mark this one first."
            self._change(joined(self._panels, key), why_not)

    # Math channels

    def action_new(self) -> None:
        self._ask(None)

    def action_edit(self) -> None:
        math = next((one for one in self._maths if one.name == self._current), None)
        if math is None:
            self.say("Only a math channel can be edited; n makes one.")
        else:
            self._ask(math)

    def _ask(self, channel: MathChannel | None) -> None:
        if self._workbench is None:
            return
        trace = self._traces[0] if self._traces else None
        dialog = FormulaDialog(
            self._workbench,
            self._maths,
            trace,
            channel=channel,
            is_ascii=self._workspace.is_ascii,
        )
        self.app.push_screen(dialog, partial(self._saved, channel))

    def _saved(self, before: MathChannel | None, saved: MathChannel | None) -> None:
        if saved is None:
            return
        if before is None:
            self._maths.append(saved)
            self._panels = toggled(self._panels, saved.name)
        else:
            self._maths[self._maths.index(before)] = saved
            self._panels = tuple(
                Panel(tuple(saved.name if k == before.name else k for k in p.channels))
                for p in self._panels
            )
        self._draw(saved.name)

    def action_delete(self) -> None:
        math = next((one for one in self._maths if one.name == self._current), None)
        if math is None:
            self.say("Only a math channel can be deleted.")
        elif self._workbench is not None:
            start(self, partial(self._delete, self._workbench, math), group="delete")

    async def _delete(self, workbench: Workbench, math: MathChannel) -> None:
        await workbench.delete_math_channel(math.id)
        self._maths.remove(math)
        if math.name in keys_of(self._panels):
            self._panels = toggled(self._panels, math.name)
        label = f'Math channel "{math.name}"'

        async def restore() -> None:
            await workbench.restore_math_channel(math.id)

        self._workspace.undo = Undo(label, restore)
        self.say(
            f"{label} is deleted; u brings it back once this is closed.", is_error=False
        )
        self.listing.clear_filter()
        self._draw()
