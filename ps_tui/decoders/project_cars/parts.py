"""What both protocols of the Project CARS games have in common.

The car comes in one order from either packet, wheels as front left, front right,
rear left, rear right. A recorded race shows that local acceleration is m/s² with x to
the left and z backward, that wheels turn negative going forward, and that the map has
x to the right and z up.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from math import inf, nan

from ps_tui.decoders.f1.names import PRACTICE, QUALIFYING, RACE, TIME_TRIAL
from ps_tui.decoders.plausible import BYTE_SHARES, GRAVITY
from ps_tui.decoders.text import clean_name
from ps_tui.domain.channel import wheel_keys
from ps_tui.domain.frame import Skipped

CHANNELS: tuple[str, ...] = (
    "max_rpm",
    "clutch",
    "fuel",
    "fuel_fraction",
    "oil_temperature",
    "engine_temperature",
    "handbrake",
    "speed_limiter",
    "brake_bias",
    "world_x",
    "world_y",
    "world_z",
    "g_lateral",
    "g_vertical",
    "g_longitudinal",
    *wheel_keys("wheel_speed"),
    *wheel_keys("tyre_temperature"),
    *wheel_keys("tyre_wear"),
    *wheel_keys("brake_temperature"),
    *wheel_keys("tyre_inner_temperature"),
    *wheel_keys("suspension_travel"),
    *wheel_keys("tyre_pressure"),
    "engine_torque",
    "lap_distance",
    "sector",
    "sector1_time",
    "sector2_time",
    "best_lap_time",
    "track_position",
    "gap_ahead",
    "gap_behind",
    "flag",
    "session_type",
    "air_temperature",
    "track_temperature",
)
"""Keys of ``Frame.extra``, of either protocol."""

PLAYING = 2
RESTARTING = 5
NOT_PLAYING: Mapping[int, Skipped] = {
    0: Skipped("menu"),
    1: Skipped("menu"),
    3: Skipped("paused"),
    RESTARTING: Skipped("restarting"),
    6: Skipped("replay"),
    7: Skipped("replay"),
}
"""By the state of the game. Beside playing only state 4 is driven in: there the
menu is open and time goes on."""

RACING = 2
"""The state of a car between the start and the flag."""
LAP_INVALID = 8
"""A bit beside that state; before the first line of a race it stands for nothing."""
LIMITER, HANDBRAKE = 8, 32
"""Bits of the car's flags."""

SESSION_KINDS = (nan, PRACTICE, PRACTICE, QUALIFYING, RACE, RACE, TIME_TRIAL, nan)
FLAGS = (0.0, 1.0, 2.0, nan, nan, 4.0, 3.0, 3.0, *(nan for _ in range(8)))
"""None, green, blue, red, yellow, double yellow; others have no value."""
NO_PIT_MODE = 6
"""From 1 up to here a car is in the pits, on its way there or out of them."""

LEAST_SPEED_MS, SPEED_LIMIT_MS = -300.0, 300.0
RPM_LIMIT = 50_000
TRACK_LIMIT_M = 100_000.0
TIME_LIMIT_S = 100_000.0

GEARS = (*range(15), -1) * 16
"""By the byte, whose low half counts."""
G = 1.0 / GRAVITY
FORWARD_G = -G
_ZERO_C = 273.15
_COLDEST_K = 200
_FOUR = struct.Struct("<4H")
_WEAR = (*BYTE_SHARES, nan)
_NO_WEAR = (-1,) * 4
_SPIKE_MS2 = 100.0
SPIKE_STEP_MS = _SPIKE_MS2 * 0.1


def tyre_channels(worn: bytes, carcass: bytes, pressure: bytes) -> tuple[float, ...]:
    """Return wear, inner temperature in °C and pressure in kPa of the tyres.

    No bytes of wear stand for none that is known. A pressure or temperature of
    nought is none.
    """
    # fmt: off
    d_fl, d_fr, d_rl, d_rr = worn or _NO_WEAR
    k_fl, k_fr, k_rl, k_rr = _FOUR.unpack(carcass)
    p_fl, p_fr, p_rl, p_rr = _FOUR.unpack(pressure)
    return (
        _WEAR[d_fl], _WEAR[d_fr], _WEAR[d_rl], _WEAR[d_rr],
        k_fl - _ZERO_C if k_fl > _COLDEST_K else nan,
        k_fr - _ZERO_C if k_fr > _COLDEST_K else nan,
        k_rl - _ZERO_C if k_rl > _COLDEST_K else nan,
        k_rr - _ZERO_C if k_rr > _COLDEST_K else nan,
        p_fl or nan, p_fr or nan, p_rl or nan, p_rr or nan,
    )
    # fmt: on


def milliseconds(seconds: float) -> int | None:
    """Return a time in ms; games write -1 or -123 for none, and 0 for none yet."""
    return int(seconds * 1000 + 0.5) or None if 0.0 < seconds < TIME_LIMIT_S else None


def span_ms(seconds: float) -> float:
    """Return a time within a lap, or between two cars, in ms; NaN for none."""
    return seconds * 1000.0 if 0.0 < seconds < TIME_LIMIT_S else nan


def text(field: bytes) -> str | None:
    """Read a name up to its first NUL: behind it older text remains."""
    return clean_name(field.partition(b"\0")[0].decode("utf-8", "replace"))


class SpikeFilter:
    """Finds single samples with a speed that the car cannot have.

    They come where a session is loaded or a car is put back. A second such sample
    is believed. A speed below ``speed_ms`` and ``SPIKE_STEP_MS`` is always
    believed, and may be noted without a call.
    """

    def __init__(self) -> None:
        self.speed_ms = inf
        self.at_us = 0

    def is_spike(self, speed_ms: float, received_us: int) -> bool:
        """Judge a speed by the one before, and note it."""
        step_ms = speed_ms - self.speed_ms
        elapsed_s = (received_us - self.at_us) / 1e6
        if step_ms > SPIKE_STEP_MS and step_ms > _SPIKE_MS2 * elapsed_s:
            self.speed_ms = inf
            return True
        self.speed_ms, self.at_us = speed_ms, received_us
        return False
