"""The running lap against a reference: delta and sectors, frame by frame."""

from __future__ import annotations

from collections.abc import Sequence

from ps_tui.domain.frame import Frame
from ps_tui.domain.lap_figures import THIRDS, SectorLines
from ps_tui.domain.ports import LiveView
from ps_tui.domain.recording import LapProgress
from ps_tui.tui.last_lap import StoredLap
from ps_tui.tui.live_reference import Reference, ReferenceKind
from ps_tui.tui.live_sectors import SectorClock, Times
from ps_tui.tui.possible_best import Splits, game_splits, possible_of
from ps_tui.tui.widgets.delta_bar import DeltaBar
from ps_tui.tui.widgets.sector_strip import (
    MINI_SECTORS,
    Cut,
    SectorStrip,
    Strip,
    without_letters,
)

MOST_DRIFT_MS = 100
"""A lap time further than this from the sum of the sectors is of another lap."""
MINI_CUTS = tuple(index / MINI_SECTORS for index in range(1, MINI_SECTORS))


class RunningLap:
    """Feeds the delta bar and the sector strip; knows the reference of both."""

    def __init__(self, delta_bar: DeltaBar, strip: SectorStrip) -> None:
        self.kind = ReferenceKind.SESSION_BEST
        self.typed_ms: int | None = None
        self._reference: Reference | None = None
        self._delta_bar = delta_bar
        self._strip = strip
        self._minis = SectorClock(MINI_CUTS)
        self._lines: SectorLines = THIRDS
        self._sectors = SectorClock(THIRDS)
        self.possible_ms: float | None = None
        """What the lap can still become with the best sectors of the session."""
        self._now, self._before = Strip(), Strip()
        self._newest: Frame | None = None
        self._ended: Times = ()
        self._stored: StoredLap | None = None
        self._counts = False
        """Whether the running lap can still make a best."""
        self._splits: Splits = (None, None)
        self._tell_reference()

    def adopt(self, reference: Reference | None) -> None:
        """Compare with ``reference`` from now on; ``None`` compares with nothing."""
        self._reference = reference
        if reference is not None and reference.lines != self._lines:
            self._lines = reference.lines
            self._sectors = SectorClock(reference.lines)
        self._tell_reference()
        if self._newest is not None:
            self._show_delta(self._newest)

    def restart(self) -> None:
        """Forget the lap: another game is shown."""
        self._minis, self._sectors = SectorClock(MINI_CUTS), SectorClock(self._lines)
        self.possible_ms = None
        self._now, self._before = Strip(), Strip()
        self._ended, self._newest, self._stored = (), None, None
        self._strip.set_strips(Strip(), Strip())
        self.adopt(None)
        self._delta_bar.set_delta(None)

    def choose(self, kind: ReferenceKind) -> None:
        """Say at once which reference is coming."""
        self.kind = kind
        self._reference = None
        self._delta_bar.set_delta(None)
        self._tell_reference()

    def feed(self, frames: Sequence[Frame], live: LiveView) -> None:
        """Take new frames, oldest first, and show the newest."""
        has_passed = False
        for frame in frames:
            place, time_ms, at_us = (
                frame.normalized_position,
                frame.lap_time_ms,
                frame.received_us,
            )
            has_passed |= self._minis.update(place, time_ms, at_us)
            self._sectors.update(place, time_ms, at_us)
        newest = self._newest = frames[-1]
        splits, counts = game_splits(live), live.lap_can_count
        if has_passed or splits != self._splits or counts != self._counts:
            self._show_sectors(splits, counts=counts)
        self._settle(live.progress)
        self._strip.set_strips(self._now, self._last_strip(live.progress))
        self._show_delta(newest)
        self.possible_ms = self._possible(newest, splits)

    def _possible(self, frame: Frame, splits: Splits) -> float | None:
        reference, running_ms = self._reference, frame.lap_time_ms
        if reference is None or running_ms is None or not self._counts:
            return None
        bests = reference.bests.session
        return possible_of(self._sectors, splits, running_ms, bests, self._lines)

    def keep(self, stored: StoredLap | None) -> None:
        """Show the last lap as it is stored, where it is the one that was driven."""
        self._stored = stored

    def _last_strip(self, progress: LapProgress) -> Strip:
        stored = self._stored
        if stored is None or stored.lap_time_ms != progress.last_lap_time_ms:
            return self._before
        return stored.strip

    def _settle(self, progress: LapProgress) -> None:
        """Have the last lap as the lap rule has it, once that is known.

        Its sectors add up to its time, and have no letters if it does not count.
        """
        lap_time_ms = progress.last_lap_time_ms
        *first, last = self._before.sectors
        times = [cut.time_ms for cut in first]
        if lap_time_ms is None or last.time_ms is None or None in times:
            return
        rest_ms = lap_time_ms - sum(time_ms or 0 for time_ms in times)
        if abs(rest_ms - last.time_ms) > MOST_DRIFT_MS:
            return
        cuts, minis = (*first, Cut(rest_ms, last.letter)), self._before.minis
        if not progress.last_lap_counts:
            cuts, minis = without_letters(cuts), without_letters(minis)
        self._before = Strip(cuts, minis)

    def _show_delta(self, frame: Frame) -> None:
        if self._reference is None:
            return
        delta = self._reference.delta
        value = delta.update(frame.normalized_position, frame.lap_time_ms)
        if value is None:
            self._tell_reference()
        self._delta_bar.set_delta(value, delta.trend_ms, delta.predicted_ms)

    def _tell_reference(self) -> None:
        reason = self.kind.missing
        if self._reference is not None:
            reason = self._reference.delta.reason or ""
        name = self.kind.value
        self._delta_bar.set_reference(name, reason)

    def _show_sectors(self, splits: Splits, *, counts: bool) -> None:
        if self._minis.previous is not self._ended:
            self._ended = self._minis.previous
            self._before = self._ended_strip()
        self._splits, self._counts = splits, counts
        running = self._sectors.running
        times = tuple(
            split if split is not None else time_ms
            for split, time_ms in zip((*splits, None), running, strict=True)
        )
        minis = self._rated(self._minis.running)
        is_from_game = splits[0] is not None
        sectors = self._rated(times, is_from_game=is_from_game)
        self._now = Strip(sectors, minis, self._minis.current)

    def _ended_strip(self) -> Strip:
        """Return the lap that ended, judged by the bests before it."""
        minis, sectors = self._minis.previous, self._sectors.previous
        first, second = self._splits
        is_from_game = False
        if first is not None and second is not None and None not in minis:
            is_from_game = True
            whole_ms = sum(time_ms or 0 for time_ms in minis)
            sectors = (first, second, whole_ms - first - second)
        return Strip(
            self._rated(sectors, is_from_game=is_from_game), self._rated(minis)
        )

    def _rated(
        self, times: Times, *, is_from_game: bool | None = None
    ) -> tuple[Cut, ...]:
        """Give times their letters; without ``is_from_game`` they are of minis."""
        reference = self._reference
        if reference is None or not self._counts:
            return tuple(Cut(time_ms) for time_ms in times)
        bests = reference.minis
        if is_from_game is not None:
            bests = reference.sectors(is_from_game=is_from_game)
        ratings = bests.rated_times(times)
        return tuple(
            Cut(time_ms, rating.value if rating is not None else "")
            for time_ms, rating in zip(times, ratings, strict=True)
        )
