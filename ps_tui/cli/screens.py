"""What ``ps-tui`` without a verb does: open the screens."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from ps_tui.cli.signals import ended_by_signals
from ps_tui.config import Settings
from ps_tui.tui.app import PsApp

if TYPE_CHECKING:
    from ps_tui.domain.ports import Services


TERMINATED = 143
"""The exit code of a program that SIGTERM ended."""


def run_screens(
    settings: Settings,
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
        start_screen="live" if demo or play else start_screen,
        fps=settings.fps,
        ascii_only=settings.ascii,
        theme=settings.theme,
        keymap=settings.keys,
    )
    app.run()
    return app.return_code or 0
