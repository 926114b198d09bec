"""The parts of a frame, each read from its packet, checked and converted.

Every reader takes the unpacked fields of one car, behind the two that all packets
have in common, and the datagram. It returns ``None`` where a value is beyond all
physics, which means that the packet is no packet of the game; else what the packet
tells, its further channels as a block in the order of ``extra.py``.
"""

from __future__ import annotations

from math import atan2, hypot, nan, pi
from typing import Any, NamedTuple

from ps_tui.decoders.f1.layout import HISTORY_LAPS, MOTION_EX_TOPS, history_lap_ms
from ps_tui.decoders.plausible import (
    PSI_KPA,
    SMALL_TOPS,
    unit_share,
    without_absurd,
)
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
_DEGREES = 180 / pi
_MINUTES_MS = tuple(minutes * 60_000 for minutes in range(256))
_PERCENTS = tuple(percent / 100 for percent in range(256))


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


def read_lap_data(fields: Fields, datagram: bytes) -> Fields | None:
    """Return last lap, lap clock, lap number, in pit, valid, and the block behind them.

    A place, gap or sector time of 0 is none.
    """
    # fmt: off
    (
        _, _, last_lap_ms, lap_time_ms, s1_ms, s1_min, s2_ms, s2_min,
        ahead_ms, ahead_min, leader_ms, leader_min,
        distance_m, place, lap_number, pit, sector, invalid,
    ) = fields
    if not (
        _LEAST_DISTANCE_M < distance_m < _DISTANCE_LIMIT_M
        and lap_time_ms < TIME_LIMIT_MS
        and last_lap_ms < TIME_LIMIT_MS
        and pit <= 2
        and sector <= 2
        and invalid <= 1
    ):
        return None
    return (
        last_lap_ms or None, lap_time_ms, lap_number or None, pit != 0, invalid == 0,
        place or nan,
        ahead_ms + _MINUTES_MS[ahead_min] or nan,
        leader_ms + _MINUTES_MS[leader_min] or nan,
        distance_m, sector + 1,
        s1_ms + _MINUTES_MS[s1_min] or nan, s2_ms + _MINUTES_MS[s2_min] or nan,
    )
    # fmt: on


def read_lap_data_2023(fields: Fields, datagram: bytes) -> Fields | None:
    """Read lap data whose gaps are milliseconds only: there are no minutes."""
    return read_lap_data((*fields[:9], 0, fields[9], 0, *fields[10:]), datagram)


