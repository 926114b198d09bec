"""Gran Turismo 7's "Simulator Interface": four kinds of packet, 60 a second.

Little-endian and encrypted. The kinds A (296 bytes), B (316), ~ (344) and C (368)
each begin with the one before; their lengths tell them apart. Wheels come as front
left, front right, rear left, rear right. A recorded lap shows that the map has x to
the right and z down, that steering is positive to the left, sway to the right, surge
forward and heave upward, and that wheels turn negative going forward.

The game sends no lap distance, no track and no place; water and oil always read 85
and 110 °C, so they are left out.
"""

from __future__ import annotations

import struct
from math import atan2, hypot, isnan, nan, pi

from ps_tui.decoders.gran_turismo_7.cipher import decrypt
from ps_tui.decoders.gran_turismo_7.lap import LATE_TICKS, RunningLap
from ps_tui.decoders.plausible import (
    BYTE_SHARES,
    GRAVITY,
    LARGEST,
    unit_share,
    without_absurd,
)
from ps_tui.decoders.sender_clock import SenderClock
from ps_tui.domain.channel import wheel_keys
from ps_tui.domain.frame import Decoded, Frame, Identity, Rejected, Skipped

KINDS: dict[int, str] = {296: "A", 316: "B", 344: "~", 368: "C"}
"""The kinds of packet by length, poorest first."""

_COUNTS_FORMAT = (
    "<112x"
    "I"  # 0x70 packet id, one per tick of 1/60 s
    "2h2i4x"  # 0x74 lap, laps in the race, best and last lap in ms
    "h4xH2xH"  # 0x84 place on the grid, 0x8A rpm limit, 0x8E flags
    "3B145xi"  # 0x90 gears, throttle, brake, 0x124 car
)
_COUNTS = struct.Struct(_COUNTS_FORMAT)
_RICHEST_COUNTS = struct.Struct(_COUNTS_FORMAT + "52xi")
"""With the lap clock of kind C in ms, at 0x15C."""
_BASE_FORMAT = (
    "<4x3f12x"  # 0x04 position
    "4f16x"  # 0x1C rotation as quaternion x, y, z, w
    "f4x"  # 0x3C rpm
    "4f12x"  # 0x44 fuel, its capacity, speed in m/s, boost + 1 in bar
    "4f"  # 0x60 tyre temperature in °C
    "52x4f4f4f"  # 0xA4 wheel speed in rad/s, tyre radius, suspension height in m
    "32xf"  # 0xF4 clutch, 1 pressed
)
_FULLER_FORMAT = "48xf4x3f"  # 0x128 steering in rad, 0x130 sway, heave, surge in m/s²
_BASE = struct.Struct(_BASE_FORMAT)
_FULLER = struct.Struct(_BASE_FORMAT + _FULLER_FORMAT)
LAYOUTS = {
    296: (_COUNTS, _BASE),
    316: (_COUNTS, _FULLER),
    344: (_COUNTS, _FULLER),
    368: (_RICHEST_COUNTS, _FULLER),
}
"""Whole numbers and quantities of a plain packet, by its size."""

_ON_TRACK, _PAUSED, _LOADING = 1, 2, 4
_HANDBRAKE, _TRACTION_CONTROL = 1 << 6, 1 << 11
_GEARS = (-1, *range(1, 15), 0)
"""By the low nibble; 9 and more is no gear of any car yet."""
_MOVING_MS = 0.1
_SPEED_LIMIT_MS = 400.0
_RPM_LIMIT = 50_000.0
_LAP_LIMIT = 10_000
_CAR_LIMIT = 100_000
"""A ninth gear ratio is written over the number of the car."""
_TIME_LIMIT_MS = 100_000_000
_ANGLE_LIMIT_RAD = 100.0
_BOOST_LIMIT_BAR = 100.0
_BAR_KPA = 100.0
_DEGREES = 180 / pi

_PAUSE = Skipped("paused")
_MENU = Skipped("menu")
_FOREIGN = Rejected("bytes that are no packet of Gran Turismo 7")
_OUT_OF_RANGE = Rejected("a Gran Turismo 7 packet with a value out of range")

CHANNELS: tuple[str, ...] = (
    "clutch",
    "fuel",
    "fuel_fraction",
    "max_rpm",
    "world_x",
    "world_y",
    "world_z",
    "heading",
    "boost_pressure",
    *wheel_keys("tyre_temperature"),
    *wheel_keys("wheel_speed"),
    *wheel_keys("tyre_radius"),
    *wheel_keys("suspension_travel"),
    "best_lap_time",
    "track_position",
    "handbrake",
    "tc_active",
    "lap_distance",
    "steering_angle",
    "g_lateral",
    "g_vertical",
    "g_longitudinal",
)
"""Keys of ``Frame.extra``; the last four are not in kind A."""


