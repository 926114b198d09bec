"""What comparing laps costs, each figure beside a floor of the same run.

Laps of 5,400 frames on a grid of 3 m. "resample and delta" includes everything from
stored columns to delta: cleaning, the time base, seven arrays for each of two laps;
its floor is ``numpy.interp`` of the same arrays, already clean.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from ps_tui.analysis.comparison import COMPARED_CHANNELS, compare
from ps_tui.analysis.delta import delta_ms
from ps_tui.analysis.driven_lap import drive
from ps_tui.analysis.grid import make_grid, resample
from ps_tui.analysis.live_delta import LiveDelta
from ps_tui.analysis.maths.channels import Formula, MathChannels, check, lap_values
from ps_tui.analysis.profile import profile_of
from ps_tui.domain.models import LapTrace
from tests.support.synthetic_laps import timed_lap

LAP_MS = 90_000
LENGTH_M = 5793.0
ROUNDS = 60
UPDATES = 5400


def lap(number: int, bend: float) -> LapTrace:
    def wave(place: np.ndarray) -> np.ndarray:
        return np.sin(place * 60.0 + number)

    return timed_lap(
        lambda share: share + bend * np.sin(2 * np.pi * share) / (2 * np.pi),
        LAP_MS + number * 111,
        number=number,
        channels={
            "speed": lambda p: 180 + 90 * wave(p),
            "throttle": lambda p: np.clip(wave(p), 0, 1),
            "brake": lambda p: np.clip(-wave(p), 0, 1),
            "steering": wave,
            "gear": lambda p: np.floor(4 + 3 * wave(p)),
            "rpm": lambda p: 6000 + 2500 * wave(p),
        },
    )


def best_us(work: Callable[[], object]) -> float:
    """Return the least time of some rounds, µs."""
    least = float("inf")
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        least = min(least, time.perf_counter() - started)
    return least * 1e6


def resample_and_delta(channels: tuple[str, ...]) -> tuple[float, float]:
    """Return our time and that of bare interpolation, µs."""
    traces = [lap(1, 0.3), lap(2, -0.2)]
    grid = make_grid(LENGTH_M)
    clean = [
        (
            np.asarray(trace.columns["normalized_position"], dtype=np.float64),
            [
                np.asarray(trace.columns[key], dtype=np.float64)
                for key in ("lap_time", *channels)
            ],
        )
        for trace in traces
    ]

    def ours() -> None:
        one, other = (
            resample(drive(trace, LENGTH_M), grid, channels) for trace in traces
        )
        delta_ms(one, other)

    def bare() -> None:
        for progress, arrays in clean:
            for values in arrays:
                np.interp(grid.places, progress, values)

    return best_us(ours), best_us(bare)


def live_update() -> tuple[float, float]:
    """Return µs of one update, and of one ``numpy.interp`` for the same question."""
    reference = profile_of(drive(lap(1, 0.3)))
    assert reference is not None
    live = LiveDelta(reference)
    places = np.linspace(0.01, 0.99, UPDATES).tolist()
    clocks = [place * LAP_MS for place in places]

    def ours() -> None:
        for place, clock_ms in zip(places, clocks, strict=True):
            live.update(place, clock_ms)

    def bare() -> None:
        for place in places:
            np.interp(place, reference.places, reference.times_ms)

    return best_us(ours) / UPDATES, best_us(bare) / UPDATES


def main() -> None:
    all_us, all_floor = resample_and_delta(COMPARED_CHANNELS)
    time_us, time_floor = resample_and_delta(())
    update_us, update_floor = live_update()
    traces = [lap(number, 0.1 * number) for number in range(4)]
    driven = drive(traces[0], LENGTH_M)
    channels = MathChannels([Formula("g", "smooth(derivative(speed / 3.6) / 9.81)")])
    hostile = ("1" * 1_000_000, "(" * 4000, "9^" * 2000 + "9", "a" * 4096)
    figures = [
        figure("resample and delta, time and 6 channels", all_us, all_floor, 10.0),
        figure("resample and delta, time alone", time_us, time_floor, 10.0),
        figure("live delta update", update_us, update_floor, limit_us=20.0),
        figure("four laps compared, corners found", best_us(lambda: compare(traces))),
        figure(
            "math channel over a lap",
            best_us(lambda: lap_values(channels, ["g"], driven)),
        ),
        figure(
            "hostile formula refused, the slowest",
            max(best_us(lambda text=text: check(text, ())) for text in hostile),  # type: ignore[misc]
        ),
    ]
    print(json.dumps(figures, indent=2))


def figure(
    name: str,
    ours_us: float,
    floor_us: float | None = None,
    limit_ratio: float | None = None,
    limit_us: float | None = None,
) -> dict[str, object]:
    return {
        "name": name,
        "ours": round(ours_us, 2),
        "floor": None if floor_us is None else round(floor_us, 2),
        "ratio": None if floor_us is None else round(ours_us / floor_us, 2),
        "unit": "us",
        "limit": limit_ratio if limit_us is None else limit_us,
        "limit_of": "ratio" if limit_us is None else "ours",
    }


if __name__ == "__main__":
    main()
