"""The places of the application and how each is made: imported after the start."""

from __future__ import annotations

from collections.abc import Callable

from textual.screen import Screen

from ps_tui.domain.ports import Services
from ps_tui.tui.screens.database import DatabaseScreen
from ps_tui.tui.screens.events import EventsScreen
from ps_tui.tui.screens.laps import LapsScreen
from ps_tui.tui.screens.sessions import SessionsScreen
from ps_tui.tui.workspace import Workspace


def places(
    services: Services, workspace: Workspace
) -> dict[str, Callable[[], Screen[None]]]:
    """Return every place by name; each is made when it is first shown."""

    def live() -> Screen[None]:
        from ps_tui.tui.screens.live import LiveScreen

        return LiveScreen(services, workspace)

    def garage() -> Screen[None]:
        from ps_tui.tui.screens.garage import GarageScreen

        return GarageScreen(services, workspace)

    def studio() -> Screen[None]:
        from ps_tui.tui.screens.studio import StudioScreen

        return StudioScreen(services, workspace)

    def crew() -> Screen[None]:
        from ps_tui.tui.screens.crew import CrewScreen

        return CrewScreen(services, workspace)

    def settings() -> Screen[None]:
        from ps_tui.tui.screens.settings import SettingsScreen

        return SettingsScreen(services, workspace)

    def commands() -> Screen[None]:
        from ps_tui.tui.screens.commands import CommandsScreen

        return CommandsScreen(services, workspace)

    def sql() -> Screen[None]:
        from ps_tui.tui.screens.sql import SqlScreen

        return SqlScreen(services, workspace)

    def doctor() -> Screen[None]:
        from ps_tui.tui.screens.doctor import DoctorScreen

        return DoctorScreen(services, workspace)

    def compare() -> Screen[None]:
        from ps_tui.tui.screens.compare import CompareScreen

        return CompareScreen(services, workspace)

    return {
        "events": lambda: EventsScreen(services, workspace),
        "sessions": lambda: SessionsScreen(services, workspace),
        "live": live,
        "doctor": doctor,
        "laps": lambda: LapsScreen(services, workspace),
        "garage": garage,
        "crew": crew,
        "settings": settings,
        "commands": commands,
        "studio": studio,
        "sql": sql,
        "compare": compare,
        "database": lambda: DatabaseScreen(services, workspace),
    }
