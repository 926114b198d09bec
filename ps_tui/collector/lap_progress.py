"""Last and best lap of the running session, told by lap events or by stored laps."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from ps_tui.domain.laps import LapCompleted, LapEvent, LapRevised, LapStarted
from ps_tui.domain.models import Lap, LapKind
from ps_tui.domain.recording import LapProgress


class ProgressKeeper:
    """Keeps ``progress``: which lap is driven, and what the last and best one took."""

    def __init__(self) -> None:
        self.progress = LapProgress()
        self._counted: dict[int, int] = {}
        """Times in ms of the laps that can be the best, by their numbers."""
        self._newest = 0

    def note(self, events: Sequence[LapEvent]) -> None:
        """Follow the laps."""
        for event in events:
            if isinstance(event, LapStarted):
                self.progress = replace(self.progress, lap_number=event.lap_number)
            elif isinstance(event, LapCompleted):
                self._complete(event)
            else:
                self._revise(event)

    def start_anew(self) -> None:
        """Forget last and best lap: another session begins."""
        self._counted.clear()
        self.progress = LapProgress(lap_number=self.progress.lap_number)

    def show(self, laps: Sequence[Lap]) -> None:
        """Take last and best lap from the finished laps of a session."""
        self._counted = {
            lap.lap_number: lap.lap_time_ms or 0 for lap in laps if lap.counts_as_best
        }
        last = max(laps, key=lambda lap: lap.lap_number, default=None)
        self._newest = 0 if last is None else last.lap_number
        self.progress = self._with_best(
            LapProgress(
                lap_number=self.progress.lap_number or self._newest + 1,
                last_lap_time_ms=None if last is None else last.lap_time_ms,
                last_lap_counts=self._newest in self._counted,
            )
        )

    def _complete(self, lap: LapCompleted) -> None:
        counts = (
            lap.kind is LapKind.FLYING and lap.valid and lap.lap_time_ms is not None
        )
        self._newest = lap.lap_number
        if counts and lap.lap_time_ms is not None:
            self._counted[lap.lap_number] = lap.lap_time_ms
        self.progress = self._with_best(
            LapProgress(self.progress.lap_number, lap.lap_time_ms, counts)
        )

    def _revise(self, revision: LapRevised) -> None:
        number, time_ms = revision.lap_number, revision.lap_time_ms
        if number in self._counted:
            self._counted[number] = time_ms
        progress = self.progress
        if number == self._newest:
            progress = replace(progress, last_lap_time_ms=time_ms)
        self.progress = self._with_best(progress)

    def _with_best(self, progress: LapProgress) -> LapProgress:
        times = self._counted
        return replace(
            progress,
            best_lap_time_ms=min(times.values(), default=None),
            best_lap_number=min(
                times, key=lambda number: (times[number], number), default=None
            ),
        )
