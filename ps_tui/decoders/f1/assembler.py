"""Joins the packets of one game frame to one frame of ours.

The rule: the packets of a frame carry the same overall frame number. A frame is
complete when all five kinds of it are there, and is given out at once; what is
incomplete is given out, as it is, when the first packet of another frame arrives.
Without its lap data there is no frame, as it would have no place on the lap. What a
lost packet would have told is absent; only status, damage, session and history,
which change slowly, hold until the next packet of their kind. Packets that come
after their frame was given out are dropped.

At send rates below 60 Hz some numbers carry no packets of the car at all: they are
left out of the sequence, so that a gap in it means lost packets whatever the rate.
"""

from __future__ import annotations

from math import hypot, nan
from typing import Any

from ps_tui.decoders.f1.extra import (
    NO_DAMAGE,
    NO_HISTORY,
    NO_MOTION,
    NO_MOTION_EX,
    NO_SESSION,
    NO_STATUS,
    NO_TELEMETRY,
)
from ps_tui.decoders.f1.packets import Part
from ps_tui.decoders.f1.parts import Block
from ps_tui.domain.frame import Frame

LATE_LIMIT = 120
"""A packet that is fewer frames back belongs to one that is closed; further back, a
session began anew."""

_SPEED_LIMIT_KMH = 1000.0
_NO_LAP = 1 << Part.LAP
_NO_VELOCITY = (nan,) * 3
_NO_CONTROLS = (None,) * 5
_ALL_MISSING = (1 << Part.STATUS + 1) - 1
_CLOSED = 1 << len(Part)
"""A bit of no part: the frame was given out, and nothing completes it again."""


def lap_share(distance_m: float, track_length_m: float | None) -> float | None:
    """Return the share of the lap driven at a distance from the line.

    Before the first crossing the game counts up to zero: there the share is what
    the same place has on a lap, so that it wraps at the line as it does later.
    """
    if track_length_m is None:
        return None
    share = distance_m / track_length_m
    if share < 0.0:
        share += 1.0
    return 0.0 if share <= 0.0 else 1.0 if share > 1.0 else share


class Assembler:
    """The frame being collected, and what holds beyond it.

    ``parts`` is by :class:`Part`; a bit of ``missing`` stands for each part that the
    frame still waits for.
    """

    def __init__(self) -> None:
        self.uid: int | None = None
        self.number = -1
        self.track_length_m: float | None = None
        self.has_motion_ex = True
        """That packet is the player's own, even while another car is watched."""
        self.parts: list[Any] = [()] * len(Part)
        self.missing = _CLOSED
        self._held: Block = ()
        """Session and history, one behind the other."""
        self._blank_count = 0
        self.received_us = 0
        self.session_time_s = 0.0
        """Both of the lap data: an event of the same number may come long before."""
        self.forget_session()

    def forget_session(self) -> None:
        """Drop all that held beyond a frame."""
        self.hold(Part.SESSION, NO_SESSION)
        self.track_length_m = None
        self.forget_car()

    def forget_car(self) -> None:
        """Drop what held of the car."""
        parts = self.parts
        parts[Part.STATUS] = NO_STATUS
        parts[Part.DAMAGE] = NO_DAMAGE
        self.hold(Part.HISTORY, NO_HISTORY)

    def hold(self, part: Part, block: Block) -> None:
        """Take what session or history say, until they say something else."""
        self.parts[part] = block
        self._held = self.parts[Part.SESSION] + self.parts[Part.HISTORY]

    def turn_to(self, uid: int, number: int) -> Frame | None:
        """Begin another frame; return the one before, unless it was given out."""
        frame = None
        if self.missing & _NO_LAP:
            self._blank_count += 1
        elif self.missing < _CLOSED:
            frame = self.give_out()
        if number < self.number:
            self._blank_count = 0
        self.uid = uid
        self.number = number
        self.missing = _ALL_MISSING
        return frame

    def give_out(self) -> Frame:
        """Return the frame, which has its lap data, as far as it came."""
        if self.missing or not self.has_motion_ex:
            self._leave_out(self.missing)
        self.missing = _CLOSED
        lap, telemetry, motion, motion_ex, status, damage, _, _, _ = self.parts
        # fmt: off
        (
            last_lap_ms, lap_time_ms, lap_number, in_pit, is_valid,
            place, gap_ahead_ms, gap_leader_ms, distance_m, sector, s1_ms, s2_ms,
        ) = lap
        # fmt: on
        speed_kmh, throttle, steering, brake, gear, rpm, car = telemetry
        _, _, _, position = motion
        received_us = self.received_us
        return Frame(
            received_us,
            received_us // 1000,
            throttle,
            brake,
            steering,
            speed_kmh,
            gear,
            rpm,
            lap_time_ms,
            lap_number,
            lap_share(distance_m, self.track_length_m),
            in_pit,
            is_valid,
            last_lap_ms,
            self.number - self._blank_count,
            self.uid,
            (
                self.session_time_s,
                place,
                gap_ahead_ms,
                gap_leader_ms,
                distance_m,
                sector,
                s1_ms,
                s2_ms,
                *car,
                *position,
                *motion_ex,
                *status,
                *damage,
                *self._held,
            ),
        )

    def _leave_out(self, missing: int) -> None:
        """Put nothing in the place of what is of an earlier frame."""
        parts = self.parts
        if missing >> Part.TELEMETRY & 1:
            velocity = parts[Part.MOTION][:3]
            speed_kmh = None if missing >> Part.MOTION & 1 else _speed_kmh(velocity)
            parts[Part.TELEMETRY] = (speed_kmh, *_NO_CONTROLS, NO_TELEMETRY)
        if missing >> Part.MOTION & 1:
            parts[Part.MOTION] = (*_NO_VELOCITY, NO_MOTION)
        if missing >> Part.MOTION_EX & 1 or not self.has_motion_ex:
            parts[Part.MOTION_EX] = NO_MOTION_EX


def _speed_kmh(velocity: tuple[float, float, float]) -> float | None:
    """Return the speed that the velocity of a motion packet, in m/s, makes."""
    speed_kmh = 3.6 * hypot(*velocity)
    return speed_kmh if speed_kmh <= _SPEED_LIMIT_KMH else None
