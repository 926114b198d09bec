"""Assetto Corsa Competizione's broadcasting interface: race control, not telemetry.

The game sends every car of the session at a modest rate: speed, gear, the way along
the track, laps, splits and places. Pedals, steering, engine speed, fuel, tyres and
forces are not in it, and stay absent; the three floats that are named position and yaw
behave as angles in public tools, and are not used either. No recorded packet can be
had in public: the decoder rests on the published layouts and on synthetic packets.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from functools import lru_cache
from math import nan
from typing import Any

from ps_tui.decoders.acc.cars import car_name
from ps_tui.decoders.acc.messages import (
    Entry,
    MalformedError,
    Message,
    Realtime,
    read_car,
    read_car_head,
    read_entry,
    read_entry_list,
    read_event,
    read_realtime,
    read_registration,
    read_track,
)
from ps_tui.decoders.f1.names import PRACTICE, QUALIFYING, RACE, TIME_TRIAL
from ps_tui.decoders.session_watch import SessionWatch
from ps_tui.domain.frame import Decoded, Frame, Identity, Rejected, Skipped

CHANNELS: tuple[str, ...] = (
    "lap_distance",
    "track_position",
    "delta",
    "best_lap_time",
    "sector1_time",
    "sector2_time",
    "last_sector1_time",
    "last_sector2_time",
    "last_sector3_time",
    "session_time",
    "session_type",
    "air_temperature",
    "track_temperature",
)
"""Keys of ``Frame.extra``."""

_SESSION_KINDS: Mapping[int, float] = {
    0: PRACTICE,
    4: QUALIFYING,
    9: QUALIFYING,
    10: RACE,
    11: TIME_TRIAL,
    12: TIME_TRIAL,
    13: QUALIFYING,
}
_GEARS = (None, *range(-1, 20))
"""As sent: 0 none, 1 reverse, 2 neutral."""
_IN_PIT = (None, False, True, True, True)
"""By location: track, pit lane, its entry, its exit; 0 is none."""
_DELTA_LIMIT_MS = 3_600_000
_TIME_LIMIT_MS = 100_000_000
"""No lap takes longer; the game writes more than that for none."""
_SPLIT_COUNT = 3

_CAR = int(Message.CAR)
_NO_FOCUS = Skipped("car update before the game said which car is in view")
_OTHER_CAR = Skipped("another car")
_SESSION = Skipped("session state")
_ENTRIES = Skipped("entry list")
_EVENT = Skipped("event")
_FOREIGN = Rejected("bytes that are no broadcasting message")


class AccDecoder:
    """Reads the answers and updates of one game; frames are of the car in view.

    Alone on track that is the player's own car; a change of view begins another
    session, so that laps of two cars never become one.
    """

    source = "acc"
    channels = CHANNELS

    def __init__(self) -> None:
        self.identity: Identity | None = None
        self._realtime: Realtime | None = None
        self._watch = SessionWatch()
        self._uid = self._watch.uid
        self._laps = self._car = -1
        self._session: tuple[int, ...] = ()
        self._entries: dict[int, Entry] = {}
        self._named: tuple[int, int] | None = None
        self._length_m: int | None = None
        self._readers: Mapping[int, Callable[[bytes], Decoded]] = {
            Message.REGISTRATION: self._take_registration,
            Message.REALTIME: self._take_realtime,
            Message.ENTRY_LIST: self._take_entry_list,
            Message.TRACK_DATA: self._take_track,
            Message.ENTRY: self._take_entry,
            Message.EVENT: self._take_event,
        }

    def decode(self, datagram: bytes, received_us: int) -> Decoded:
        """Return the frame of an update of the car in view, or what else it is."""
        try:
            if datagram[0] == _CAR:
                return self._take_car(datagram, received_us)
            return self._readers[datagram[0]](datagram)
        except (MalformedError, LookupError, struct.error):
            return _FOREIGN

    def _take_car(self, datagram: bytes, received_us: int) -> Decoded:
        update = read_car(datagram)
        car, driver, laps = update[0], update[1], update[7]
        realtime = self._realtime
        if realtime is None:
            return _NO_FOCUS
        if car != realtime.focused_car:
            return _OTHER_CAR
        if (car, driver) != self._named:
            self._name(car, driver)
        if laps != self._laps or realtime.session != self._session or car != self._car:
            self._laps, self._session, self._car = laps, realtime.session, car
            self._uid = self._watch.follow((realtime.session, car), laps)
        return _frame(update, realtime, self._length_m, received_us, self._uid)

    def _take_registration(self, datagram: bytes) -> Decoded:
        answer = read_registration(datagram)
        if not answer.is_accepted:
            return Skipped(f"registration refused: {answer.error or 'no reason given'}")
        return self.identity or Identity()

    def _take_realtime(self, datagram: bytes) -> Decoded:
        self._realtime = read_realtime(datagram)
        return _SESSION

    def _take_entry_list(self, datagram: bytes) -> Decoded:
        cars = read_entry_list(datagram)
        self._entries = {
            car: entry for car, entry in self._entries.items() if car in cars
        }
        return _ENTRIES

    def _take_entry(self, datagram: bytes) -> Decoded:
        entry = read_entry(datagram)
        self._entries[entry.car] = entry
        if self._named is None or self._named[0] != entry.car:
            return _ENTRIES
        self._name(*self._named)
        return self.identity or _ENTRIES

    def _take_track(self, datagram: bytes) -> Decoded:
        track = read_track(datagram)
        self._length_m = track.length_m or None
        known = self.identity or Identity()
        self._note(
            Identity(
                car=known.car,
                driver=known.driver,
                track=track.name,
                track_length_m=float(track.length_m) or None,
            )
        )
        return self.identity or Identity()

    def _take_event(self, datagram: bytes) -> Decoded:
        read_event(datagram)
        return _EVENT

    def _name(self, car: int, driver: int) -> None:
        """Tell who drives the car in view, as far as its entry has come."""
        self._named = (car, driver)
        known = self.identity or Identity()
        entry = self._entries.get(car)
        name = None
        if entry is not None and driver < len(entry.drivers):
            name = entry.drivers[driver]
        self._note(
            Identity(
                car=None if entry is None else car_name(entry.model),
                driver=name,
                track=known.track,
                track_length_m=known.track_length_m,
            )
        )

    def _note(self, identity: Identity) -> None:
        if identity != (self.identity or Identity()):
            self.identity = identity


def _frame(
    update: tuple[Any, ...],
    realtime: Realtime,
    length_m: int | None,
    received_us: int,
    session_uid: int,
) -> Frame:
    # fmt: off
    (
        _, _, gear, location, speed_kmh, place, spline, laps, delta_ms, best_ms,
        last_ms, last_splits_ms, current_ms, current_splits_ms, is_invalid,
    ) = update
    # fmt: on
    position = spline if 0.0 <= spline <= 1.0 else float(spline > 0.5)
    sector1_ms, sector2_ms, _ = _splits(current_splits_ms)
    return Frame(
        received_us,
        received_us // 1000,
        None,
        None,
        None,
        float(speed_kmh),
        _GEARS[gear],
        None,
        current_ms if 0 <= current_ms < _TIME_LIMIT_MS else None,
        laps + 1,
        position,
        _IN_PIT[location],
        is_invalid == 0,
        last_ms if 0 < last_ms < _TIME_LIMIT_MS else None,
        None,
        session_uid,
        (
            nan if length_m is None else position * length_m,
            place or nan,
            delta_ms if -_DELTA_LIMIT_MS < delta_ms < _DELTA_LIMIT_MS else nan,
            best_ms if 0 < best_ms < _TIME_LIMIT_MS else nan,
            sector1_ms,
            sector2_ms,
            *_splits(last_splits_ms),
            realtime.time_s,
            _SESSION_KINDS.get(realtime.session[2], nan),
            realtime.air_c,
            realtime.track_c,
        ),
    )


@lru_cache(maxsize=16)
def _splits(splits_ms: tuple[int, ...]) -> tuple[float, ...]:
    """Return three sector times, NaN for those that are not driven yet."""
    driven = [ms if 0 < ms < _TIME_LIMIT_MS else nan for ms in splits_ms[:_SPLIT_COUNT]]
    return (*driven, nan, nan, nan)[:_SPLIT_COUNT]


def detect(datagram: bytes) -> bool:
    """Say whether a datagram is a message of the game, from first byte to last."""
    return not isinstance(AccDecoder().decode(datagram, 0), Rejected)


def car_and_driver_count(datagram: bytes) -> tuple[int, int] | None:
    """Return which car an update is of and how many drive it; ``None`` for others."""
    if datagram[:1] != bytes((Message.CAR,)):
        return None
    try:
        car, _, driver_count = read_car_head(datagram)
    except struct.error:
        return None
    return car, driver_count
