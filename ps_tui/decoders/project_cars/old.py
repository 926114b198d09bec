"""The protocol of Project CARS 1, which its successors can send as well.

Little-endian and packed: 1,367 bytes of telemetry with all participants, 1,347 and
1,028 bytes of names. Checked on a recorded race. Build number and a byte with kind
and sequence come first; names carry the sequence of the telemetry before them.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import cache
from math import floor, hypot, nan
from typing import Any

from ps_tui.decoders.plausible import (
    BYTE_SHARES,
    LARGEST,
    STEERING_SHARES,
    unit_share,
    without_absurd,
)
from ps_tui.decoders.project_cars.old_roster import OldRoster
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
    tyre_channels,
)
from ps_tui.decoders.session_watch import SessionWatch
from ps_tui.domain.frame import Decoded, Frame, Identity, Rejected, Skipped

TELEMETRY_SIZE = 1367
FACTS = struct.Struct(
    "<3x2B5xBx8s78x2s"  # 3 state and session, viewed, 10 race state, laps, 98 flag, pit
    "26xH"  # 126 highest rpm
    "188x4s32x8s80x8s"  # 316 wear, 352 carcass in K, 440 tyre kPa
    "10x2s900xf3x"  # 458 air and track in °C, 1360 track length in m
)
"""What seldom changes: session, viewed participant, state of the race, best and last
lap, flag and pit mode, highest rpm, tyres, weather, length of the track. It is read
when it is other."""
_CAR_FORMAT = (
    "<2xB17x3f16x2f"  # 2 sequence, kind, 20 lap, 24 gaps, 48 time in sector 1, 2, in s
    "44xh2xh4x2B"  # 100 oil, 104 water in °C, 110 switches, fuel capacity in l
    "4B2fH2xB"  # 112 brake, throttle, clutch, steering, 116 fuel, speed, rpm, gear
    "55x3f48x4f"  # 184 local acceleration, 244 wheel speed in rad/s
    "16x4B48x4h"  # 276 tyre °C, 328 brake °C
    "72x4f28xf"  # 408 suspension travel in m, 452 torque
)
_COUNTER, _SPEED, _RPM, _LAP = 0, 15, 16, -2
PARTICIPANT = struct.Struct("<3hHBxBB")
"""Position in m, lap distance in m, place, lap, sector with quarter metres."""
PARTICIPANTS_OFFSET = 464
_PARTICIPANT_SIZE = 16
_PARTICIPANT_COUNT = 56
_PAST = struct.Struct("<2f")
_WEATHER = struct.Struct("<2b")

_SWITCHES = tuple(
    (float(byte & HANDBRAKE > 0), float(byte & LIMITER > 0)) for byte in range(256)
)
"""Handbrake and speed limiter by the car's flags."""
_PLACES = tuple(byte & 127 or nan for byte in range(256))
_SECTORS = tuple(
    (byte & 7 or nan, (byte >> 6) * 0.25, (byte >> 4 & 3) * 0.25) for byte in range(256)
)
"""Number of the sector, and what its byte adds to position to the right and up."""
_SEQUENCE_MASK, _SEQUENCE_STEP = 63, 4
_LATE_STEP = 32

_NO_FACTS = (-1, -1, 0, b"", b"", 0, b"", b"", b"", b"", 0.0)
_NO_CAR = Skipped("no car in view")
_SPIKE = Skipped("speed that no car reaches at once")
_NAMES = Skipped("names")
_FOREIGN = Rejected("a Project CARS size with the mark of another packet")
_OUT_OF_RANGE = Rejected("a Project CARS packet with a value out of range")


@cache
def _reader(participant: int) -> Callable[[bytes], tuple[Any, ...]]:
    """Return what reads the car, and a participant by its number."""
    at = PARTICIPANTS_OFFSET + participant * _PARTICIPANT_SIZE
    before = at - struct.calcsize(_CAR_FORMAT)
    behind = TELEMETRY_SIZE - at - PARTICIPANT.size
    one = PARTICIPANT.format.removeprefix("<")
    return struct.Struct(f"{_CAR_FORMAT}{before}x{one}{behind}x").unpack