class GranTurismo7Decoder:
    """Reads every kind of packet, and keeps the lap that the game does not tell of.

    A recorded replay never sets the flag "on track", so a moving car is decoded
    without it. The game sends the angle of the steering wheel but not its lock:
    ``steering_lock_deg`` is the whole turn from stop to stop.
    """

    source = "gran-turismo-7"
    channels = CHANNELS

    def __init__(self, steering_lock_deg: float = 360.0) -> None:
        self.identity: Identity | None = None
        self._half_lock_rad = steering_lock_deg / 2 / _DEGREES
        self._car = self._max_rpm = -1
        self._clock = SenderClock()
        self._newest_tick = 0
        self._blank_count = 0
        """Ticks without a frame: left out of the sequence, for they are not lost."""
        self._lap = RunningLap()

    def decode(self, datagram: bytes, received_us: int) -> Decoded:
        """Return the frame, or why there is none: mostly a menu or a pause."""
        plain = decrypt(datagram)
        return _FOREIGN if plain is None else self.decode_plain(plain, received_us)

    def decode_plain(self, plain: bytes, received_us: int) -> Decoded:
        """Decode a decrypted packet, of one of the four sizes."""
        counts_layout, layout = LAYOUTS[len(plain)]
        counts = counts_layout.unpack_from(plain)
        values = layout.unpack_from(plain)
        tick, lap, _, _, last_ms, _, max_rpm, flags, _, _, _, car = counts[:12]
        if flags & (_LOADING | _PAUSED):
            self._pass_over(tick)
            if flags & _LOADING:
                return _MENU
            self._lap.pause(tick)
            return _PAUSE
        if not hypot(*values) < LARGEST:
            values = without_absurd(values)
        rpm, speed_ms = values[7], values[10]
        if not (
            -_RPM_LIMIT < rpm < _RPM_LIMIT
            and 0.0 <= speed_ms < _SPEED_LIMIT_MS
            and lap < _LAP_LIMIT
            and max_rpm < _RPM_LIMIT
        ):
            return _OUT_OF_RANGE
        if lap < 0 or not (flags & _ON_TRACK or speed_ms > _MOVING_MS):
            self._pass_over(tick)
            return _MENU
        if tick > self._newest_tick or tick < self._newest_tick - LATE_TICKS:
            self._newest_tick = tick
        stamp_ms = self._clock.utc_ms(tick * 50 // 3, received_us)
        if car != self._car or max_rpm != self._max_rpm:
            self._name(car, max_rpm)
        clock_ms = counts[12] if len(counts) > 12 else None
        self._lap.follow(tick, lap, clock_ms, last_ms, speed_ms, values[:3])
        return self._frame(counts, values, received_us, stamp_ms)

    def _frame(
        self,
        counts: tuple[int, ...],
        values: tuple[float, ...],
        received_us: int,
        stamp_ms: int,
    ) -> Frame:
        # fmt: off
        (
            tick, lap, _, best_ms, last_ms, place, max_rpm, flags, gears, throttle,
            brake, _,
        ) = counts[:12]
        (
            x, y, z, qx, qy, qz, qw, rpm, fuel, capacity, speed_ms, boost_bar,
            t_fl, t_fr, t_rl, t_rr, w_fl, w_fr, w_rl, w_rr, r_fl, r_fr, r_rl, r_rr,
            s_fl, s_fr, s_rl, s_rr, clutch,
        ) = values[:29]
        running = self._lap
        steering = None
        motion: tuple[float, ...] = ()
        if len(values) > 29:
            steering, motion = self._motion(*values[29:])
        fuel_share = unit_share(fuel / capacity) if capacity > 0.0 else nan
        boost_kpa = nan
        if -_BOOST_LIMIT_BAR < boost_bar < _BOOST_LIMIT_BAR:
            boost_kpa = (boost_bar - 1.0) * _BAR_KPA
        heading = atan2(-2 * (qw * qy + qx * qz), 1 - 2 * (qx * qx + qy * qy))
        channels: tuple[float, ...] = (
            clutch if 0.0 <= clutch <= 1.0 else unit_share(clutch),
            fuel if fuel_share == fuel_share else nan, fuel_share, max_rpm or nan,
            x, y, z, heading * _DEGREES % 360.0, boost_kpa,
            t_fl, t_fr, t_rl, t_rr, -w_fl, -w_fr, -w_rl, -w_rr,
            r_fl, r_fr, r_rl, r_rr, s_fl, s_fr, s_rl, s_rr,
            best_ms if 0 < best_ms < _TIME_LIMIT_MS else nan,
            place if place > 0 else nan, 1.0 if flags & _HANDBRAKE else 0.0,
            1.0 if flags & _TRACTION_CONTROL else 0.0, running.distance_m,
        )
        return Frame(
            received_us, stamp_ms, BYTE_SHARES[throttle], BYTE_SHARES[brake], steering,
            speed_ms * 3.6, _GEARS[gears & 15], rpm if rpm > 0.0 else 0.0,
            running.clock_ms, lap, running.position, None, None,
            last_ms if 0 < last_ms < _TIME_LIMIT_MS else None,
            tick - self._blank_count & 0xFFFF_FFFF, running.session_uid,
            channels + motion,
        )
        # fmt: on

    def _motion(
        self, angle_rad: float, sway: float, heave: float, surge: float
    ) -> tuple[float | None, tuple[float, ...]]:
        """Return steering, and the channels that kind A has not."""
        is_angle = -_ANGLE_LIMIT_RAD < angle_rad < _ANGLE_LIMIT_RAD
        return self._steering(angle_rad), (
            angle_rad * -_DEGREES if is_angle else nan,
            sway / -GRAVITY,
            heave / GRAVITY,
            surge / GRAVITY,
        )

    def _pass_over(self, tick: int) -> None:
        """Note a packet of a pause or a menu."""
        if 0 < self._newest_tick < tick:
            self._blank_count += tick - self._newest_tick
        self._newest_tick = tick

    def _steering(self, angle_rad: float) -> float | None:
        if isnan(angle_rad):
            return None
        share = -angle_rad / self._half_lock_rad
        return share if -1.0 <= share <= 1.0 else 1.0 if share > 0.0 else -1.0

    def _name(self, car: int, max_rpm: int) -> None:
        """Tell what is known of the car: its number in the game's list."""
        self._car, self._max_rpm = car, max_rpm
        self.identity = Identity(
            car=f"Gran Turismo car {car}" if 0 < car < _CAR_LIMIT else None,
            max_rpm=float(max_rpm) if max_rpm else None,
        )
