"""Settings: each value, where it comes from, and when a change takes effect."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.widgets import Static

from ps_tui.config import Settings
from ps_tui.domain.errors import UsageError
from ps_tui.settings_file import SettingsFile
from ps_tui.tui.compat import start
from ps_tui.tui.dialogs.confirm import ConfirmDialog
from ps_tui.tui.dialogs.form import Field, FormDialog, Values
from ps_tui.tui.dialogs.key_press import KeyDialog
from ps_tui.tui.dialogs.pick import Option, PickDialog
from ps_tui.tui.keymap import bindings, key_by_id, key_word
from ps_tui.tui.keys import Key
from ps_tui.tui.screens.records import RecordsScreen
from ps_tui.tui.settings_rows import (
    AT_ONCE,
    BY_KEY,
    SETTINGS,
    Setting,
    clash,
    remappable,
    shown,
    typed,
    words_now,
)
from ps_tui.tui.widgets.listing import Listing
from ps_tui.tui.widgets.record_table import Cell, Column, Record

if TYPE_CHECKING:
    from ps_tui.tui.app import PsApp

COLUMNS = (
    Column("label", "Setting", 15),
    Column("value", "Value", 20, is_flexible=True),
    Column("origin", "From", 15),
    Column("effect", "Takes effect", 12, rank=1),
)


class SettingsScreen(RecordsScreen):
    """Changes the settings file, one value at a time."""

    PLACE = "settings"
    BINDINGS = bindings("settings")
    HELP = (
        "enter changes a setting and keeps it in the settings file; d goes back to "
        "the default. Units, theme, signs and keys change at once; what the program "
        "listens to changes with the next start, and r starts anew."
    )

    @property
    def can_go_back(self) -> bool:
        return self.is_filtered

    def compose_body(self) -> ComposeResult:
        yield Static(id="verdict", markup=False)
        with Container(id="body"):
            yield Listing(COLUMNS, "There is no settings file here.")
        yield Static(id="explain", markup=False)

    @property
    def file(self) -> SettingsFile:
        if self.workspace.settings_file is None:
            raise UsageError("There is no settings file here.")
        return self.workspace.settings_file

    async def load(self) -> None:
        self._draw()

    def _draw(self) -> None:
        file = self.file
        self.query_one("#verdict", Static).update(str(file.path))
        self.listing.set_records([self._record(one) for one in SETTINGS])
        self._explain(self.current_key)

    def _record(self, setting: Setting) -> Record:
        origin = self.file.origin(setting.key)
        value = shown(setting, self.file.current)
        return Record(
            setting.key,
            {
                "label": Cell(setting.label, "bold"),
                "value": Cell(value or "–", "" if value else "dim"),
                "origin": Cell(origin, "dim" if origin == "default" else "accent"),
                "effect": Cell(setting.takes_effect, "dim"),
                "meaning": Cell(setting.meaning),
            },
        )

    @on(Listing.Current)
    def _selected(self, event: Listing.Current) -> None:
        event.stop()
        self._explain(event.key)

    def _explain(self, key: str | None) -> None:
        setting = BY_KEY.get(key or "")
        text = f"{setting.label}: {setting.meaning}." if setting else ""
        self.query_one("#explain", Static).update(text)

    # What the keys do

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in {"default", "restart"}:
            return self.workspace.settings_file is not None
        return super().check_action(action, parameters)

    def action_open(self) -> None:
        """Change the setting under the cursor."""
        setting = BY_KEY.get(self.current_key or "")
        if setting is None:
            return
        choices = self.file.choices.get(setting.key, setting.choices)
        if setting.key == "keys":
            self._choose_action()
        elif choices:
            self._choose(setting, choices)
        else:
            self._type(setting)

    def _choose(self, setting: Setting, choices: tuple[str, ...]) -> None:
        now = shown(setting, self.file.current)
        dialog = PickDialog(
            setting.label, [Option(c, c) for c in choices], chosen=[now]
        )

        def chosen(keys: list[str] | None) -> None:
            if keys:
                self._save_later(setting, typed(setting, keys[0]))

        self.app.push_screen(dialog, chosen)

    def _type(self, setting: Setting) -> None:
        async def save(values: Values) -> Settings:
            value = typed(setting, values[setting.key])
            if setting.key in ("db", "backup_copy_to") and value is not None:
                value = await asyncio.to_thread(_absolute, value)
            return await asyncio.to_thread(self.file.save, {setting.key: value})

        now = shown(setting, self.file.current)
        field = Field(
            setting.key, setting.label, now, setting.meaning, is_required=False
        )
        form = FormDialog(setting.label, [field], save)
        self.show_form(form, lambda settings: self._saved(setting, settings))

    def action_default(self) -> None:
        """Take the setting out of the file."""
        setting = BY_KEY.get(self.current_key or "")
        if setting is not None:
            self._save_later(setting, None)

    def _save_later(self, setting: Setting, value: Any) -> None:
        start(self, partial(self._save, setting, value), group="save")

    async def _save(self, setting: Setting, value: Any) -> None:
        settings = await asyncio.to_thread(self.file.save, {setting.key: value})
        self._saved(setting, settings)

    def _saved(self, setting: Setting, settings: Settings) -> None:
        self._draw()
        if setting.takes_effect == AT_ONCE:
            start(self, partial(self._ps_app.apply, settings), group="apply")
        else:
            self.notify(f"{setting.label}: from the next start; r starts anew.")

    @property
    def _ps_app(self) -> PsApp:
        return cast("PsApp", self.app)

    # Keys

    def _choose_action(self, current: str = "") -> None:
        changed = self.file.current.keys
        options = [
            Option(row.id, f"{words_now(row, changed):<10} {row.help}", row.id)
            for row in remappable()
        ]

        def chosen(keys: list[str] | None) -> None:
            row = key_by_id(keys[0]) if keys else None
            if row is not None:
                self._ask_key(row)

        dialog = PickDialog("Another key for", options, chosen=[current])
        self.app.push_screen(dialog, chosen)

    def _ask_key(self, row: Key) -> None:
        async def save(key: str) -> str:
            changed = dict(self.file.current.keys)
            if not key:
                changed.pop(row.id, None)
            else:
                other = clash(row.id, key, changed)
                if other is not None:
                    raise UsageError(
                        f"{key_word(key)} is “{other.help.rstrip('.')}” ({other.id}).",
                        "Press another key, or give that one another first.",
                    )
                changed[row.id] = key
            await asyncio.to_thread(self.file.save, {"keys": changed})
            return row.id

        def saved(key_id: str | None) -> None:
            if key_id is not None:
                self._saved(BY_KEY["keys"], self.file.current)
            self._choose_action(row.id)

        now = words_now(row, self.file.current.keys)
        text = f"{row.help}\nNow: {now}"
        self.app.push_screen(KeyDialog(row.id, text, save), saved)

    def action_restart(self) -> None:
        """Start anew with the settings of the file; ask while recording."""
        recording = self.services.recording
        if recording.session is None:
            self._ps_app.restart()
            return
        dialog = ConfirmDialog(
            f"{recording.session.name} is being recorded.",
            "Stop recording and start anew? Everything driven so far is kept.",
            yes="Stop and start anew",
            work=recording.stop,
        )
        self.app.push_screen(
            dialog, lambda stopped: self._ps_app.restart() if stopped else None
        )


def _absolute(text: str) -> str:
    return str(Path(text).expanduser().absolute())
