"""Forza "Data Out": what a frame is made of, and where a race and its laps begin."""

from __future__ import annotations

import struct
from math import floor, hypot, nan, pi

from ps_tui.decoders.forza_packet import (
    CHANNELS,
    DASH_SIZE,
    DASHES,
    NO_PAST,
    PAST,
    SLED,
    SLED_SIZE,
    SLED_TOPS,
    TAIL,
)
from ps_tui.decoders.plausible import (
    BYTE_SHARES,
    GRAVITY,
    LARGEST,
    PSI_KPA,
    SMALL_TOPS,
    STEERING_SHARES,
    unit_share,
    without_absurd,
)
from ps_tui.decoders.sender_clock import SenderClock
from ps_tui.domain.frame import Decoded, Frame, Identity, Rejected, Skipped

_LEAST_MS, _MOST_MS = -300.0, 300.0
_LEAST_RPM, _MOST_RPM = -50_000.0, 50_000.0
_LEAST_YAW, _MOST_YAW = -10.0, 10.0
_G = 1.0 / GRAVITY
_LEFT_G = -_G
_GEARS = (-1, *range(1, 11), 0)
_GEAR_NEUTRAL = 11
_PLACES = (nan, *map(float, range(1, 256)))
_C_PER_F = 5 / 9
_DEGREES = 180 / pi
_OUT_OF_RANGE = Rejected("a Forza packet with a value out of range")
_JUST_STARTED_S = 5.0
_SHARED_STAMP_S = 0.1
"""Packets of one timestamp, one of which overtook another, are nearer than this."""
_SHORTEST_LAP_M = 100.0


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
        self._unpack, self._tops = DASHES[DASH_SIZE]
        self._car = -1
        self._track = 0
        self._max_rpm = nan
        self._tail = b""
        self._wear: tuple[float, ...] = ()
        self._past = b""
        self._told: tuple[float, float, int | None] = (nan, nan, None)
        """What they say: highest rpm, best and last lap in ms."""
        self._clock = SenderClock()
        self._session_uid = 1
        self._race_s = 0.0
        self._lap: int | None = None
        self._lap_start_m = nan
        self._lap_length_m: float | None = None
        self._is_from_line = False

    def decode(self, datagram: bytes, received_us: int) -> Decoded:
        """Return the frame, or why there is none: mostly a menu or a pause."""
        try:
            values = self._unpack(datagram)
        except struct.error:
            return self._decode_other_size(datagram, received_us)
        if not datagram[self._tops].translate(SMALL_TOPS).isascii():
            values = *values[:2], *without_absurd(values[2:])
        # fmt: off
        (
            race_on, clock_ms, max_rpm, rpm, right, up, ahead, yaw,
            r_fl, r_fr, r_rl, r_rr, w_fl, w_fr, w_rl, w_rr, a_fl, a_fr, a_rl, a_rr,
            c_fl, c_fr, c_rl, c_rr, s_fl, s_fr, s_rl, s_rr, car, x, y, z, speed_ms,
            power_w, torque_nm, fl_f, fr_f, rl_f, rr_f, boost_psi, fuel,
            distance_m, past, lap_s, race_s, lap, place, throttle, brake, clutch,
            handbrake, gear, steer, tail,
        ) = values
        if race_on != 1:
            return _without_race(datagram)
        if not (
            _LEAST_RPM < rpm < _MOST_RPM and _LEAST_YAW < yaw < _MOST_YAW
            and _LEAST_MS < speed_ms < _MOST_MS and gear <= _GEAR_NEUTRAL
            and lap_s >= 0.0 and race_s >= 0.0 and distance_m == distance_m
            and (tail == self._tail or self._read_tail(tail))
            and ((past == self._past and max_rpm == self._max_rpm and car == self._car)
                 or self._take_facts(past, max_rpm, car))
        ):
            return _OUT_OF_RANGE
        stamp_ms = self._clock.utc_ms(clock_ms, received_us)
        has_laps = distance_m != 0.0 or lap_s != 0.0
        if race_s < self._race_s or (lap != self._lap and has_laps):
            self._follow(race_s, lap, distance_m, distance_m - lap_s * speed_ms)
        self._race_s = race_s
        lap_ms = lap_number = position = None
        lap_distance_m = nan
        if has_laps:
            lap_ms, lap_number = floor(lap_s * 1000.0 + 0.5), lap + 1
            if lap == self._lap:
                lap_distance_m = distance_m - self._lap_start_m
                if self._lap_length_m is not None:
                    share = lap_distance_m / self._lap_length_m
                    position = share if 0.0 <= share <= 1.0 else float(share > 0.5)
        max_channel, best_ms, last_ms = self._told
        motion: tuple[float, ...] = (  # Of more than 30 Python makes a list first.
            max_channel, right * _LEFT_G, up * _G, ahead * _G, yaw * _DEGREES % 360.0,
            r_fl, r_fr, r_rl, r_rr, w_fl, w_fr, w_rl, w_rr, a_fl, a_fr, a_rl, a_rr,
            c_fl, c_fr, c_rl, c_rr, s_fl, s_fr, s_rl, s_rr,
        )
        other: tuple[float, ...] = (
            x, y, -z, power_w * 0.001, torque_nm,
            (fl_f - 32.0) * _C_PER_F, (fr_f - 32.0) * _C_PER_F,
            (rl_f - 32.0) * _C_PER_F, (rr_f - 32.0) * _C_PER_F, boost_psi * PSI_KPA,
            fuel if 0.0 <= fuel <= 1.0 else unit_share(fuel), lap_distance_m, best_ms,
            race_s, _PLACES[place], BYTE_SHARES[clutch], BYTE_SHARES[handbrake],
        )
        return Frame(
            received_us, stamp_ms, BYTE_SHARES[throttle], BYTE_SHARES[brake],
            STEERING_SHARES[steer], speed_ms * 3.6, _GEARS[gear],
            rpm if rpm > 0.0 else 0.0, lap_ms, lap_number, position, None, None,
            last_ms, None, self._session_uid, motion + other + self._wear,
        )
        # fmt: on

    def _decode_other_size(self, datagram: bytes, received_us: int) -> Decoded:
        """Read a datagram of another size than the one before."""
        size = len(datagram)
        if size == SLED_SIZE:
            return self._decode_sled(datagram, received_us)
        if size not in DASHES:
            return Rejected(f"{size} bytes, where Forza sends 232, 311, 324 or 331")
        self._unpack, self._tops = DASHES[size]
        return self.decode(datagram, received_us)

    def _decode_sled(self, datagram: bytes, received_us: int) -> Decoded:
        values = SLED.unpack(datagram)
        if not datagram[SLED_TOPS].translate(SMALL_TOPS).isascii():
            values = *values[:2], *without_absurd(values[2:])
        # fmt: off
        (
            race_on, clock_ms, max_rpm, rpm, right, up, ahead, vx, vy, vz, yaw,
            *wheels, car,
        ) = values
        # fmt: on
        if race_on != 1:
            return _without_race(datagram)
        speed_ms = hypot(vx, vy, vz)
        if not (
            _LEAST_RPM < rpm < _MOST_RPM
            and _LEAST_YAW < yaw < _MOST_YAW
            and speed_ms < _MOST_MS
            and self._take_facts(NO_PAST, max_rpm, car)
        ):
            return _OUT_OF_RANGE
        return Frame(
            received_us,
            self._clock.utc_ms(clock_ms, received_us),
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

    def _take_facts(self, past: bytes, max_rpm: float, car: int) -> bool:
        """Read what seldom changes; ``False`` where it is impossible."""
        best_s, last_s = PAST.unpack(past)
        if not (
            0.0 <= best_s < LARGEST
            and 0.0 <= last_s < LARGEST
            and 0.0 <= max_rpm < _MOST_RPM
        ):
            return False
        self._past, self._max_rpm = past, max_rpm
        self._told = (
            max_rpm or nan,
            best_s * 1000.0 or nan,
            floor(last_s * 1000.0 + 0.5) or None,
        )
        if car != self._car:
            self._name(car, self._track)
        return True

    def _read_tail(self, tail: bytes) -> bool:
        """Take the wear of the tyres that Motorsport 2023 tells, and the track."""
        self._tail, self._wear = tail, ()
        if tail:
            *worn, track = TAIL.unpack(tail)
            self._wear = tuple([x if 0.0 <= x <= 1.0 else unit_share(x) for x in worn])
            if track != self._track:
                self._name(self._car, track)
        return True

    def _name(self, car: int, track: int) -> None:
        """Tell what is known of car and track: their numbers in the game's lists."""
        self._car, self._track = car, track
        self.identity = Identity(
            car=f"Forza car {car}" if car > 0 else None,
            track=f"Forza track {track}" if track > 0 else None,
            max_rpm=self._max_rpm or None,
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
            self._lap = self._lap_length_m = None
            self._lap_start_m = nan
        if lap == self._lap:
            return
        if lap == 0:
            self._lap_start_m = 0.0
            self._is_from_line = distance_m < 0.0
        elif self._lap is not None and lap == self._lap + 1:
            if self._is_from_line and self._lap_length_m is None:
                length_m = line_m - self._lap_start_m
                self._lap_length_m = length_m if length_m > _SHORTEST_LAP_M else None
            self._lap_start_m = line_m
            self._is_from_line = True
        else:
            self._lap_start_m = nan
            self._is_from_line = False
        self._lap = lap


def _without_race(datagram: bytes) -> Decoded:
    """Say what a packet is whose race flag is not 1."""
    if not any(datagram[:4]) and not any(datagram[8:SLED_SIZE]):
        return Skipped("menu or pause")
    return Rejected("a Forza packet with an impossible race flag")
