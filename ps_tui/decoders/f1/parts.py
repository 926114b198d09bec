"""The parts of a frame, each read from its packet and checked.

Every reader takes the unpacked fields of one car. It returns ``None`` where a value
is beyond all physics, which means that the packet is no packet of the game; else
the fields as they are, to be converted once the frame is complete (``extra.py``),
or what holds beyond a frame, converted.
"""

from __future__ import annotations

from math import hypot, nan
from typing import Any, NamedTuple

from ps_tui.decoders.f1.layout import HISTORY_LAPS
from ps_tui.decoders.plausible import unit_share, without_absurd
from ps_tui.decoders.text import clean_name

Fields = tuple[Any, ...]
Block = tuple[float, ...]

ERS_CAPACITY_J = 4e6

_SPEED_LIMIT_KMH = 1000
_RPM_LIMIT = 50_000
TIME_LIMIT_MS = 86_400_000
_LEAST_DISTANCE_M, _DISTANCE_LIMIT_M = -1e5, 1e5
_G_LIMIT = 1000.0
_PRESSURE_LIMIT_PSI = 200.0
_LEAST_FUEL, _FUEL_LIMIT = -1000.0, 1000.0
"""In kg, and in laps."""
_ENERGY_LIMIT_J = 1e9
_MJ_PER_J = 1e-6
_G_PER_MG = 1e-3


class SessionPart(NamedTuple):
    """What holds for everybody; ``watched_car`` is ``None`` while driving."""

    track_id: int
    track_length_m: float | None
    session_type: int
    watched_car: int | None
    block: Block
    """Without the session's type, whose meaning depends on the format."""


class ParticipantPart(NamedTuple):
    """Who drives the car, for whom."""

    team_id: int
    name: str | None


def read_lap_data(fields: Fields) -> Fields | None:
    # fmt: off
    (
        last_lap_ms, lap_time_ms, _, _, _, _, _, _, _, _,
        distance_m, _, _, pit, sector, invalid,
    ) = fields
    # fmt: on
    if (
        _LEAST_DISTANCE_M < distance_m < _DISTANCE_LIMIT_M
        and lap_time_ms < TIME_LIMIT_MS
        and last_lap_ms < TIME_LIMIT_MS
        and pit <= 2
        and sector <= 2
        and invalid <= 1
    ):
        return fields
    return None


def read_lap_data_2023(fields: Fields) -> Fields | None:
    """Read lap data whose gaps are milliseconds only: there are no minutes."""
    return read_lap_data((*fields[:7], 0, fields[7], 0, *fields[8:]))


def read_car_telemetry(fields: Fields) -> Fields | None:
    # fmt: off
    (
        speed_kmh, throttle, steering, brake, clutch, gear, rpm, drs,
        _, _, _, _, _, _, _, _, _, _, _, _, _,
        psi_rl, psi_rr, psi_fl, psi_fr,
    ) = fields
    # fmt: on
    if (
        0.0 <= throttle <= 1.0
        and 0.0 <= brake <= 1.0
        and -1.0 <= steering <= 1.0
        and speed_kmh <= _SPEED_LIMIT_KMH
        and clutch <= 100
        and -1 <= gear <= 10
        and rpm <= _RPM_LIMIT
        and drs <= 1
        and 0.0 <= psi_rl < _PRESSURE_LIMIT_PSI
        and 0.0 <= psi_rr < _PRESSURE_LIMIT_PSI
        and 0.0 <= psi_fl < _PRESSURE_LIMIT_PSI
        and 0.0 <= psi_fr < _PRESSURE_LIMIT_PSI
    ):
        return fields
    return _read_overshoot(fields)


def _read_overshoot(fields: Fields) -> Fields | None:
    """Read a packet whose pedals or wheel are beyond their end by a rounding error."""
    speed_kmh, throttle, steering, brake = fields[:4]
    if not (
        -0.01 <= throttle <= 1.01
        and -0.01 <= brake <= 1.01
        and -1.01 <= steering <= 1.01
    ):
        return None
    bounded = (unit_share(throttle), min(max(steering, -1.0), 1.0), unit_share(brake))
    if bounded == (throttle, steering, brake):
        return None
    return read_car_telemetry((speed_kmh, *bounded, *fields[4:]))


