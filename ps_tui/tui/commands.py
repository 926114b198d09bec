"""The command palette: every action that works now, by name."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from textual.app import SystemCommand
from textual.screen import Screen

from ps_tui.tui.keymap import key_by_id, key_word
from ps_tui.tui.theme import THEMES

if TYPE_CHECKING:
    from ps_tui.tui.app import PsApp

UNNAMED = {"app.palette", "app.interrupt"}


def commands(app: PsApp, screen: Screen[object]) -> Iterable[SystemCommand]:
    """Yield what the keys of this screen do, then the themes."""
    told: set[str] = set()
    for key, active in screen.active_bindings.items():
        row = key_by_id(active.binding.id)
        if row is None or row.scope == "list" or row.id in UNNAMED | told:
            continue
        told.add(row.id)
        yield SystemCommand(
            row.help.rstrip("."),
            f"key {key_word(key)}",
            partial(app.run_action, active.binding.action, active.node),
        )
    if app.services is not None:
        from ps_tui.tui.upkeep.table import COMMANDS

        for one in COMMANDS:
            yield SystemCommand(
                f"Database: {one.name}",
                one.meaning,
                partial(app.action_database_command, one.name),
            )
    for theme in THEMES:
        if theme.name != app.theme:
            yield SystemCommand(
                f"Theme {theme.name}",
                "Change the colours",
                partial(setattr, app, "theme", theme.name),
            )
    yield SystemCommand("Screenshot", "Save the screen as SVG", app.deliver_screenshot)
