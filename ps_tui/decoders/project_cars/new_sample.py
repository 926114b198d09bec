"""A sample of version 2 of the protocol: what telemetry, timings and the rest make."""

from __future__ import annotations

from math import floor, hypot, nan
from typing import Any

import msgspec

from ps_tui.decoders.plausible import (
    BYTE_SHARES,
    LARGEST,
    STEERING_SHARES,
    unit_share,
    without_absurd,
)
from ps_tui.decoders.project_cars.new_packet import (
    BIAS_OFFSET,
    BRAKE,
    CAR_FLAGS_OFFSET,
    CARCASS,
    GEAR,
    HANDBRAKE_OFFSET,
    PLACE,
    PLACE_OFFSET,
    PRESSURE,
    RPM,
    SPEED,
    STEERING_OFFSET,
    THROTTLE,
    WEAR,
)
from ps_tui.decoders.project_cars.parts import (
    FLAGS,
    FORWARD_G,
    GEARS,
    LAP_INVALID,
    LIMITER,
    NO_PIT_MODE,
    RACING,
    SESSION_KINDS,
    TIME_LIMIT_S,
    G,
    span_ms,
    tyre_channels,
)
from ps_tui.domain.frame import Frame

_OVERWRITTEN = (18, 23, 28)
"""Temperatures and suspension travel of the front left wheel."""
_NO_SLOT = (0, 0, 255, 255, 0, 0, 0, 0, nan, nan, 0)
STALE_US = 1_000_000
"""Timings older than this tell nothing of a sample."""


class Telemetry(msgspec.Struct, frozen=True, gc=False):
    """A telemetry packet that waits for its timings."""

    datagram: bytes
    run: tuple[Any, ...]
    received_us: int
    sequence: int
    tick: int | None


class Timings(msgspec.Struct, frozen=True, gc=False):
    """What the newest timings packet said of the viewed car."""

    slot: tuple[Any, ...] = _NO_SLOT
    gaps_s: tuple[float, ...] = (nan, nan)
    received_us: int = -STALE_US
    tick: int | None = None
    is_known: bool = False


class Held(msgspec.Struct):
    """What holds until the next packet of its kind."""

    best_ms: int | None = None
    last_ms: int | None = None
    sector1_ms: float = nan
    sector2_ms: float = nan
    session: int = 0
    air_c: float = nan
    track_c: float = nan
    length_m: float | None = None


def of_first_patch(run: tuple[Any, ...]) -> tuple[Any, ...]:
    """Blank what that patch overwrites, most of it of the front left wheel."""
    kept = list(run)
    for place in _OVERWRITTEN:
        kept[place] = nan
    kept[WEAR] = b""
    kept[PRESSURE] = b"\0\0" + run[PRESSURE][2:]
    return tuple(kept)


def _car_channels(
    run: tuple[Any, ...],
    tyres: tuple[float, ...],
    handbrake: float,
    car_flags: int,
    bias: float,
    place: tuple[float, float, float],
) -> tuple[float, ...]:
    """Return the channels of the car, those before the lap distance.

    ``run`` is what ``RUN`` reads, ``tyres`` what its bytes say, ``place`` is on the
    map. A temperature of nought is none.
    """
    # fmt: off
    (
        oil_c, water_c, capacity_l, _, _, clutch, fuel, _, _, max_rpm, _,
        left, up, back, w_fl, w_fr, w_rl, w_rr, t_fl, t_fr, t_rl, t_rr,
        _, b_fl, b_fr, b_rl, b_rr, _, s_fl, s_fr, s_rl, s_rr, _, torque,
    ) = run
    d_fl, d_fr, d_rl, d_rr, k_fl, k_fr, k_rl, k_rr, p_fl, p_fr, p_rl, p_rr = tyres
    if not hypot(
        left, up, back, torque, w_fl, w_fr, w_rl, w_rr, s_fl, s_fr, s_rl, s_rr
    ) < LARGEST:
        left, up, back, torque = without_absurd((left, up, back, torque))
        w_fl, w_fr, w_rl, w_rr = without_absurd((w_fl, w_fr, w_rl, w_rr))
        s_fl, s_fr, s_rl, s_rr = without_absurd((s_fl, s_fr, s_rl, s_rr))
    if not 0.0 <= fuel <= 1.0:
        fuel = unit_share(fuel)
    x, y, z = place
    return (
        max_rpm or nan, BYTE_SHARES[clutch], fuel * capacity_l if capacity_l else nan,
        fuel, oil_c, water_c, handbrake, 1.0 if car_flags & LIMITER else 0.0,
        bias, x, y, z, left * G, up * G, back * FORWARD_G,
        -w_fl, -w_fr, -w_rl, -w_rr, t_fl or nan, t_fr or nan, t_rl or nan, t_rr or nan,
        d_fl, d_fr, d_rl, d_rr,
        b_fl or nan, b_fr or nan, b_rl or nan, b_rr or nan,
        k_fl, k_fr, k_rl, k_rr, s_fl, s_fr, s_rl, s_rr, p_fl, p_fr, p_rl, p_rr, torque,
    )
    # fmt: on


def frame_of(
    telemetry: Telemetry, timings: Timings, held: Held, session_uid: int
) -> Frame:
    """Return a sample with the timings, and with what else is known."""
    datagram = telemetry.datagram
    x, y, z = PLACE.unpack_from(datagram, PLACE_OFFSET)
    if not hypot(x, y, z) < LARGEST:
        x, y, z = without_absurd((x, y, z))
    distance_m, place, sector, flag, pit, _, race, lap, lap_s, _, _ = timings.slot
    ahead_s, behind_s = timings.gaps_s
    lap_number = position = in_pit = valid = None
    lap_distance_m = sector_number = nan
    if timings.is_known:
        lap_number, lap_distance_m, sector_number = lap, distance_m, (sector & 7) + 1
        in_pit = 0 < pit & 7 < NO_PIT_MODE
        if distance_m and race & 7 == RACING:
            valid = not race & LAP_INVALID
        if held.length_m is not None:
            position = min(distance_m / held.length_m, 1.0)
    run, received_us = telemetry.run, telemetry.received_us
    channels = _car_channels(
        run,
        tyre_channels(run[WEAR], run[CARCASS], run[PRESSURE]),
        BYTE_SHARES[datagram[HANDBRAKE_OFFSET]],
        datagram[CAR_FLAGS_OFFSET],
        BYTE_SHARES[datagram[BIAS_OFFSET]],
        (x, y, -z),
    )
    # fmt: off
    lap_channels: tuple[float, ...] = (
        lap_distance_m, sector_number, held.sector1_ms, held.sector2_ms,
        held.best_ms or nan, place & 127 or nan,
        span_ms(ahead_s) if ahead_s > 0.0 else nan,
        span_ms(behind_s) if behind_s > 0.0 else nan,
        FLAGS[flag & 15], SESSION_KINDS[held.session], held.air_c, held.track_c,
    )
    return Frame(
        received_us, received_us // 1000,
        BYTE_SHARES[run[THROTTLE]], BYTE_SHARES[run[BRAKE]],
        STEERING_SHARES[datagram[STEERING_OFFSET]], run[SPEED] * 3.6,
        GEARS[run[GEAR]], run[RPM],
        floor(lap_s * 1000.0 + 0.5) if 0.0 <= lap_s < TIME_LIMIT_S else None,
        lap_number, position, in_pit, valid, held.last_ms,
        telemetry.sequence, session_uid, channels + lap_channels,
    )
    # fmt: on
