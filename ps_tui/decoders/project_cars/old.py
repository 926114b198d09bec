"""The protocol of Project CARS 1, which its successors can send as well.

Little-endian and packed: 1,367 bytes of telemetry with all participants, 1,347 and
1,028 bytes of names. Checked on a recorded race. Build number and a byte with kind
and sequence come first; names carry the sequence of the telemetry before them.
"""

from __future__ import annotations

import struct
from math import hypot, nan
from typing import Any

from msgspec.structs import replace

from ps_tui.decoders.plausible import LARGEST, unit_share, without_absurd
from ps_tui.decoders.project_cars.parts import (
    FLAGS,
    GEARS,
    IN_PIT,
    NOT_PLAYING,
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

TELEMETRY_SIZE = 1367
NAMES_SIZE = 1347
MORE_NAMES_SIZE = 1028
SIZES: dict[int, int] = {TELEMETRY_SIZE: 0, NAMES_SIZE: 1, MORE_NAMES_SIZE: 2}
"""Kind of packet by size."""

_TELEMETRY = struct.Struct(
    "<2x2Bb5x"  # 2 sequence and kind, 3 state and session, 4 viewed participant
    "Bx3f2f"  # 10 race state, 12 best, last and current lap, 24 gaps in s
    "16x2f"  # 48 time in sector 1 and 2
    "42x2B"  # 98 flag, pit mode
    "h2xh4x2B"  # 100 oil, 104 water in °C, 110 car flags, fuel capacity in l
    "3Bb2f2HB"  # 112 brake, throttle, clutch, steering, fuel, speed, rpm, gear
    "55x3f48x4f"  # 184 local acceleration, 244 wheel speed in rad/s
    "16x4B36x4B8x4h"  # 276 tyre °C, 316 wear, 328 brake °C
    "16x4H48x4f"  # 352 carcass in K, 408 suspension travel in m
    "16x4H4xf2x2b"  # 440 tyre kPa, 452 torque, 458 air and track in °C
    "900xf"  # 1360 track length in m
)
_PARTICIPANT = struct.Struct("<3hHBxBB")
"""Position in m, lap distance in m, place, lap, sector with quarter metres."""
_PARTICIPANTS_OFFSET = 464
_PARTICIPANT_SIZE = 16
_PARTICIPANT_COUNT = 56
_PHYSICS = slice(26, 58)
"""The values that both protocols have in common."""

_NAME_SIZE = 64
_NAMES_PER_PACKET = 16
_SEQUENCE_COUNT = 64
_LAP_INVALID = 8
_LIMITER, _HANDBRAKE = 8, 32

_NO_CAR = Skipped("no car in view")
_SPIKE = Skipped("speed that no car reaches at once")
_NAMES = Skipped("names")
_OUT_OF_RANGE = Rejected("a Project CARS packet with a value out of range")


class OldProtocol:
    """Reads the stream of one game in the older protocol."""

    def __init__(self) -> None:
        self.identity: Identity | None = None
        self._session = SessionWatch()
        self._spikes = SpikeFilter()
        self._number = 0
        self._blank_count = 0
        self._last_sequence: int | None = None
        self._drivers: dict[int, str | None] = {}
        self._facts = (-1, 0.0, 0)
        """Viewed participant, length of the track in m, highest rpm."""

    def decode(self, datagram: bytes, received_us: int) -> Decoded:
        """Return the frame of a telemetry packet, or what else the datagram is."""
        kind = SIZES[len(datagram)]
        if datagram[2] & 3 != kind:
            return Rejected("a Project CARS size with the mark of another packet")
        if kind:
            return self._learn_names(datagram)
        values = _TELEMETRY.unpack_from(datagram)
        number = self._count(values[0] >> 2)
        decoded = self._decode_telemetry(datagram, values, number, received_us)
        if type(decoded) is not Frame:
            self._blank_count += 1
        return decoded

    def _decode_telemetry(
        self,
        datagram: bytes,
        values: tuple[Any, ...],
        number: int,
        received_us: int,
    ) -> Decoded:
        state, viewed = values[1] & 7, values[2]
        if state in NOT_PLAYING:
            if state == RESTARTING:
                self._session.restart()
            return NOT_PLAYING[state]
        if not 0 <= viewed < _PARTICIPANT_COUNT:
            return _NO_CAR
        speed_ms, rpm, max_rpm, length_m = *values[22:25], values[-1]
        if not (
            -SPEED_LIMIT_MS < speed_ms < SPEED_LIMIT_MS
            and rpm < RPM_LIMIT
            and 0.0 <= length_m < TRACK_LIMIT_M
        ):
            return _OUT_OF_RANGE
        if self._spikes.is_spike(speed_ms, received_us):
            return _SPIKE
        if not hypot(*values) < LARGEST:
            values = without_absurd(values)
        place = _PARTICIPANT.unpack_from(
            datagram, _PARTICIPANTS_OFFSET + viewed * _PARTICIPANT_SIZE
        )
        if (viewed, length_m, max_rpm) != self._facts:
            self._facts = (viewed, length_m, max_rpm)
            self._note(Identity())
        what = (values[1] >> 4, viewed, length_m)
        uid = self._session.follow(what, place[5])
        number -= self._blank_count
        return _frame(values, place, received_us, max(number, 0), uid)

    def _count(self, sequence: int) -> int:
        """Carry the six bits of the game's counter on beyond 64."""
        step = 1
        if self._last_sequence is not None:
            step = (sequence - self._last_sequence) % _SEQUENCE_COUNT
        if step > _SEQUENCE_COUNT // 2:
            return self._number + step - _SEQUENCE_COUNT  # one that was overtaken
        self._last_sequence = sequence
        self._number += step
        return self._number

    def _learn_names(self, datagram: bytes) -> Decoded:
        if len(datagram) == MORE_NAMES_SIZE:
            first, offset = datagram[3], 4
            newer = Identity()
        else:
            first, offset = 0, 3 + 4 * _NAME_SIZE
            car, _, track, layout = (
                text(datagram[at : at + _NAME_SIZE])
                for at in range(3, offset, _NAME_SIZE)
            )
            newer = Identity(car=car, track=track, layout=layout)
        for index in range(_NAMES_PER_PACKET):
            at = offset + index * _NAME_SIZE
            self._drivers[first + index] = text(datagram[at : at + _NAME_SIZE])
        self._note(newer)
        return _NAMES if self.identity is None else self.identity

    def _note(self, newer: Identity) -> None:
        """Merge what is known into the identity, the same object if it is no news."""
        viewed, length_m, max_rpm = self._facts
        known = replace(
            (self.identity or Identity()).merged(newer),
            driver=self._drivers.get(viewed),
            track_length_m=length_m or None,
            max_rpm=float(max_rpm) or None,
        )
        if known != self.identity:
            self.identity = known


def _frame(
    values: tuple[Any, ...],
    participant: tuple[int, ...],
    received_us: int,
    sequence: int,
    session_uid: int,
) -> Frame:
    # fmt: off
    (
        _, session, _, race, best_s, last_s, lap_s, ahead_s, behind_s, s1_s, s2_s,
        flag, pit, oil_c, water_c, car_flags, capacity_l,
        brake, throttle, clutch, steer, fuel, speed_ms, rpm, max_rpm, gear,
    ) = values[:26]
    # fmt: on
    x, y, z, distance_m, place, lap, sector = participant
    air_c, track_c, length_m = values[-3:]
    sector_number = sector & 7
    valid = None
    if race & 7 == RACING and distance_m:
        valid = not race & _LAP_INVALID
    fuel_share = unit_share(fuel)
    return Frame(
        received_us,
        received_us // 1000,
        throttle / 255,
        brake / 255,
        steer / 127 if steer > -127 else -1.0,
        speed_ms * 3.6,
        GEARS[gear & 15],
        float(rpm),
        clock_ms(lap_s),
        lap,
        min(distance_m / length_m, 1.0) if length_m > 0.0 else None,
        pit & 7 in IN_PIT,
        valid,
        milliseconds(last_s),
        sequence,
        session_uid,
        (
            float(max_rpm) or nan,
            clutch / 255,
            fuel_share * capacity_l if capacity_l else nan,
            fuel_share,
            float(oil_c),
            float(water_c),
            1.0 if car_flags & _HANDBRAKE else 0.0,
            1.0 if car_flags & _LIMITER else 0.0,
            nan,
            x + (sector >> 6) / 4,
            float(y),
            -z - (sector >> 4 & 3) / 4,
            *physics_values(values[_PHYSICS]),
            float(distance_m),
            sector_number or nan,
            span_ms(s1_s) if sector_number > 1 else nan,
            span_ms(s2_s) if sector_number > 2 else nan,
            span_ms(best_s),
            (place & 127) or nan,
            span_ms(ahead_s),
            span_ms(behind_s),
            FLAGS.get(flag & 15, nan),
            SESSION_KINDS.get(session >> 4, nan),
            float(air_c),
            float(track_c),
        ),
    )
