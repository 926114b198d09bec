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
from math import degrees, hypot, nan
from typing import Any

from ps_tui.decoders.plausible import (
    GRAVITY,
    LARGEST,
    PSI_KPA,
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
    "iI"  # 0 race on, timestamp in ms
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
    "H6Bb2x"  # 300 lap, place, throttle, brake, clutch, handbrake, gear, steering
)
_SLED = struct.Struct("<" + _SLED_FORMAT)
_DASH = struct.Struct("<" + _SLED_FORMAT + _DASH_FORMAT)
_HORIZON = struct.Struct("<" + _SLED_FORMAT + "12x" + _DASH_FORMAT)
_MOTORSPORT = struct.Struct("<" + _SLED_FORMAT + _DASH_FORMAT + "4fi")
_LAYOUTS = {
    SLED_SIZE: _SLED,
    DASH_SIZE: _DASH,
    **dict.fromkeys(HORIZON_SIZES, _HORIZON),
    MOTORSPORT_SIZE: _MOTORSPORT,
}

_SPEED_LIMIT_MS = 300.0
_RPM_LIMIT = 50_000.0
_GEAR_NEUTRAL = 11
_STEERING_LOCK = 127
_TIME_LIMIT_S = 1e6
_DISTANCE_LIMIT_M = 1e6
_YAW_LIMIT = 10.0
_OUT_OF_RANGE = "a Forza packet with a value out of range"
_JUST_STARTED_S = 5.0
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

