"""The places of the application and how each is made: imported after the start."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module

from textual.screen import Screen

from ps_tui.domain.ports import Services
from ps_tui.tui.screens.database import DatabaseScreen
from ps_tui.tui.screens.events import EventsScreen
from ps_tui.tui.screens.laps import LapsScreen
from ps_tui.tui.screens.sessions import SessionsScreen
from ps_tui.tui.workspace import Workspace

AT_HAND = {
    "events": EventsScreen,
    "sessions": SessionsScreen,
    "laps": LapsScreen,
    "database": DatabaseScreen,
}
LATER = {
    "live": "LiveScreen",
    "doctor": "DoctorScreen",
    "garage": "GarageScreen",
    "crew": "CrewScreen",
    "settings": "SettingsScreen",
    "commands": "CommandsScreen",
    "studio": "StudioScreen",
    "sql": "SqlScreen",
    "compare": "CompareScreen",
}
"""Their modules, which bear the place's name, are imported when first shown."""


def places(
    services: Services, workspace: Workspace
) -> dict[str, Callable[[], Screen[None]]]:
    """Return every place by name; each is made when it is first shown."""

    def later(place: str) -> Screen[None]:
        module = import_module(f"ps_tui.tui.screens.{place}")
        screen: Screen[None] = getattr(module, LATER[place])(services, workspace)
        return screen

    at_hand = {
        place: partial(screen, services, workspace) for place, screen in AT_HAND.items()
    }
    return at_hand | {place: partial(later, place) for place in LATER}
