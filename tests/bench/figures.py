"""Lines of the benches: our figure, the floor of the same run, and their ratio."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence


def tell(goal: str, ours: float, floor: float, limit: float, unit: str) -> None:
    """Print one goal: ``ratio`` is ours by floor, ``limit`` what it may be."""
    ratio = ours / floor if floor else ours
    line = {
        "goal": goal,
        "ours": round(ours, 4),
        "floor": round(floor, 4),
        "ratio": round(ratio, 4),
        "limit": limit,
        "unit": unit,
    }
    print(json.dumps(line), flush=True)


def skip(goal: str, install: str) -> None:
    """Say that there is nothing to measure a goal against, and how to get it."""
    print(json.dumps({"goal": goal, "skipped": install}), flush=True)


def middle(pairs: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return the pair of ours and floor with the median ratio."""
    return sorted(pairs, key=lambda pair: pair[0] / pair[1])[len(pairs) // 2]


def best(work: Callable[[], object], rounds: int = 5) -> float:
    """Return the shortest time of a call, in seconds."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)
