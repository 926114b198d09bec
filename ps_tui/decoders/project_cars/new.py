"""The protocol of Project CARS 2, which Automobilista 2 sends too ("version 2").

Little-endian and packed behind a header of 12 bytes, each kind of packet with one
or two sizes. The layouts rest on single recorded packets (kinds 0, 3, 4 and 7) and
on the published definitions. A sample is spread over packets: telemetry has the
physics, timings the lap; they come at the same rate, one behind the other. Everything
else comes when it changes, or seconds to minutes apart.
"""

from __future__ import annotations

import struct
from math import hypot, nan
from typing import Any

import msgspec
from msgspec.structs import replace

from ps_tui.decoders.plausible import LARGEST, unit_share, without_absurd
from ps_tui.decoders.project_cars.parts import (
    FLAGS,
    GEARS,
    IN_PIT,
    NOT_PLAYING,
    PLAYING,
    RACING,
    RESTARTING,
    RPM_LIMIT,
    SESSION_KINDS,
    SPEED_LIMIT_MS,
    TRACK_LIMIT_M,
    SpikeFilter,
    clock_ms,
    milliseconds,
    physics_values,
    span_ms,
    text,
)
from ps_tui.decoders.session_watch import SessionWatch
from ps_tui.domain.frame import Decoded, Frame, Identity, Rejected, Skipped

TELEMETRY, RACE, PARTICIPANTS, TIMINGS, GAME, TIME_STATS, VEHICLES = 0, 1, 2, 3, 4, 7, 8
SIZES: dict[int, tuple[int, ...]] = {
    TELEMETRY: (559, 555),
    RACE: (308,),
    PARTICIPANTS: (1136,),
    TIMINGS: (1063, 1059),
    GAME: (24,),
    TIME_STATS: (1040,),
    VEHICLES: (1164, 1452),
}
"""By kind, byte 10; the second size is of the first patch, and of car classes."""

_FIRST_TELEMETRY_SIZE = 555
_CLASSES_SIZE = 1452

_HEAD = struct.Struct("<4xI3B")
"""Number within the kind, part, count of parts, kind."""
_TELEMETRY = struct.Struct(
    "<12xb4xBh2xh4x"  # 12 viewed participant, 17 car flags, oil and water in °C
    "4Bff2HbB"  # 28 fuel capacity in l, brake, throttle, clutch, fuel, speed, rpm, gear
    "54x3f48x4f"  # 100 local acceleration, 160 wheel speed in rad/s
    "4B16x4B8x4h"  # 176 tyre °C, 196 wear, 208 brake °C
    "16x4H72x4f"  # 232 carcass in K, 312 suspension travel in m
    "24x4H4xf2xB"  # 352 tyre kPa, 364 torque, 370 handbrake
    "171x3fB"  # 542 position in m, 554 brake bias
)
_PHYSICS = slice(14, 46)
_TICK = struct.Struct("<I")
_TELEMETRY_TICK, _TIMINGS_TICK = 555, 1059
_GAPS = struct.Struct("<2f")
_GAPS_OFFSET = 21
_SLOT = struct.Struct("<12xH4BH2B2fH")
"""Lap distance in m, place, sector, flag, pit mode, car, race state, lap, lap time and
sector time in s, participant."""
_SLOTS_OFFSET = 33
_SLOT_COUNT = 32
_NO_SLOT = (0, 0, 255, 255, 0, 0, 0, 0, nan, nan, 0)
_STATS = struct.Struct("<2f24x")
"""Fastest and last lap in s."""
_STATS_OFFSET = 16
_RACE = struct.Struct("<16xf24xf64s64s")
"""Personal fastest lap in s, length of the track in m, track and variation."""
_GAME = struct.Struct("<14xB2b")
"""State and session, air and track in °C."""
_NAME_SIZE = 64
_NAMES_OFFSET = 16
_INDICES = struct.Struct("<16H")
_INDICES_OFFSET = 1104
_PER_PART = 16
_VEHICLE = struct.Struct("<H6x64s")
_VEHICLES_OFFSET = 12
_VEHICLE_MASK = 0x7FFF

_LAP_INVALID = 8
_LIMITER = 8
_STALE_US = 1_000_000

_JOINED = Skipped("part of a sample")
_LEARNED = Skipped("names and settings")
_NO_CAR = Skipped("no car in view")
_SPIKE = Skipped("speed that no car reaches at once")
_OUT_OF_RANGE = Rejected("a Project CARS 2 packet with a value out of range")


class Telemetry(msgspec.Struct, frozen=True, gc=False):
    """A telemetry packet that waits for its timings."""

    values: tuple[Any, ...]
    received_us: int
    sequence: int
    tick: int | None