def read_motion(fields: Fields) -> Fields | None:
    x, y, z, vx, vy, vz, _, _, lateral, longitudinal, vertical = fields
    if (
        hypot(x, y, z, vx, vy, vz) < _DISTANCE_LIMIT_M
        and hypot(lateral, longitudinal, vertical) < _G_LIMIT
    ):
        return fields
    return None


def read_motion_in_mg(fields: Fields) -> Fields | None:
    """Read motion with accelerations in thousandths of g, which have no bad value."""
    x, y, z, vx, vy, vz, ahead_x, ahead_z, lateral, longitudinal, vertical = fields
    if not hypot(x, y, z, vx, vy, vz) < _DISTANCE_LIMIT_M:
        return None
    # fmt: off
    return (
        x, y, z, vx, vy, vz, ahead_x, ahead_z,
        lateral * _G_PER_MG, longitudinal * _G_PER_MG, vertical * _G_PER_MG,
    )
    # fmt: on


def read_motion_ex(fields: Fields) -> Fields:
    """Leave out what is absurd: slips have no bound where a wheel hardly turns."""
    return fields if hypot(*fields) < 1e4 else without_absurd(fields)


def read_car_status(fields: Fields) -> Block | None:
    # fmt: off
    (
        traction, abs_on, bias, limiter, fuel_kg, fuel_laps, max_rpm,
        drs_allowed, compound, tyre_age, flag,
        store_j, mode, harvested_k_j, harvested_h_j, deployed_j,
    ) = fields
    if not (
        hypot(fuel_laps, store_j, harvested_k_j, harvested_h_j, deployed_j)
        < _ENERGY_LIMIT_J
        and _LEAST_FUEL < fuel_laps < _FUEL_LIMIT
        and 0.0 <= fuel_kg < _FUEL_LIMIT
        and max_rpm <= _RPM_LIMIT
        and bias <= 100
        and abs_on | limiter | drs_allowed <= 1
        and -1 <= flag <= 4
    ):
        return None
    charge = store_j / ERS_CAPACITY_J
    return (
        traction and 1, abs_on, bias / 100, limiter, fuel_kg, fuel_laps,
        max_rpm or nan, drs_allowed, compound or nan, tyre_age,
        flag if flag >= 0 else nan,
        charge if 0.0 <= charge <= 1.0 else float(charge > 0.5), mode,
        (harvested_k_j + harvested_h_j) * _MJ_PER_J, deployed_j * _MJ_PER_J,
    )
    # fmt: on


def read_car_damage(fields: Fields) -> Block | None:
    rl, rr, fl, fr = fields
    if not (
        0.0 <= rl <= 100.0
        and 0.0 <= rr <= 100.0
        and 0.0 <= fl <= 100.0
        and 0.0 <= fr <= 100.0
    ):
        return None
    return rl / 100.0, rr / 100.0, fl / 100.0, fr / 100.0


def read_session(fields: Fields) -> SessionPart | None:
    # fmt: off
    (
        weather, track_c, air_c, length_m, session_type, track_id,
        spectating, spectated, safety_car,
    ) = fields
    # fmt: on
    if weather > 20 or spectating > 1 or safety_car > 20 or track_id < -1:
        return None
    return SessionPart(
        track_id,
        float(length_m) if length_m else None,
        session_type,
        spectated if spectating else None,
        (weather, track_c, air_c, safety_car),
    )


def read_participant(fields: Fields) -> ParticipantPart:
    team_id, name = fields
    text = name.partition(b"\0")[0].decode("utf-8", "ignore")
    return ParticipantPart(team_id, clean_name(text))


def read_history(fields: Fields) -> Fields | None:
    _, lap_count, best_lap = fields
    return fields if best_lap <= lap_count <= HISTORY_LAPS else None