_SLED_VALUES = 32
_DASH_VALUES = 57


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
        self._named: tuple[int, int | None, float] | None = None
        self._clock = SenderClock()
        self._session_uid = 1
        self._forget_race()

    def decode(self, datagram: bytes, received_us: int) -> Decoded:
        """Return the frame, or why there is none: mostly a menu or a pause."""
        size = len(datagram)
        layout = _LAYOUTS.get(size)
        if layout is None:
            return Rejected(f"{size} bytes, where Forza sends 232, 311, 324 or 331")
        values = layout.unpack_from(datagram)
        if values[0] != 1:
            if values[0] == 0 and not any(datagram[8:SLED_SIZE]):
                return Skipped("menu or pause")
            return Rejected("a Forza packet with an impossible race flag")
        if not (
            0.0 <= values[2] < _RPM_LIMIT
            and -_RPM_LIMIT < values[3] < _RPM_LIMIT
            and hypot(*values[7:10]) < _SPEED_LIMIT_MS
            and -_YAW_LIMIT < values[10] < _YAW_LIMIT
        ):
            return Rejected(_OUT_OF_RANGE)
        if not hypot(*values[2:_DASH_VALUES]) < LARGEST:
            values = (*values[:2], *without_absurd(values[2:]))
        if len(values) == _SLED_VALUES:
            return self._sled_frame(values, received_us)
        return self._dash_frame(values, received_us)

    def _sled_frame(self, values: tuple[Any, ...], received_us: int) -> Frame:
        stamp_ms = self._clock.utc_ms(values[1], received_us)
        self._name(values[31], None, values[2])
        return Frame(
            received_us,
            stamp_ms,
            speed_kmh=hypot(*values[7:10]) * 3.6,
            rpm=values[3] if values[3] > 0.0 else 0.0,
            session_uid=self._session_uid,
            extra=_sled_extra(values),
        )

    def _dash_frame(self, values: tuple[Any, ...], received_us: int) -> Decoded:
        # fmt: off
        (
            x, y, z, speed_ms, power_w, torque_nm, fl_f, fr_f, rl_f, rr_f,
            boost_psi, fuel, distance_m, best_s, last_s, lap_s, race_s,
            lap, place, throttle, brake, clutch, handbrake, gear, steer,
        ) = values[_SLED_VALUES:_DASH_VALUES]
        # fmt: on
        if not (
            -_SPEED_LIMIT_MS < speed_ms < _SPEED_LIMIT_MS
            and gear <= _GEAR_NEUTRAL
            and -_DISTANCE_LIMIT_M < distance_m < _DISTANCE_LIMIT_M
            and 0.0 <= best_s < _TIME_LIMIT_S
            and 0.0 <= last_s < _TIME_LIMIT_S
            and 0.0 <= lap_s < _TIME_LIMIT_S
            and 0.0 <= race_s < _TIME_LIMIT_S
        ):
            return Rejected(_OUT_OF_RANGE)
        stamp_ms = self._clock.utc_ms(values[1], received_us)
        wear: tuple[float, ...] = ()
        track = None
        if len(values) > _DASH_VALUES:
            *worn, track = values[_DASH_VALUES:]
            wear = tuple(map(unit_share, worn))
        self._name(values[31], track, values[2])
        has_laps = distance_m != 0.0 or lap_s != 0.0
        if not self._clock.is_late:
            self._follow(race_s, lap, distance_m, lap_s * speed_ms, has_laps=has_laps)
        start_m, length_m = self._lap_start_m, self._lap_length_m
        lap_distance_m = position = None
        if has_laps and start_m is not None and lap == self._lap:
            lap_distance_m = distance_m - start_m
            if length_m is not None:
                position = min(max(lap_distance_m / length_m, 0.0), 1.0)
        return Frame(
            received_us,
            stamp_ms,
            throttle / 255,
            brake / 255,
            steer / _STEERING_LOCK if steer > -_STEERING_LOCK else -1.0,
            speed_ms * 3.6,
            0 if gear == _GEAR_NEUTRAL else gear or -1,
            values[3] if values[3] > 0.0 else 0.0,
            round(lap_s * 1000) if has_laps else None,
            lap + 1 if has_laps else None,
            position,
            None,
            None,
            round(last_s * 1000) or None,
            None,
            self._session_uid,
            (
                *_sled_extra(values),
                x,
                y,
                -z,
                power_w / 1000,
                torque_nm,
                (fl_f - 32.0) / 1.8,
                (fr_f - 32.0) / 1.8,
                (rl_f - 32.0) / 1.8,
                (rr_f - 32.0) / 1.8,
                boost_psi * PSI_KPA,
                unit_share(fuel),
                nan if lap_distance_m is None else lap_distance_m,
                best_s * 1000 or nan,
                race_s,
                place or nan,
                clutch / 255,
                handbrake / 255,
                *wear,
            ),
        )

    def _name(self, car: int, track: int | None, max_rpm: float) -> None:
        """Tell what is known of car and track: their numbers in the game's lists."""
        if (car, track, max_rpm) == self._named:
            return
        self._named = (car, track, max_rpm)
        self.identity = Identity(
            car=f"Forza car {car}" if car > 0 else None,
            track=f"Forza track {track}" if track and track > 0 else None,
            max_rpm=max_rpm or None,
        )

    def _forget_race(self) -> None:
        self._race_s = 0.0
        self._lap: int | None = None
        self._lap_start_m: float | None = None
        self._lap_length_m: float | None = None
        self._is_from_line = False

    def _follow(
        self,
        race_s: float,
        lap: int,
        distance_m: float,
        since_line_m: float,
        *,
        has_laps: bool,
    ) -> None:
        """Keep track of where the running lap began.

        ``since_line_m`` is what the car drove since the lap clock fell to zero.
        """
        if race_s < self._race_s and (race_s < _JUST_STARTED_S or distance_m < 0.0):
            self._session_uid += 1
            self._forget_race()
        self._race_s = race_s
        if not has_laps:
            return
        if lap == 0:
            self._lap_start_m = 0.0
            self._is_from_line = self._is_from_line or distance_m < 0.0
        elif self._lap is not None and lap == self._lap + 1:
            line_m = distance_m - since_line_m
            self._learn_length(line_m)
            self._lap_start_m = line_m
            self._is_from_line = True
        elif lap != self._lap:
            self._lap_start_m = None
            self._is_from_line = False
        self._lap = lap

    def _learn_length(self, line_m: float) -> None:
        start_m = self._lap_start_m
        if start_m is None or not self._is_from_line or self._lap_length_m is not None:
            return
        if line_m - start_m > _SHORTEST_LAP_M:
            self._lap_length_m = line_m - start_m


def _sled_extra(values: tuple[Any, ...]) -> tuple[float, ...]:
    return (
        values[2] or nan,
        values[4] / -GRAVITY,
        values[5] / GRAVITY,
        values[6] / GRAVITY,
        degrees(values[10]) % 360.0,
        *values[11:31],
    )
