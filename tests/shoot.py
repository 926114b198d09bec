"""Writes screenshots/*.svg: every screen at 80x24 and 120x36, from fixed data.

Run it from the project's root: ``python tests/shoot.py [FOLDER]``.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

os.environ["TZ"] = "UTC"
os.environ.pop("NO_COLOR", None)
os.environ["COLORTERM"] = "truecolor"
if hasattr(time, "tzset"):
    time.tzset()
sys.path.insert(0, str(Path(__file__).parents[1]))

from textual.pilot import Pilot

from ps_tui.settings_file import SettingsFile
from ps_tui.tui.app import PsApp
from ps_tui.tui.screens.live import LiveScreen
from tests.support.fake_services import FakeServices
from tests.support.fixed_data import car_and_race

SIZES = ((80, 24), (120, 36))
NO_FILE = Path("/home/ada/.config/ps-tui/config.toml")
Prepare = Callable[[Pilot[None], FakeServices], Awaitable[None]]


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys one by one and let everything they start end."""
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


async def settle(pilot: Pilot[None]) -> None:
    """Wait for the workers and the paint after them."""
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


def by_keys(*keys: str) -> Prepare:
    """Return a step that presses keys."""

    async def prepare(pilot: Pilot[None], fake: FakeServices) -> None:
        await press(pilot, *keys)

    return prepare


async def record(pilot: Pilot[None], fake: FakeServices) -> None:
    """Show the Live screen while a session is recorded."""
    await fake.control.select("s-quali")
    await fake.control.start()
    driven = fake.live.frames
    fake.live.frames = driven[:2]
    await press(pilot, "3")
    screen = pilot.app.screen
    assert isinstance(screen, LiveScreen)
    for end in range(4, len(driven), 4):
        fake.live.frames = driven[:end]
        fake.clock.time_us = driven[end - 1].received_us
        screen.tick()
        if end % 400 == 0:
            await settle(pilot)
    pilot.app.clear_notifications()
    await settle(pilot)


async def record_car(pilot: Pilot[None], fake: FakeServices) -> None:
    """Show the Live screen of a game that tells much of the car."""
    fake.live.extra.update(car_and_race())
    await record(pilot, fake)


async def record_page(pilot: Pilot[None], fake: FakeServices) -> None:
    """Show the page of the car in place of the plots."""
    await record_car(pilot, fake)
    await press(pilot, "t")


def lap_table(*keys: str) -> Prepare:
    """Return a step that shows laps which differ as those of people do."""

    async def prepare(pilot: Pilot[None], fake: FakeServices) -> None:
        from tests.support.compared_laps import driven_trace

        fake.library.make_trace = driven_trace
        await press(pilot, "4", *keys)

    return prepare


def compared(count: int, *keys: str) -> Prepare:
    """Return a step that lays laps of two sessions over each other."""

    async def prepare(pilot: Pilot[None], fake: FakeServices) -> None:
        from tests.support.compared_laps import driven_trace

        fake.library.make_trace = driven_trace
        ids = ["s-quali-l4", "s-quali-l8", "s-practice-l4", "s-quali-l5"]
        pilot.app.workspace.compared.ids = ids[:count]
        await press(pilot, "5", *keys)

    return prepare


SHOTS: dict[str, Prepare] = {
    "events": by_keys("1"),
    "event-form": by_keys("n", *"Imola", "tab"),
    "crew": by_keys("c"),
    "crew-winners": by_keys("c", "G", "enter"),
    "sessions": by_keys("enter"),
    "sessions-all": by_keys("2"),
    "delete": by_keys("d"),
    "live": record,
    "live-car": record_car,
    "live-page": record_page,
    "doctor": by_keys("w"),
    "laps": lap_table(),
    "laps-lines": lap_table("L"),
    "compare": compared(2),
    "compare-corner": compared(2, "enter"),
    "compare-four": compared(4, "o"),
    "compare-panels": compared(2, "p"),
    "compare-formula": compared(2, "f", "a", "tab", *"speed*brke", "left"),
    "compare-statistics": compared(2, "s"),
    "garage": by_keys("6", "down", "down"),
    "garage-compare": by_keys("6", "down", "down", "c", "enter"),
    "garage-values": by_keys("6", "down", "down", "enter"),
    "studio": by_keys("7", "t", "down"),
    "studio-rows": by_keys("7", "t", "down", "enter"),
    "studio-row": by_keys("7", "t", "down", "enter", "enter", "down", "down"),
    "studio-sql": by_keys("7", "t", "s", "enter"),
    "database": by_keys("h"),
    "repair": by_keys("h", "p"),
    "commands": by_keys("7", "c", "slash", *"status", "enter", "enter", "escape"),
    "commands-restore": by_keys("7", "o", "enter"),
    "settings": by_keys("8"),
    "settings-keys": by_keys("8", *"jjjjjjjjjjj", "enter"),
    "help": by_keys("question_mark"),
    "palette": by_keys("ctrl+p"),
}


async def shoot(folder: Path, only: list[str]) -> None:
    """Write each screen at each size."""
    for name, prepare in SHOTS.items():
        if only and name not in only:
            continue
        for width, height in SIZES:
            fake = FakeServices()
            file = SettingsFile({"port": 20777}, path=NO_FILE, environment={})
            app = PsApp(fake.connect, fps=0, settings_file=file)
            app.animation_level = "none"
            async with app.run_test(size=(width, height)) as pilot:
                await settle(pilot)
                await prepare(pilot, fake)
                svg = app.export_screenshot(title=f"ps-tui {name}")
            (folder / f"{name}-{width}x{height}.svg").write_text(svg, "utf-8")


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("screenshots")
    target.mkdir(exist_ok=True)
    asyncio.run(shoot(target, sys.argv[2:]))
