"""What the Live screen costs at 120 x 36 under a pty, fed at 60 Hz, drawn at 30 fps.

Beside it, in the same run and on the same data, two textual-plotext charts. With
``--maths`` also the Live screen with four math channels, one of them drawn. Prints
JSON: share of one core, painted frames per second and the loop's lag.

    python tests/bench/live.py [--seconds S] [--fps N] [--window S] [--maths]
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import json
import os
import pty
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FEED_HZ = 60
COLUMNS, ROWS = 120, 36
WARM_UP_S = 2.0
LAG_STEP_S = 0.02
FORMULAS = {
    "accel": "derivative(smooth(speed, 0.5)) / 3.6",
    "driven": "integral(speed / 3.6)",
    "below_top": "max(speed) - speed",
    "both_pedals": "if(throttle > 0.1, brake, 0) * 100",
}
EXTRA_KEYS = ("fuel", "ers_charge", "drs_open", "track_position", "gap_ahead", "flag")
TYRE_KEYS = tuple(
    f"{stem}_{wheel}"
    for stem in ("tyre_temperature", "tyre_wear", "tyre_pressure")
    for wheel in ("fl", "fr", "rl", "rr")
)


async def feed_for(feed: Any, seconds: float, lags_s: list[float]) -> None:
    """Let frames arrive in real time, and note how late the loop wakes us."""
    started_s = time.perf_counter()
    sent = 0
    while (now_s := time.perf_counter() - started_s) < seconds:
        due = int(now_s * FEED_HZ)
        while sent < due:
            feed.services.live.frames.append(feed.next_frame())
            sent += 1
        feed.services.clock.time_us = feed.services.live.frames[-1].received_us
        asked_s = time.perf_counter()
        await asyncio.sleep(LAG_STEP_S)
        lags_s.append(time.perf_counter() - asked_s - LAG_STEP_S)


def run_child(options: argparse.Namespace) -> None:
    """Run one app and write what it cost to a file."""
    kind, seconds = options.child, options.seconds
    fps, window_s = options.fps, options.window
    sys.path.insert(0, str(ROOT))
    from textual.drivers.linux_driver import LinuxDriver

    from tests.support.fake_services import FakeServices
    from tests.support.live_feed import LiveApp, LiveFeed

    class CountingDriver(LinuxDriver):
        """Counts what goes to the terminal; one write is one painted frame."""

        paints = 0
        sent_bytes = 0

        def write(self, data: str) -> None:
            if len(data) > 20:
                CountingDriver.paints += 1
                CountingDriver.sent_bytes += len(data.encode())
            super().write(data)

    services = FakeServices()
    services.live.frames.clear()
    services.live.extra.update(
        dict.fromkeys((*EXTRA_KEYS, *TYRE_KEYS), 1.0) | {"max_rpm": 7500.0}
    )
    services.control.selected = services.library.all_sessions["s-quali"]
    feed = LiveFeed(services)
    feed.drive(window_s + 1)
    app: Any
    if kind != "peer":
        app = LiveApp(services, workspace=workspace_of(services, kind))
        app.fps = fps
    else:
        app = peer_app(services, fps, window_s)
    app.driver_class = CountingDriver
    result: dict[str, float] = {}

    async def measure() -> None:
        await feed_for(feed, WARM_UP_S, [])
        if kind != "peer":
            while app.screen.window_s != window_s:
                app.screen.action_window(1 if app.screen.window_s < window_s else -1)
        paints, sent = CountingDriver.paints, CountingDriver.sent_bytes
        cpu_s, wall_s = time.process_time(), time.perf_counter()
        lags_s: list[float] = []
        await feed_for(feed, seconds, lags_s)
        took_s = time.perf_counter() - wall_s
        lags_s.sort()
        result.update(
            cpu_percent=round((time.process_time() - cpu_s) / took_s * 100, 1),
            painted_fps=round((CountingDriver.paints - paints) / took_s, 1),
            loop_lag_p99_ms=round(lags_s[int(len(lags_s) * 0.99)] * 1000, 1),
            kib_per_s=round((CountingDriver.sent_bytes - sent) / took_s / 1024, 1),
        )
        app.exit()

    app.call_later(lambda: app.run_worker(measure()))
    app.run()
    Path(options.result).write_text(json.dumps(result))


def workspace_of(services: Any, kind: str) -> Any:
    """Return what the screens share: math channels are chosen, or none."""
    from ps_tui.domain.garage import MathChannelDraft
    from ps_tui.tui.live_maths import LiveChoice
    from ps_tui.tui.workspace import Workspace

    ids = []
    for name, formula in FORMULAS.items() if kind == "maths" else ():
        draft = MathChannelDraft(name, formula)
        ids.append(asyncio.run(services.workbench.create_math_channel(draft)).id)
    traced = LiveChoice().drawn(ids[0]) if ids else LiveChoice()
    return Workspace(live_maths=LiveChoice(tuple(ids), *traced[1:]))


def peer_app(services: Any, fps: int, window_s: int) -> Any:
    """Return an app with two plotext charts: the inputs, and the speed."""
    from textual.app import App, ComposeResult
    from textual_plotext import PlotextPlot

    channels = (("throttle", "brake", "steering"), ("speed_kmh",))

    class Peer(App[None]):
        CSS = "PlotextPlot { height: 1fr; }"

        def compose(self) -> ComposeResult:
            yield PlotextPlot()
            yield PlotextPlot()

        def on_mount(self) -> None:
            self.set_interval(1 / fps, self.draw)

        def draw(self) -> None:
            frames = services.live.frames[-window_s * FEED_HZ :]
            seconds = [(f.received_us - frames[-1].received_us) / 1e6 for f in frames]
            for plot, fields in zip(self.query(PlotextPlot), channels, strict=True):
                plot.plt.clear_data()
                for field in fields:
                    values = [getattr(frame, field) for frame in frames]
                    plot.plt.plot(seconds, values, marker="braille")
                plot.refresh()

    return Peer()


def measure_child(kind: str, options: argparse.Namespace) -> dict[str, float]:
    """Run one app in a process of its own under a pty that is read empty."""
    result = Path(tempfile.mkdtemp()) / "result.json"
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    command = [sys.executable, __file__, "--child", kind]
    command += ["--seconds", str(options.seconds), "--fps", str(options.fps)]
    command += ["--window", str(options.window), "--result", str(result)]
    environment = dict(os.environ, TERM="xterm-256color", COLORTERM="truecolor")
    environment.pop("NO_COLOR", None)
    process = subprocess.Popen(
        command, stdin=child, stdout=child, stderr=child, env=environment
    )
    os.close(child)

    def drain() -> None:
        try:
            while os.read(parent, 65536):
                pass
        except OSError:
            return

    reader = threading.Thread(target=drain, daemon=True)
    reader.start()
    process.wait(timeout=options.seconds + 60)
    reader.join(2)
    os.close(parent)
    answer: dict[str, float] = json.loads(result.read_text())
    return answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--fps", type=int, default=30)
    parser.add_argument("--window", type=int, default=15)
    parser.add_argument("--child", choices=("ours", "maths", "peer"))
    parser.add_argument("--maths", action="store_true")
    parser.add_argument("--result")
    options = parser.parse_args()
    if options.child:
        run_child(options)
        return
    ours = measure_child("ours", options)
    maths = measure_child("maths", options) if options.maths else None
    peer = measure_child("peer", options)
    report = {
        "bench": "live",
        "size": f"{COLUMNS}x{ROWS}",
        "feed_hz": FEED_HZ,
        "asked_fps": options.fps,
        "window_s": options.window,
        "ours": ours,
        "ours_with_four_math_channels": maths,
        "peer_two_plotext_charts": peer,
        "ratio_cpu_per_painted_frame": round(
            (ours["cpu_percent"] / ours["painted_fps"])
            / (peer["cpu_percent"] / peer["painted_fps"]),
            3,
        ),
        "goal": {"cpu_percent_at_most": 30, "painted_fps_at_least": 28},
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
