"""Assetto Corsa's remote telemetry: three little-endian structs on UDP 9996.

The game answers a client that asks: a 12-byte request starts the conversation,
a 408-byte reply names car and track, then one 328-byte RTCarInfo arrives per
step of the game, or one 212-byte RTLap at the end of any car's lap. There is no
public recording of an RTLap: its layout is that of two written descriptions. They
call the field of RTCarInfo at 28 vertical and the one at 32 horizontal acceleration;
recorded drives show that 28 is lateral.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from math import hypot, isfinite, nan

from ps_tui.decoders.text import clean_name
from ps_tui.domain.channel import wheel_keys
from ps_tui.domain.frame import CarLap, Decoded, Frame, Identity, Rejected, Skipped

CAR_INFO_SIZE = 328
HANDSHAKE_SIZE = 408
LAP_SIZE = 212
CAR_INFO_MARK = b"a\x00\x00\x00" + CAR_INFO_SIZE.to_bytes(4, "little")

_CORE = struct.Struct(
    "<8x"
    "f8x"  # 8 speed km/h, then the same in mph and m/s
    "6B2x"  # 20 ABS on, ABS acting, TC acting, TC on, in pit, speed limiter
    "3f"  # 28 g lateral (left > 0), vertical, longitudinal (accelerating > 0)
    "4i"  # 40 lap time, last lap, best lap in ms, completed laps
    "5f"  # 56 throttle, brake, clutch (1 released), rpm, steering in degrees
    "i"  # 76 gear, 0 reverse, 1 neutral
    "228x"
    "f"  # 308 normalised position
)
_CHASSIS = struct.Struct(
    "<"
    "f"  # 80 centre of gravity height, m
    "4f4f4f4f4f4f4f"  # 84 wheel speed, slip angles, slip ratio, slips, load
    "4f4f4f4f4f4f4f"  # 196 Dy, Mz, dirt, camber, radii, suspension height
    "4x"
    "4f"  # 312 slope, x, y, z
)
_CHASSIS_OFFSET = 80
_HANDSHAKE = struct.Struct("<100s100sii100s100s")
_LAP = struct.Struct(
    "<"
    "ii"  # 0 car id, lap number
    "100s100s"  # 8 driver, car
    "i"  # 208 lap time, ms
)
_REQUEST = struct.Struct("<iii")

_HANDSHAKE_IDENTIFIER = 4242
_PROTOCOL_VERSION = 1
_LONGEST_LAP_MS = 86_400_000
"""A day; what is longer (the largest int32 stands for none) is no lap time."""

_LEAST_KMH, _SPEED_LIMIT_KMH = -1000.0, 1000.0
_LEAST_RPM, _RPM_LIMIT = -50_000.0, 50_000.0
_LEAST_ANGLE_DEG, _ANGLE_LIMIT_DEG = -5000.0, 5000.0
_GEAR_LIMIT = 20
_LAP_LIMIT = 100_000
_CAR_LIMIT = 1000
_EXTRA_LIMIT = 1e6
"""No physical quantity in the packet comes near it."""
_G_LIMIT = 1000.0
_FLAG = (0.0, *(1.0 for _ in range(255)))

_WHEEL_STEMS = (
    "wheel_speed",
    "slip_angle",
    "slip_angle_contact",
    "wheel_slip",
    "tyre_slip",
    "tyre_slip_normalized",
    "wheel_load",
    "tyre_friction",
    "self_aligning_torque",
    "tyre_dirt",
    "camber",
    "tyre_radius",
    "tyre_radius_loaded",
    "suspension_travel",
)

CHANNELS: tuple[str, ...] = (
    "clutch",
    "best_lap_time",
    "steering_angle",
    "abs_enabled",
    "abs_active",
    "tc_active",
    "tc_enabled",
    "speed_limiter",
    "g_lateral",
    "g_vertical",
    "g_longitudinal",
    "cg_height",
    *(key for stem in _WHEEL_STEMS for key in wheel_keys(stem)),
    "road_slope",
    "world_x",
    "world_y",
    "world_z",
)
"""Keys of ``Frame.extra``, the packet's own order behind the first three."""


class Operation(IntEnum):
    """What a client asks of the game."""

    HANDSHAKE = 0
    SUBSCRIBE_UPDATE = 1
    """Stream RTCarInfo to the sender of this request."""
    SUBSCRIBE_SPOT = 2
    """Send an RTLap at the end of every car's lap."""
    DISMISS = 3


def request(operation: Operation) -> bytes:
    """Return the 12 bytes that ask the game for ``operation``."""
    return _REQUEST.pack(1, _PROTOCOL_VERSION, operation)


