"""OutGauge's one packet: the instrument panel of Live for Speed and of BeamNG.drive.

Little-endian, 92 bytes, 96 with an id. It holds no position, steering or laps, and
no rev limit.
"""

from __future__ import annotations

import struct
from math import nan
from typing import Any

from ps_tui.decoders.plausible import unit_share

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

_GAUGE = struct.Struct(
    "<"
    "I4sHBx"  # 0 time in ms, 4 car, 8 flags, 10 gear (0 reverse, 1 neutral)
    "5f"  # 12 speed in m/s, rpm, turbo in bar, 24 engine in °C, 28 fuel 0 to 1
    "4xf2I"  # 36 oil in °C, 40 lights that there are, 44 lights that are on
    "3f"  # 48 throttle, brake, clutch
)

_HAS_TURBO = 0x2000
_LIGHT_HANDBRAKE = 1 << 2
_LIGHT_PIT_LIMITER = 1 << 3
_HIGHEST_GEAR = 20
_WRAPPED_GEAR = 200
"""BeamNG counts reverse gears below zero, which wraps to 255 and less."""
_SPEED_LIMIT_MS = 1000.0
_RPM_LIMIT = 50_000.0
_TURBO_LIMIT_BAR = 100.0
_TEMPERATURE_LIMIT = 5000.0


def read_gauge(datagram: bytes) -> tuple[Any, ...] | None:
    """Return the fields of :data:`_GAUGE`, ``None`` where one is impossible."""
    gauge = _GAUGE.unpack_from(datagram)
    # fmt: off
    (
        _, _, _, _, speed_ms, rpm, turbo_bar, engine_c, fuel, oil_c, _, _,
        throttle, brake, clutch,
    ) = gauge
    # fmt: on
    if (
        -_SPEED_LIMIT_MS < speed_ms < _SPEED_LIMIT_MS
        and -_RPM_LIMIT < rpm < _RPM_LIMIT
        and -_TURBO_LIMIT_BAR < turbo_bar < _TURBO_LIMIT_BAR
        and -_TEMPERATURE_LIMIT < engine_c < _TEMPERATURE_LIMIT
        and -_TEMPERATURE_LIMIT < oil_c < _TEMPERATURE_LIMIT
        and -0.01 <= fuel <= 1.01
        and -0.01 <= throttle <= 1.01
        and -0.01 <= brake <= 1.01
        and -0.01 <= clutch <= 1.01
    ):
        return gauge
    return None


def read_gear(raw: int) -> int | None:
    """Return the gear; ``None`` for a letter, which mods write for automatic boxes."""
    if raw <= _HIGHEST_GEAR:
        return raw - 1
    return -1 if raw >= _WRAPPED_GEAR else None


def gauge_extra(gauge: tuple[Any, ...]) -> tuple[float, ...]:
    """Return what :data:`GAUGE_CHANNELS` names; lamps that a car lacks are absent."""
    # fmt: off
    (
        _, _, flags, _, _, _, turbo_bar, engine_c, fuel, oil_c, lamps, lit,
        _, _, clutch,
    ) = gauge
    # fmt: on
    return (
        clutch if 0.0 <= clutch <= 1.0 else unit_share(clutch),
        turbo_bar * 100 if flags & _HAS_TURBO else nan,
        fuel if 0.0 <= fuel <= 1.0 else unit_share(fuel),
        engine_c or nan,
        oil_c or nan,
        float(lit & _LIGHT_HANDBRAKE != 0) if lamps & _LIGHT_HANDBRAKE else nan,
        float(lit & _LIGHT_PIT_LIMITER != 0) if lamps & _LIGHT_PIT_LIMITER else nan,
    )
