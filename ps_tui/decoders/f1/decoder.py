"""EA's F1 games, formats 2023 to 2026 of their UDP telemetry, on port 20777.

Little-endian and packed: a header of 29 bytes that names format and packet kind,
then one slot for each car. The decoder reads the slot of the player's car, or of
the car that a spectator watches. Every kind is known by its exact size; those that
a frame is made of are joined by the assembler, three more tell who drives where.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from math import nan
from typing import Any

from msgspec.structs import replace

from ps_tui.decoders.f1.assembler import LATE_LIMIT, Assembler
from ps_tui.decoders.f1.extra import CHANNELS, STATUS_CHANNELS
from ps_tui.decoders.f1.header import refusal
from ps_tui.decoders.f1.layout import FRAME, HEADER, NO_CAR
from ps_tui.decoders.f1.names import layout_name, session_kind, team_name, track_name
from ps_tui.decoders.f1.packets import (
    MOST_CARS,
    PACKETS,
    Part,
    packet_key,
    packets_of_car,
)
from ps_tui.decoders.f1.parts import Fields, participant_part, session_part
from ps_tui.domain.frame import Decoded, Frame, Identity, Rejected, Skipped

_MENU = Skipped("menu")
_SPECTATOR = Skipped("spectating, and no session packet has said whom")
_LATE = Skipped("part of a frame that is closed")
_PART = Skipped("part of a frame")
_ABSURD = Rejected("F1 packet with a value out of range")

_LEAST_TIME_S, _MOST_TIME_S = -1e7, 1e7
_MAX_RPM = STATUS_CHANNELS.index("max_rpm")
_LAP, _STATUS = int(Part.LAP), int(Part.STATUS)
_SESSION, _HISTORY = int(Part.SESSION), int(Part.HISTORY)

_unpack_frame = FRAME.unpack


class F1Decoder:
    """Reads the stream of one game: every packet kind, one car."""

    source = "f1"
    channels = CHANNELS

    def __init__(self) -> None:
        self.identity: Identity | None = None
        self._assembler = Assembler()
        self._session_uid = self._uid = 0
        self._session_bytes = b""
        """The same, as packets have it."""
        self._format = 0
        self._packets: Mapping[int, tuple[Any, ...]] = {}
        self._stem = self._frame = b""
        """What the packets of a frame have in common before and after their id."""
        self._time_s = 0.0
        self._player = NO_CAR
        self._car = NO_CAR
        """The car whose slots are read: the player's or the watched one."""
        self._watched_car = NO_CAR
        self._is_identity_due = False
        self._session: Fields | None = None
        self._participant: tuple[Fields, int] | None = None
        self._max_rpm = nan

    def decode(self, datagram: bytes, received_us: int) -> Decoded:
        """Return the frame that a datagram completes, or what else it is.

        A frame is returned at its last packet, or where one is missing, at the
        first packet of the next.
        """
        try:
            unpack, what, others, read = self._packets[datagram[6]]
            fields = unpack(datagram)
        except (KeyError, IndexError, struct.error):
            return self._decode_other(datagram, received_us)
        part = read(fields, datagram)
        if part is None or fields[0] != self._stem:
            return self._decode_other(datagram, received_us)
        assembler, frame = self._assembler, None
        if fields[1] != self._frame:
            session, time_s, number, player = _unpack_frame(fields[1])
            if (
                session != self._session_bytes
                or player != self._player
                or number <= assembler.number
                or player == NO_CAR
                or not _LEAST_TIME_S < time_s < _MOST_TIME_S
            ):
                return self._decode_other(datagram, received_us)
            frame = assembler.turn_to(self._uid, number)
            self._frame, self._time_s = fields[1], time_s
        if what >= _SESSION:
            answer = self._learn(what, part)
            return answer if frame is None else self._before(frame, answer)
        if what == _LAP:
            assembler.received_us = received_us
            assembler.session_time_s = self._time_s
        # What is no part takes the last place, which nobody reads.
        assembler.parts[what] = part
        missing = assembler.missing = assembler.missing & others
        return frame or _PART if missing else assembler.give_out()

    def _decode_other(self, datagram: bytes, received_us: int) -> Decoded:
        """Turn to another session, car or format, or back to an earlier frame.

        A packet that is late, or none of the game's, changes nothing.
        """
        try:
            header = HEADER.unpack_from(datagram)
        except struct.error:
            return Rejected(refusal(datagram))
        packet_format, version_and_kind, session, time_s, number, player = header
        packet = PACKETS.get(packet_key(packet_format, version_and_kind))
        if packet is None or packet.size != len(datagram):
            return Rejected(refusal(datagram))
        session_uid = int.from_bytes(session, "little")
        if session_uid == 0:
            return _MENU
        car = player
        assembler, frame = self._assembler, None
        if player == NO_CAR and session_uid == self._session_uid:
            # Another car is turned to with another frame, never within one.
            is_within = player == self._player and number == assembler.number
            car = self._car if is_within else self._watched_car
        if car >= packet.car_count:
            return _SPECTATOR if player == NO_CAR else _ABSURD
        packets = packets_of_car(packet_format, min(car, MOST_CARS))
        unpack, _, _, read = packets[datagram[6]]
        is_absurd = read(unpack(datagram), datagram) is None
        if is_absurd or not _LEAST_TIME_S < time_s < _MOST_TIME_S:
            return _ABSURD
        # Laps of two cars that a spectator watched must not become one.
        uid = session_uid if player != NO_CAR else session_uid ^ (car + 1)
        is_same = uid == assembler.uid
        if is_same and 0 < assembler.number - number <= LATE_LIMIT:
            return _LATE
        if not is_same or number != assembler.number or player != self._player:
            frame = assembler.turn_to(uid, number)
        if car != self._car or session_uid != self._session_uid:
            self._move_to(session_uid, car)
        assembler.has_motion_ex = player != NO_CAR
        self._session_bytes, self._player, self._uid = session, player, uid
        self._format, self._packets = packet_format, packets
        self._stem, self._frame, self._time_s = datagram[:6], datagram[7:28], time_s
        answer = self.decode(datagram, received_us)
        return answer if frame is None else self._before(frame, answer)

    def _before(self, frame: Frame, answer: Decoded) -> Frame:
        """Return the frame that was due, and keep in mind what came with the next."""
        self._is_identity_due |= answer is not _PART
        return frame

    def _move_to(self, session_uid: int, car: int) -> None:
        """Forget what was true of another session, or of another car."""
        if session_uid != self._session_uid:
            self._assembler.forget_session()
            self._watched_car = NO_CAR
            self._session = self._participant = None
            self.identity = None
        else:
            self._assembler.forget_car()
            self._participant = None
            if self.identity is not None:
                self.identity = replace(
                    self.identity, car=None, driver=None, max_rpm=None
                )
        self._session_uid = session_uid
        self._car = car

    def _learn(self, what: int, part: Any) -> Decoded:
        """Take what holds beyond a frame; return the identity where it is told."""
        if what == _HISTORY:
            car, best_lap = part
            if car == self._car and best_lap:
                self._assembler.hold(Part.HISTORY, best_lap)
        elif what == _SESSION:
            self._learn_session(part, self._format)
            self._is_identity_due = True
        else:
            self._learn_participant(part, self._format)
            self._is_identity_due = True
        if not self._is_identity_due or self.identity is None:
            return _PART
        self._is_identity_due = False
        return self.identity

    def _learn_session(self, fields: Fields, packet_format: int) -> None:
        max_rpm = self._assembler.parts[_STATUS][_MAX_RPM]
        if (fields, max_rpm) == (self._session, self._max_rpm):
            return
        self._session, self._max_rpm = fields, max_rpm
        part = session_part(fields)
        self._watched_car = NO_CAR if part.watched_car is None else part.watched_car
        self._assembler.track_length_m = part.track_length_m
        kind = session_kind(part.session_type, packet_format)
        kind_value = nan if kind is None else kind
        self._assembler.hold(Part.SESSION, (kind_value, *part.block))
        self._note(
            Identity(
                track=track_name(part.track_id),
                layout=layout_name(part.track_id),
                track_length_m=part.track_length_m,
                max_rpm=float(max_rpm) if max_rpm > 0 else None,
            )
        )

    def _learn_participant(self, fields: Fields, packet_format: int) -> None:
        if (fields, packet_format) == self._participant:
            return
        self._participant = fields, packet_format
        part = participant_part(fields)
        self._note(
            Identity(car=team_name(part.team_id, packet_format), driver=part.name)
        )

    def _note(self, newer: Identity) -> None:
        self.identity = (self.identity or Identity()).merged(newer)