class Timings(msgspec.Struct, frozen=True, gc=False):
    """What the newest timings packet said of the viewed car."""

    slot: tuple[Any, ...] = _NO_SLOT
    gaps_s: tuple[float, ...] = (nan, nan)
    received_us: int = -_STALE_US
    tick: int | None = None
    viewed: int = -1


class Held(msgspec.Struct):
    """What holds until the next packet of its kind."""

    best_ms: int | None = None
    last_ms: int | None = None
    sector1_ms: float = nan
    sector2_ms: float = nan
    session: int | None = None
    air_c: float = nan
    track_c: float = nan
    length_m: float | None = None


class NewProtocol:
    """Reads the stream of one game in version 2 of the protocol.

    A frame is given out when telemetry and timings of one tick are there, at the
    latest with the next telemetry. A lost timings packet leaves what the one before
    said; after a second of none there is no lap data.
    """

    def __init__(self) -> None:
        self.identity: Identity | None = None
        self._session = SessionWatch()
        self._spikes = SpikeFilter()
        self._uid = self._session.uid
        self._state = PLAYING
        self._viewed = -1
        self._max_rpm = 0
        self._waiting: Telemetry | None = None
        self._timings = Timings()
        self._held = Held()
        self._blank_count = 0
        self._drivers: dict[int, str | None] = {}
        self._cars: dict[int, str | None] = {}

    def decode(self, datagram: bytes, received_us: int) -> Decoded:
        """Return the frame that a datagram completes, or what else it is."""
        number, part, part_count, kind = _HEAD.unpack_from(datagram)
        if len(datagram) not in SIZES.get(kind, ()) or not 0 < part <= part_count:
            return Rejected("a Project CARS 2 size with the mark of another packet")
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
            self._learn_drivers(datagram, part)
        elif len(datagram) != _CLASSES_SIZE:
            self._learn_cars(datagram)
        after = self.identity
        return _LEARNED if after is before or after is None else after

    def _take_telemetry(
        self, datagram: bytes, number: int, received_us: int
    ) -> Decoded:
        values = _TELEMETRY.unpack_from(datagram)
        viewed, speed_ms, rpm = values[0], values[9], values[10]
        reason: Decoded | None = NOT_PLAYING.get(self._state)
        if reason is None and viewed < 0:
            reason = _NO_CAR
        elif reason is None and not (
            -SPEED_LIMIT_MS < speed_ms < SPEED_LIMIT_MS
            and rpm < RPM_LIMIT
            and viewed < _SLOT_COUNT
        ):
            reason = _OUT_OF_RANGE
        elif reason is None and self._spikes.is_spike(speed_ms, received_us):
            reason = _SPIKE
        if reason is not None:
            self._blank_count += 1
            return reason
        if not hypot(*values) < LARGEST:
            values = without_absurd(values)
        tick = None
        if len(datagram) == _FIRST_TELEMETRY_SIZE:
            values = _of_first_patch(values)
        else:
            (tick,) = _TICK.unpack_from(datagram, _TELEMETRY_TICK)
        if viewed != self._viewed:
            self._viewed = viewed
            self._timings = Timings()
        if values[11] != self._max_rpm:
            self._max_rpm = values[11]
            self._note(Identity(max_rpm=float(self._max_rpm) or None))
        frame = self._give_out()
        sequence = number - self._blank_count & 0xFFFF_FFFF
        self._waiting = Telemetry(values, received_us, sequence, tick)
        if frame is None and tick is not None and tick == self._timings.tick:
            frame = self._give_out()
        return frame or _JOINED

    def _take_timings(self, datagram: bytes, received_us: int) -> Decoded:
        viewed = self._viewed
        if viewed < 0:
            return _JOINED
        slot = _SLOT.unpack_from(datagram, _SLOTS_OFFSET + viewed * _SLOT.size)
        tick = None
        if len(datagram) != SIZES[TIMINGS][1]:
            (tick,) = _TICK.unpack_from(datagram, _TIMINGS_TICK)
        gaps_s = _GAPS.unpack_from(datagram, _GAPS_OFFSET)
        before = self._timings.slot
        self._timings = Timings(slot, gaps_s, received_us, tick, viewed)
        if slot[2] != before[2] or slot[7] != before[7]:
            self._note_sector(slot)
        if slot[5] != before[5] or slot[10] != before[10]:
            self._note(Identity())
        return self._give_out() or _JOINED

    def _give_out(self) -> Frame | None:
        """Return the telemetry that waits, with the timings that there are."""
        telemetry = self._waiting
        if telemetry is None:
            return None
        self._waiting = None
        timings = self._timings
        if telemetry.received_us - timings.received_us > _STALE_US:
            timings = Timings()
        if timings.viewed >= 0:
            uid = self._session.follow(timings.viewed, timings.slot[7])
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
        if self._state == RESTARTING or held.session not in (None, session):
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
        self._note(
            Identity(track=text(track), layout=text(variation), track_length_m=known_m)
        )

    def _learn_times(self, datagram: bytes) -> None:
        if self._viewed >= 0:
            best_s, last_s = _STATS.unpack_from(
                datagram, _STATS_OFFSET + self._viewed * _STATS.size
            )
            self._held.best_ms = milliseconds(best_s)
            self._held.last_ms = milliseconds(last_s)

    def _learn_drivers(self, datagram: bytes, part: int) -> None:
        """Take names by their index, or by their place where all indices are zero."""
        indices = _INDICES.unpack_from(datagram, _INDICES_OFFSET)
        if not any(indices):
            first = max(part - 1, 0) * _PER_PART
            indices = tuple(range(first, first + _PER_PART))
        for position, index in enumerate(indices):
            at = _NAMES_OFFSET + position * _NAME_SIZE
            name = text(datagram[at : at + _NAME_SIZE])
            if name is not None:
                self._drivers[index] = name
        self._note(Identity())

    def _learn_cars(self, datagram: bytes) -> None:
        for at in range(_VEHICLES_OFFSET, len(datagram), _VEHICLE.size):
            index, name = _VEHICLE.unpack_from(datagram, at)
            self._cars[index & _VEHICLE_MASK] = text(name)
        self._note(Identity())

    def _note(self, newer: Identity) -> None:
        """Merge what is known into the identity, the same object if it is no news."""
        slot = self._timings.slot
        known = (self.identity or Identity()).merged(newer)
        if self._timings.viewed >= 0:
            known = replace(
                known,
                driver=self._drivers.get(slot[10]),
                car=self._cars.get(slot[5] & _VEHICLE_MASK),
            )
        if known != (self.identity or Identity()):
            self.identity = known


