"""The protocol of Project CARS 2, which Automobilista 2 sends too ("version 2").

Little-endian and packed behind a header of 12 bytes, each kind of packet with one
or two sizes. The layouts rest on single recorded packets (kinds 0, 3, 4 and 7) and
on the published definitions. A sample is spread over packets: telemetry has the
physics, timings the lap; they come at the same rate, one behind the other. Everything
else comes when it changes, or seconds to minutes apart.
"""

from __future__ import annotations

import struct
from math import floor, hypot, nan
from typing import Any

import msgspec

from ps_tui.decoders.plausible import (
    BYTE_SHARES,
    LARGEST,
    STEERING_SHARES,
    without_absurd,
)
from ps_tui.decoders.project_cars.parts import (
    BRAKE,
    CARCASS,
    FLAGS,
    GEAR,
    GEARS,
    LAP_INVALID,
    LEAST_SPEED_MS,
    MAX_RPM,
    NO_PIT_MODE,
    NOT_PLAYING,
    PLAYING,
    PRESSURE,
    RACING,
    RESTARTING,
    RPM,
    RPM_LIMIT,
    SESSION_KINDS,
    SPEED,
    SPEED_LIMIT_MS,
    THROTTLE,
    TIME_LIMIT_S,
    TRACK_LIMIT_M,
    WEAR,
    SpikeFilter,
    car_channels,
    milliseconds,
    span_ms,
    text,
    tyre_channels,
)
from ps_tui.decoders.project_cars.roster import Roster
from ps_tui.decoders.session_watch import SessionWatch
from ps_tui.domain.frame import Decoded, Frame, Identity, Rejected, Skipped

TELEMETRY, RACE, PARTICIPANTS, TIMINGS, GAME, TIME_STATS, VEHICLES = 0, 1, 2, 3, 4, 7, 8
SIZES: dict[int, int] = {
    559: TELEMETRY,
    555: TELEMETRY,
    308: RACE,
    1136: PARTICIPANTS,
    1063: TIMINGS,
    1059: TIMINGS,
    24: GAME,
    1040: TIME_STATS,
    1164: VEHICLES,
    1452: VEHICLES,
}
"""Kind of packet by size; 555 and 1,059 are the first patch's, 1,452 car classes."""

_FIRST_TELEMETRY_SIZE, _FIRST_TIMINGS_SIZE, _CLASSES_SIZE = 555, 1059, 1452

_HEAD = struct.Struct("<4xI3B")
"""Number within the kind, part, count of parts, kind."""
RUN = struct.Struct(
    "<h2xh4x"  # 18 oil, 22 water in °C
    "4Bff2HxB"  # 28 fuel capacity in l, brake, throttle, clutch, fuel, speed, rpm, gear
    "54x3f48x4f"  # 100 local acceleration, 160 wheel speed in rad/s
    "4B16x4s8x4h"  # 176 tyre °C, 196 wear, 208 brake °C
    "16x8s72x4f"  # 232 carcass in K, 312 suspension travel in m
    "24x8s4xf"  # 352 tyre kPa, 364 torque
)
RUN_OFFSET = 18
PLACE = struct.Struct("<3f")
PLACE_OFFSET = 542
"""Position in m."""
_VIEWED = struct.Struct("<b")
_VIEWED_OFFSET = 12
_CAR_FLAGS_OFFSET, _STEERING_OFFSET = 17, 44
_HANDBRAKE_OFFSET, _BIAS_OFFSET = 370, 554
_OVERWRITTEN = (18, 23, 28)
"""Temperatures and suspension travel of the front left wheel."""
_TICK = struct.Struct("<I")
_TELEMETRY_TICK, _TIMINGS_TICK = 555, 1059
_GAPS = struct.Struct("<2f")
_GAPS_OFFSET = 21
SLOT = struct.Struct("<12xH4BH2B2fH")
"""Lap distance in m, place, sector, flag, pit mode, car, race state, lap, lap time and
sector time in s, participant."""
SLOTS_OFFSET = 33
_SLOT_COUNT = 32
_NO_SLOT = (0, 0, 255, 255, 0, 0, 0, 0, nan, nan, 0)
_STATS = struct.Struct("<2f24x")
"""Fastest and last lap in s."""
_STATS_OFFSET = 16
_RACE = struct.Struct("<16xf24xf64s64s")
"""Personal fastest lap in s, length of the track in m, track and variation."""
_GAME = struct.Struct("<14xB2b")
"""State and session, air and track in °C."""
_STALE_US = 1_000_000

