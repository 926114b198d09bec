"""What the driver means to do with a lap: a speed for every metre of it.

Each lap is a little different at each corner, and some hold a mistake.
"""

from __future__ import annotations

from enum import Enum
from math import sqrt
from random import Random

import msgspec

from ps_tui.demo import car
from ps_tui.demo.circuit import PIT_ENTRY_M, Apex, Circuit

PIT_SPEED_MS = 80 / 3.6
_BRAKING_SHARE = 0.86
"""Of the grip: nobody brakes at the very limit lap after lap."""
_CORNER_SPREAD = 0.012
_WIDE_ENTRY = 1.16
_WIDE_EXIT = 0.74
_LOCK_UP_EXIT = 0.88


class Stint(Enum):
    """What a lap is for."""

    OUT = "out"
    FLYING = "flying"
    IN = "in"


class Mistake(Enum):
    NONE = "none"
    LOCK_UP = "lock-up"
    """Brakes too late, slides, loses half a second."""
    RUN_WIDE = "run wide"
    """Brakes far too late and leaves the track: the lap does not count."""


class LapPlan(msgspec.Struct, frozen=True):
    """``speeds_ms`` is what the driver wants at each metre from the line."""

    stint: Stint
    grip: float
    speeds_ms: list[float]
    mistake: Mistake = Mistake.NONE
    where: Apex | None = None
    """The corner of the mistake."""


_STINT: tuple[tuple[Stint, float, Mistake], ...] = (
    (Stint.OUT, 0.93, Mistake.NONE),
    (Stint.FLYING, 0.982, Mistake.NONE),
    (Stint.FLYING, 0.992, Mistake.RUN_WIDE),
    (Stint.FLYING, 0.997, Mistake.NONE),
    (Stint.FLYING, 0.994, Mistake.LOCK_UP),
    (Stint.FLYING, 1.0, Mistake.NONE),
    (Stint.FLYING, 0.988, Mistake.NONE),
    (Stint.IN, 0.96, Mistake.NONE),
)
"""Purpose, pace and mistake of each lap from the pits to the pits."""


def plan_lap(circuit: Circuit, number: int, random: Random) -> LapPlan:
    """Return the plan of lap ``number``, 1-based; stint follows stint."""
    stint, pace, mistake = _STINT[(number - 1) % len(_STINT)]
    grip = pace * (1 + random.gauss(0, 0.003))
    limits = [car.corner_speed_ms(value, grip**2) for value in circuit.curvature]
    for apex in circuit.apexes:
        _scale(limits, apex.entry_m - 20, apex.exit_m + 20, _near_one(random))
    where = None
    if mistake is not Mistake.NONE:
        heavy = [apex for apex in circuit.apexes if apex.name in _HEAVY_BRAKING]
        where = random.choice(heavy)
        middle_m = (where.entry_m + where.exit_m) / 2
        wide = mistake is Mistake.RUN_WIDE
        _scale(limits, where.entry_m - 25, middle_m, _WIDE_ENTRY if wide else 1.06)
        after = _WIDE_EXIT if wide else _LOCK_UP_EXIT
        _scale(limits, middle_m, where.exit_m + (90 if wide else 25), after)
    if stint is Stint.IN:
        _cap(limits, circuit.length_m - PIT_ENTRY_M, circuit.length_m, PIT_SPEED_MS)
    speeds_ms = _with_braking(limits, circuit, grip)
    return LapPlan(stint, grip, speeds_ms, mistake, where)


_HEAVY_BRAKING = frozenset({"Quarry", "Anvil", "Mill", "Gate"})


def _near_one(random: Random) -> float:
    return 1 + min(max(random.gauss(0, _CORNER_SPREAD), -0.03), 0.015)


def _scale(limits: list[float], begin_m: float, end_m: float, factor: float) -> None:
    for index in range(max(int(begin_m), 0), min(int(end_m), len(limits))):
        limits[index] *= factor


def _cap(limits: list[float], begin_m: float, end_m: float, speed_ms: float) -> None:
    for index in range(max(int(begin_m), 0), min(int(end_m), len(limits))):
        limits[index] = min(limits[index], speed_ms)


def _with_braking(limits: list[float], circuit: Circuit, grip: float) -> list[float]:
    """Return the limits lowered so that every one can be braked down to.

    Walks the lap backwards. Braking into a corner shares the grip with cornering,
    which is what makes the driver trail the brakes.
    """
    speeds_ms = list(limits)
    for index in range(len(limits) - 2, -1, -1):
        after_ms = speeds_ms[index + 1]
        if speeds_ms[index] <= after_ms:
            continue
        left_n = car.grip_left_n(after_ms, circuit.curvature[index], grip)
        force_n = min(left_n * _BRAKING_SHARE, car.BRAKE_N) + car.resistance_n(after_ms)
        reachable_ms = sqrt(after_ms * after_ms + 2 * force_n / car.MASS_KG)
        speeds_ms[index] = min(speeds_ms[index], reachable_ms)
    return speeds_ms
