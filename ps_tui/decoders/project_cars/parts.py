"""What both protocols of the Project CARS games have in common.

The car comes in one order from either packet, wheels as front left, front right,
rear left, rear right. A recorded race shows that local acceleration is m/s² with x to
the left and z backward, that wheels turn negative going forward, and that the map has
x to the right and z up.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf, nan
from typing import Any

from ps_tui.decoders.f1.names import PRACTICE, QUALIFYING, RACE, TIME_TRIAL
from ps_tui.decoders.plausible import GRAVITY, unit_share
from ps_tui.decoders.text import clean_name
from ps_tui.domain.channel import wheel_keys
from ps_tui.domain.frame import Frame, Skipped

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

SPEED_LIMIT_MS = 300.0
RPM_LIMIT = 50_000
TRACK_LIMIT_M = 100_000.0
TIME_LIMIT_S = 100_000.0

_GEARS = (*range(15), -1)
_STEERING = (
    *(raw / 127 for raw in range(128)),
    *(max((raw - 256) / 127, -1.0) for raw in range(128, 256)),
)
"""By the byte, which is signed."""
_ZERO_C = 273.15
_COLDEST_K = 200
_SPIKE_MS2 = 100.0
_SPIKE_STEP_S = 0.1


def build_frame(
    received_us: int,
    sequence: int,
    session_uid: int,
    run: tuple[Any, ...],
    controls: tuple[Any, ...],
    lap: tuple[Any, ...],
) -> Frame:
    """Return the frame of a car and its lap.

    ``run`` are the 43 values from oil temperature to torque that both packets have in
    one order, ``controls`` steering as a byte, handbrake, car flags, brake bias and
    position, ``lap`` what makes up the rest. A pressure or temperature of nought is
    none.
    """
    # fmt: off
    (
        oil_c, water_c, capacity_l, brake, throttle, clutch, fuel, speed_ms, rpm,
        max_rpm, gear, left, up, back, w_fl, w_fr, w_rl, w_rr, t_fl, t_fr, t_rl, t_rr,
        d_fl, d_fr, d_rl, d_rr, b_fl, b_fr, b_rl, b_rr, k_fl, k_fr, k_rl, k_rr,
        s_fl, s_fr, s_rl, s_rr, p_fl, p_fr, p_rl, p_rr, torque,
    ) = run
    steer, handbrake, car_flags, bias, x, y, z = controls
    (
        lap_s, lap_number, position, in_pit, valid, last_ms, distance_m, sector,
        sector1_ms, sector2_ms, best_ms, place, ahead_s, behind_s, flag, session,
        air_c, track_c,
    ) = lap
    # fmt: on
    if not 0.0 <= fuel <= 1.0:
        fuel = unit_share(fuel)
    return Frame(
        received_us,
        received_us // 1000,
        throttle / 255,
        brake / 255,
        _STEERING[steer],
        speed_ms * 3.6,
        _GEARS[gear & 15],
        float(rpm),
        int(lap_s * 1000 + 0.5) if 0.0 <= lap_s < TIME_LIMIT_S else None,
        lap_number,
        position,
        in_pit,
        valid,
        last_ms,
        sequence,
        session_uid,
        (
            max_rpm or nan,
            clutch / 255,
            fuel * capacity_l if capacity_l else nan,
            fuel,
            oil_c,
            water_c,
            handbrake,
            1.0 if car_flags & LIMITER else 0.0,
            bias,
            x,
            y,
            z,
            left / GRAVITY,
            up / GRAVITY,
            back / -GRAVITY,
            -w_fl,
            -w_fr,
            -w_rl,
            -w_rr,
            t_fl or nan,
            t_fr or nan,
            t_rl or nan,
            t_rr or nan,
            d_fl / 255,
            d_fr / 255,
            d_rl / 255,
            d_rr / 255,
            b_fl or nan,
            b_fr or nan,
            b_rl or nan,
            b_rr or nan,
            k_fl - _ZERO_C if k_fl > _COLDEST_K else nan,
            k_fr - _ZERO_C if k_fr > _COLDEST_K else nan,
            k_rl - _ZERO_C if k_rl > _COLDEST_K else nan,
            k_rr - _ZERO_C if k_rr > _COLDEST_K else nan,
            s_fl,
            s_fr,
            s_rl,
            s_rr,
            p_fl or nan,
            p_fr or nan,
            p_rl or nan,
            p_rr or nan,
            torque,
            distance_m,
            sector,
            sector1_ms,
            sector2_ms,
            best_ms,
            place & 127 or nan,
            ahead_s * 1000 if 0.0 < ahead_s < TIME_LIMIT_S else nan,
            behind_s * 1000 if 0.0 < behind_s < TIME_LIMIT_S else nan,
            FLAGS[flag & 15],
            SESSION_KINDS[session],
            air_c,
            track_c,
        ),
    )


def milliseconds(seconds: float) -> int | None:
    """Return a time in ms; games write -1 or -123 for none, and 0 for none yet."""
    return int(seconds * 1000 + 0.5) if 0.0 < seconds < TIME_LIMIT_S else None


def span_ms(seconds: float) -> float:
    """Return a sector time in ms, NaN for none."""
    return seconds * 1000 if 0.0 < seconds < TIME_LIMIT_S else nan


def text(field: bytes) -> str | None:
    """Read a name up to its first NUL: behind it older text remains."""
    return clean_name(field.partition(b"\0")[0].decode("utf-8", "replace"))


class SpikeFilter:
    """Finds single samples with a speed that the car cannot have.

    They come where a session is loaded or a car is put back. A second such sample
    is believed. Nothing up to ``credible_ms`` needs to be asked about.
    """

    def __init__(self) -> None:
        self.credible_ms = inf
        self._speed_ms = 0.0
        self._at_us = 0

    def believe(self, speed_ms: float, received_us: int) -> None:
        """Take a speed to judge the next one by."""
        self.credible_ms = speed_ms + _SPIKE_MS2 * _SPIKE_STEP_S
        self._speed_ms = speed_ms
        self._at_us = received_us

    def is_spike(self, speed_ms: float, received_us: int) -> bool:
        """Judge a speed that is not credible by itself, by the time that passed."""
        elapsed_s = (received_us - self._at_us) / 1e6
        if speed_ms - self._speed_ms <= _SPIKE_MS2 * elapsed_s:
            return False
        self.credible_ms = inf
        return True