def _of_first_patch(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Blank what the first patch writes over: the wear of all tyres.

    Of its front left wheel most is nought, and so left out with all noughts.
    """
    worn = _PHYSICS.start + 11
    return (*values[:worn], nan, nan, nan, nan, *values[worn + 4 :])


def _frame(
    telemetry: Telemetry, timings: Timings, held: Held, session_uid: int
) -> Frame:
    values = telemetry.values
    # fmt: off
    (
        _, car_flags, oil_c, water_c, capacity_l, brake, throttle, clutch,
        fuel, speed_ms, rpm, max_rpm, steer, gear,
    ) = values[:14]
    handbrake, x, y, z, bias = values[46:]
    distance_m, place, sector, flag, pit, _, race, lap, lap_s, _, _ = timings.slot
    # fmt: on
    fuel_share = unit_share(fuel)
    length_m = held.length_m
    has_lap = timings.viewed >= 0
    valid = position = None
    if has_lap and race & 7 == RACING and distance_m:
        valid = not race & _LAP_INVALID
    if has_lap and length_m is not None:
        position = min(distance_m / length_m, 1.0)
    return Frame(
        telemetry.received_us,
        telemetry.received_us // 1000,
        throttle / 255,
        brake / 255,
        steer / 127 if steer > -127 else -1.0,
        speed_ms * 3.6,
        GEARS[gear & 15],
        float(rpm),
        clock_ms(lap_s),
        lap if has_lap else None,
        position,
        pit & 7 in IN_PIT if has_lap else None,
        valid,
        held.last_ms,
        telemetry.sequence,
        session_uid,
        (
            float(max_rpm) or nan,
            clutch / 255,
            fuel_share * capacity_l if capacity_l else nan,
            fuel_share,
            float(oil_c),
            float(water_c),
            handbrake / 255,
            1.0 if car_flags & _LIMITER else 0.0,
            bias / 255,
            x,
            y,
            -z,
            *physics_values(values[_PHYSICS]),
            float(distance_m) if has_lap else nan,
            (sector & 7) + 1 if has_lap else nan,
            held.sector1_ms,
            held.sector2_ms,
            held.best_ms or nan,
            (place & 127) or nan,
            span_ms(timings.gaps_s[0]),
            span_ms(timings.gaps_s[1]),
            FLAGS.get(flag & 15, nan),
            SESSION_KINDS.get(held.session or 0, nan),
            held.air_c,
            held.track_c,
        ),
    )
