"""OutGauge's one packet: the instrument panel of Live for Speed and of BeamNG.drive.

Little-endian, 92 bytes, 96 with an id. It holds no position, steering or laps, and
no rev limit.
"""

from __future__ import annotations

import struct
from math import nan
from typing import Any

from ps_tui.decoders.plausible import unit_share
from ps_tui.domain.frame import Frame

GAUGE_SIZES = (92, 96)
BEAMNG_CAR = b"beam"
"""What BeamNG writes for every car."""

GAUGE_CHANNELS: tuple[str, ...] = (
    "clutch",
    "boost_pressure",
    "fuel_fraction",
    "engine_temperature",
    "oil_temperature",
    "handbrake",
    "speed_limiter",
)
NO_GAUGE = (nan,) * len(GAUGE_CHANNELS)

GAUGE = struct.Struct(
    "<"
    "I4sHBx"  # 0 time in ms, 4 car, 8 flags, 10 gear (0 reverse, 1 neutral)
    "5f"  # 12 speed in m/s, rpm, turbo in bar, 24 engine in °C, 28 fuel 0 to 1
    "4xf2I"  # 36 oil in °C, 40 lights that there are, 44 lights that are on
    "3f"  # 48 throttle, brake, clutch
)

_HAS_TURBO = 0x2000
_LAMPS = 0b1100
"""Handbrake and pit limiter, of the lights."""
_LAMP_SHIFT = 2
_OF_NO_LAMP = (nan, nan, 0.0, 1.0)
_LAMP_VALUES = tuple(
    (
        _OF_NO_LAMP[(has & 1) * 2 | lit & 1 & has],
        _OF_NO_LAMP[(has & 2) | (lit & has) >> 1],
    )
    for lit in range(4)
    for has in range(4)
)
"""Both by which of them are lit, then by which the car has; else they are absent."""
_HIGHEST_GEAR = 20
_WRAPPED_GEAR = 200
"""BeamNG counts reverse gears below zero, which wraps to 255 and less."""
GEARS: tuple[int | None, ...] = (
    *range(-1, _HIGHEST_GEAR),
    *(None for _ in range(_HIGHEST_GEAR + 1, _WRAPPED_GEAR)),
    *(-1 for _ in range(_WRAPPED_GEAR, 256)),
)
"""By the byte; a letter, which mods write for automatic boxes, is no gear."""
_SPEED_LIMIT_MS = 1000.0
_RPM_LIMIT = 50_000.0
_TURBO_LIMIT_BAR = 100.0
_TEMPERATURE_LIMIT = 5000.0


def bounded(fields: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """Return the fields of :data:`GAUGE`, shares within 0 to 1.

    ``None`` where one is impossible.
    """
    # fmt: off
    (
        _, _, _, _, speed_ms, rpm, turbo_bar, engine_c, fuel, oil_c, _, _,
        throttle, brake, clutch,
    ) = fields
    # fmt: on
    if not (
        -_SPEED_LIMIT_MS < speed_ms < _SPEED_LIMIT_MS
        and -_RPM_LIMIT < rpm < _RPM_LIMIT
        and -_TURBO_LIMIT_BAR < turbo_bar < _TURBO_LIMIT_BAR
        and -_TEMPERATURE_LIMIT < engine_c < _TEMPERATURE_LIMIT
        and -_TEMPERATURE_LIMIT < oil_c < _TEMPERATURE_LIMIT
    ):
        return None
    if (
        0.0 <= throttle <= 1.0
        and 0.0 <= brake <= 1.0
        and 0.0 <= clutch <= 1.0
        and 0.0 <= fuel <= 1.0
        and rpm >= 0.0
    ):
        return fields
    shares = tuple(map(unit_share, (fuel, throttle, brake, clutch)))
    if not sum(shares) >= 0.0:  # NaN: one is no share of anything
        return None
    return (
        *fields[:5],
        max(rpm, 0.0),
        *fields[6:8],
        shares[0],
        *fields[9:12],
        *shares[1:],
    )


def gauge_frame(
    fields: tuple[Any, ...],
    received_us: int,
    stamp_ms: int,
    motion: tuple[float, ...],
    steering: float | None = None,
    lap_number: int | None = None,
    session_uid: int | None = None,
) -> Frame | None:
    """Return the frame of the fields of :data:`GAUGE`, ``motion`` behind its channels.

    ``None`` where a field is impossible.
    """
    # fmt: off
    (
        _, _, flags, gear, speed_ms, rpm, turbo_bar, engine_c, fuel, oil_c, lamps, lit,
        throttle, brake, clutch,
    ) = fields
    if not (
        0.0 <= throttle <= 1.0 and 0.0 <= brake <= 1.0 and 0.0 <= clutch <= 1.0
        and 0.0 <= fuel <= 1.0 and 0.0 <= rpm < _RPM_LIMIT
        and -_SPEED_LIMIT_MS < speed_ms < _SPEED_LIMIT_MS
        and -_TURBO_LIMIT_BAR < turbo_bar < _TURBO_LIMIT_BAR
        and -_TEMPERATURE_LIMIT < engine_c < _TEMPERATURE_LIMIT
        and -_TEMPERATURE_LIMIT < oil_c < _TEMPERATURE_LIMIT
    ):
        within = bounded(fields)
        if within is None:
            return None
        return gauge_frame(
            within, received_us, stamp_ms, motion, steering, lap_number, session_uid
        )
    handbrake, limiter = _LAMP_VALUES[lit & _LAMPS | (lamps & _LAMPS) >> _LAMP_SHIFT]
    gauge: tuple[float, ...] = (
        clutch, turbo_bar * 100 if flags & _HAS_TURBO else nan, fuel,
        engine_c or nan, oil_c or nan, handbrake, limiter,
    )
    return Frame(
        received_us, stamp_ms, throttle, brake, steering, speed_ms * 3.6, GEARS[gear],
        rpm, None, lap_number, None, None, None, None, None, session_uid,
        gauge + motion,
    )
    # fmt: on
