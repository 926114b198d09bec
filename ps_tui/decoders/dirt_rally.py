"""DiRT Rally, DiRT 4 and DiRT Rally 2.0: what a frame is made of, and where it begins.

A stage is one lap from 0 to 1 of the way; rallycross counts laps.
"""

from __future__ import annotations

import struct
from math import atan2, floor, nan, pi
from typing import Any

from ps_tui.decoders.dirt_rally_packet import (
    CHANNELS,
    ENGINE_OFFSET,
    PACKET,
    SIZE,
    STAGE,
    STATE,
    TOPS,
)
from ps_tui.decoders.plausible import (
    LARGEST,
    PSI_KPA,
    SMALL_TOPS,
    unit_share,
    without_absurd,
)
from ps_tui.decoders.sender_clock import SenderClock
from ps_tui.domain.frame import Decoded, Frame, Identity, Rejected, Skipped

_DEGREES = 180 / pi
_RPM = 30 / pi
"""Revolutions per minute in a radian per second."""

_LEAST_MS, _MOST_MS = -300.0, 300.0
_RPM_LIMIT = 5000.0
"""In radians per second."""
_LAP_LIMIT = 10_000.0
_MOST_SECTORS = 100.0
_GEARS = {**{float(gear): gear for gear in range(-1, 10)}, 10.0: -1}
"""DiRT Rally writes 10 for reverse, DiRT Rally 2.0 writes -1."""
_LEAST_M = -LARGEST
_RESTART_M = 50.0
"""A car that is put back on the road loses less."""

_FINISHED = Skipped("stage finished")
_PAUSED = Skipped("paused")
_NO_STAGE = Skipped("no stage")
_OUT_OF_RANGE = Rejected("a DiRT Rally packet with a value out of range")