class OldProtocol:
    """Reads the stream of one game in the older protocol."""

    def __init__(self) -> None:
        self._roster = OldRoster()
        self._session = SessionWatch()
        self._uid = self._session.uid
        self._spikes = SpikeFilter()
        self._number = 0
        """The number goes on from the six bits of the sequence."""
        self._due = 0
        """The byte with sequence and kind that comes next, unless packets are lost."""
        self._blank_count = 0
        self._read = _reader(0)
        self._facts: tuple[Any, ...] = _NO_FACTS
        self._lap = -1
        self._told: tuple[Any, ...] = ()
        """What the facts say: length of the track in m, in the pits, validity, last
        lap in ms, highest rpm, tyre_channels, then what comes from the best lap on."""

    @property
    def identity(self) -> Identity | None:
        return self._roster.identity

    def take_telemetry(self, datagram: bytes, received_us: int) -> Decoded:
        """Return the frame of a telemetry packet, or why there is none."""
        facts = FACTS.unpack(datagram)
        is_news = facts != self._facts
        sample = self._read(datagram)
        counter, speed_ms, spikes = sample[_COUNTER], sample[_SPEED], self._spikes
        if counter == self._due:
            number = self._number = self._number + 1
            self._due = counter + _SEQUENCE_STEP & 255
        elif counter & 3:
            return _FOREIGN
        else:
            number = self._count(counter >> 2)
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
        if is_news:
            self._read = _reader(facts[1])
            sample = self._read(datagram)
        if is_news or sample[_LAP] != self._lap:
            self._take_facts(facts, sample[_LAP])
        return self._frame(sample, received_us, number - self._blank_count)

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

    def _frame(self, sample: tuple[Any, ...], received_us: int, sequence: int) -> Frame:
        # fmt: off
        (
            _, lap_s, ahead_s, behind_s, s1_s, s2_s, oil_c, water_c, switches,
            capacity_l, brake, throttle, clutch, steer, fuel, speed_ms, rpm, gear,
            left, up, back, w_fl, w_fr, w_rl, w_rr, t_fl, t_fr, t_rl, t_rr,
            b_fl, b_fr, b_rl, b_rr, s_fl, s_fr, s_rl, s_rr, torque,
            x, y, z, distance_m, place, lap, sector,
        ) = sample
        (
            length_m, in_pit, valid, last_ms, max_rpm,
            d_fl, d_fr, d_rl, d_rr, k_fl, k_fr, k_rl, k_rr, p_fl, p_fr, p_rl, p_rr,
            best_ms, flag, kind, air_c, track_c,
        ) = self._told
        if not hypot(
            left, up, back, torque, w_fl, w_fr, w_rl, w_rr, s_fl, s_fr, s_rl, s_rr
        ) < LARGEST:
            left, up, back, torque = without_absurd((left, up, back, torque))
            w_fl, w_fr, w_rl, w_rr = without_absurd((w_fl, w_fr, w_rl, w_rr))
            s_fl, s_fr, s_rl, s_rr = without_absurd((s_fl, s_fr, s_rl, s_rr))
        if not 0.0 <= fuel <= 1.0:
            fuel = unit_share(fuel)
        handbrake, limiter = _SWITCHES[switches]
        sector, x_part, z_part = _SECTORS[sector]
        position = None
        if length_m > 0.0:
            position = distance_m / length_m if distance_m < length_m else 1.0
        # Two tuples, for Python builds one of more than 30 values by way of a list.
        car: tuple[float, ...] = (
            max_rpm, BYTE_SHARES[clutch], fuel * capacity_l if capacity_l else nan,
            fuel, oil_c, water_c, handbrake, limiter, nan,
            x + x_part, y, -z - z_part, left * G, up * G, back * FORWARD_G,
            -w_fl, -w_fr, -w_rl, -w_rr,
            t_fl or nan, t_fr or nan, t_rl or nan, t_rr or nan, d_fl, d_fr, d_rl, d_rr,
        )
        rest: tuple[float, ...] = (
            b_fl or nan, b_fr or nan, b_rl or nan, b_rr or nan,
            k_fl, k_fr, k_rl, k_rr, s_fl, s_fr, s_rl, s_rr, p_fl, p_fr, p_rl, p_rr,
            torque, distance_m, sector,
            s1_s * 1000.0 if sector > 1 and 0.0 < s1_s < TIME_LIMIT_S else nan,
            s2_s * 1000.0 if sector > 2 and 0.0 < s2_s < TIME_LIMIT_S else nan,
            best_ms, _PLACES[place],
            ahead_s * 1000.0 if 0.0 < ahead_s < TIME_LIMIT_S else nan,
            behind_s * 1000.0 if 0.0 < behind_s < TIME_LIMIT_S else nan,
            flag, kind, air_c, track_c,
        )
        return Frame(
            received_us, received_us // 1000, BYTE_SHARES[throttle], BYTE_SHARES[brake],
            STEERING_SHARES[steer], speed_ms * 3.6, GEARS[gear], rpm,
            floor(lap_s * 1000.0 + 0.5) if 0.0 <= lap_s < TIME_LIMIT_S else None,
            lap, position, in_pit, valid if distance_m else None, last_ms,
            sequence if sequence > 0 else 0, self._uid, car + rest,
        )
        # fmt: on

    def _reason_against(self, facts: tuple[Any, ...]) -> Skipped | Rejected | None:
        """Say why there is no frame of this state, ``None`` where there is one."""
        game_state, viewed, length_m = facts[0] & 7, facts[1], facts[-1]
        if game_state != PLAYING and game_state in NOT_PLAYING:
            if game_state == RESTARTING:
                self._session.restart()
                self._roster.forget()
                self._facts = _NO_FACTS
            return NOT_PLAYING[game_state]
        if not 0 <= viewed < _PARTICIPANT_COUNT:
            return _NO_CAR
        return None if 0.0 <= length_m < TRACK_LIMIT_M else _OUT_OF_RANGE

    def _take_facts(self, facts: tuple[Any, ...], lap: int) -> None:
        # fmt: off
        (
            state, viewed, race, past, (flag, pit), max_rpm, worn, carcass, pressure,
            weather, length_m,
        ) = facts
        # fmt: on
        self._facts, self._lap = facts, lap
        self._uid = self._session.follow((state >> 4, viewed, length_m), lap)
        self._roster.view(viewed, length_m, max_rpm)
        best_s, last_s = _PAST.unpack(past)
        self._told = (
            length_m,
            0 < pit & 7 < NO_PIT_MODE,
            not race & LAP_INVALID if race & 7 == RACING else None,
            milliseconds(last_s),
            max_rpm or nan,
            *tyre_channels(worn, carcass, pressure),
            span_ms(best_s),
            FLAGS[flag & 15],
            SESSION_KINDS[state >> 4 & 7],
            *_WEATHER.unpack(weather),
        )

    def learn_names(self, datagram: bytes, _received_us: int) -> Decoded:
        """Return who drives what where, as far as packets of names have told it."""
        if not self._roster.learn(datagram):
            return _FOREIGN
        return _NAMES if self.identity is None else self.identity
