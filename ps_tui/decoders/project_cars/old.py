"""The protocol of Project CARS 1, which its successors can send as well.

Little-endian and packed: 1,367 bytes of telemetry with all participants, 1,347 and
1,028 bytes of names. Checked on a recorded race. Build number and a byte with kind
and sequence come first; names carry the sequence of the telemetry before them.
"""

from __future__ import annotations

import struct
from math import floor, hypot, nan
from typing import Any

from msgspec.structs import replace

from ps_tui.decoders.plausible import (
    BYTE_SHARES,
    LARGEST,
    STEERING_SHARES,
    unit_share,
    without_absurd,
)
from ps_tui.decoders.project_cars.parts import (
    FLAGS,
    FORWARD_G,
    GEARS,
    HANDBRAKE,
    LAP_INVALID,
    LEAST_SPEED_MS,
    LIMITER,
    NO_PIT_MODE,
    NOT_PLAYING,
    PLAYING,
    RACING,
    RESTARTING,
    RPM_LIMIT,
    SESSION_KINDS,
    SPEED_LIMIT_MS,
    SPIKE_STEP_MS,
    TIME_LIMIT_S,
    TRACK_LIMIT_M,
    G,
    SpikeFilter,
    milliseconds,
    span_ms,
    text,
    tyre_channels,
)
from ps_tui.decoders.session_watch import SessionWatch
from ps_tui.domain.frame import Decoded, Frame, Identity, Rejected, Skipped

TELEMETRY_SIZE = 1367
NAMES_SIZE = 1347
MORE_NAMES_SIZE = 1028
SIZES: dict[int, int] = {TELEMETRY_SIZE: 0, NAMES_SIZE: 1, MORE_NAMES_SIZE: 2}
"""Kind of packet by size."""

FACTS = struct.Struct(
    "<3xBb5xBx8s78x2s"  # 3 state and session, viewed, 10 race state, laps, 98 flag, pit
    "216x4s32x8s80x8s"  # 316 wear, 352 carcass in K, 440 tyre kPa
    "10x2s900xf"  # 458 air and track in °C, 1360 track length in m
)
"""What seldom changes: session, viewed participant, state of the race, best and last
lap, flag and pit mode, tyres, weather, length of the track. It is read when it is
other."""
SAMPLE = struct.Struct(
    "<2xB17x3f16x2f"  # 2 sequence, kind, 20 lap, 24 gaps, 48 time in sector 1, 2, in s
    "44xh2xh5xB"  # 100 oil, 104 water in °C, 111 fuel capacity in l
    "3Bx2f2HB"  # 112 brake, throttle, clutch, 116 fuel, speed, rpm, gear
    "55x3f48x4f"  # 184 local acceleration, 244 wheel speed in rad/s
    "16x4B48x4h"  # 276 tyre °C, 328 brake °C
    "72x4f28xf"  # 408 suspension travel in m, 452 torque
)
_SPEED, _RPM, _MAX_RPM = 13, 14, 15
_PAST = struct.Struct("<2f")
_WEATHER = struct.Struct("<2b")
_CAR_FLAGS_OFFSET, _STEERING_OFFSET = 110, 115
PARTICIPANT = struct.Struct("<3hHBxBB")
"""Position in m, lap distance in m, place, lap, sector with quarter metres."""
PARTICIPANTS_OFFSET = 464
_PARTICIPANT_SIZE = 16
_PARTICIPANT_COUNT = 56

_NAME_SIZE = 64
_FIRST_LETTER = 32
_QUARTERS = (0.0, 0.25, 0.5, 0.75)
_SEQUENCE_MASK, _SEQUENCE_STEP = 63, 4
_LATE_STEP = 32

_NO_FACTS = (-1, -1, 0, b"", b"", b"", b"", b"", b"", 0.0)
_NO_CAR = Skipped("no car in view")
_SPIKE = Skipped("speed that no car reaches at once")
_NAMES = Skipped("names")
_FOREIGN = Rejected("a Project CARS size with the mark of another packet")
_OUT_OF_RANGE = Rejected("a Project CARS packet with a value out of range")


