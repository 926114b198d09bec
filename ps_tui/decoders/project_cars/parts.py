"""What both protocols of the Project CARS games have in common.

The physics come in one order from either packet, front left, front right, rear left,
rear right. A recorded race shows that local acceleration is m/s² with x to the left
and z backward, that wheels turn negative going forward, and that the map has x to the
right and z up.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import nan

from ps_tui.decoders.f1.names import PRACTICE, QUALIFYING, RACE, TIME_TRIAL
from ps_tui.decoders.plausible import GRAVITY
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

SESSION_KINDS: Mapping[int, float] = {
    1: PRACTICE,
    2: PRACTICE,
    3: QUALIFYING,
    4: RACE,
    5: RACE,
    6: TIME_TRIAL,
}
FLAGS: Mapping[int, float] = {0: 0.0, 1: 1.0, 2: 2.0, 5: 4.0, 6: 3.0, 7: 3.0}
"""None, green, blue, red, yellow, double yellow; others have no value."""
IN_PIT = frozenset({1, 2, 3, 4, 5})

GEARS = (*range(15), -1)
SPEED_LIMIT_MS = 300.0
TRACK_LIMIT_M = 100_000.0
RPM_LIMIT = 50_000
_TIME_LIMIT_S = 100_000.0

_ZERO_C = 273.15
_COLDEST_K = 200
_SPIKE_MS2 = 100.0
_SPIKE_STEP_S = 0.1


def physics_values(physics: tuple[float, ...]) -> tuple[float, ...]:
    """Return acceleration to torque in the units of the channel table.

    A temperature, a pressure or a travel of exactly nought is none.
    """
    # fmt: off
    (
        left, up, back, w_fl, w_fr, w_rl, w_rr, t_fl, t_fr, t_rl, t_rr,
        d_fl, d_fr, d_rl, d_rr, b_fl, b_fr, b_rl, b_rr, k_fl, k_fr, k_rl, k_rr,
        s_fl, s_fr, s_rl, s_rr, p_fl, p_fr, p_rl, p_rr, torque,
    ) = physics
    return (
        left / GRAVITY, up / GRAVITY, back / -GRAVITY,
        -w_fl, -w_fr, -w_rl, -w_rr,
        t_fl or nan, t_fr or nan, t_rl or nan, t_rr or nan,
        d_fl / 255, d_fr / 255, d_rl / 255, d_rr / 255,
        b_fl or nan, b_fr or nan, b_rl or nan, b_rr or nan,
        k_fl - _ZERO_C if k_fl > _COLDEST_K else nan,
        k_fr - _ZERO_C if k_fr > _COLDEST_K else nan,
        k_rl - _ZERO_C if k_rl > _COLDEST_K else nan,
        k_rr - _ZERO_C if k_rr > _COLDEST_K else nan,
        s_fl or nan, s_fr or nan, s_rl or nan, s_rr or nan,
        p_fl or nan, p_fr or nan, p_rl or nan, p_rr or nan,
        torque,
    )
    # fmt: on


def clock_ms(seconds: float) -> int | None:
    """Return the lap clock in ms; before the start it reads -1."""
    return int(seconds * 1000 + 0.5) if 0.0 <= seconds < _TIME_LIMIT_S else None


def milliseconds(seconds: float) -> int | None:
    """Return a time in ms; games write -1 or -123 for none, and 0 for none yet."""
    return int(seconds * 1000 + 0.5) if 0.0 < seconds < _TIME_LIMIT_S else None


def span_ms(seconds: float) -> float:
    """Return a gap or sector time in ms, NaN for none."""
    return seconds * 1000 if 0.0 < seconds < _TIME_LIMIT_S else nan


def text(field: bytes) -> str | None:
    """Read a name up to its first NUL: behind it older text remains."""
    return clean_name(field.partition(b"\0")[0].decode("utf-8", "replace"))


class SpikeFilter:
    """Finds single samples with a speed that the car cannot have.

    They come where a session is loaded or a car is put back. A second such sample
    is believed.
    """

    def __init__(self) -> None:
        self._speed_ms: float | None = None
        self._at_us = 0

    def is_spike(self, speed_ms: float, received_us: int) -> bool:
        before = self._speed_ms
        elapsed_s = max((received_us - self._at_us) / 1e6, _SPIKE_STEP_S)
        self._speed_ms, self._at_us = speed_ms, received_us
        if before is None or speed_ms - before <= _SPIKE_MS2 * elapsed_s:
            return False
        self._speed_ms = None
        return True
