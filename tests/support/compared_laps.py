"""Laps that differ as laps of people do: for the Compare screen and its pictures.

Each lap brakes a little elsewhere and is a little slower in some corners, by its
number. Its time is exactly the one that it is stored with.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from ps_tui.domain.models import Lap, LapTrace
from tests.support.fixed_data import CORNERS
from tests.support.synthetic_laps import Floats

LENGTH_M = 5793.0
RATE_HZ = 60
TOP_KMH = 276.0


@cache
def driven_trace(lap: Lap, *, has_world: bool = True) -> LapTrace:
    """Return the frames of a lap, 60 a second."""
    duration_ms = lap.lap_time_ms or 41_300
    metres = np.linspace(0.0, LENGTH_M, 6000)
    places = metres / LENGTH_M
    speed, throttle, brake, steering = _profile(places, lap.lap_number)
    steps_s = np.diff(metres) / (speed[1:] + speed[:-1]) * 2.0 * 3.6
    times = np.concatenate(([0.0], np.cumsum(steps_s)))
    # The lap takes as long as is stored: its speed is scaled to that.
    factor = times[-1] * 1000.0 / duration_ms
    times *= 1000.0 / factor
    at = np.arange(4.0, duration_ms, 1000.0 / RATE_HZ)

    def sampled(values: Floats) -> NDArray[np.float32]:
        return np.interp(at, times, values).astype(np.float32)

    kmh = speed * factor
    gear = 1 + np.minimum(5, kmh // 48)
    columns: dict[str, NDArray[np.generic]] = {
        "received_us": lap.started_us + np.rint(at * 1000).astype(np.int64),
        "timestamp": np.rint(lap.started_us / 1000 + at).astype(np.int64),
        "throttle": sampled(throttle),
        "brake": sampled(brake),
        "steering": sampled(steering),
        "speed": sampled(kmh),
        "gear": np.rint(sampled(gear)).astype(np.int64),
        "rpm": sampled(4200 + (kmh % 48) / 48 * 3200),
        "lap_time": at.astype(np.int64),
        "lap_number": np.full(at.size, lap.lap_number),
        "normalized_position": sampled(places),
        "lap_distance": sampled(metres),
        "fuel": sampled(40.0 - lap.lap_number * 2.5 - places * 2.5),
    }
    if has_world:
        x, z = _world(places)
        columns |= {"world_x": sampled(x), "world_z": sampled(z)}
    return LapTrace(lap, columns)


def world_less_trace(lap: Lap) -> LapTrace:
    """Return the lap of a game that sends no world positions."""
    return driven_trace(lap, has_world=False)


def _profile(places: Floats, number: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Return speed, throttle, brake and steering at each place."""
    random = np.random.default_rng(number)
    speed = np.full(places.size, TOP_KMH)
    throttle, brake, steering = (np.zeros(places.size) for _ in range(3))
    throttle += 1.0
    for index, (apex, least) in enumerate(CORNERS):
        early = 0.030 + 0.006 * random.random()
        slow = least - 9.0 * random.random()
        late = 0.004 * random.random()
        slowing = (places > apex - early) & (places <= apex)
        share = 1.0 + (places[slowing] - apex) / early
        speed[slowing] = np.minimum(
            speed[slowing], TOP_KMH - (TOP_KMH - slow) * share**1.4
        )
        throttle[slowing] = 0.0
        brake[slowing] = np.clip(share * 20, 0.0, np.minimum(1.0, 1.25 - share))
        leaving = (places > apex) & (places < apex + 0.09)
        share = (places[leaving] - apex) / 0.09
        speed[leaving] = np.minimum(
            speed[leaving], slow + (TOP_KMH - slow) * share**0.7
        )
        pressed = np.clip(0.25 + (places[leaving] - apex - late) / 0.045, 0.0, 1.0)
        throttle[leaving] = np.where(places[leaving] < apex + late, 0.0, pressed)
        brake[leaving] = 0.0
        bend = np.exp(-(((places - apex - 0.005) / 0.016) ** 2))
        steering += (-1) ** index * 0.45 * bend
    return speed, throttle, brake, steering


def _world(places: Floats) -> tuple[Floats, Floats]:
    """Return a closed line of about the length, with a bend at each corner."""
    angle = places * 2.0 * np.pi
    reach = 1.0 + 0.28 * np.cos(2 * angle + 0.6) + 0.12 * np.sin(5 * angle)
    return 900.0 * reach * np.cos(angle), 520.0 * reach * np.sin(angle)
