"""The further channels of a frame: their order, packet by packet.

Quantities are in the order of their packets, wheels included (rear left, rear
right, front left, front right): the keys name them, so that nothing is moved.
"""

from __future__ import annotations

from math import nan

from ps_tui.decoders.f1.parts import Block
from ps_tui.domain.channel import wheel_keys


def _wheels_as_sent(stem: str) -> tuple[str, ...]:
    front_left, front_right, rear_left, rear_right = wheel_keys(stem)
    return rear_left, rear_right, front_left, front_right


STATUS_CHANNELS = (
    "tc_enabled",
    "abs_enabled",
    "brake_bias",
    "speed_limiter",
    "fuel_mass",
    "fuel_laps",
    "max_rpm",
    "drs_allowed",
    "tyre_compound",
    "tyre_age",
    "flag",
    "ers_charge",
    "ers_mode",
    "ers_harvested",
    "ers_deployed",
)
DAMAGE_CHANNELS = _wheels_as_sent("tyre_wear")
SESSION_CHANNELS = (
    "session_type",
    "weather",
    "track_temperature",
    "air_temperature",
    "safety_car",
)
HISTORY_CHANNELS = ("best_lap_time",)

CHANNELS: tuple[str, ...] = (
    "session_time",
    "track_position",
    "gap_ahead",
    "gap_leader",
    "lap_distance",
    "sector",
    "sector1_time",
    "sector2_time",
    "clutch",
    "drs_open",
    *_wheels_as_sent("brake_temperature"),
    *_wheels_as_sent("tyre_temperature"),
    *_wheels_as_sent("tyre_inner_temperature"),
    "engine_temperature",
    *_wheels_as_sent("tyre_pressure"),
    "world_x",
    "world_y",
    "world_z",
    "heading",
    "g_lateral",
    "g_longitudinal",
    "g_vertical",
    *_wheels_as_sent("suspension_travel"),
    *_wheels_as_sent("wheel_rim_speed"),
    *_wheels_as_sent("wheel_slip"),
    *_wheels_as_sent("slip_angle"),
    *STATUS_CHANNELS,
    *DAMAGE_CHANNELS,
    *SESSION_CHANNELS,
    *HISTORY_CHANNELS,
)
"""Keys of ``Frame.extra``."""

NO_TELEMETRY: Block = (nan,) * 19
NO_MOTION: Block = (nan,) * 7
NO_MOTION_EX: Block = (nan,) * 16
NO_STATUS: Block = (nan,) * len(STATUS_CHANNELS)
NO_DAMAGE: Block = (nan,) * len(DAMAGE_CHANNELS)
NO_SESSION: Block = (nan,) * len(SESSION_CHANNELS)
NO_HISTORY: Block = (nan,) * len(HISTORY_CHANNELS)
"""Of a packet that did not arrive: all that is made of it is absent."""