_JOINED = Skipped("part of a sample")
_LEARNED = Skipped("names and settings")
_NO_CAR = Skipped("no car in view")
_SPIKE = Skipped("speed that no car reaches at once")
_FOREIGN = Rejected("a Project CARS 2 size with the mark of another packet")
_OUT_OF_RANGE = Rejected("a Project CARS 2 packet with a value out of range")


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
    received_us: int = -_STALE_US
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


_NO_TIMINGS = Timings()


class NewProtocol:
    """Reads the stream of one game in version 2 of the protocol.

    A frame is given out when telemetry and timings of one tick are there, at the
    latest with the next telemetry. A lost timings packet leaves what the one before
    said; after a second of none there is no lap data.
    """

    def __init__(self) -> None:
        self._roster = Roster()
        self._session = SessionWatch()
        self._uid = self._session.uid
        self._spikes = SpikeFilter()
        self._state = PLAYING
        self._viewed = -1
        self._max_rpm = 0
        self._waiting: Telemetry | None = None
        self._timings = _NO_TIMINGS
        self._held = Held()
        self._blank_count = 0

    @property
    def identity(self) -> Identity | None:
        return self._roster.identity

    def decode(self, datagram: bytes, received_us: int) -> Decoded:
        """Return the frame that a datagram completes, or what else it is."""
        number, part, part_count, kind = _HEAD.unpack_from(datagram)
        if kind != SIZES[len(datagram)] or not 0 < part <= part_count:
            return _FOREIGN
        if kind == TELEMETRY:
            return self._take_telemetry(datagram, number, received_us)
        if kind == TIMINGS:
            return self._take_timings(datagram, received_us)
        before = self.identity
        if kind == GAME:
            self._learn_game(datagram)
        elif kind == RACE:
            self._learn_race(datagram)
        elif kind == TIME_STATS:
            self._learn_times(datagram)
        elif kind == PARTICIPANTS:
            self._roster.learn_drivers(datagram, part)
        elif len(datagram) != _CLASSES_SIZE:
            self._roster.learn_cars(datagram)
        after = self.identity
        return _LEARNED if after is before or after is None else after

    def _take_telemetry(
        self, datagram: bytes, number: int, received_us: int
    ) -> Decoded:
        (viewed,) = _VIEWED.unpack_from(datagram, _VIEWED_OFFSET)
        run = RUN.unpack_from(datagram, RUN_OFFSET)
        reason = self._reason_against(viewed, run, received_us)
        if reason is not None:
            self._blank_count += 1
            return reason
        tick = None
        if len(datagram) == _FIRST_TELEMETRY_SIZE:
            run = _of_first_patch(run)
        else:
            (tick,) = _TICK.unpack_from(datagram, _TELEMETRY_TICK)
        if viewed != self._viewed:
            self._viewed = viewed
            self._timings = _NO_TIMINGS
        if run[MAX_RPM] != self._max_rpm:
            self._max_rpm = run[MAX_RPM]
            self._roster.note(Identity(max_rpm=float(self._max_rpm) or None))
        waiting = self._waiting
        sequence = number - self._blank_count & 0xFFFF_FFFF
        telemetry = Telemetry(datagram, run, received_us, sequence, tick)
        if waiting is not None:
            self._waiting = telemetry
            return self._give_out(waiting)
        if tick is not None and tick == self._timings.tick:
            return self._give_out(telemetry)
        self._waiting = telemetry
        return _JOINED

    def _reason_against(
        self, viewed: int, run: tuple[Any, ...], received_us: int
    ) -> Skipped | Rejected | None:
        """Say why there is no frame, ``None`` where there is one."""
        if self._state != PLAYING and self._state in NOT_PLAYING:
            return NOT_PLAYING[self._state]
        if viewed < 0:
            return _NO_CAR
        if not (
            viewed < _SLOT_COUNT
            and LEAST_SPEED_MS < run[SPEED] < SPEED_LIMIT_MS
            and run[RPM] < RPM_LIMIT
        ):
            return _OUT_OF_RANGE
        return _SPIKE if self._spikes.is_spike(run[SPEED], received_us) else None

    def _take_timings(self, datagram: bytes, received_us: int) -> Decoded:
        viewed = self._viewed
        if viewed < 0:
            return _JOINED
        slot = SLOT.unpack_from(datagram, SLOTS_OFFSET + viewed * SLOT.size)
        tick = None
        if len(datagram) != _FIRST_TIMINGS_SIZE:
            (tick,) = _TICK.unpack_from(datagram, _TIMINGS_TICK)
        gaps_s = _GAPS.unpack_from(datagram, _GAPS_OFFSET)
        before = self._timings.slot
        self._timings = Timings(slot, gaps_s, received_us, tick, is_known=True)
        if slot[2] != before[2] or slot[7] != before[7]:
            self._note_sector(slot)
        if slot[5] != before[5] or slot[10] != before[10]:
            self._roster.view(slot[5], slot[10])
        waiting = self._waiting
        if waiting is None:
            return _JOINED
        self._waiting = None
        return self._give_out(waiting)

    def _give_out(self, telemetry: Telemetry) -> Frame:
        """Return a sample with the timings that there are."""
        timings = self._timings
        if telemetry.received_us - timings.received_us > _STALE_US:
            timings = _NO_TIMINGS
        if timings.is_known:
            uid = self._session.follow(self._viewed, timings.slot[7])
            if uid != self._uid:
                self._uid = uid
                self._held.best_ms = self._held.last_ms = None
        return _frame(telemetry, timings, self._held, self._uid)

    def _note_sector(self, slot: tuple[Any, ...]) -> None:
        """Tell sector times: at its first sample the lap so far less the sector's."""
        sector, lap_s, sector_s = slot[2] & 7, slot[8], slot[9]
        held = self._held
        so_far_ms = span_ms(lap_s - sector_s) if sector_s >= 0.0 else nan
        if sector == 1:
            held.sector1_ms, held.sector2_ms = so_far_ms, nan
        elif sector == 2:
            held.sector2_ms = so_far_ms - held.sector1_ms
        else:
            held.sector1_ms = held.sector2_ms = nan

    def _learn_game(self, datagram: bytes) -> None:
        state, air_c, track_c = _GAME.unpack_from(datagram)
        held = self._held
        session = state >> 3 & 7
        self._state = state & 7
        if self._state == RESTARTING or held.session not in (0, session):
            self._session.restart()
        held.session, held.air_c, held.track_c = session, float(air_c), float(track_c)

    def _learn_race(self, datagram: bytes) -> None:
        best_s, length_m, track, variation = _RACE.unpack_from(datagram)
        held = self._held
        known_m = length_m if 0.0 < length_m < TRACK_LIMIT_M else None
        if held.length_m not in (None, known_m):
            self._session.restart()
        held.length_m = known_m
        held.best_ms = milliseconds(best_s)
        layout = text(variation)
        self._roster.note(
            Identity(track=text(track), layout=layout, track_length_m=known_m)
        )

    def _learn_times(self, datagram: bytes) -> None:
        if self._viewed >= 0:
            best_s, last_s = _STATS.unpack_from(
                datagram, _STATS_OFFSET + self._viewed * _STATS.size
            )
            self._held.best_ms = milliseconds(best_s)
            self._held.last_ms = milliseconds(last_s)


def _of_first_patch(run: tuple[Any, ...]) -> tuple[Any, ...]:
    """Blank what that patch overwrites, most of it of the front left wheel."""
    kept = list(run)
    for place in _OVERWRITTEN:
        kept[place] = nan
    kept[WEAR] = b""
    kept[PRESSURE] = b"\0\0" + run[PRESSURE][2:]
    return tuple(kept)


def _frame(
    telemetry: Telemetry, timings: Timings, held: Held, session_uid: int
) -> Frame:
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
    channels = car_channels(
        run,
        tyre_channels(run[WEAR], run[CARCASS], run[PRESSURE]),
        BYTE_SHARES[datagram[_HANDBRAKE_OFFSET]],
        datagram[_CAR_FLAGS_OFFSET],
        BYTE_SHARES[datagram[_BIAS_OFFSET]],
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
        STEERING_SHARES[datagram[_STEERING_OFFSET]], run[SPEED] * 3.6,
        GEARS[run[GEAR]], run[RPM],
        floor(lap_s * 1000.0 + 0.5) if 0.0 <= lap_s < TIME_LIMIT_S else None,
        lap_number, position, in_pit, valid, held.last_ms,
        telemetry.sequence, session_uid, channels + lap_channels,
    )
    # fmt: on
