"""Makes tests of Textual applications quick.

Textual parses every style sheet anew for each application, screen and theme; without
a terminal it renders every frame only to throw it away; and its pilot takes a process
for idle by watching the clock. Here sheets are parsed once, a screen is rendered when
a test reads it, and waits end when the event loop is quiet.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from textual import app, pilot
from textual._compositor import Compositor
from textual._context import visible_screen_stack
from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot
from textual.screen import Screen

QUIET_TURNS = 4


async def wait_for_quiet(*_: object) -> None:
    """Wait until the event loop has nothing left to do but to wait itself."""
    loop: Any = asyncio.get_running_loop()
    quiet = 0
    while quiet < QUIET_TURNS:
        await asyncio.sleep(0)
        quiet = 0 if loop._ready else quiet + 1


async def pause(self: Pilot[Any], delay: float | None = None) -> None:
    """Wait until the application is quiet and all that it asked for is laid out.

    A layout resizes widgets, and one that is resized may ask for another.
    """
    await _pause(self, delay)
    await wait_for_quiet()
    while is_layout_due(self.app):
        await _pause(self)
        await wait_for_quiet()


def is_layout_due(application: app.App[Any]) -> bool:
    """Say whether the screen in front will be laid out, or calls back, by itself."""
    stack = application.screen_stack
    if not stack or application._batch_count or not stack[-1].is_running:
        return False
    return bool(stack[-1]._layout_required or stack[-1]._callbacks)


def render_nothing(
    compositor: Compositor, screen_stack: list[Screen[object]] | None = None
) -> None:
    """Take a frame as painted."""
    visible_screen_stack.set(screen_stack or [])
    compositor._dirty_regions.clear()


async def resize(self: Pilot[Any], width: int, height: int) -> None:
    """Resize the terminal and wait out the application's own delay."""
    await _resize(self, width, height)
    self.app._check_resize()
    await self.pause()


_pause = Pilot.pause
_resize = Pilot.resize_terminal
_parse = Stylesheet._parse_rules
_parsed: dict[object, Any] = {}


def parse_once(self: Stylesheet, css: str, *args: Any, **options: Any) -> Any:
    """Return the rules of a style sheet, parsed by the first who asked."""
    key = (css, args, tuple(options.items()), tuple(self._variables.items()))
    if key not in _parsed:
        _parsed[key] = _parse(self, css, *args, **options)
    return _parsed[key]


def speed_up(patch: pytest.MonkeyPatch) -> None:
    """Put all of it in place."""
    patch.setattr(Stylesheet, "_parse_rules", parse_once)
    patch.setattr(Compositor, "render_update", render_nothing)
    patch.setattr(Pilot, "pause", pause)
    patch.setattr(Pilot, "resize_terminal", resize)
    patch.setattr(app, "wait_for_idle", wait_for_quiet)
    patch.setattr(pilot, "wait_for_idle", wait_for_quiet)
