"""Forza "Data Out": Motorsport 7, Horizon 4 and 5, Motorsport (2023).

Little-endian and packed, one size per game and format, told apart by it alone:
232 bytes "sled" (motion only), 311 "dash" of Motorsport 7, 323 or 324 of Horizon
(12 bytes more before the dash part), 331 of Motorsport 2023 (tyre wear and track
behind it). Offsets in the comments are those of the 311-byte format. Wheels come as
front left, front right, rear left, rear right. Motion was checked against recorded
paths: acceleration is m/s² with x to the right and z forward, and the map has x to
the right and z up.
"""

from __future__ import annotations

import struct
from math import floor, hypot, nan, pi
from typing import Any

from ps_tui.decoders.plausible import (
    BYTE_SHARES,
    GRAVITY,
    PSI_KPA,
    SMALL_TOPS,
    STEERING_SHARES,
    unit_share,
    without_absurd,
)
from ps_tui.decoders.sender_clock import SenderClock
from ps_tui.domain.channel import wheel_keys
from ps_tui.domain.frame import Decoded, Frame, Identity, Rejected, Skipped

SLED_SIZE = 232
DASH_SIZE = 311
HORIZON_SIZES = (323, 324)
MOTORSPORT_SIZE = 331
SIZES = (SLED_SIZE, DASH_SIZE, *HORIZON_SIZES, MOTORSPORT_SIZE)

_SLED_FORMAT = (
    "i2H"  # 0 race on, 4 timestamp in ms, its lower half first
    "f4xf"  # 8 max rpm, (idle rpm), rpm
    "3f3f"  # 20 acceleration, 32 velocity: right, up, forward
    "12xf24x"  # 56 yaw, clockwise from the top of the map
    "4f4f"  # 84 slip ratio (1 = limit of grip), 100 wheel speed in rad/s
    "48x4f4f4f"  # 164 slip angle, 180 combined slip (1 = limit), 196 suspension, m
    "i16x"  # 212 car
)
_DASH_FORMAT = (
    "3f3f"  # 232 position, 244 speed in m/s, power in W, torque in Nm
    "4f2f"  # 256 tyre temperature in °F, boost in psi, fuel 0 to 1
    "5f"  # 280 distance in m, best, last and current lap, race time in s
    "H7B2x"  # 300 lap, place, throttle, brake, clutch, handbrake, gear, steering
)
_SLED = struct.Struct("<" + _SLED_FORMAT)
_DASH = struct.Struct("<" + _SLED_FORMAT + _DASH_FORMAT)
_HORIZON = struct.Struct("<" + _SLED_FORMAT + "12x" + _DASH_FORMAT)
LAYOUTS = {
    SLED_SIZE: _SLED,
    DASH_SIZE: _DASH,
    **dict.fromkeys(HORIZON_SIZES, _HORIZON),
    MOTORSPORT_SIZE: _DASH,
}
"""What is read of a packet, by its size; behind it Motorsport 2023 has its tail."""
TAIL = struct.Struct("<4fi")
TAIL_OFFSET = 311
"""Tyre wear, and the number of the track."""


