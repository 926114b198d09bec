"""What Gran Turismo 7 leaves to the listener: clock, length and place of the lap."""

from __future__ import annotations

from math import dist, nan

TICK_S = 1 / 60
"""The packets are numbered by the ticks of the game: at 60 Hz a recorded lap took
99.033 s where the game published 99.036."""

LATE_TICKS = 120
"""A number that is further back is a game that began anew."""
_LOST_TICKS = 600
"""After so long a gap nobody knows which way the car took."""
_JOINED_MS = 1000
"""A lap whose clock reads less when it is first seen is seen from its line."""
_CLOCK_STEP_BACK_MS = 2000
_AT_LINE_MS = 100
_TELEPORT_M = 100.0
_TELEPORT_SPEED_MS = 150.0
_SHORTEST_LAP_M = 300.0


class RunningLap:
    """The lap being driven, followed from packet to packet.

    Only kind C has a lap clock; for the others it is the ticks since the lap began,
    less those of pauses. The distance is speed integrated over the ticks since the
    line, and the position is its share of the first lap that was driven from line
    to line. A lap joined half-way has none of them.
    """

    def __init__(self) -> None:
        self.session_uid = 1
        self.clock_ms: int | None = None
        self.distance_m = nan
        self.position: float | None = None
        self._tick: int | None = None
        self._lap = 0
        self._game_clock_ms = 0
        self._place: tuple[float, ...] = (nan, nan, nan)
        self._ticks: int | None = None
        """Since the line; ``None`` where it was not seen."""
        self._driven_m: float | None = None
        self._length_m: float | None = None

    def pause(self, tick: int) -> None:
        """Let ticks pass in which nothing moves."""
        if self._tick is not None and tick > self._tick:
            self._tick = tick

    def follow(
        self,
        tick: int,
        lap: int,
        clock_ms: int | None,
        last_ms: int,
        speed_ms: float,
        place: tuple[float, ...],
    ) -> None:
        """Take the next packet; ``clock_ms`` is the game's own, of kind C."""
        before = self._tick
        step = 0 if before is None else tick - before
        if lap == self._lap and 0 < step <= _LOST_TICKS:
            reach_m = _TELEPORT_M + _TELEPORT_SPEED_MS * TICK_S * step
            x, _, z = self._place
            if (
                -reach_m < place[0] - x < reach_m
                and -reach_m < place[2] - z < reach_m
                and (
                    clock_ms is None
                    or clock_ms >= self._game_clock_ms - _CLOCK_STEP_BACK_MS
                )
            ):
                self._go_on(step, speed_ms)
                self._tell(tick, lap, clock_ms, place)
                return
        if before is None:
            self._begin(lap, clock_ms, speed_ms)
        elif -LATE_TICKS < step <= 0:
            self._tell_late(step, clock_ms)
            return
        elif self._is_elsewhere(step, lap, clock_ms, place):
            self.session_uid += 1
            self._length_m = None
            self._begin(lap, clock_ms, speed_ms)
        elif lap == self._lap:
            self._go_on(step, speed_ms)
        else:
            clock_ms = self._cross(step, lap, clock_ms, last_ms, speed_ms)
        self._tell(tick, lap, clock_ms, place)

    def _is_elsewhere(
        self, step: int, lap: int, clock_ms: int | None, place: tuple[float, ...]
    ) -> bool:
        """Say whether the game, the race or the car was set back."""
        if step <= 0 or lap < self._lap:
            return True
        if lap == self._lap and clock_ms is not None:
            fallen_ms = self._game_clock_ms - clock_ms
            if fallen_ms > _CLOCK_STEP_BACK_MS:
                return True
        reach_m = _TELEPORT_M + _TELEPORT_SPEED_MS * step * TICK_S
        return dist(place, self._place) > reach_m

    def _begin(self, lap: int, clock_ms: int | None, speed_ms: float) -> None:
        """Start without knowing what was before, unless the line is just behind."""
        self._ticks = self._driven_m = None
        if lap > 0 and clock_ms is not None and 0 <= clock_ms <= _JOINED_MS:
            self._driven_m = speed_ms * clock_ms / 1000

    def _go_on(self, step: int, speed_ms: float) -> None:
        if step > _LOST_TICKS:
            self._driven_m = None
        if self._ticks is not None:
            self._ticks += step
        if self._driven_m is not None:
            self._driven_m += speed_ms * step * TICK_S

    def _cross(
        self, step: int, lap: int, clock_ms: int | None, last_ms: int, speed_ms: float
    ) -> int | None:
        """Go over the line; return the clock of the new lap.

        The packet in which the counter rises still carries the old lap's time, which
        is beyond the published time of that lap by what was driven since the line.
        """
        if clock_ms is not None and clock_ms > _JOINED_MS:
            since_ms = clock_ms - last_ms
            clock_ms = since_ms if 0 <= since_ms <= _AT_LINE_MS else None
        since_m = speed_ms * (clock_ms or 0) / 1000
        self._go_on(step, speed_ms)
        is_next = lap == self._lap + 1
        length_m = self._driven_m
        if (
            is_next
            and self._length_m is None
            and length_m is not None
            and length_m > _SHORTEST_LAP_M
        ):
            self._length_m = length_m - since_m
        self._ticks = 0 if is_next else None
        self._driven_m = since_m if is_next else None
        return clock_ms

    def _tell(
        self, tick: int, lap: int, clock_ms: int | None, place: tuple[float, ...]
    ) -> None:
        self._tick, self._lap, self._place = tick, lap, place
        if clock_ms is not None:
            self._game_clock_ms = clock_ms
            self.clock_ms = clock_ms if clock_ms >= 0 else None
        else:
            self._game_clock_ms = 0
            self.clock_ms = None if self._ticks is None else self._ticks * 50 // 3
        driven_m = self._driven_m
        if driven_m is None:
            self.distance_m, self.position = nan, None
            return
        self.distance_m = driven_m
        if self._length_m is not None:
            self.position = min(driven_m / self._length_m, 1.0)
        else:
            self.position = None

    def _tell_late(self, step: int, clock_ms: int | None) -> None:
        """Leave out of an overtaken packet what belongs to the newest; keep repeats."""
        if step < 0:
            self.clock_ms = clock_ms if clock_ms and clock_ms > 0 else None
            self.distance_m = nan
            self.position = None
