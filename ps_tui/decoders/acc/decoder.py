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
from math import nan

from ps_tui.decoders.acc.cars import car_name
from ps_tui.decoders.acc.messages import (
    SPEED_LIMIT_KMH,
    Entry,
    MalformedError,
    Message,
    Realtime,
    car_layout,
    check_car,
    read_car_head,
    read_entry,
    read_entry_list,
    read_event,
    read_laps,
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
_GEARS = (None, *range(-1, 11))
"""As sent: 0 none, 1 reverse, 2 neutral."""
_IN_PIT = (None, False, True, True, True)
"""By location: track, pit lane, its entry, its exit; 0 is none."""
_LEAST_DELTA_MS, _DELTA_LIMIT_MS = -3_600_000, 3_600_000
_TIME_LIMIT_MS = 100_000_000
"""No lap takes longer; the game writes more than that for none."""
_SPLIT_COUNT = 3

_CAR = int(Message.CAR)
_HEAD = struct.Struct("<BH")
"""Kind of message and number of the car."""
_HEAD_SIZE = _HEAD.size
_EMPTY = struct.Struct("")
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
        self._driver = self._laps = -1
        self._head_in_view = b""
        self._layout = _EMPTY
        self._past = self._rest = b""
        self._last_ms: int | None = None
        self._is_valid = True
        self._lap_channels: tuple[float, ...] = ()
        self._slow_channels: tuple[float, ...] = ()
        """Those from the best lap on, which no update of the car alone changes."""
        self._entries: dict[int, Entry] = {}
        self._named: tuple[int, int] | None = None
        self._length_m = nan
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
        if datagram[:_HEAD_SIZE] != self._head_in_view:
            check_car(car_layout(datagram).unpack(datagram))
            return _NO_FOCUS if self._realtime is None else _OTHER_CAR
        if len(datagram) != self._layout.size:
            self._layout = car_layout(datagram)
        values = self._layout.unpack(datagram)
        # fmt: off
        (
            car, driver, gear, location, speed_kmh, place, spline, laps, delta_ms,
            past, current_ms, rest,
        ) = values
        if past != self._past or rest != self._rest:
            self._read_laps(datagram)
            return self._take_car(datagram, received_us)
        # Numbers too large for these tables raise a LookupError.
        gear, in_pit = _GEARS[gear], _IN_PIT[location]
        if not (0.0 <= spline <= 1.0 and speed_kmh < SPEED_LIMIT_KMH):
            check_car(values)
            spline = float(spline > 0.5)
        if laps != self._laps or driver != self._driver:
            self._follow(car, driver, laps)
        progress: tuple[float, ...] = (
            spline * self._length_m, place or nan,
            delta_ms if _LEAST_DELTA_MS < delta_ms < _DELTA_LIMIT_MS else nan,
        )
        return Frame(
            received_us, received_us // 1000, None, None, None, float(speed_kmh), gear,
            None, current_ms if 0 <= current_ms < _TIME_LIMIT_MS else None, laps + 1,
            spline, in_pit, self._is_valid, self._last_ms, None, self._uid,
            progress + self._slow_channels,
        )
        # fmt: on

    def _read_laps(self, datagram: bytes) -> None:
        """Read the laps of the car in view again: they are not what they were."""
        self._layout = car_layout(datagram)
        *_, past, _, rest = self._layout.unpack(datagram)
        laps = read_laps(past, rest)
        self._past, self._rest = past, rest
        self._last_ms = laps.last_ms if 0 < laps.last_ms < _TIME_LIMIT_MS else None
        self._is_valid = laps.is_valid
        self._lap_channels = (
            laps.best_ms if 0 < laps.best_ms < _TIME_LIMIT_MS else nan,
            *_splits(laps.splits_ms)[:2],
            *_splits(laps.last_splits_ms),
        )
        self._join()

    def _join(self) -> None:
        """Join what the car's laps and the state of the session tell."""
        now = self._realtime
        if now is not None:
            kind = _SESSION_KINDS.get(now.session[2], nan)
            session_channels = now.time_s, kind, now.air_c, now.track_c
            self._slow_channels = self._lap_channels + session_channels

    def _follow(self, car: int, driver: int, laps: int) -> None:
        """Note another lap, driver, car in view or session."""
        self._driver, self._laps = driver, laps
        if (car, driver) != self._named:
            self._name(car, driver)
        if self._realtime is not None:
            self._uid = self._watch.follow((self._realtime.session, car), laps)

    def _take_registration(self, datagram: bytes) -> Decoded:
        answer = read_registration(datagram)
        if not answer.is_accepted:
            return Skipped(f"registration refused: {answer.error or 'no reason given'}")
        return self.identity or Identity()

    def _take_realtime(self, datagram: bytes) -> Decoded:
        self._realtime = now = read_realtime(datagram)
        car = now.focused_car
        self._head_in_view = _HEAD.pack(_CAR, car) if 0 <= car <= 0xFFFF else b""
        self._driver = -1  # the next update may be of another car, or session
        self._join()
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
        self._length_m = float(track.length_m) or nan
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