class AssettoCorsaDecoder:
    """Reads RTCarInfo, RTLap and the handshake reply.

    A lap is the player's where driver and car are those of the handshake.

    The game sends the angle of the steering wheel but not its lock:
    ``steering_lock_deg`` is the whole turn from stop to stop.
    """

    source = "assetto-corsa"
    channels = CHANNELS

    def __init__(self, steering_lock_deg: float = 900.0) -> None:
        self._half_lock_deg = steering_lock_deg / 2
        self.identity: Identity | None = None

    def decode(self, datagram: bytes, received_us: int) -> Decoded:
        """Return the frame of an RTCarInfo, or what else the datagram is."""
        if len(datagram) != CAR_INFO_SIZE:
            return self._decode_other(datagram)
        if datagram[:8] != CAR_INFO_MARK:
            return Rejected("328 bytes without the mark of an RTCarInfo")
        # fmt: off
        (
            speed_kmh, abs_on, abs_acting, tc_acting, tc_on, in_pit, limiter,
            g_lateral, g_vertical, g_longitudinal,
            lap_time_ms, last_lap_ms, best_lap_ms, completed_laps,
            throttle, brake, clutch_released, rpm, angle_deg, gear, position,
        ) = _CORE.unpack_from(datagram)
        if not (
            _LEAST_KMH <= speed_kmh <= _SPEED_LIMIT_KMH
            and -0.01 <= throttle <= 1.01
            and -0.01 <= brake <= 1.01
            and -0.01 <= clutch_released <= 1.01
            and -0.01 <= position <= 1.01
            and _LEAST_RPM <= rpm <= _RPM_LIMIT
            and _LEAST_ANGLE_DEG <= angle_deg <= _ANGLE_LIMIT_DEG
            and 0 <= gear <= _GEAR_LIMIT
            and 0 <= completed_laps < _LAP_LIMIT
            and 0 <= lap_time_ms < _LONGEST_LAP_MS
        ):
            return Rejected("RTCarInfo with a value out of range")
        accelerations: tuple[float, ...] = (g_lateral, g_vertical, g_longitudinal)
        chassis = _CHASSIS.unpack_from(datagram, _CHASSIS_OFFSET)
        if not (hypot(*chassis) < _EXTRA_LIMIT and hypot(*accelerations) < _G_LIMIT):
            accelerations = _without_absurd(accelerations, _G_LIMIT)
            chassis = _without_absurd(chassis, _EXTRA_LIMIT)
        clutch = 1.0 - clutch_released
        steering = angle_deg / self._half_lock_deg
        return Frame(
            received_us,
            received_us // 1000,
            throttle if 0.0 <= throttle <= 1.0 else float(throttle > 0.5),
            brake if 0.0 <= brake <= 1.0 else float(brake > 0.5),
            steering if -1.0 <= steering <= 1.0 else (1.0 if steering > 0 else -1.0),
            speed_kmh,
            gear - 1,
            rpm if rpm > 0.0 else 0.0,
            lap_time_ms,
            completed_laps + 1,
            position if 0.0 <= position <= 1.0 else float(position > 0.5),
            in_pit != 0,
            None,
            last_lap_ms if 0 < last_lap_ms < _LONGEST_LAP_MS else None,
            None,
            None,
            (
                clutch if 0.0 <= clutch <= 1.0 else float(clutch > 0.5),
                float(best_lap_ms) if 0 < best_lap_ms < _LONGEST_LAP_MS else nan,
                angle_deg,
                _FLAG[abs_on], _FLAG[abs_acting], _FLAG[tc_acting], _FLAG[tc_on],
                _FLAG[limiter], *accelerations, *chassis,
            ),
        )
        # fmt: on

    def _decode_other(self, datagram: bytes) -> Decoded:
        if len(datagram) == HANDSHAKE_SIZE:
            return self._decode_handshake(datagram)
        if len(datagram) == LAP_SIZE:
            return self._decode_lap(datagram)
        return Rejected(
            f"{len(datagram)} bytes, where Assetto Corsa sends {CAR_INFO_SIZE}, "
            f"{HANDSHAKE_SIZE} or {LAP_SIZE}"
        )

    def _decode_lap(self, datagram: bytes) -> Decoded:
        car_id, lap_number, driver_units, car_units, time_ms = _LAP.unpack(datagram)
        driver, car = _text(driver_units), _text(car_units)
        if not (
            0 <= car_id < _CAR_LIMIT
            and 0 <= lap_number < _LAP_LIMIT
            and 0 <= time_ms < _LONGEST_LAP_MS
            and car is not None
        ):
            return Rejected("212 bytes that are no RTLap")
        if time_ms == 0:
            return Skipped("lap without a time")
        who = self.identity
        is_own = (
            who is not None
            and driver is not None
            and (driver, car) == (who.driver, who.car)
        )
        return CarLap(car_id, time_ms, lap_number, driver, car, is_own)

    def _decode_handshake(self, datagram: bytes) -> Decoded:
        car, driver, identifier, version, track, layout = _HANDSHAKE.unpack(datagram)
        if identifier != _HANDSHAKE_IDENTIFIER and version != _PROTOCOL_VERSION:
            return Rejected("408 bytes that are no handshake reply")
        self.identity = Identity(
            car=_text(car),
            driver=_text(driver),
            track=_text(track),
            layout=_text(layout),
        )
        return self.identity


def _text(units: bytes) -> str | None:
    """Read UTF-16 up to the first ``%`` or NUL; old memory follows either."""
    text = units.decode("utf-16-le", "ignore")
    return clean_name(text.partition("\0")[0].partition("%")[0])


def _without_absurd(values: tuple[float, ...], limit: float) -> tuple[float, ...]:
    """Blank what is not finite or beyond all physics."""
    return tuple(
        value if isfinite(value) and abs(value) < limit else nan for value in values
    )
