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

from ps_tui.decoders.plausible import LARGEST, without_absurd
from ps_tui.decoders.project_cars.parts import (
    HANDBRAKE,
    LAP_INVALID,
    NO_PIT_MODE,
    NOT_PLAYING,
    PLAYING,
    RACING,
    RESTARTING,
    RPM_LIMIT,
    SPEED_LIMIT_MS,
    TRACK_LIMIT_M,
    SpikeFilter,
    build_frame,
    milliseconds,
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
    "h2xh5xB"  # 100 oil, 104 water in °C, 111 fuel capacity in l
    "3Bx2f2HB"  # 112 brake, throttle, clutch, 116 fuel, speed, rpm, gear
    "55x3f48x4f"  # 184 local acceleration, 244 wheel speed in rad/s
    "16x4B36x4B8x4h"  # 276 tyre °C, 316 wear, 328 brake °C
    "16x4H48x4f"  # 352 carcass in K, 408 suspension travel in m
    "16x4H4xf2x2b"  # 440 tyre kPa, 452 torque, 458 air and track in °C
    "900xf"  # 1360 track length in m
)
_RUN = slice(13, 56)
"""The values that both protocols have in one order."""
_SPEED, _RPM, _MAX_RPM = 20, 21, 22
_CAR_FLAGS_OFFSET, _STEERING_OFFSET = 110, 115
_PARTICIPANT = struct.Struct("<3hHBxBB")
"""Position in m, lap distance in m, place, lap, sector with quarter metres."""
_PARTICIPANTS_OFFSET = 464
_PARTICIPANT_SIZE = 16
_PARTICIPANT_COUNT = 56

_NAME_SIZE = 64
_FIRST_LETTER = 32
_SEQUENCE_COUNT = 64

_NO_FACTS = (-1, -1, -1, 0.0, 0)
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
        self._sequence = 0
        """The number goes on from the six bits of the sequence."""
        self._blank_count = 0
        self._drivers: dict[int, str | None] = {}
        self._facts: tuple[Any, ...] = _NO_FACTS
        """Session, viewed participant, lap, length of the track, highest rpm."""

    def decode(self, datagram: bytes, received_us: int) -> Decoded:
        """Return the frame of a telemetry packet, or what else the datagram is."""
        if datagram[2] & 3 != SIZES[len(datagram)]:
            return _FOREIGN
        if len(datagram) != TELEMETRY_SIZE:
            return self._learn_names(datagram)
        values = _TELEMETRY.unpack_from(datagram)
        if not self._number:
            self._sequence = (values[0] >> 2) - 1
        step = ((values[0] >> 2) - self._sequence) % _SEQUENCE_COUNT
        if step > _SEQUENCE_COUNT // 2:  # overtaken by a later packet
            number = self._number + step - _SEQUENCE_COUNT
        else:
            self._sequence = values[0] >> 2
            number = self._number = self._number + step
        reason = self._reason_against(values, received_us)
        if reason is not None:
            self._blank_count += 1
            return reason
        if not hypot(*values) < LARGEST:
            values = without_absurd(values)
        participant = _PARTICIPANT.unpack_from(
            datagram, _PARTICIPANTS_OFFSET + values[2] * _PARTICIPANT_SIZE
        )
        facts = (values[1], values[2], participant[5], values[-1], values[_MAX_RPM])
        if facts != self._facts:
            self._take_facts(facts)
        number = max(number - self._blank_count, 0)
        return _frame(datagram, values, participant, received_us, number, self._uid)

    def _reason_against(
        self, values: tuple[Any, ...], received_us: int
    ) -> Skipped | Rejected | None:
        """Say why there is no frame, ``None`` where there is one."""
        state = values[1] & 7
        if state != PLAYING and state in NOT_PLAYING:
            if state == RESTARTING:
                self._session.restart()
                self._facts = _NO_FACTS
            return NOT_PLAYING[state]
        if not 0 <= values[2] < _PARTICIPANT_COUNT:
            return _NO_CAR
        speed_ms = values[_SPEED]
        if not (
            -SPEED_LIMIT_MS < speed_ms < SPEED_LIMIT_MS
            and values[_RPM] < RPM_LIMIT
            and 0.0 <= values[-1] < TRACK_LIMIT_M
        ):
            return _OUT_OF_RANGE
        spikes = self._spikes
        if speed_ms > spikes.credible_ms and spikes.is_spike(speed_ms, received_us):
            return _SPIKE
        spikes.believe(speed_ms, received_us)
        return None

    def _take_facts(self, facts: tuple[Any, ...]) -> None:
        state, viewed, lap, length_m, _ = facts
        self._uid = self._session.follow((state >> 4, viewed, length_m), lap)
        self._facts = facts
        self._note(Identity())

    def _learn_names(self, datagram: bytes) -> Decoded:
        has_car = len(datagram) == NAMES_SIZE
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
        _, viewed, _, length_m, max_rpm = self._facts
        known = replace(
            (self.identity or Identity()).merged(newer),
            driver=self._drivers.get(viewed),
            track_length_m=length_m or None,
            max_rpm=float(max_rpm) or None,
        )
        if known != self.identity:
            self.identity = known


def _is_text(field: bytes) -> bool:
    """Tell a name from the numbers of another game's packet of this size."""
    return not any(byte < _FIRST_LETTER for byte in field.partition(b"\0")[0])


def _frame(
    datagram: bytes,
    values: tuple[Any, ...],
    participant: tuple[int, ...],
    received_us: int,
    sequence: int,
    session_uid: int,
) -> Frame:
    # fmt: off
    (
        _, session, _, race, best_s, last_s, lap_s, ahead_s, behind_s, s1_s, s2_s,
        flag, pit,
    ) = values[:13]
    # fmt: on
    air_c, track_c, length_m = values[-3:]
    x, y, z, distance_m, place, lap, sector = participant
    sector_number = sector & 7
    valid = None
    if distance_m and race & 7 == RACING:
        valid = not race & LAP_INVALID
    flags = datagram[_CAR_FLAGS_OFFSET]
    handbrake = 1.0 if flags & HANDBRAKE else 0.0
    quarters_x, quarters_z = sector >> 6, sector >> 4 & 3
    return build_frame(
        received_us,
        sequence,
        session_uid,
        values[_RUN],
        (
            datagram[_STEERING_OFFSET],
            handbrake,
            flags,
            nan,
            x + quarters_x / 4,
            y,
            -z - quarters_z / 4,
        ),
        (
            lap_s,
            lap,
            min(distance_m / length_m, 1.0) if length_m > 0.0 else None,
            0 < pit & 7 < NO_PIT_MODE,
            valid,
            milliseconds(last_s) if last_s > 0.0 else None,
            distance_m,
            sector_number or nan,
            span_ms(s1_s) if sector_number > 1 else nan,
            span_ms(s2_s) if sector_number > 2 else nan,
            span_ms(best_s) if best_s > 0.0 else nan,
            place,
            ahead_s,
            behind_s,
            flag,
            session >> 4 & 7,
            air_c,
            track_c,
        ),
    )
