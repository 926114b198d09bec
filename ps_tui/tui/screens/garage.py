"""Garage: cars with their parts lists and setups, as a tree."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.events import Resize

from ps_tui.domain.errors import UsageError
from ps_tui.domain.garage import Configuration, Setup, Vehicle
from ps_tui.domain.garage_ports import Garage
from ps_tui.tui.compat import start
from ps_tui.tui.dialogs.garage_forms import (
    configuration_form,
    copy_of,
    parameters_form,
    parts_form,
    setup_form,
    vehicle_form,
)
from ps_tui.tui.dialogs.pick import Option, PickDialog
from ps_tui.tui.dialogs.setup_compare import SetupCompareDialog
from ps_tui.tui.garage_words import detail_lines, holds
from ps_tui.tui.keymap import bindings
from ps_tui.tui.screens.records import RecordsScreen
from ps_tui.tui.widgets.details import Details
from ps_tui.tui.widgets.listing import Listing
from ps_tui.tui.widgets.record_table import Cell, Column, Record
from ps_tui.tui.words import counted

COLUMNS = (
    Column("name", "Car, parts list, setup", 24, is_flexible=True),
    Column("kind", "Kind", 6),
    Column("holds", "Holds", 24, rank=1),
    Column("sessions", "Sess", 4, rank=2, is_right=True),
)
EMPTY = (
    "No cars yet.\n\n"
    "n makes the first one: type its name, press enter.\n"
    "p then adds a parts list to it, s a setup."
)


class Entry(NamedTuple):
    """One line of the tree: a car, or something of it."""

    vehicle: Vehicle
    record: Vehicle | Configuration | Setup

    @property
    def kind(self) -> str:
        if isinstance(self.record, Vehicle):
            return "car"
        return "parts" if isinstance(self.record, Configuration) else "setup"


class GarageScreen(RecordsScreen):
    """What is driven: make it, change it, compare two setups."""

    PLACE = "garage"
    BINDINGS = bindings("garage")
    HELP = (
        "A car has parts lists and setups. enter opens the values of a parts list or "
        "setup to type in, e changes its name and notes. c compares the setup under "
        "the cursor with another. On Sessions, v notes what a session was driven with."
    )

    @property
    def can_go_back(self) -> bool:
        return self.is_filtered

    def compose_body(self) -> ComposeResult:
        with Container(id="body", classes="split"):
            yield Listing(COLUMNS, EMPTY)
            yield Details()

    def on_mount(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._folded: set[str] = set()
        self._wanted: str | None = None

    @property
    def garage(self) -> Garage:
        if self.services.garage is None:
            raise UsageError("There is no garage here.", "Open it without a capture.")
        return self.services.garage

    async def load(self) -> None:
        garage = self.garage
        entries: list[Entry] = []
        for vehicle in await garage.vehicles():
            entries.append(Entry(vehicle, vehicle))
            parts = await garage.configurations(vehicle.id)
            entries += [Entry(vehicle, one) for one in parts]
            setups = await garage.setups(vehicle.id)
            entries += [Entry(vehicle, one) for one in setups]
        self._entries = {entry.record.id: entry for entry in entries}
        self._draw()

    def _draw(self) -> None:
        wanted, self._wanted = self._wanted, None
        shown = [
            entry
            for entry in self._entries.values()
            if entry.kind == "car" or entry.vehicle.id not in self._folded
        ]
        followers = [*shown[1:], None]
        records = [
            self._record(entry, is_last=after is None or after.kind == "car")
            for entry, after in zip(shown, followers, strict=True)
        ]
        self.listing.set_records(records, wanted)
        self._show_details(self.current_key)

    def _record(self, entry: Entry, *, is_last: bool) -> Record:
        glyphs, record = self.workspace.glyphs, entry.record
        branch = glyphs.last_branch if is_last else glyphs.branch
        sessions = ""
        if isinstance(record, Vehicle):
            branch = ""
            sessions = str(record.session_count)
        return Record(
            record.id,
            {
                "name": Cell(f"{branch}{record.name}", "" if branch else "bold"),
                "kind": Cell(entry.kind, "dim"),
                "holds": Cell(holds(record, self._name_of), "dim"),
                "sessions": Cell(sessions),
                "car": Cell(entry.vehicle.name),
            },
        )

    def _name_of(self, record_id: str | None) -> str:
        entry = self._entries.get(record_id or "")
        return entry.record.name if entry else ""

    @property
    def current(self) -> Entry | None:
        """The line under the cursor."""
        return self._entries.get(self.current_key or "")

    @on(Listing.Current)
    def _selected(self, event: Listing.Current) -> None:
        event.stop()
        self._show_details(event.key)

    def on_resize(self, event: Resize) -> None:
        self.when_drawn(lambda: self._show_details(self.current_key))

    def _show_details(self, key: str | None) -> None:
        entry = self._entries.get(key or "")
        lines = detail_lines(entry.record, self._name_of) if entry else []
        self.query_one(Details).set_lines(lines)

    # What the keys do

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        entry = self.current
        if action in {"new_parts", "new_setup"}:
            return entry is not None
        if action == "copy":
            return entry is not None and entry.kind != "car"
        if action == "compare":
            return entry is not None and entry.kind == "setup"
        return super().check_action(action, parameters)

    def key_label(self, key_id: str, label: str) -> str:
        entry = self.current
        if key_id == "garage.open" and entry is not None and entry.kind == "car":
            return "Unfold" if entry.vehicle.id in self._folded else "Fold"
        return super().key_label(key_id, label)

    def action_new(self) -> None:
        self.show_form(vehicle_form(self.garage), self._saved)

    def action_new_parts(self) -> None:
        if (entry := self.current) is not None:
            self.show_form(configuration_form(self.garage, entry.vehicle), self._made)

    def action_new_setup(self) -> None:
        if (entry := self.current) is not None:
            parts = self._parts_of(entry.vehicle)
            form = setup_form(self.garage, entry.vehicle, parts)
            self.show_form(form, self._made)

    def _made(self, record: Configuration | Setup) -> None:
        """Go on with the values of what was made."""
        self._folded.discard(record.vehicle_id)
        self._saved(record)
        self._open_values(record)

    def action_open(self) -> None:
        entry = self.current
        if entry is None:
            return
        if isinstance(entry.record, Vehicle):
            self._folded ^= {entry.record.id}
            self._draw()
        else:
            self._open_values(entry.record)

    def _open_values(self, record: Configuration | Setup) -> None:
        if isinstance(record, Configuration):
            self.show_form(parts_form(self.garage, record), self._saved)
        else:
            self.show_form(parameters_form(self.garage, record), self._saved)

    def action_edit(self) -> None:
        entry = self.current
        if entry is None:
            return
        garage, record = self.garage, entry.record
        if isinstance(record, Vehicle):
            self.show_form(vehicle_form(garage, record), self._saved)
        elif isinstance(record, Configuration):
            form = configuration_form(garage, entry.vehicle, record)
            self.show_form(form, self._saved)
        else:
            parts = self._parts_of(entry.vehicle)
            self.show_form(
                setup_form(garage, entry.vehicle, parts, record), self._saved
            )

    def _parts_of(self, vehicle: Vehicle) -> list[Configuration]:
        return [
            entry.record
            for entry in self._entries.values()
            if entry.vehicle.id == vehicle.id
            and isinstance(entry.record, Configuration)
        ]

    def _saved(self, record: Vehicle | Configuration | Setup) -> None:
        self._wanted = record.id
        self.reload()

    def action_copy(self) -> None:
        entry = self.current
        if entry is not None and not isinstance(entry.record, Vehicle):
            start(self, partial(self._copy, entry.vehicle.id, entry.record))

    async def _copy(self, vehicle_id: str, record: Configuration | Setup) -> None:
        made = await copy_of(self.garage, vehicle_id, record)
        self._saved(made)
        self.notify(f"{made.name} is a copy; e names it.", markup=False)

    def action_compare(self) -> None:
        """Choose another setup, those of this car first, and show what differs."""
        entry = self.current
        if entry is None or not isinstance(entry.record, Setup):
            return
        left = entry.record
        others = [
            one
            for one in self._entries.values()
            if isinstance(one.record, Setup) and one.record.id != left.id
        ]
        others.sort(key=lambda one: one.vehicle.id != entry.vehicle.id)
        options = [
            Option(one.record.id, one.record.name, one.vehicle.name) for one in others
        ]

        def chosen(keys: list[str] | None) -> None:
            right = self._entries[keys[0]].record if keys else None
            if isinstance(right, Setup):
                self.app.push_screen(SetupCompareDialog(left, right))

        self.app.push_screen(PickDialog(f"Compare {left.name} with", options), chosen)

    def action_delete(self) -> None:
        entry = self.current
        if entry is None:
            return
        garage, record = self.garage, entry.record
        ways: dict[type, tuple[str, str, Callable[[str], Awaitable[Any]], Any]] = {
            Vehicle: ("car", "", garage.delete_vehicle, garage.restore_vehicle),
            Configuration: (
                "parts list",
                "Setups made for it stay.",
                garage.delete_configuration,
                garage.restore_configuration,
            ),
            Setup: (
                "setup",
                "Sessions driven with it stay.",
                garage.delete_setup,
                garage.restore_setup,
            ),
        }
        noun, words, delete, restore = ways[type(record)]
        if isinstance(record, Vehicle):
            parts = counted(record.configuration_count, "parts list")
            setups = counted(record.setup_count, "setup")
            words = f"With it go {parts} and {setups}; its sessions stay."
        self.ask_delete(
            noun,
            record.name,
            words,
            partial(delete, record.id),
            partial(restore, record.id),
        )
