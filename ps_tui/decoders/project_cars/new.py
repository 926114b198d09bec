"""The protocol of Project CARS 2, which Automobilista 2 sends too ("version 2").

A sample is spread over packets: telemetry has the
physics, timings the lap; they come at the same rate, one behind the other. Everything
else comes when it changes, or seconds to minutes apart.
"""

from __future__ import annotations

from math import nan
from typing import Any

from ps_tui.decoders.project_cars.new_packet import (
    CLASSES_SIZE,
    FIRST_TELEMETRY_SIZE,
    FIRST_TIMINGS_SIZE,
    GAME,
    GAME_FIELDS,
    GAPS,
    GAPS_OFFSET,
    HEAD,
    MAX_RPM,
    PARTICIPANTS,
    RACE,
    RACE_FIELDS,
    RPM,
    RUN,
    RUN_OFFSET,
    SIZES,
    SLOT,
    SLOT_COUNT,
    SLOTS_OFFSET,
    SPEED,
    STATS,
    STATS_OFFSET,
    TELEMETRY,
    TELEMETRY_TICK,
    TICK,
    TIME_STATS,
    TIMINGS,
    TIMINGS_TICK,
    VIEWED,
    VIEWED_OFFSET,
)
from ps_tui.decoders.project_cars.new_sample import (
    STALE_US,
    Held,
    Telemetry,
    Timings,
    frame_of,
    of_first_patch,
)
from ps_tui.decoders.project_cars.parts import (
    LEAST_SPEED_MS,
    NOT_PLAYING,
    PLAYING,
    RESTARTING,
    RPM_LIMIT,
    SPEED_LIMIT_MS,
    TRACK_LIMIT_M,
    SpikeFilter,
    milliseconds,
    span_ms,
    text,
)
from ps_tui.decoders.project_cars.roster import Roster
from ps_tui.decoders.session_watch import SessionWatch
from ps_tui.domain.frame import Decoded, Frame, Identity, Rejected, Skipped

_JOINED = Skipped("part of a sample")
_LEARNED = Skipped("names and settings")
_NO_CAR = Skipped("no car in view")
_SPIKE = Skipped("speed that no car reaches at once")
_FOREIGN = Rejected("a Project CARS 2 size with the mark of another packet")
_OUT_OF_RANGE = Rejected("a Project CARS 2 packet with a value out of range")
_NO_TIMINGS = Timings()


