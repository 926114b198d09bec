"""OutGauge's one packet: the instrument panel of Live for Speed and of BeamNG.drive.

Little-endian, 92 bytes, 96 with an id. It holds no position, steering or laps, and
no rev limit.
"""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod
from math import nan
from typing import ClassVar

from ps_tui.decoders.plausible import unit_share
from ps_tui.decoders.sender_clock import SenderClock
from ps_tui.decoders.text import clean_name
from ps_tui.domain.frame import Decoded, Frame, Identity, Rejected

GAUGE_SIZE, GAUGE_SIZE_WITH_ID = 92, 96
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
    "I6sBx"  # 0 time in ms, 4 car and flags, 10 gear (0 reverse, 1 neutral)
    "5f"  # 12 speed in m/s, rpm, turbo in bar, 24 engine in °C, 28 fuel 0 to 1
    "4xf8s"  # 36 oil in °C, 40 lights that there are and those that are on
    "3f32x"  # 48 throttle, brake, clutch
)
"""What seldom changes is left as bytes, and is read when they are others."""
_unpack_gauge = GAUGE.unpack
_FLAGS = struct.Struct("<4xH")
_LIGHTS = struct.Struct("<2I")

_HAS_TURBO = 0x2000
_HANDBRAKE, _PIT_LIMITER = 0b100, 0b1000
"""Of the lights."""
_HIGHEST_GEAR = 20
_WRAPPED_GEAR = 200
"""BeamNG counts reverse gears below zero, which wraps to 255 and less."""
GEARS: tuple[int | None, ...] = (
    *range(-1, _HIGHEST_GEAR),
    *(None for _ in range(_HIGHEST_GEAR + 1, _WRAPPED_GEAR)),
    *(-1 for _ in range(_WRAPPED_GEAR, 256)),
)
"""By the byte; a letter, which mods write for automatic boxes, is no gear."""
_LEAST_MS, _MOST_MS = -1000.0, 1000.0
_LEAST_RPM, _MOST_RPM = -50_000.0, 50_000.0
_LEAST_BAR, _MOST_BAR = -100.0, 100.0
_LEAST_C, _MOST_C = -5000.0, 5000.0
_OUT_OF_RANGE = Rejected("an OutGauge packet with a value out of range")


