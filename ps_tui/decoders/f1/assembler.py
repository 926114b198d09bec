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

from math import hypot
from typing import Any

from ps_tui.decoders.f1.extra import (
    NO_DAMAGE,
    NO_HISTORY,
    NO_MOTION,
    NO_MOTION_EX,
    NO_SESSION,
    NO_STATUS,
    NO_TELEMETRY,
    channel_values,
)
from ps_tui.decoders.f1.packets import Part
from ps_tui.decoders.f1.parts import Block, Fields
from ps_tui.domain.frame import Frame

LATE_LIMIT = 120
"""A packet that is fewer frames back belongs to one that is closed; further back, a
session began anew."""

_SPEED_LIMIT_KMH = 1000.0
_LAP = int(Part.LAP)
_FIRST_HELD = int(Part.STATUS)
_NONE_YET = (None,) * _FIRST_HELD
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
        self.parts: list[Any] = [None] * len(Part)
        self.missing = _CLOSED
        self._slow_sources: tuple[Block, ...] = ()
        self._slow: Block = ()
        """Damage, session and history, one behind the other, as long as they hold."""
        self._is_given_out = True
        self._blank_count = 0
        self.received_us = 0
        self.session_time_s = 0.0
        """Both of the lap data: an event of the same number may come long before."""
        self.forget_session()

    def forget_session(self) -> None:
        """Drop all that held beyond a frame."""
        self.parts[Part.SESSION] = NO_SESSION
        self.track_length_m = None
        self.forget_car()

    def forget_car(self) -> None:
        """Drop what held of the car."""
        parts = self.parts
        parts[Part.STATUS] = NO_STATUS
        parts[Part.DAMAGE] = NO_DAMAGE
        parts[Part.HISTORY] = NO_HISTORY

    def turn_to(self, uid: int, number: int) -> Frame | None:
        """Begin another frame; return the one before, unless it was given out."""
        frame = None
        if not self._is_given_out:
            if self.parts[_LAP] is None:
                self._blank_count += 1
            else:
                frame = self.give_out()
        if number < self.number:
            self._blank_count = 0
        self.uid = uid
        self.number = number
        self.parts[:_FIRST_HELD] = _NONE_YET
        self.missing = _ALL_MISSING
        self._is_given_out = False
        return frame

    def give_out(self) -> Frame | None:
        """Return the frame as far as it came; ``None`` without its lap data."""
        self._is_given_out = True
        self.missing = _CLOSED
        # fmt: off
        (
            lap, telemetry, motion, motion_ex, status, damage, session, history, _,
        ) = self.parts
        # fmt: on
        if lap is None:
            return None
        if motion_ex is None or not self.has_motion_ex:
            motion_ex = NO_MOTION_EX
        sources = damage, session, history
        if sources != self._slow_sources:
            self._slow_sources, self._slow = sources, damage + session + history
        received_us = self.received_us
        speed_kmh = throttle = steering = brake = gear = rpm = None
        if telemetry is not None:
            speed_kmh, throttle, steering, brake, _, gear, rpm = telemetry[:7]
        elif motion is not None:
            speed_kmh = _speed_kmh(motion)
        return Frame(
            received_us,
            received_us // 1000,
            throttle,
            brake,
            steering,
            speed_kmh,
            gear,
            rpm,
            lap[1],
            lap[12] or None,
            lap_share(lap[10], self.track_length_m),
            lap[13] != 0,
            lap[15] == 0,
            lap[0] or None,
            self.number - self._blank_count,
            self.uid,
            channel_values(
                self.session_time_s,
                lap,
                telemetry or NO_TELEMETRY,
                motion or NO_MOTION,
                motion_ex,
                status + self._slow,
            ),
        )


def _speed_kmh(motion: Fields) -> float | None:
    """Return the speed that the velocity of a motion packet makes."""
    speed_kmh = 3.6 * hypot(*motion[3:6])
    return speed_kmh if speed_kmh <= _SPEED_LIMIT_KMH else None
