"""What ``ps-tui`` without a verb does: open the screens."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import AsyncExitStack
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ps_tui.cli.options import GIVEN, SOURCES, narrate_failure
from ps_tui.cli.signals import ended_by_signals
from ps_tui.config import Settings
from ps_tui.settings_file import SettingsFile
from ps_tui.tui.app import PsApp

if TYPE_CHECKING:
    from ps_tui.domain.ports import Services


TERMINATED = 143
"""The exit code of a program that SIGTERM ended."""


def settings_file(ctx: click.Context) -> SettingsFile:
    """Return the settings as this command line gives them, with their file."""
    flags, path = ctx.meta[GIVEN]
    choices = {"source": ("auto", *SOURCES)}
    return SettingsFile(flags, path=path, check=_check, choices=choices)


def _check(settings: Settings) -> None:
    """Refuse what nothing could be started with. Raises UsageError."""
    from ps_tui.collector.choice import chosen_sources, targets

    chosen_sources(settings)
    targets(settings)


def _has_keys() -> bool:
    """Say whether somebody can press one: at a terminal, or in a browser."""
    has_terminal = sys.stdin is not None and sys.stdin.isatty()
    return has_terminal or "TEXTUAL_DRIVER" in os.environ


def run_screens(
    file: SettingsFile,
    *,
    demo: bool,
    play: Path | None = None,
    capture: Path | None = None,
    start_screen: str = "events",
) -> int:
    """Show the screens until the user leaves; return the exit code.

    ``play`` shows a capture instead of a game, ``capture`` writes one.
    ``start_screen`` names the place to open where no car is shown.
    """
    while True:
        app = _run_once(
            file, demo=demo, play=play, capture=capture, start_screen=start_screen
        )
        if not app.wants_restart:
            failure = app.failure
            if failure is not None and not _has_keys():
                narrate_failure(failure.cause, failure.remedy)
            return app.return_code or (failure.exit_code if failure else 0)
        # What was captured is whole; the same file would be begun again.
        start_screen, capture = "settings", None


def _run_once(
    file: SettingsFile,
    *,
    demo: bool,
    play: Path | None,
    capture: Path | None,
    start_screen: str,
) -> PsApp:
    settings = file.current
    opened = AsyncExitStack()

    async def connect() -> Services:
        opened.enter_context(ended_by_signals(lambda: app.exit(return_code=TERMINATED)))
        # In a thread, so that the start screen stays alive meanwhile.
        runtime = await asyncio.to_thread(import_module, "ps_tui.runtime")
        opening = (
            runtime.open_runtime(settings, demo=demo, capture=capture)
            if play is None
            else runtime.open_playback(settings, play)
        )
        made = await opened.enter_async_context(opening)
        services: Services = made.services
        return services

    app = PsApp(
        connect,
        disconnect=opened.aclose,
        start_screen="live"
        if (demo or play) and start_screen == "events"
        else start_screen,
        settings_file=file,
        has_keys=_has_keys(),
    )
    app.run()
    return app