class GaugeDecoder(ABC):
    """Makes frames of OutGauge; a game tells whose it is, when, and what else it knows.

    A packet takes no call but the one for its time: games send a hundred a second and
    more, and each further call would cost a twentieth of the whole.
    """

    _foreign: ClassVar[Rejected]
    """What the packet of another game is."""

    def __init__(self, car: bytes, clock: SenderClock | None) -> None:
        self.identity: Identity | None = None
        self._clock = clock
        """Of the packets' times, where the game counts them."""
        self._is_joined = False
        """Whether a second kind of packet has come."""
        self._car = car
        self._head = b""
        """Car and flags."""
        self._has_turbo = False
        self._lights = b""
        self._lamps: tuple[float, float] = (nan, nan)
        """What they say: handbrake and pit limiter."""
        self._steering: float | None = None
        self._motion: tuple[float, ...] = ()
        """The channels behind OutGauge's own, where they are known now."""
        self._lap_number: int | None = None
        self._session_uid: int | None = None
        self._gauge_us: int | None = None

    def decode(self, datagram: bytes, received_us: int) -> Decoded:
        """Return the frame of an OutGauge, or what else the datagram is."""
        # fmt: off
        try:
            (
                time_ms, head, gear, speed_ms, rpm, turbo_bar, engine_c, fuel, oil_c,
                lights, throttle, brake, clutch,
            ) = _unpack_gauge(datagram)
        except struct.error:
            if len(datagram) == GAUGE_SIZE_WITH_ID:
                return self.decode(datagram[:GAUGE_SIZE], received_us)
            return self._decode_other(datagram, received_us)
        # In pairs, as a chained comparison takes a third longer.
        if not (
            throttle >= 0.0 and throttle <= 1.0 and brake >= 0.0 and brake <= 1.0
            and clutch >= 0.0 and clutch <= 1.0 and fuel >= 0.0 and fuel <= 1.0
            and rpm >= 0.0 and rpm < _MOST_RPM
            and speed_ms > _LEAST_MS and speed_ms < _MOST_MS
            and turbo_bar > _LEAST_BAR and turbo_bar < _MOST_BAR
            and engine_c > _LEAST_C and engine_c < _MOST_C
            and oil_c > _LEAST_C and oil_c < _MOST_C
        ):
            within = _bounded(datagram)
            return _OUT_OF_RANGE if within is None else self.decode(within, received_us)
        if head != self._head:
            if self._is_foreign(head[:4]):
                return self._foreign
            self._take_head(head)
        if lights != self._lights:
            self._take_lights(lights)
        self._gauge_us = received_us
        if self._is_joined:
            self._join(time_ms, received_us)
        clock = self._clock
        handbrake, limiter = self._lamps
        gauge: tuple[float, ...] = (
            clutch, turbo_bar * 100.0 if self._has_turbo else nan, fuel,
            engine_c or nan, oil_c or nan, handbrake, limiter,
        )
        return Frame(
            received_us,
            received_us // 1000
            if clock is None else clock.utc_ms(time_ms, received_us),
            throttle, brake, self._steering, speed_ms * 3.6,
            GEARS[gear], rpm, None, self._lap_number, None, None, None, None, None,
            self._session_uid, gauge + self._motion,
        )
        # fmt: on

    def _take_head(self, head: bytes) -> None:
        car, (flags,) = head[:4], _FLAGS.unpack(head)
        self._head, self._has_turbo = head, bool(flags & _HAS_TURBO)
        if car != self._car:
            self._car, self.identity = car, Identity(car=car_name(car))

    def _take_lights(self, lights: bytes) -> None:
        has, lit = _LIGHTS.unpack(lights)
        self._lights = lights
        self._lamps = (
            _lamp(has & _HANDBRAKE, lit & _HANDBRAKE),
            _lamp(has & _PIT_LIMITER, lit & _PIT_LIMITER),
        )

    @abstractmethod
    def _is_foreign(self, car: bytes) -> bool:
        """Say whether the game never sends this name of a car."""

    @abstractmethod
    def _join(self, time_ms: int, received_us: int) -> None:
        """Take what the other packets told, as long as that is fresh."""

    @abstractmethod
    def _decode_other(self, datagram: bytes, received_us: int) -> Decoded:
        """Read a datagram of another size."""


def _lamp(has: int, lit: int) -> float:
    """Return whether a light is on; NaN for one that the car does not have."""
    return (1.0 if lit else 0.0) if has else nan


def car_name(car: bytes) -> str | None:
    """Read three letters, or the number of a mod: three bytes, lowest first."""
    if car[:3].isalnum():
        return clean_name(car[:3].decode("ascii"))
    return car[2::-1].hex().upper()


def _bounded(datagram: bytes) -> bytes | None:
    """Return the packet with shares within 0 to 1 and no engine that turns back.

    ``None`` where something else is wrong with it.
    """
    fields = GAUGE.unpack_from(datagram)
    speed_ms, rpm, turbo_bar, engine_c, fuel, oil_c = fields[3:9]
    shares = tuple(map(unit_share, (fuel, *fields[10:])))
    if not (
        _LEAST_MS < speed_ms < _MOST_MS
        and _LEAST_RPM < rpm < _MOST_RPM
        and _LEAST_BAR < turbo_bar < _MOST_BAR
        and _LEAST_C < engine_c < _MOST_C
        and _LEAST_C < oil_c < _MOST_C
        and sum(shares) >= 0.0  # NaN: one is no share of anything
    ):
        return None
    fields = (*fields[:4], max(rpm, 0.0), *fields[5:7], shares[0], *fields[8:10])
    return GAUGE.pack(*fields, *shares[1:])