class OldProtocol:
    """Reads the stream of one game in the older protocol."""

    def __init__(self) -> None:
        self.identity: Identity | None = None
        self._session = SessionWatch()
        self._uid = self._session.uid
        self._spikes = SpikeFilter()
        self._number = 0
        """The number goes on from the six bits of the sequence."""
        self._due = 0
        """The byte with sequence and kind that comes next, unless packets are lost."""
        self._blank_count = 0
        self._drivers: dict[int, str | None] = {}
        self._facts: tuple[Any, ...] = _NO_FACTS
        self._lap = -1
        self._max_rpm = 0
        """They, lap and highest rpm are what is known of car and session."""
        self._told: tuple[Any, ...] = ()
        """What they say: best and last lap in ms, in the pits, validity, length of the
        track in m, four channels from the flag on, those of the tyres."""

    def take_telemetry(self, datagram: bytes, received_us: int) -> Decoded:
        """Return the frame of a telemetry packet, or why there is none."""
        sample = SAMPLE.unpack_from(datagram)
        counter, speed_ms = sample[0], sample[_SPEED]
        if counter & 3:
            return _FOREIGN
        facts = FACTS.unpack_from(datagram)
        if counter == self._due:
            number = self._number = self._number + 1
            self._due = counter + _SEQUENCE_STEP & 255
        else:
            number = self._count(counter >> 2)
        is_news, spikes = facts != self._facts, self._spikes
        reason = self._reason_against(facts) if is_news else None
        if reason is None:
            if (
                not LEAST_SPEED_MS < speed_ms < SPEED_LIMIT_MS
                or sample[_RPM] >= RPM_LIMIT
            ):
                reason = _OUT_OF_RANGE
            elif speed_ms < spikes.speed_ms + SPIKE_STEP_MS:
                spikes.speed_ms, spikes.at_us = speed_ms, received_us
            elif spikes.is_spike(speed_ms, received_us):
                reason = _SPIKE
        if reason is not None:
            self._blank_count += 1
            return reason
        participant = PARTICIPANT.unpack_from(
            datagram, PARTICIPANTS_OFFSET + facts[1] * _PARTICIPANT_SIZE
        )
        if is_news or participant[5] != self._lap or sample[_MAX_RPM] != self._max_rpm:
            self._take_facts(facts, participant[5], sample[_MAX_RPM])
        return self._frame(datagram, sample, participant, (received_us, number))

    def _count(self, counter: int) -> int:
        """Return the number of a packet, going on from the six bits of its counter."""
        step = counter + 1 - self._due // _SEQUENCE_STEP & _SEQUENCE_MASK
        if not self._number:
            step = 1
        if step > _LATE_STEP:  # overtaken by a later packet
            return self._number + step - _SEQUENCE_MASK - 1
        self._due = (counter + 1) * _SEQUENCE_STEP & 255
        self._number += step
        return self._number

    def _frame(
        self,
        datagram: bytes,
        sample: tuple[Any, ...],
        participant: tuple[int, ...],
        stamps: tuple[int, int],
    ) -> Frame:
        # fmt: off
        (
            _, lap_s, ahead_s, behind_s, s1_s, s2_s,
            oil_c, water_c, capacity_l, brake, throttle, clutch, fuel, speed_ms, rpm,
            max_rpm, gear, left, up, back, w_fl, w_fr, w_rl, w_rr,
            t_fl, t_fr, t_rl, t_rr, b_fl, b_fr, b_rl, b_rr, s_fl, s_fr, s_rl, s_rr,
            torque,
        ) = sample
        (
            best_ms, last_ms, in_pit, valid, length_m, flag, kind, air_c, track_c,
            d_fl, d_fr, d_rl, d_rr, k_fl, k_fr, k_rl, k_rr, p_fl, p_fr, p_rl, p_rr,
        ) = self._told
        x, y, z, distance_m, place, lap, sector = participant
        received_us, number = stamps
        if not hypot(
            left, up, back, torque, w_fl, w_fr, w_rl, w_rr, s_fl, s_fr, s_rl, s_rr
        ) < LARGEST:
            left, up, back, torque = without_absurd((left, up, back, torque))
            w_fl, w_fr, w_rl, w_rr = without_absurd((w_fl, w_fr, w_rl, w_rr))
            s_fl, s_fr, s_rl, s_rr = without_absurd((s_fl, s_fr, s_rl, s_rr))
        if not 0.0 <= fuel <= 1.0:
            fuel = unit_share(fuel)
        flags = datagram[_CAR_FLAGS_OFFSET]
        part = sector & 7
        sequence = number - self._blank_count
        position = None
        if length_m > 0.0:
            position = distance_m / length_m if distance_m < length_m else 1.0
        return Frame(
            received_us, received_us // 1000, BYTE_SHARES[throttle], BYTE_SHARES[brake],
            STEERING_SHARES[datagram[_STEERING_OFFSET]], speed_ms * 3.6,
            GEARS[gear & 15], rpm,
            floor(lap_s * 1000.0 + 0.5) if 0.0 <= lap_s < TIME_LIMIT_S else None,
            lap, position, in_pit, valid if distance_m else None, last_ms,
            sequence if sequence > 0 else 0, self._uid,
            (
                max_rpm or nan, BYTE_SHARES[clutch],
                fuel * capacity_l if capacity_l else nan, fuel, oil_c, water_c,
                1.0 if flags & HANDBRAKE else 0.0, 1.0 if flags & LIMITER else 0.0, nan,
                x + _QUARTERS[sector >> 6], y, -z - _QUARTERS[sector >> 4 & 3],
                left * G, up * G, back * FORWARD_G, -w_fl, -w_fr, -w_rl, -w_rr,
                t_fl or nan, t_fr or nan, t_rl or nan, t_rr or nan,
                d_fl, d_fr, d_rl, d_rr,
                b_fl or nan, b_fr or nan, b_rl or nan, b_rr or nan,
                k_fl, k_fr, k_rl, k_rr, s_fl, s_fr, s_rl, s_rr, p_fl, p_fr, p_rl, p_rr,
                torque, distance_m, part or nan,
                s1_s * 1000.0 if part > 1 and 0.0 < s1_s < TIME_LIMIT_S else nan,
                s2_s * 1000.0 if part > 2 and 0.0 < s2_s < TIME_LIMIT_S else nan,
                best_ms, place & 127 or nan,
                ahead_s * 1000.0 if 0.0 < ahead_s < TIME_LIMIT_S else nan,
                behind_s * 1000.0 if 0.0 < behind_s < TIME_LIMIT_S else nan,
                flag, kind, air_c, track_c,
            ),
        )
        # fmt: on

    def _reason_against(self, facts: tuple[Any, ...]) -> Skipped | Rejected | None:
        """Say why there is no frame of this state, ``None`` where there is one."""
        game_state, viewed, length_m = facts[0] & 7, facts[1], facts[-1]
        if game_state != PLAYING and game_state in NOT_PLAYING:
            if game_state == RESTARTING:
                self._session.restart()
                self._facts, self._max_rpm = _NO_FACTS, 0
            return NOT_PLAYING[game_state]
        if not 0 <= viewed < _PARTICIPANT_COUNT:
            return _NO_CAR
        return None if 0.0 <= length_m < TRACK_LIMIT_M else _OUT_OF_RANGE

    def _take_facts(self, facts: tuple[Any, ...], lap: int, max_rpm: int) -> None:
        state, viewed, race, past, (flag, pit), *tyres, weather, length_m = facts
        self._uid = self._session.follow((state >> 4, viewed, length_m), lap)
        self._facts, self._lap, self._max_rpm = facts, lap, max_rpm
        best_s, last_s = _PAST.unpack(past)
        self._told = (
            span_ms(best_s),
            milliseconds(last_s),
            0 < pit & 7 < NO_PIT_MODE,
            not race & LAP_INVALID if race & 7 == RACING else None,
            length_m,
            FLAGS[flag & 15],
            SESSION_KINDS[state >> 4 & 7],
            *_WEATHER.unpack(weather),
            *tyre_channels(*tyres),
        )
        self._note(Identity())

    def learn_names(self, datagram: bytes, _received_us: int) -> Decoded:
        """Return who drives what where, as far as packets of names have told it."""
        has_car = len(datagram) == NAMES_SIZE
        if datagram[2] & 3 != SIZES[len(datagram)]:
            return _FOREIGN
        start, count = (3, 20) if has_car else (4, 16)  # then their best laps
        fields = [
            datagram[at : at + _NAME_SIZE]
            for at in range(start, start + count * _NAME_SIZE, _NAME_SIZE)
        ]
        if not all(map(_is_text, fields)):
            return _FOREIGN
        names = [text(field) for field in fields]
        if has_car:
            first, newer = 0, Identity(car=names[0], track=names[2], layout=names[3])
            del names[:4]
        else:
            first, newer = datagram[3], Identity()
        self._drivers.update(enumerate(names, first))
        self._note(newer)
        return _NAMES if self.identity is None else self.identity

    def _note(self, newer: Identity) -> None:
        """Merge what is known into the identity, the same object if it is no news."""
        viewed, length_m = self._facts[1], self._facts[-1]
        known = replace(
            (self.identity or Identity()).merged(newer),
            driver=self._drivers.get(viewed),
            track_length_m=length_m or None,
            max_rpm=float(self._max_rpm) or None,
        )
        if known != self.identity:
            self.identity = known


def _is_text(field: bytes) -> bool:
    """Tell a name from the numbers of another game's packet of this size."""
    return not any(byte < _FIRST_LETTER for byte in field.partition(b"\0")[0])