class NewProtocol:
    """Reads the stream of one game in version 2 of the protocol.

    A frame is given out when telemetry and timings of one tick are there, at the
    latest with the next telemetry. A lost timings packet leaves what the one before
    said; after a second of none there is no lap data.
    """

    def __init__(self) -> None:
        self._roster = Roster()
        self._session = SessionWatch()
        self._uid = self._session.uid
        self._spikes = SpikeFilter()
        self._state = PLAYING
        self._viewed = -1
        self._max_rpm = 0
        self._waiting: Telemetry | None = None
        self._timings = _NO_TIMINGS
        self._held = Held()
        self._blank_count = 0

    @property
    def identity(self) -> Identity | None:
        return self._roster.identity

    def decode(self, datagram: bytes, received_us: int) -> Decoded:
        """Return the frame that a datagram completes, or what else it is."""
        number, part, part_count, kind = HEAD.unpack_from(datagram)
        if kind != SIZES[len(datagram)] or not 0 < part <= part_count:
            return _FOREIGN
        if kind == TELEMETRY:
            return self._take_telemetry(datagram, number, received_us)
        if kind == TIMINGS:
            return self._take_timings(datagram, received_us)
        before = self.identity
        if kind == GAME:
            self._learn_game(datagram)
        elif kind == RACE:
            self._learn_race(datagram)
        elif kind == TIME_STATS:
            self._learn_times(datagram)
        elif kind == PARTICIPANTS:
            self._roster.learn_drivers(datagram, part)
        elif len(datagram) != CLASSES_SIZE:
            self._roster.learn_cars(datagram)
        after = self.identity
        return _LEARNED if after is before or after is None else after

    def _take_telemetry(
        self, datagram: bytes, number: int, received_us: int
    ) -> Decoded:
        (viewed,) = VIEWED.unpack_from(datagram, VIEWED_OFFSET)
        run = RUN.unpack_from(datagram, RUN_OFFSET)
        reason = self._reason_against(viewed, run, received_us)
        if reason is not None:
            self._blank_count += 1
            return reason
        tick = None
        if len(datagram) == FIRST_TELEMETRY_SIZE:
            run = of_first_patch(run)
        else:
            (tick,) = TICK.unpack_from(datagram, TELEMETRY_TICK)
        if viewed != self._viewed:
            self._viewed = viewed
            self._timings = _NO_TIMINGS
        if run[MAX_RPM] != self._max_rpm:
            self._max_rpm = run[MAX_RPM]
            self._roster.note(Identity(max_rpm=float(self._max_rpm) or None))
        waiting = self._waiting
        sequence = number - self._blank_count & 0xFFFF_FFFF
        telemetry = Telemetry(datagram, run, received_us, sequence, tick)
        if waiting is not None:
            self._waiting = telemetry
            return self._give_out(waiting)
        if tick is not None and tick == self._timings.tick:
            return self._give_out(telemetry)
        self._waiting = telemetry
        return _JOINED

    def _reason_against(
        self, viewed: int, run: tuple[Any, ...], received_us: int
    ) -> Skipped | Rejected | None:
        """Say why there is no frame, ``None`` where there is one."""
        if self._state != PLAYING and self._state in NOT_PLAYING:
            return NOT_PLAYING[self._state]
        if viewed < 0:
            return _NO_CAR
        if not (
            viewed < SLOT_COUNT
            and LEAST_SPEED_MS < run[SPEED] < SPEED_LIMIT_MS
            and run[RPM] < RPM_LIMIT
        ):
            return _OUT_OF_RANGE
        return _SPIKE if self._spikes.is_spike(run[SPEED], received_us) else None

    def _take_timings(self, datagram: bytes, received_us: int) -> Decoded:
        viewed = self._viewed
        if viewed < 0:
            return _JOINED
        slot = SLOT.unpack_from(datagram, SLOTS_OFFSET + viewed * SLOT.size)
        tick = None
        if len(datagram) != FIRST_TIMINGS_SIZE:
            (tick,) = TICK.unpack_from(datagram, TIMINGS_TICK)
        gaps_s = GAPS.unpack_from(datagram, GAPS_OFFSET)
        before = self._timings.slot
        self._timings = Timings(slot, gaps_s, received_us, tick, is_known=True)
        if slot[2] != before[2] or slot[7] != before[7]:
            self._note_sector(slot)
        if slot[5] != before[5] or slot[10] != before[10]:
            self._roster.view(slot[5], slot[10])
        waiting = self._waiting
        if waiting is None:
            return _JOINED
        self._waiting = None
        return self._give_out(waiting)

    def _give_out(self, telemetry: Telemetry) -> Frame:
        """Return a sample with the timings that there are."""
        timings = self._timings
        if telemetry.received_us - timings.received_us > STALE_US:
            timings = _NO_TIMINGS
        if timings.is_known:
            uid = self._session.follow(self._viewed, timings.slot[7])
            if uid != self._uid:
                self._uid = uid
                self._held.best_ms = self._held.last_ms = None
        return frame_of(telemetry, timings, self._held, self._uid)

    def _note_sector(self, slot: tuple[Any, ...]) -> None:
        """Tell sector times: at its first sample the lap so far less the sector's."""
        sector, lap_s, sector_s = slot[2] & 7, slot[8], slot[9]
        held = self._held
        so_far_ms = span_ms(lap_s - sector_s) if sector_s >= 0.0 else nan
        if sector == 1:
            held.sector1_ms, held.sector2_ms = so_far_ms, nan
        elif sector == 2:
            held.sector2_ms = so_far_ms - held.sector1_ms
        else:
            held.sector1_ms = held.sector2_ms = nan

    def _learn_game(self, datagram: bytes) -> None:
        state, air_c, track_c = GAME_FIELDS.unpack_from(datagram)
        held = self._held
        session = state >> 3 & 7
        self._state = state & 7
        if self._state == RESTARTING or held.session not in (0, session):
            self._session.restart()
        held.session, held.air_c, held.track_c = session, float(air_c), float(track_c)

    def _learn_race(self, datagram: bytes) -> None:
        best_s, length_m, track, variation = RACE_FIELDS.unpack_from(datagram)
        held = self._held
        known_m = length_m if 0.0 < length_m < TRACK_LIMIT_M else None
        if held.length_m not in (None, known_m):
            self._session.restart()
        held.length_m = known_m
        held.best_ms = milliseconds(best_s)
        layout = text(variation)
        self._roster.note(
            Identity(track=text(track), layout=layout, track_length_m=known_m)
        )

    def _learn_times(self, datagram: bytes) -> None:
        if self._viewed >= 0:
            best_s, last_s = STATS.unpack_from(
                datagram, STATS_OFFSET + self._viewed * STATS.size
            )
            self._held.best_ms = milliseconds(best_s)
            self._held.last_ms = milliseconds(last_s)
