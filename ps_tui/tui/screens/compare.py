"""Compare: two to four laps over track position, and where the time went."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.widgets import Static

from ps_tui.domain.errors import PsError
from ps_tui.domain.garage import MathChannel, PlotLayout
from ps_tui.domain.models import LapTrace
from ps_tui.domain.ports import Services
from ps_tui.domain.recording import Alert, LapStored, Notice
from ps_tui.tui.compare.choosing import show_statistics
from ps_tui.tui.compare.panels import (
    DEFAULT_PANELS,
    Panel,
    from_configs,
    keys_of,
    toggled,
)
from ps_tui.tui.compare.shelf import LapShelf, ShelvedLap, quickest_laps
from ps_tui.tui.compat import start
from ps_tui.tui.dialogs.formula import FormulaDialog, formulas_of
from ps_tui.tui.dialogs.layouts import LayoutsDialog
from ps_tui.tui.dialogs.panels import PanelsDialog
from ps_tui.tui.keymap import bindings
from ps_tui.tui.screens.base import PsScreen
from ps_tui.tui.widgets.compare_body import FAST_COLUMNS, CompareBody
from ps_tui.tui.widgets.compare_legend import CompareLegend
from ps_tui.tui.widgets.nav_bar import NavBar
from ps_tui.tui.workspace import Undo, Workspace

if TYPE_CHECKING:
    from ps_tui.tui.compare.study import Study

EMPTY = (
    "Two to four laps stand here over each other.\n\n"
    "4 shows the laps: c adds the selected one, r makes it the reference.\n"
    "b takes the two quickest laps of the session."
)
ONE_LAP = (
    "{name} ({time}) is here; one more makes a comparison.\n\n"
    "4 shows the laps: c adds the selected one.\n"
    "b adds the quickest other lap."
)
NO_LAPS = "No lap counts yet: R records, then drive a whole lap."
ON_STUDY = frozenset(
    {
        "move",
        "to",
        "corner",
        "zoom",
        "pan",
        "row",
        "open",
        "versus",
        "reference",
        "division",
        "map",
        "panels",
        "layouts",
        "formula",
    }
)


def _worked_out(
    traces: Sequence[LapTrace], keys: Sequence[str], maths: Sequence[MathChannel]
) -> Study:
    from ps_tui.tui.compare.study import study

    return study(traces, keys, formulas_of(maths))


class CompareScreen(PsScreen):
    """The chosen laps; the first is A, the reference of every difference."""

    PLACE = "compare"
    BINDINGS = bindings("compare")
    HELP = (
        "Laps lie over each other by track position, never by time. A is the "
        "reference. The delta is positive where a lap is slower than A, and at the "
        "line it is the difference of the lap times. The table says where the time "
        "went, the worst first; enter looks at the row. Lines differ by colour and "
        "by dashes."
    )

    def __init__(self, services: Services, workspace: Workspace) -> None:
        super().__init__(services, workspace)
        self.body = CompareBody(is_ascii=workspace.is_ascii)
        self._legend = CompareLegend()
        self._shelf = LapShelf(services.library)
        self._laps: list[ShelvedLap] = []
        self._panels: tuple[Panel, ...] = DEFAULT_PANELS
        self._maths: list[MathChannel] = []
        self._has_layout = False
        self._studied: tuple[object, ...] = ()

    def compose_body(self) -> ComposeResult:
        yield self._legend
        yield self.body
        yield Static(EMPTY, id="compare-empty", markup=False)

    @property
    def chosen(self) -> list[str]:
        """The ids of the laps by letter."""
        return self.workspace.compared.ids

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ON_STUDY:
            return self.body.study is not None
        if action in {"take_out", "clear"}:
            return bool(self.chosen)
        if action == "statistics":
            return bool(self._laps)
        if action in {"layouts", "formula"} and self.services.workbench is None:
            return False
        if action == "best":
            return len(self.chosen) < 2
        return super().check_action(action, parameters)

    def key_label(self, key_id: str, label: str) -> str:
        """Say which lap a key is about."""
        letter = "ABCD"[self.body.versus]
        if key_id in {"compare.versus", "compare.take_out"} and len(self._laps) > 1:
            return f"{label} {letter}"
        return super().key_label(key_id, label)

    def receive(self, notice: Notice) -> None:
        if not isinstance(notice, Alert | LapStored):
            self.reload()

    # Loading

    async def load(self) -> None:
        """Read the chosen laps and compare them."""
        await self._load_workbench()
        self._laps = await self._shelf.load(self.chosen)
        self.workspace.compared.ids = [one.lap.id for one in self._laps]
        is_enough = len(self._laps) > 1
        self.query_one("#compare-empty", Static).display = not is_enough
        self._legend.display = is_enough
        self.body.set_class(not is_enough, "-hidden")
        self.query_one(NavBar).set_trail(_trail(self._laps))
        if not is_enough:
            self._show_empty()
        else:
            await self._compare()
        self.refresh_bindings()

    async def _load_workbench(self) -> None:
        """Read the math channels, and first of all the default layout."""
        workbench = self.services.workbench
        if workbench is None:
            return
        self._maths = await workbench.math_channels()
        if not self._has_layout:
            self._has_layout = True
            layout = await workbench.default_layout()
            if layout is not None:
                self._panels = from_configs(layout.configs)

    def _show_empty(self) -> None:
        self._studied = ()
        self.body.clear("")
        text = EMPTY
        if self._laps:
            entry = self._laps[0].entry(None)
            text = ONE_LAP.format(name=entry.name, time=entry.time)
        self.query_one("#compare-empty", Static).update(text)

    async def _compare(self) -> None:
        """Work the comparison out, unless it stands there already."""
        keys = keys_of(self._panels)
        units = {math.name: math.unit or "" for math in self._maths}
        asked = ([one.lap for one in self._laps], keys, list(self._maths))
        if asked != self._studied:
            traces = [one.trace for one in self._laps]
            try:
                study = await asyncio.to_thread(_worked_out, traces, keys, self._maths)
            except PsError as error:
                self._studied = ()
                self.body.clear(f"{error.cause}\n{error.remedy}")
            else:
                self._studied = asked
                self.body.show(study, self._panels, units)
        elif self._panels != self.body.panels:
            self.body.set_panels(self._panels)
        self._show_legend(self.body.study)

    def _show_legend(self, study: Study | None) -> None:
        gaps: list[float | None] = [None] * len(self._laps)
        if study is not None:
            gaps = [study.comparison.at_line_ms(i) for i in range(study.lap_count)]
        entries = [one.entry(gap) for one, gap in zip(self._laps, gaps, strict=True)]
        self._legend.set_entries(entries, self.body.versus)

    # Keys: looking

    def action_move(self, columns: int) -> None:
        self.body.move(columns)

    def action_fast(self, direction: int) -> None:
        self.body.move(direction * FAST_COLUMNS)

    def action_to(self, place: float) -> None:
        self.body.to_place(place)

    def action_corner(self, step: int) -> None:
        self.body.to_corner(step)

    def action_zoom(self, direction: int) -> None:
        self.body.zoom(direction)

    def action_pan(self, direction: int) -> None:
        self.body.pan(direction)

    def action_row(self, by: int) -> None:
        self.body.table.move(by)

    def action_open(self) -> None:
        self.body.to_row()

    def action_division(self) -> None:
        self.body.next_division()

    def action_map(self) -> None:
        self.body.next_map()

    def action_versus(self) -> None:
        self.body.next_lap()
        self._show_legend(self.body.study)
        self.refresh_bindings()

    # Keys: what is drawn

    def action_panels(self) -> None:
        traces = [one.trace for one in self._laps]
        dialog = PanelsDialog(
            self._panels, traces, self.services.workbench, self._maths, self.workspace
        )
        self.app.push_screen(dialog, self._draw_panels)

    def _draw_panels(self, panels: tuple[Panel, ...] | None) -> None:
        if panels is not None:
            self._panels = panels
        # A math channel may have been changed either way.
        self.reload()

    def action_layouts(self) -> None:
        workbench = self.services.workbench
        if workbench is not None:
            dialog = LayoutsDialog(workbench, self._panels, self.workspace)
            self.app.push_screen(dialog, self._load_layout)

    def _load_layout(self, layout: PlotLayout | None) -> None:
        if layout is not None:
            self._draw_panels(from_configs(layout.configs))

    def action_formula(self) -> None:
        workbench = self.services.workbench
        if workbench is not None:
            trace = self._laps[0].trace
            dialog = FormulaDialog(
                workbench, self._maths, trace, is_ascii=self.workspace.is_ascii
            )
            self.app.push_screen(dialog, self._add_formula)

    def _add_formula(self, math: MathChannel | None) -> None:
        if math is not None:
            self._draw_panels(toggled(self._panels, math.name))

    def action_statistics(self) -> None:
        if self._laps:
            show_statistics(self, self._laps[0].session.id)

    # Keys: which laps

    def action_reference(self) -> None:
        lap = self._laps[self.body.versus].lap
        self.workspace.compared.make_reference(lap.id)
        self.body.versus = 1
        self.reload()

    def action_take_out(self) -> None:
        """Compare the lap that stands beside A no more."""
        index = min(self.body.versus, len(self.chosen) - 1)
        before = list(self.chosen)
        self.workspace.compared.remove(before[index])
        self._remember(f"Lap {'ABCD'[index]}", before)

    def action_clear(self) -> None:
        """Compare no lap any more."""
        before = list(self.chosen)
        self.workspace.compared.ids = []
        self._remember("The comparison", before)

    def _remember(self, label: str, ids: list[str]) -> None:
        async def restore() -> None:
            self.workspace.compared.ids = ids

        self.workspace.undo = Undo(label, restore)
        self.notify(f"{label} is out. u brings it back.", markup=False)
        self.reload()

    def action_best(self) -> None:
        start(self, self._choose_best, group="choose")

    async def _choose_best(self) -> None:
        recording = self.services.recording.session
        first = [self._laps[0].session.id] if self._laps else []
        preferred = [
            *first,
            self.workspace.session_id,
            recording.id if recording else None,
        ]
        missing = 2 - len(self.chosen)
        laps = await quickest_laps(
            self.services.library, preferred, self.chosen, missing
        )
        if not laps:
            self.notify(NO_LAPS)
            return
        for lap in laps:
            self.workspace.compared.add(lap.id)
        self.reload()


def _trail(laps: Sequence[ShelvedLap]) -> str:
    names = dict.fromkeys(one.session.name for one in laps)
    return " / ".join(names)
