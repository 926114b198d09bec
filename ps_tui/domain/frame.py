"""What a decoder makes of a datagram: a normalised sample, or the reason for none.

Units, signs and wheel order are fixed here and nowhere else: throttle, brake and
clutch run 0 (released) to 1 (pressed); steering -1 (full left) to 1 (full right);
gear is -1 in reverse, 0 in neutral; quadruples are front left, front right, rear
left, rear right. A channel that the game does not send is ``None`` (in ``extra``:
NaN, or beyond the end of the tuple), never zero.
"""

from __future__ import annotations

from math import isnan

import msgspec


class Frame(msgspec.Struct, frozen=True, gc=False):
    """One sample of one car.

    ``extra`` holds every further channel of the game as floats, in the order of
    the channel list that the decoder declares.
    """

    received_us: int
    """Reception, µs since 1970 UTC on a clock that never steps back."""
    timestamp_ms: int
    """The sender's clock where it sends one, else the time of reception, ms UTC."""
    throttle: float | None = None
    brake: float | None = None
    steering: float | None = None
    speed_kmh: float | None = None
    gear: int | None = None
    rpm: float | None = None
    lap_time_ms: int | None = None
    """Clock of the running lap."""
    lap_number: int | None = None
    """The lap being driven, 1-based, as the game counts."""
    normalized_position: float | None = None
    """Share of the lap driven, 0 to 1."""
    in_pit: bool | None = None
    lap_valid: bool | None = None
    last_lap_ms: int | None = None
    """The game's own time of the lap before, once it has published it."""
    sequence: int | None = None
    """A counter of the sender that rises by one with each frame."""
    session_uid: int | None = None
    """Changes when the game starts its session anew."""
    extra: tuple[float, ...] = ()

    def extra_value(self, index: int) -> float | None:
        """Return the further channel at ``index``; ``None`` where it is absent."""
        if index >= len(self.extra):
            return None
        value = self.extra[index]
        return None if isnan(value) else value


class Identity(msgspec.Struct, frozen=True, gc=False):
    """Who drives what, where: fills in sessions and finds the right best lap."""

    car: str | None = None
    driver: str | None = None
    track: str | None = None
    layout: str | None = None
    track_length_m: float | None = None
    max_rpm: float | None = None

    def merged(self, newer: Identity) -> Identity:
        """Return this identity with everything that ``newer`` knows."""
        known = {
            name: value
            for name in self.__struct_fields__
            if (value := getattr(newer, name)) is not None
        }
        return msgspec.structs.replace(self, **known) if known else self


class Skipped(msgspec.Struct, frozen=True, gc=False):
    """A good packet that carries no frame: a handshake, a menu, a paused game."""

    reason: str


class Rejected(msgspec.Struct, frozen=True, gc=False):
    """A packet that this decoder cannot read; ``reason`` is for the counters."""

    reason: str


class CarLap(msgspec.Struct, frozen=True, gc=False):
    """A lap of any car of the session, as the game itself timed it."""

    car_id: int
    """The game's number of the car, the same throughout a session."""
    lap_time_ms: int
    lap_number: int
    """As the game counts."""
    driver: str | None = None
    car: str | None = None
    is_own: bool = False
    """Driven by the car that the frames are of."""


Decoded = Frame | Identity | CarLap | Skipped | Rejected