def read_car_telemetry(fields: Fields, datagram: bytes) -> Fields | None:
    """Return speed, throttle, steering, brake, gear, rpm and the block."""
    # fmt: off
    (
        _, _, speed_kmh, throttle, steering, brake, clutch, gear, rpm, drs,
        brake_rl, brake_rr, brake_fl, brake_fr,
        tyre_rl, tyre_rr, tyre_fl, tyre_fr, inner_rl, inner_rr, inner_fl, inner_fr,
        engine_c, psi_rl, psi_rr, psi_fl, psi_fr,
    ) = fields
    if not (
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
        return _read_overshoot(fields, datagram)
    return (
        speed_kmh, throttle, steering, brake, gear, rpm,
        (
            _PERCENTS[clutch], drs, brake_rl, brake_rr, brake_fl, brake_fr,
            tyre_rl, tyre_rr, tyre_fl, tyre_fr, inner_rl, inner_rr, inner_fl, inner_fr,
            engine_c,
            psi_rl * PSI_KPA, psi_rr * PSI_KPA, psi_fl * PSI_KPA, psi_fr * PSI_KPA,
        ),
    )
    # fmt: on


def _read_overshoot(fields: Fields, datagram: bytes) -> Fields | None:
    """Read a packet whose pedals or wheel are beyond their end by a rounding error."""
    throttle, steering, brake = fields[3:6]
    if not (
        -0.01 <= throttle <= 1.01
        and -0.01 <= brake <= 1.01
        and -1.01 <= steering <= 1.01
    ):
        return None
    bounded = (unit_share(throttle), min(max(steering, -1.0), 1.0), unit_share(brake))
    if bounded == (throttle, steering, brake):
        return None
    return read_car_telemetry((*fields[:3], *bounded, *fields[6:]), datagram)


def read_motion(fields: Fields, datagram: bytes) -> Fields | None:
    """Return the velocity, and the block."""
    # fmt: off
    (
        _, _, x, y, z, vx, vy, vz, ahead_x, ahead_z, lateral, longitudinal, vertical,
    ) = fields
    if not (
        hypot(x, y, z, vx, vy, vz) < _DISTANCE_LIMIT_M
        and hypot(lateral, longitudinal, vertical) < _G_LIMIT
    ):
        return None
    return (
        vx, vy, vz,
        (
            x, y, z, atan2(ahead_x, -ahead_z) * _DEGREES % 360.0,
            lateral, longitudinal, vertical,
        ),
    )
    # fmt: on


def read_motion_in_mg(fields: Fields, datagram: bytes) -> Fields | None:
    """Read motion with accelerations in thousandths of g, which have no bad value."""
    # fmt: off
    (
        _, _, x, y, z, vx, vy, vz, ahead_x, ahead_z, lateral, longitudinal, vertical,
    ) = fields
    if not hypot(x, y, z, vx, vy, vz) < _DISTANCE_LIMIT_M:
        return None
    return (
        vx, vy, vz,
        (
            x, y, z, atan2(ahead_x, -ahead_z) * _DEGREES % 360.0,
            lateral * _G_PER_MG, longitudinal * _G_PER_MG, vertical * _G_PER_MG,
        ),
    )
    # fmt: on


def read_motion_ex(fields: Fields, datagram: bytes) -> Block:
    """Leave out what is absurd: slips have no bound where a wheel hardly turns."""
    if not datagram[MOTION_EX_TOPS].translate(SMALL_TOPS).isascii():
        fields = without_absurd(fields)
    # fmt: off
    (
        _, _,
        travel_rl, travel_rr, travel_fl, travel_fr, rim_rl, rim_rr, rim_fl, rim_fr,
        slip_rl, slip_rr, slip_fl, slip_fr, angle_rl, angle_rr, angle_fl, angle_fr,
    ) = fields
    return (
        travel_rl * 0.001, travel_rr * 0.001, travel_fl * 0.001, travel_fr * 0.001,
        rim_rl, rim_rr, rim_fl, rim_fr, slip_rl, slip_rr, slip_fl, slip_fr,
        angle_rl * _DEGREES, angle_rr * _DEGREES,
        angle_fl * _DEGREES, angle_fr * _DEGREES,
    )
    # fmt: on


def read_car_status(fields: Fields, datagram: bytes) -> Block | None:
    # fmt: off
    (
        _, _, traction, abs_on, bias, limiter, fuel_kg, fuel_laps, max_rpm,
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
        traction and 1, abs_on, _PERCENTS[bias], limiter, fuel_kg, fuel_laps,
        max_rpm or nan, drs_allowed, compound or nan, tyre_age,
        flag if flag >= 0 else nan,
        charge if 0.0 <= charge <= 1.0 else float(charge > 0.5), mode,
        (harvested_k_j + harvested_h_j) * _MJ_PER_J, deployed_j * _MJ_PER_J,
    )
    # fmt: on


def read_car_damage(fields: Fields, datagram: bytes) -> Block | None:
    _, _, rl, rr, fl, fr = fields
    if not (
        0.0 <= rl <= 100.0
        and 0.0 <= rr <= 100.0
        and 0.0 <= fl <= 100.0
        and 0.0 <= fr <= 100.0
    ):
        return None
    return rl / 100.0, rr / 100.0, fl / 100.0, fr / 100.0


def read_session(fields: Fields, datagram: bytes) -> Fields | None:
    """Return the fields of a :func:`session_part`."""
    _, _, weather, _, _, _, _, track_id, spectating, _, safety_car = fields
    if weather > 20 or spectating > 1 or safety_car > 20 or track_id < -1:
        return None
    return fields[2:]


def session_part(fields: Fields) -> SessionPart:
    # fmt: off
    (
        weather, track_c, air_c, length_m, session_type, track_id,
        spectating, spectated, safety_car,
    ) = fields
    # fmt: on
    return SessionPart(
        track_id,
        float(length_m) if length_m else None,
        session_type,
        spectated if spectating else None,
        (weather, track_c, air_c, safety_car),
    )


def read_participant(fields: Fields, datagram: bytes) -> Fields:
    """Return the fields of a :func:`participant_part`."""
    return fields[2:]


def participant_part(fields: Fields) -> ParticipantPart:
    team_id, name = fields
    text = name.partition(b"\0")[0].decode("utf-8", "ignore")
    return ParticipantPart(team_id, clean_name(text))


def read_history(fields: Fields, datagram: bytes) -> Fields | None:
    """Return whose laps they are, and the block: empty where none is the best."""
    _, _, whose, lap_count, best_lap = fields
    if not best_lap <= lap_count <= HISTORY_LAPS:
        return None
    if not best_lap:
        return whose, ()
    best_ms = history_lap_ms(datagram, best_lap)
    return whose, (best_ms if 0 < best_ms < TIME_LIMIT_MS else nan,)


def read_nothing(fields: Fields, datagram: bytes) -> Fields:
    return fields