def _tops(layout: struct.Struct) -> slice:
    """Return where the highest bytes of the numbers behind the timestamp are."""
    return slice(11, layout.size // 4 * 4 - (0 if layout is _SLED else 8), 4)


_READERS = {
    size: (layout.unpack_from, _tops(layout)) for size, layout in LAYOUTS.items()
}

_SPEED_LIMIT_MS = 300.0
_RPM_LIMIT = 50_000.0
_G = 1.0 / GRAVITY
_LEFT_G = -_G
_GEARS = (-1, *range(1, 11), 0)
_GEAR_NEUTRAL = 11
_PLACES = (nan, *map(float, range(1, 256)))
_DEGREES = 180 / pi
_YAW_LIMIT = 10.0
_OUT_OF_RANGE = Rejected("a Forza packet with a value out of range")
_JUST_STARTED_S = 5.0
_SHARED_STAMP_S = 0.1
"""Packets of one timestamp, one of which overtook another, are nearer than this."""
_SHORTEST_LAP_M = 100.0

CHANNELS: tuple[str, ...] = (
    "max_rpm",
    "g_lateral",
    "g_vertical",
    "g_longitudinal",
    "heading",
    *wheel_keys("slip_ratio_normalized"),
    *wheel_keys("wheel_speed"),
    *wheel_keys("slip_angle_normalized"),
    *wheel_keys("tyre_slip_normalized"),
    *wheel_keys("suspension_travel"),
    "world_x",
    "world_y",
    "world_z",
    "engine_power",
    "engine_torque",
    *wheel_keys("tyre_temperature"),
    "boost_pressure",
    "fuel_fraction",
    "lap_distance",
    "best_lap_time",
    "session_time",
    "track_position",
    "clutch",
    "handbrake",
    *wheel_keys("tyre_wear"),
)
"""Keys of ``Frame.extra``: the sled's, the dash's from world_x, then tyre wear."""


class ForzaDecoder:
    """Reads every size of Data Out, and remembers where the running lap began.

    The game sends the distance of the whole race. The first lap begins at 0 (the
    grid is negative), a later one where the counter rose; a lap joined half-way has
    no distance. The length of a lap is known once one was seen from line to line,
    and only then does a frame have a position. Free roam has no laps at all.

    The timestamp orders packets but does not tell them apart: it moves in steps of
    15.6 ms, so that neighbours share one, and it wraps at 2**32.
    """

    source = "forza"
    channels = CHANNELS

    def __init__(self) -> None:
        self.identity: Identity | None = None
        self._car: int | None = None
        self._track = 0
        self._clock = SenderClock()
        self._session_uid = 1
        self._race_s = 0.0
        self._lap: int | None = None
        self._lap_start_m: float | None = None
        self._lap_length_m: float | None = None
        self._is_from_line = False

    def decode(self, datagram: bytes, received_us: int) -> Decoded:
        """Return the frame, or why there is none: mostly a menu or a pause."""
        size = len(datagram)
        reader = _READERS.get(size)
        if reader is None:
            return Rejected(f"{size} bytes, where Forza sends 232, 311, 324 or 331")
        unpack, tops = reader
        values = unpack(datagram)
        if values[0] != 1:
            if values[0] == 0 and not any(datagram[8:SLED_SIZE]):
                return Skipped("menu or pause")
            return Rejected("a Forza packet with an impossible race flag")
        if not datagram[tops].translate(SMALL_TOPS).isascii():
            values = without_absurd(values)
        if size == SLED_SIZE:
            return self._sled_frame(values, received_us)
        return self._dash_frame(datagram, values, received_us)

    def _sled_frame(self, values: tuple[Any, ...], received_us: int) -> Decoded:
        # fmt: off
        (
            _, stamp_low, stamp_high, max_rpm, rpm, right, up, ahead, vx, vy, vz, yaw,
            *wheels, car,
        ) = values
        # fmt: on
        speed_ms = hypot(vx, vy, vz)
        if not (
            0.0 <= max_rpm < _RPM_LIMIT
            and -_RPM_LIMIT < rpm < _RPM_LIMIT
            and -_YAW_LIMIT < yaw < _YAW_LIMIT
            and speed_ms < _SPEED_LIMIT_MS
        ):
            return _OUT_OF_RANGE
        if car != self._car:
            self._name(car, 0, max_rpm)
        return Frame(
            received_us,
            self._clock.utc_ms(stamp_low | stamp_high << 16, received_us),
            speed_kmh=speed_ms * 3.6,
            rpm=rpm if rpm > 0.0 else 0.0,
            session_uid=self._session_uid,
            extra=(
                max_rpm or nan,
                right * _LEFT_G,
                up * _G,
                ahead * _G,
                yaw * _DEGREES % 360.0,
                *wheels,
            ),
        )

    def _dash_frame(
        self, datagram: bytes, values: tuple[Any, ...], received_us: int
    ) -> Decoded:
        # fmt: off
        (
            _, stamp_low, stamp_high, max_rpm, rpm, right, up, ahead, _, _, _, yaw,
            r_fl, r_fr, r_rl, r_rr, w_fl, w_fr, w_rl, w_rr, a_fl, a_fr, a_rl, a_rr,
            c_fl, c_fr, c_rl, c_rr, s_fl, s_fr, s_rl, s_rr, car,
            x, y, z, speed_ms, power_w, torque_nm, fl_f, fr_f, rl_f, rr_f,
            boost_psi, fuel, distance_m, best_s, last_s, lap_s, race_s,
            lap, place, throttle, brake, clutch, handbrake, gear, steer,
        ) = values
        if not (
            0.0 <= max_rpm < _RPM_LIMIT and -_RPM_LIMIT < rpm < _RPM_LIMIT
            and -_YAW_LIMIT < yaw < _YAW_LIMIT
            and -_SPEED_LIMIT_MS < speed_ms < _SPEED_LIMIT_MS
            and gear <= _GEAR_NEUTRAL and distance_m == distance_m
            and best_s >= 0.0 and last_s >= 0.0 and lap_s >= 0.0 and race_s >= 0.0
        ):
            return _OUT_OF_RANGE
        stamp_ms = self._clock.utc_ms(stamp_low | stamp_high << 16, received_us)
        wear = None
        if len(datagram) == MOTORSPORT_SIZE:
            wear = self._read_tail(datagram, car, max_rpm)
        elif car != self._car:
            self._name(car, 0, max_rpm)
        has_laps = distance_m != 0.0 or lap_s != 0.0
        if race_s < self._race_s or (lap != self._lap and has_laps):
            self._follow(race_s, lap, distance_m, distance_m - lap_s * speed_ms)
        self._race_s = race_s
        lap_distance_m, position = nan, None
        if has_laps and self._lap_start_m is not None and lap == self._lap:
            lap_distance_m = distance_m - self._lap_start_m
            if self._lap_length_m is not None:
                position = min(max(lap_distance_m / self._lap_length_m, 0.0), 1.0)
        extra: tuple[float, ...] = (
            max_rpm or nan, right * _LEFT_G, up * _G, ahead * _G,
            yaw * _DEGREES % 360.0, r_fl, r_fr, r_rl, r_rr, w_fl, w_fr, w_rl, w_rr,
            a_fl, a_fr, a_rl, a_rr, c_fl, c_fr, c_rl, c_rr, s_fl, s_fr, s_rl, s_rr,
            x, y, -z, power_w / 1000.0, torque_nm, (fl_f - 32.0) / 1.8,
            (fr_f - 32.0) / 1.8, (rl_f - 32.0) / 1.8, (rr_f - 32.0) / 1.8,
            boost_psi * PSI_KPA, fuel if 0.0 <= fuel <= 1.0 else unit_share(fuel),
            lap_distance_m, best_s * 1000.0 or nan, race_s, _PLACES[place],
            BYTE_SHARES[clutch], BYTE_SHARES[handbrake],
        )
        return Frame(
            received_us, stamp_ms,
            BYTE_SHARES[throttle], BYTE_SHARES[brake], STEERING_SHARES[steer],
            speed_ms * 3.6, _GEARS[gear], rpm if rpm > 0.0 else 0.0,
            floor(lap_s * 1000.0 + 0.5) if has_laps else None,
            lap + 1 if has_laps else None,
            position, None, None, floor(last_s * 1000.0 + 0.5) or None, None,
            self._session_uid, extra if wear is None else extra + wear,
        )
        # fmt: on

    def _read_tail(
        self, datagram: bytes, car: int, max_rpm: float
    ) -> tuple[float, ...]:
        """Return the wear of the tyres that Motorsport 2023 tells, note the track."""
        *worn, track = TAIL.unpack_from(datagram, TAIL_OFFSET)
        if car != self._car or track != self._track:
            self._name(car, track, max_rpm)
        return tuple([x if 0.0 <= x <= 1.0 else unit_share(x) for x in worn])

    def _name(self, car: int, track: int, max_rpm: float) -> None:
        """Tell what is known of car and track: their numbers in the game's lists."""
        self._car, self._track = car, track
        self.identity = Identity(
            car=f"Forza car {car}" if car > 0 else None,
            track=f"Forza track {track}" if track > 0 else None,
            max_rpm=max_rpm or None,
        )

    def _follow(
        self, race_s: float, lap: int, distance_m: float, line_m: float
    ) -> None:
        """Note where a lap began, and that a race began anew.

        ``line_m`` is the distance at which the lap clock stood at zero.
        """
        if self._clock.is_late:
            return
        is_back = race_s < self._race_s - _SHARED_STAMP_S
        if is_back and (race_s < _JUST_STARTED_S or distance_m < 0.0):
            self._session_uid += 1
            self._lap = self._lap_start_m = self._lap_length_m = None
        if lap == self._lap:
            return
        if lap == 0:
            self._lap_start_m = 0.0
            self._is_from_line = distance_m < 0.0
        elif self._lap is not None and lap == self._lap + 1:
            start_m = self._lap_start_m
            if start_m is not None and self._is_from_line and not self._lap_length_m:
                length_m = line_m - start_m
                self._lap_length_m = length_m if length_m > _SHORTEST_LAP_M else None
            self._lap_start_m = line_m
            self._is_from_line = True
        else:
            self._lap_start_m = None
            self._is_from_line = False
        self._lap = lap
