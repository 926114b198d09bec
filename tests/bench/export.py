"""A session of 50 laps into a MoTeC log, against `numpy.tofile` of the same arrays.

Both begin with the channels of the laps in memory and end with a closed file; they take
turns, so that what else the machine does falls on both alike. ``joined`` is a stricter
floor: the finished samples, one array per channel over all laps.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
from numpy.typing import NDArray

from ps_tui.domain.channel import CHANNELS
from ps_tui.domain.models import Lap, LapKind, LapTrace
from ps_tui.export.motec import layout
from ps_tui.export.motec.exporter import MotecExporter
from tests.support.export_laps import selection_of

LAPS = 50
ROUNDS = 9
LIMIT = 2.0
EXTRAS = [key for key in CHANNELS if key.endswith(("_fl", "_fr", "_rl", "_rr"))][:24]
KEYS = ["clutch", "fuel", "world_x", "world_y", "world_z", "g_lateral", *EXTRAS]


def session(random: np.random.Generator) -> list[LapTrace]:
    """Return laps driven one after the other, as a game sends them.

    It steps at 60 Hz over the line and on; frames arrive up to 4 ms late; its lap
    clock is cut to milliseconds; laps take some 90 s each.
    """
    times_ms = 90_000 + random.integers(-900, 900, LAPS)
    starts_ms = np.concatenate(([5], 5 + np.cumsum(times_ms)))
    ticks_ms = np.arange(int(starts_ms[-1] * 60 / 1000)) * (1000 / 60)
    edges = np.searchsorted(ticks_ms, starts_ms)
    return [
        lap_trace(
            n, int(times_ms[n]), ticks_ms[edges[n] : edges[n + 1]] - start, random
        )
        for n, start in enumerate(starts_ms[:-1])
    ]


def lap_trace(
    number: int,
    lap_time_ms: int,
    due_ms: NDArray[np.float64],
    random: np.random.Generator,
) -> LapTrace:
    """Return one lap with frames at ``due_ms`` since its line."""
    started_us = number * 91_000_000
    lap = Lap(
        id=str(number),
        session_id="s",
        lap_number=number + 1,
        lap_time_ms=lap_time_ms,
        kind=LapKind.FLYING,
        valid=True,
        started_us=started_us,
    )
    count = due_ms.size
    late_us = random.integers(0, 4000, count)
    columns = {
        "received_us": started_us + np.int64(due_ms * 1000) + late_us,
        "timestamp": np.int64(due_ms),
        "lap_time": np.int64(due_ms),
        "lap_number": np.full(count, number),
        "gear": random.integers(1, 7, count),
        "normalized_position": (due_ms / lap_time_ms).astype(np.float32),
    }
    for key in ("throttle", "brake", "steering", "speed", "rpm", *KEYS):
        columns[key] = random.random(count, np.float32)
    return LapTrace(lap, columns)


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def write(arrays: list[NDArray[np.generic]], path: Path) -> None:
    with path.open("wb") as file:
        for array in arrays:
            array.tofile(file)


def main() -> None:
    random = np.random.default_rng(7)
    traces = session(random)
    selection = selection_of(*traces)
    with tempfile.TemporaryDirectory() as folder:
        log, bare = Path(folder) / "session.ld", Path(folder) / "bare.bin"

        def export() -> None:
            with log.open("wb") as file:
                MotecExporter().write_laps(selection, file)

        export()
        content = log.read_bytes()
        _, data_at = np.frombuffer(content[8:16], "<u4").tolist()
        count = (data_at - layout.CHANNELS_AT) // layout.CHANNEL.size
        joined = list(np.frombuffer(content[data_at:], "<f4").reshape(count, -1).copy())
        arrays = [column for trace in traces for column in trace.columns.values()]
        works = (export, lambda: write(arrays, bare), lambda: write(joined, bare))
        rounds = []
        for _ in range(ROUNDS):
            times = []
            for work in works:
                log.unlink(missing_ok=True)
                bare.unlink(missing_ok=True)
                times.append(timed(work))
            rounds.append(times)
    ours, floor, strict = (
        sorted(column)[ROUNDS // 2] * 1000 for column in zip(*rounds, strict=True)
    )
    print(
        json.dumps(
            {
                "name": f"session of {LAPS} laps to .ld, {count} channels,"
                f" {len(content) / 1e6:.0f} MB",
                "ours": round(ours, 1),
                "floor": round(floor, 1),
                "ratio": round(ours / floor, 3),
                "unit": "ms",
                "limit": LIMIT,
                "joined": round(strict, 1),
                "joined_ratio": round(ours / strict, 3),
            }
        )
    )


if __name__ == "__main__":
    main()
