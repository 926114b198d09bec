"""Saved plot layouts: load, save, rename, star as the default, delete."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual.binding import BindingType

from ps_tui.domain.channel import CHANNELS
from ps_tui.domain.garage import PlotLayout, PlotLayoutDraft
from ps_tui.domain.garage_ports import Workbench
from ps_tui.tui.compare.drawn import Drawn, Plot, plot_of
from ps_tui.tui.compat import start
from ps_tui.tui.dialogs.form import Field, FormDialog, Values
from ps_tui.tui.dialogs.list_dialog import RecordsDialog
from ps_tui.tui.keymap import bindings
from ps_tui.tui.widgets.record_table import Cell, Column, Record
from ps_tui.tui.workspace import Workspace

COLUMNS = (
    Column("star", "", 1),
    Column("name", "Name", 18),
    Column("panels", "Panels", 20, is_flexible=True),
)
EMPTY = "No layout is saved yet.\nn saves the panels as they are."
LAYOUT = {"columns": 1, "screen": "compare"}


class LayoutsDialog(RecordsDialog[PlotLayout]):
    """Returns the layout to load. ``drawn`` is what is on the screen; it follows what
    is saved, renamed and deleted here."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("layouts")
    COLUMNS = COLUMNS
    EMPTY = EMPTY

    def __init__(
        self, workbench: Workbench, drawn: Drawn, workspace: Workspace
    ) -> None:
        super().__init__("Layouts", workspace)
        self._workbench = workbench
        self._drawn = drawn
        self._layouts: dict[str, PlotLayout] = {}

    def hint(self) -> str:
        return (
            "enter load · n save as new · s save over · e rename · "
            "space default · d delete"
        )

    async def load(self, current: str | None = None) -> None:
        layouts = await self._workbench.layouts()
        self._layouts = {layout.id: layout for layout in layouts}
        star = self._workspace.glyphs.best
        records = [
            Record(
                layout.id,
                {
                    "star": Cell(star if layout.is_default else "", "accent"),
                    "name": Cell(layout.name),
                    "panels": Cell(described(plot_of(layout.configs)), "dim"),
                },
            )
            for layout in layouts
        ]
        self.listing.set_records(records, current)

    @property
    def _current(self) -> PlotLayout | None:
        return self._layouts.get(self.listing.current_key or "")

    def action_done(self) -> None:
        if (layout := self._current) is not None:
            self.dismiss(layout)

    def action_new(self) -> None:
        """Save the panels of the screen under a new name."""
        self._ask_name("Save layout", "", self._create)

    def action_rename(self) -> None:
        if (layout := self._current) is not None:
            self._ask_name("Rename layout", layout.name, partial(self._rename, layout))

    def _ask_name(self, title: str, name: str, save: object) -> None:
        field = Field("name", "Name", name, described(self._drawn.plot))
        form: FormDialog[PlotLayout] = FormDialog(title, [field], save)  # type: ignore[arg-type]
        self.app.push_screen(form, self._saved)

    def _saved(self, layout: PlotLayout | None) -> None:
        if layout is not None:
            self.reload(layout.id)

    async def _create(self, values: Values) -> PlotLayout:
        draft = PlotLayoutDraft(
            values["name"] or "", configs=self._drawn.plot.configs(), layout=LAYOUT
        )
        return self._took(await self._workbench.create_layout(draft))

    def _took(self, layout: PlotLayout) -> PlotLayout:
        self._drawn.layout = layout
        return layout

    async def _rename(self, layout: PlotLayout, values: Values) -> PlotLayout:
        draft = PlotLayoutDraft(
            values["name"] or "", layout.description, layout.configs, layout.layout
        )
        renamed = await self._workbench.edit_layout(layout.id, draft)
        is_own = self._drawn.layout is not None and self._drawn.layout.id == layout.id
        return self._took(renamed) if is_own else renamed

    def action_overwrite(self) -> None:
        """Save the panels of the screen in this layout."""
        if (layout := self._current) is not None:
            start(self, partial(self._overwrite, layout), group="change")

    async def _overwrite(self, layout: PlotLayout) -> None:
        draft = PlotLayoutDraft(
            layout.name, layout.description, self._drawn.plot.configs(), LAYOUT
        )
        self._took(await self._workbench.edit_layout(layout.id, draft))
        await self.load(layout.id)

    def action_star(self) -> None:
        """Begin with this layout from now on, or with none of them."""
        if (layout := self._current) is not None:
            start(self, partial(self._star, layout), group="change")

    async def _star(self, layout: PlotLayout) -> None:
        await self._workbench.make_default(None if layout.is_default else layout.id)
        await self.load(layout.id)

    def action_delete(self) -> None:
        if (layout := self._current) is not None:
            start(self, partial(self._delete, layout), group="change")

    async def _delete(self, layout: PlotLayout) -> None:
        await self._workbench.delete_layout(layout.id)
        was_own = self._drawn.layout is not None and self._drawn.layout.id == layout.id
        if was_own:
            self._drawn.layout = None
        label = f'Layout "{layout.name}"'

        async def restore() -> None:
            await self._workbench.restore_layout(layout.id)
            if layout.is_default:
                await self._workbench.make_default(layout.id)
            if was_own and self._drawn.layout is None:
                self._drawn.layout = layout

        await self.deleted(label, restore)


def described(plot: Plot) -> str:
    """Name the panels: ``Speed, Throttle & Brake``, and time where they are over it."""
    names = ", ".join(
        " & ".join(
            CHANNELS[key].label if key in CHANNELS else key for key in panel.channels
        )
        for panel in plot.panels
    )
    return f"{names} over time" if plot.is_over_time else names
