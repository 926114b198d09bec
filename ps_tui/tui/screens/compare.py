"""Compare: two to four laps over track position, and where the time went."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.widgets import Static

from ps_tui.domain.errors import PsError
from ps_tui.domain.garage import MathChannel, PlotLayout
from ps_tui.domain.models import known_length_m, mixed_tracks
from ps_tui.domain.ports import Services
from ps_tui.domain.recording import Alert, LapStored, Notice
from ps_tui.tui.compare.drawn import Drawn, Plot
from ps_tui.tui.compare.panels import Panel, keys_of, toggled
from ps_tui.tui.compare.shelf import ShelvedLap
from ps_tui.tui.dialogs.formula import FormulaDialog, formulas_of
from ps_tui.tui.dialogs.layouts import LayoutsDialog
from ps_tui.tui.dialogs.panels import PanelsDialog
from ps_tui.tui.keymap import bindings
from ps_tui.tui.screens.compared import ComparedScreen, trail_of
from ps_tui.tui.widgets.compare_body import FAST_COLUMNS
from ps_tui.tui.widgets.compare_legend import CompareLegend
from ps_tui.tui.widgets.nav_bar import NavBar
from ps_tui.tui.workspace import Workspace

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
NO_CLOCK = "These laps have no clock from line to line: only their places compare."
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
        "axis",
        "panels",
        "layouts",
        "formula",
    }
)


def _worked_out(
    laps: Sequence[ShelvedLap], keys: Sequence[str], maths: Sequence[MathChannel]
) -> Study:
    from ps_tui.tui.compare.study import study

    traces = [one.trace for one in laps]
    formulas, lines = formulas_of(maths), laps[0].lines
    length_m = known_length_m(one.session for one in laps)
    return study(traces, keys, formulas, length_m, lines)


class CompareScreen(ComparedScreen):
    """The chosen laps; the first is A, the reference of every difference."""

    PLACE = "compare"
    BINDINGS = bindings("compare")
    HELP = (
        "Laps lie over each other by track position; x draws them over time. A is "
        "the reference. The delta is positive where a lap is slower than A, and at the "
        "line it is the difference of the lap times. The table says where the time "
        "went, the worst first; enter looks at the row. Lines differ by colour and "
        "by dashes."
    )

    def __init__(self, services: Services, workspace: Workspace) -> None:
        super().__init__(services, workspace)
        self._legend = CompareLegend()
        self._empty = Static(EMPTY, id="compare-empty", markup=False)
        self.drawn = Drawn()
        self._maths: list[MathChannel] = []
        self._has_layout = False
        self._studied: tuple[object, ...] = ()

    def compose_body(self) -> ComposeResult:
        yield self._legend
        yield self.body
        yield self._empty
        self._show_charts(len(self.chosen) > 1)

    def _show_charts(self, is_enough: bool) -> None:
        """Show the charts, or in their place what is missing."""
        self._empty.display = not is_enough
        self._legend.display = is_enough
        self.body.set_class(not is_enough, "-hidden")

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
        of_lap = {"compare.versus", "compare.take_out", "screen.mark"}
        if key_id in of_lap and len(self._laps) > 1:
            return f"{label} {letter}"
        return super().key_label(key_id, label)

    def receive(self, notice: Notice) -> None:
        if not isinstance(notice, Alert | LapStored):
            self.reload()

    # Loading

    async def load(self) -> None:
        """Read the chosen laps and compare them."""
        await self._load_workbench()
        await self.load_laps()
        is_enough = len(self._laps) > 1
        self._show_charts(is_enough)
        self._show_trail()
        if not is_enough:
            self._show_empty()
        else:
            await self._compare()
            self.body.set_markers(self._markers)
            self.look_at_marker()
        self.refresh_bindings()

    def _show_trail(self) -> None:
        title = self.drawn.title if len(self._laps) > 1 else ""
        self.query_one(NavBar).set_trail(trail_of(self._laps, title))

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
                self.drawn.load(layout)

    def _show_empty(self) -> None:
        self._studied = ()
        self.body.clear("")
        text = EMPTY
        if self._laps:
            entry = self._laps[0].entry(None)
            text = ONE_LAP.format(name=entry.name, time=entry.time)
        self._empty.update(text)

    async def _compare(self) -> None:
        """Work the comparison out, unless it stands there already."""
        plot = self.drawn.plot
        keys = keys_of(plot.panels)
        units = {math.name: math.unit or "" for math in self._maths}
        laps = [(one.lap, one.session.track_length_m, one.lines) for one in self._laps]
        asked = (laps, keys, list(self._maths))
        if asked != self._studied:
            shelved = list(self._laps)
            try:
                study = await asyncio.to_thread(_worked_out, shelved, keys, self._maths)
            except PsError as error:
                self._studied = ()
                self.body.clear(f"{error.cause}\n{error.remedy}")
            else:
                self._studied = asked
                self.body.show(study, plot, units)
        elif plot != self.body.plot:
            self.body.set_plot(plot)
        self._show_legend(self.body.study)

    def _show_legend(self, study: Study | None) -> None:
        gaps: list[float | None] = [None] * len(self._laps)
        if study is not None:
            gaps = [study.comparison.at_line_ms(i) for i in range(study.lap_count)]
        entries = [one.entry(gap) for one, gap in zip(self._laps, gaps, strict=True)]
        warning = mixed_tracks(one.session for one in self._laps)
        self._legend.set_entries(entries, self.body.versus, warning)

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
            self.drawn.plot.panels,
            traces,
            self.services.workbench,
            self._maths,
            self.workspace,
        )
        self.app.push_screen(dialog, self._draw_panels)

    def _draw_panels(self, panels: tuple[Panel, ...] | None) -> None:
        if panels is not None:
            self.drawn.plot = Plot(panels, self.drawn.plot.is_over_time)
        # A math channel may have been changed either way.
        self.reload()

    def action_layouts(self) -> None:
        workbench = self.services.workbench
        if workbench is not None:
            dialog = LayoutsDialog(workbench, self.drawn, self.workspace)
            self.app.push_screen(dialog, self._load_layout)

    def _load_layout(self, layout: PlotLayout | None) -> None:
        if layout is not None:
            self.drawn.load(layout)
        # It may have been saved, renamed or deleted either way.
        self.reload()

    def action_axis(self) -> None:
        """Draw over the place on the lap, or over the time since the line."""
        study, plot = self.body.study, self.drawn.plot
        if study is None:
            return
        is_over_time = not plot.is_over_time
        if is_over_time and not study.axis(is_over_time=True).is_over_time:
            self.notify(NO_CLOCK)
            return
        self.drawn.plot = Plot(plot.panels, is_over_time)
        self.body.set_plot(self.drawn.plot)
        self._show_trail()

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
            self._draw_panels(toggled(self.drawn.plot.panels, math.name))
