"""From key press to chart on Compare: two laps of 5,400 frames at 120 x 36.

Every step of the event loop between a key and the paint that it led to is timed, in
processor time of its thread, which other programs do not disturb, and by the wall
clock. ``first`` is the first comparison of a process, which imports numpy (in a
thread), once the application has stood for a moment and made the screen ready;
``unprepared``, in a process of its own, is one that is asked for before that. Beside
them, in the same run, plotext draws the same panels. Prints JSON.

    python tests/bench/compare.py [--rounds N]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import time
from asyncio.events import Handle
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import msgspec
from textual.pilot import Pilot

from ps_tui.domain.models import Lap, LapTrace
from ps_tui.tui.app import PsApp
from ps_tui.tui.screens.compare import CompareScreen
from tests.support.fake_services import FakeServices

FRAMES = 5400
LAP_MS = FRAMES * 1000 // 60
LAPS = ("s-quali-l4", "s-quali-l5")
SIZE = (120, 36)
MOST_WAITS = 10_000
GOAL = {"total_ms_at_most": 120, "longest_block_ms_at_most": 30}


class Blocks:
    """Times every step of the loop while ``is_open``."""

    def __init__(self) -> None:
        self.wall_ms: list[float] = []
        self.own_ms: list[float] = []
        self.is_open = False
        run = Handle._run

        def timed(handle: Any) -> None:
            started, own = time.perf_counter(), time.thread_time()
            run(handle)
            if self.is_open:
                self.own_ms.append((time.thread_time() - own) * 1000)
                self.wall_ms.append((time.perf_counter() - started) * 1000)

        setattr(Handle, "_run", timed)  # noqa: B010  a private name, typed as fixed

    async def of(
        self, press: Callable[[], Any], is_done: Callable[[], bool]
    ) -> dict[str, float]:
        """Press a key, wait until its picture was painted, return what it cost."""
        self.wall_ms.clear()
        self.own_ms.clear()
        self.is_open = True
        started = time.perf_counter()
        press()
        for _ in range(MOST_WAITS):
            if is_done():
                break
            await asyncio.sleep(0.001)
        wall_ms = (time.perf_counter() - started) * 1000
        # The paint comes with the next tick of the screen.
        await asyncio.sleep(0.1)
        self.is_open = False
        return {
            "loop_ms": sum(self.own_ms),
            "longest_block_ms": max(self.own_ms),
            "loop_wall_ms": sum(self.wall_ms),
            "longest_block_wall_ms": max(self.wall_ms),
            "until_drawn_ms": wall_ms,
        }


def services() -> FakeServices:
    """Return two stored laps of 5,400 frames, read from memory."""
    from tests.support.compared_laps import driven_trace

    fake = FakeServices()
    traces: dict[str, LapTrace] = {}
    for lap_id in LAPS:
        lap: Lap = msgspec.structs.replace(
            fake.library.all_laps[lap_id],
            lap_time_ms=LAP_MS + 3 + 200 * (lap_id[-1] == "5"),
        )
        fake.library.all_laps[lap_id] = lap
        traces[lap_id] = driven_trace(lap)
    fake.library.make_trace = lambda lap: traces[lap.id]
    return fake


async def settle(pilot: Pilot[None]) -> None:
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await asyncio.sleep(0.2)


def is_drawn(app: PsApp) -> bool:
    screen = app.screen
    return isinstance(screen, CompareScreen) and screen.body.drawing.is_current


def opened() -> PsApp:
    app = PsApp(services().connect, fps=0)
    app.animation_level = "none"
    return app


async def unprepared() -> dict[str, float]:
    """Return what the first comparison costs right after the start."""
    blocks, app = Blocks(), opened()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.workspace.compared.ids = list(LAPS)
        return await blocks.of(lambda: app.simulate_key("5"), lambda: is_drawn(app))


async def measure(rounds: int) -> dict[str, Any]:
    blocks, app = Blocks(), opened()
    found: dict[str, list[dict[str, float]]] = {}
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.make_ready()
        await settle(pilot)
        app.workspace.compared.ids = list(LAPS)

        async def press(name: str, key: str) -> None:
            screen = app.screen
            if isinstance(screen, CompareScreen):
                screen.body.drawing.is_current = False
            figures = await blocks.of(
                lambda: app.simulate_key(key), lambda: is_drawn(app)
            )
            found.setdefault(name, []).append(figures)
            await settle(pilot)

        await press("first", "5")
        for _ in range(rounds):
            await press("new_reference", "r")
            await press("zoom", "plus")
            await press("cursor", "right")
            await press("whole", "0")
        screen = app.screen
        assert isinstance(screen, CompareScreen)
        assert screen.body.study is not None
        frames = [len(d.progress) for d in screen.body.study.comparison.driven]
        peer_ms = plotext_ms(screen)
    return {
        "bench": "compare",
        "size": "x".join(map(str, SIZE)),
        "frames": frames,
        "goal": GOAL,
        "from_key_to_chart": {name: middle(rows) for name, rows in found.items()},
        "plotext_same_panels_ms": round(peer_ms, 1),
    }


def middle(rows: list[dict[str, float]]) -> dict[str, float]:
    """Return the median of each figure, and the worst block of all."""
    figures = {
        key: round(statistics.median(row[key] for row in rows), 1) for key in rows[0]
    }
    worst = max(row["longest_block_ms"] for row in rows)
    return figures | {"worst_block_ms": round(worst, 1), "n": len(rows)}


def plotext_ms(screen: CompareScreen) -> float:
    """Draw the same lines with plotext, on the loop as its widget does."""
    from textual_plotext import Plot

    from ps_tui.tui.compat import size_plot

    study = screen.body.study
    assert study is not None
    places = study.comparison.grid.places.tolist()
    width, rows = screen.body.chart.picture_size
    panels = (("speed",), ("throttle", "brake"), ("steering",))
    times = []
    for _ in range(3):
        started = time.perf_counter()
        for keys in panels:
            plot: Any = Plot()
            size_plot(plot, width, rows // 4)
            for values in study.values:
                for key in keys:
                    plot.plot(places, values[key].tolist(), marker="braille")
            plot.build()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--unprepared", action="store_true", help="that one alone")
    options = parser.parse_args()
    if options.unprepared:
        print(json.dumps(middle([asyncio.run(unprepared())])))
        return
    command = [sys.executable, __file__, "--unprepared"]
    other = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    figures = asyncio.run(measure(options.rounds))
    figures["from_key_to_chart"]["unprepared"] = json.loads(other.stdout)
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
