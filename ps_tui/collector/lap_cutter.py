"""The laps of a stream: cut by a lap detector, shown, and numbered in a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from ps_tui.collector.live import LiveState
from ps_tui.collector.rejects import Failures
from ps_tui.domain.frame import CarLap, Frame
from ps_tui.domain.laps import LapEvent, LapStarted


class LapDetection(Protocol):
    """What a stream needs of the lap detector."""

    def feed(self, frame: Frame) -> Sequence[LapEvent]: ...
    def publish(self, lap_time_ms: int, received_us: int) -> Sequence[LapEvent]: ...
    def finish(self, reason: str) -> Sequence[LapEvent]: ...
    @property
    def can_count(self) -> bool: ...


class LapCutter:
    """Gives each drive a detector of its own; one that fails has decided nothing.

    ``make_detector`` takes the number of the first lap.
    """

    def __init__(
        self,
        make_detector: Callable[[int], LapDetection],
        live: LiveState,
        failures: Failures,
    ) -> None:
        self._make_detector = make_detector
        self._live = live
        self._failures = failures
        self._next_number = 1
        self._begin()
        live.judge = lambda: self._detector.can_count

    def _begin(self) -> None:
        self._detector = self._make_detector(self._next_number)
        self.feed = self._detector.feed
        """Takes the next frame; whoever calls it survives what it raises."""

    def note(self, events: Sequence[LapEvent]) -> None:
        """Show what a frame decided."""
        self._live.note(events)
        for event in events:
            if type(event) is LapStarted:
                self._next_number = event.lap_number + 1

    def publish(self, lap: CarLap, received_us: int) -> Sequence[LapEvent]:
        """Show a lap of any car; the time of one of ours is that of our lap."""
        self._live.board.note(lap)
        if not lap.is_own:
            return ()
        return self._ask(partial(self._detector.publish, lap.lap_time_ms, received_us))

    def end(self, reason: str, *, is_new_session: bool) -> Sequence[LapEvent]:
        """End the running lap; in a new session laps count from 1 again."""
        events = self._ask(partial(self._detector.finish, reason))
        if is_new_session:
            self._next_number = 1
            self._live.start_laps()
        self._begin()
        return events

    def _ask(self, decide: Callable[[], Sequence[LapEvent]]) -> Sequence[LapEvent]:
        try:
            events = decide()
        except Exception:
            events = ()
            self._failures.note("lap detector")
        self._live.note(events)
        return events
