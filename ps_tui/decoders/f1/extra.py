"""The further channels of a frame: their order, units and where they come from.

Quantities are in the order of their packets, wheels included (rear left, rear
right, front left, front right): the keys name them, so that nothing is moved.
"""

from __future__ import annotations

from math import atan2, nan, pi

from ps_tui.decoders.f1.parts import Block, Fields
from ps_tui.decoders.plausible import PSI_KPA
from ps_tui.domain.channel import wheel_keys

_DEGREES = 180 / pi
_MINUTE_MS = 60_000


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

NO_TELEMETRY: Fields = (nan,) * 25
NO_MOTION: Fields = (nan,) * 11
NO_MOTION_EX: Fields = (nan,) * 16
"""Fields of a packet that did not arrive: all that is made of them is absent."""

NO_STATUS: Block = (nan,) * len(STATUS_CHANNELS)
NO_DAMAGE: Block = (nan,) * len(DAMAGE_CHANNELS)
NO_SESSION: Block = (nan,) * len(SESSION_CHANNELS)
NO_HISTORY: Block = (nan,) * len(HISTORY_CHANNELS)


def channel_values(
    session_time_s: float,
    lap: Fields,
    telemetry: Fields,
    motion: Fields,
    motion_ex: Fields,
    held: Block,
) -> Block:
    """Return ``Frame.extra`` of the fields of a frame's packets.

    ``held`` is status, damage, session and history, one behind the other. A place,
    gap or sector time of 0 is none.
    """
    # fmt: off
    (
        _, _, s1_ms, s1_min, s2_ms, s2_min, ahead_ms, ahead_min, leader_ms, leader_min,
        distance_m, place, _, _, sector, _,
    ) = lap
    (
        _, _, _, _, clutch, _, _, drs, brake_rl, brake_rr, brake_fl, brake_fr,
        tyre_rl, tyre_rr, tyre_fl, tyre_fr, inner_rl, inner_rr, inner_fl, inner_fr,
        engine_c, psi_rl, psi_rr, psi_fl, psi_fr,
    ) = telemetry
    x, y, z, _, _, _, ahead_x, ahead_z, lateral, longitudinal, vertical = motion
    (
        travel_rl, travel_rr, travel_fl, travel_fr, rim_rl, rim_rr, rim_fl, rim_fr,
        slip_rl, slip_rr, slip_fl, slip_fr, angle_rl, angle_rr, angle_fl, angle_fr,
    ) = motion_ex
    values: Block = (
        session_time_s, place or nan,
        ahead_ms + ahead_min * _MINUTE_MS or nan,
        leader_ms + leader_min * _MINUTE_MS or nan,
        distance_m, sector + 1,
        s1_ms + s1_min * _MINUTE_MS or nan, s2_ms + s2_min * _MINUTE_MS or nan,
        clutch / 100, drs, brake_rl, brake_rr, brake_fl, brake_fr,
        tyre_rl, tyre_rr, tyre_fl, tyre_fr, inner_rl, inner_rr, inner_fl, inner_fr,
        engine_c,
        psi_rl * PSI_KPA, psi_rr * PSI_KPA, psi_fl * PSI_KPA, psi_fr * PSI_KPA,
        x, y, z, atan2(ahead_x, -ahead_z) * _DEGREES % 360.0,
        lateral, longitudinal, vertical,
        travel_rl * 0.001, travel_rr * 0.001, travel_fl * 0.001, travel_fr * 0.001,
        rim_rl, rim_rr, rim_fl, rim_fr, slip_rl, slip_rr, slip_fl, slip_fr,
        angle_rl * _DEGREES, angle_rr * _DEGREES,
        angle_fl * _DEGREES, angle_fr * _DEGREES,
    )
    return values + held
    # fmt: on