class DirtRallyDecoder:
    """Reads extra data 3; a session is one start of a stage.

    The game names neither car nor stage: the length tells stages apart, engine and
    gearbox tell cars apart.
    """

    source = "dirt-rally"
    channels = CHANNELS

    def __init__(self) -> None:
        self.identity: Identity | None = None
        self._named_m = 0.0
        self._engine = b""
        self._gear_sent, self._gear = 0.0, 0
        self._state = self._stage = b""
        self._followed_stage = b""
        """That of a lap under way, whose session and car are known."""
        self._length_m = self._lap_count = self._laps_completed = 0.0
        self._told_of_state: tuple[Any, ...] = ()
        """In the pits, sector, its time and that of the next, share of fuel."""
        self._told_of_stage: tuple[Any, ...] = ()
        """Lap, the time of the last one, highest rpm, tyre pressures."""
        self._clock = SenderClock()
        self._session_uid = 1
        self._newest = b""
        self._laps: float | None = None
        self._stage_s = 0.0
        self._distance_m = 0.0

    def decode(self, datagram: bytes, received_us: int) -> Decoded:
        """Return the frame, or why there is none: a pause, a stage at its end."""
        try:
            values = PACKET.unpack(datagram)
        except struct.error:
            return Rejected(f"{len(datagram)} bytes, where extra data 3 has {SIZE}")
        if not datagram[TOPS].translate(SMALL_TOPS).isascii():
            values = without_absurd(values)
        return self._frame(datagram, values, received_us)

    def _frame(
        self, datagram: bytes, values: tuple[Any, ...], received_us: int
    ) -> Decoded:
        # fmt: off
        (
            total_s, stage_s, distance_m, position, x, y, z, speed_ms, ahead_x, ahead_z,
            rl_mm, rr_mm, fl_mm, fr_mm, rl_ms, rr_ms, fl_ms, fr_ms,
            throttle, steer, brake, clutch, gear, g_lateral, g_longitudinal,
            rpm, place, state, rl_c, rr_c, fl_c, fr_c, stage,
        ) = values
        if not (
            0.0 <= throttle <= 1.0 and 0.0 <= brake <= 1.0 and 0.0 <= clutch <= 1.0
            and -1.0 <= steer <= 1.0 and 0.0 <= position <= 1.0
            and 0.0 <= rpm < _RPM_LIMIT
            and total_s >= 0.0 and stage_s >= 0.0 and distance_m > _LEAST_M
            and _LEAST_MS < speed_ms < _MOST_MS
            and (gear == self._gear_sent or self._read_gear(gear))
            and (stage == self._stage or self._read_stage(stage))
        ):
            bounded = _bounded(values)
            if bounded is None:
                return _OUT_OF_RANGE
            return self._frame(datagram, bounded, received_us)
        length_m = self._length_m
        if length_m == 0.0:
            return _NO_STAGE
        if state != self._state:
            self._read_state(state)
        stamp_ms = self._clock.utc_ms(floor(total_s * 1000.0), received_us)
        if not self._clock.is_late:
            if (
                stage_s > self._stage_s and distance_m >= self._distance_m - _RESTART_M
                and self._stage is self._followed_stage
            ):
                self._stage_s, self._distance_m = stage_s, distance_m
                self._newest = datagram
            elif (skipped := self._follow(datagram, stage_s, distance_m)) is not None:
                return skipped
        if self._lap_count > 1.0:
            distance_m %= length_m
            position = distance_m / length_m
        in_pit, sector, sector1_ms, sector2_ms, fuel = self._told_of_state
        lap, last_ms, max_rpm, tyres_kpa = self._told_of_stage
        channels: tuple[float, ...] = (
            x, y, z, distance_m, total_s, clutch, g_lateral, g_longitudinal,
            atan2(ahead_x, -ahead_z) * _DEGREES % 360.0, max_rpm,
            fl_mm * 0.001, fr_mm * 0.001, rl_mm * 0.001, rr_mm * 0.001,
            fl_ms, fr_ms, rl_ms, rr_ms, fl_c, fr_c, rl_c, rr_c,
            place or nan, sector, sector1_ms, sector2_ms, fuel,
        )
        return Frame(
            received_us, stamp_ms, throttle, brake, steer, speed_ms * 3.6, self._gear,
            rpm * _RPM, floor(stage_s * 1000.0 + 0.5), lap, position, in_pit,
            None, last_ms, None, self._session_uid, channels + tyres_kpa,
        )
        # fmt: on

    def _follow(
        self, datagram: bytes, stage_s: float, distance_m: float
    ) -> Skipped | None:
        """Tell a pause, a stage begun anew and the end of one.

        The packet that completes the last lap is still recorded, what follows not.
        """
        laps, lap_count = self._laps_completed, self._lap_count
        if stage_s == self._stage_s and distance_m == self._distance_m:
            newest = self._newest
            if datagram[4:] == newest[4:] and datagram != newest:
                return _PAUSED
        self._newest = datagram
        if (
            self._length_m != self._named_m
            or self._stage[ENGINE_OFFSET:] != self._engine
        ):
            self._name()
        is_back = lap_count <= 1.0 and (
            stage_s < self._stage_s or distance_m < self._distance_m - _RESTART_M
        )
        self._stage_s, self._distance_m = stage_s, distance_m
        if laps != self._laps or is_back:
            if self._laps is not None and laps != self._laps + 1.0:
                self._session_uid += 1
            self._laps = laps
        elif 0.0 < lap_count <= laps:
            return _FINISHED
        if laps < lap_count:
            self._followed_stage = self._stage
        return None

    def _read_gear(self, gear: float) -> bool:
        """Read another gear than the one before; ``False`` where it is none."""
        if gear not in _GEARS:
            return False
        self._gear_sent, self._gear = gear, _GEARS[gear]
        return True

    def _read_stage(self, stage: bytes) -> bool:
        """Read the numbers of laps and car; ``False`` where they are impossible."""
        # fmt: off
        (
            rl_psi, rr_psi, fl_psi, fr_psi, laps, lap_count, length_m, last_s, max_rps,
            _, _,
        ) = without_absurd(STAGE.unpack(stage))
        if not (
            0.0 <= laps < _LAP_LIMIT and 0.0 <= lap_count < _LAP_LIMIT
            and length_m >= 0.0 and last_s >= 0.0
        ):
            return False
        # fmt: on
        self._stage = stage
        self._laps_completed, self._lap_count, self._length_m = (
            laps,
            lap_count,
            length_m,
        )
        self._told_of_stage = (
            int(laps) + 1,
            int(last_s * 1000 + 0.5) or None,
            max_rps * _RPM or nan,
            tuple(psi * PSI_KPA or nan for psi in (fl_psi, fr_psi, rl_psi, rr_psi)),
        )
        return True

    def _read_state(self, state: bytes) -> None:
        fuel, capacity, pit, sector, sector1_s, sector2_s = without_absurd(
            STATE.unpack(state)
        )
        self._state = state
        self._told_of_state = (
            pit > 0.5,
            sector + 1.0 if 0.0 <= sector <= _MOST_SECTORS else nan,
            sector1_s * 1000.0 or nan,
            sector2_s * 1000.0 or nan,
            unit_share(fuel / capacity) if capacity > 0.0 else nan,
        )

    def _name(self) -> None:
        """Describe stage and car by what sets them apart."""
        self._engine = self._stage[ENGINE_OFFSET:]
        self._named_m = length_m = self._length_m
        max_rps, idle_rps, gears = without_absurd(STAGE.unpack(self._stage)[8:])
        max_rpm, idle_rpm = max_rps * _RPM, idle_rps * _RPM
        kind = "circuit" if self._lap_count > 1.0 else "stage"
        self.identity = Identity(
            car=f"{max_rpm:.0f} rpm, idle {idle_rpm:.0f}, {gears:.0f} gears",
            track=f"{kind} {length_m:.2f} m",
            track_length_m=length_m,
            max_rpm=max_rpm or None,
        )


def _bounded(values: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """Forgive pedals, wheel and progress a rounding error beyond their ends.

    ``None`` where that is not what is wrong. An engine that turns back stands.
    """
    position, rpm = values[3], values[25]
    throttle, steer, brake, clutch = values[18:22]
    if not (
        -0.01 <= position <= 1.05
        and -0.01 <= throttle <= 1.01
        and -1.01 <= steer <= 1.01
        and -0.01 <= brake <= 1.01
        and -0.01 <= clutch <= 1.01
        and -_RPM_LIMIT < rpm < _RPM_LIMIT
    ):
        return None
    bounded = (
        *values[:3],
        min(max(position, 0.0), 1.0),
        *values[4:18],
        unit_share(throttle),
        min(max(steer, -1.0), 1.0),
        unit_share(brake),
        unit_share(clutch),
        *values[22:25],
        max(rpm, 0.0),
        *values[26:],
    )
    return None if bounded == values else bounded
