"""The running lap against a reference: delta and sectors, frame by frame."""

from __future__ import annotations

from collections.abc import Sequence

from ps_tui.domain.frame import Frame
from ps_tui.domain.ports import LiveView
from ps_tui.tui.live_reference import Reference, ReferenceKind
from ps_tui.tui.live_sectors import SectorClock, Times
from ps_tui.tui.widgets.delta_bar import DeltaBar
from ps_tui.tui.widgets.sector_strip import MINI_SECTORS, Cut, SectorStrip, Strip

MOST_DRIFT_MS = 100
"""A lap time further than this from the sum of the sectors is of another lap."""
SECTOR_CUTS = (1 / 3, 2 / 3)
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
        self._sectors = SectorClock(SECTOR_CUTS)
        self._now, self._before = Strip(), Strip()
        self._newest: Frame | None = None
        self._ended: Times = ()
        self._splits: tuple[int | None, int | None] = (None, None)
        self._tell_reference()

    def adopt(self, reference: Reference | None) -> None:
        """Compare with ``reference`` from now on; ``None`` compares with nothing."""
        self._reference = reference
        self._tell_reference()
        if self._newest is not None:
            self._show_delta(self._newest)

    def restart(self) -> None:
        """Forget the lap: another game is shown."""
        self._minis, self._sectors = SectorClock(MINI_CUTS), SectorClock(SECTOR_CUTS)
        self._now, self._before = Strip(), Strip()
        self._ended, self._newest = (), None
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
        self._settle(live.progress.last_lap_time_ms)
        splits = game_splits(live)
        if has_passed or splits != self._splits:
            self._show_sectors(newest, splits)
        self._show_delta(newest)

    def _settle(self, lap_time_ms: int | None) -> None:
        """Have the sectors of the last lap add up to its time, once that is known."""
        *first, last = self._before.sectors
        times = [cut.time_ms for cut in first]
        if lap_time_ms is None or last.time_ms is None or None in times:
            return
        rest_ms = lap_time_ms - sum(time_ms or 0 for time_ms in times)
        if 0 < abs(rest_ms - last.time_ms) <= MOST_DRIFT_MS:
            settled = (*first, Cut(rest_ms, last.letter))
            before = Strip(settled, self._before.minis)
            self._before = before
            self._strip.set_strips(self._now, before)

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

    def _show_sectors(
        self, frame: Frame, splits: tuple[int | None, int | None]
    ) -> None:
        if self._minis.previous != self._ended:
            self._ended = self._minis.previous
            self._before = self._ended_strip(frame)
        self._splits = splits
        counts = frame.lap_valid is not False and not frame.in_pit
        running = self._sectors.running
        times = tuple(
            split if split is not None else time_ms
            for split, time_ms in zip((*splits, None), running, strict=True)
        )
        minis = self._rated(self._minis.running, counts, is_mini=True)
        sectors = self._rated(times, counts, is_mini=False)
        self._now = Strip(sectors, minis, self._minis.current)
        self._strip.set_strips(self._now, self._before)

    def _ended_strip(self, frame: Frame) -> Strip:
        """Return the lap that ended, judged by the bests before it."""
        minis, sectors = self._minis.previous, self._sectors.previous
        first, second = self._splits
        if first is not None and second is not None and None not in minis:
            whole_ms = sum(time_ms or 0 for time_ms in minis)
            sectors = (first, second, whole_ms - first - second)
        counts = not frame.in_pit
        return Strip(
            self._rated(sectors, counts, is_mini=False),
            self._rated(minis, counts, is_mini=True),
        )

    def _rated(self, times: Times, counts: bool, *, is_mini: bool) -> tuple[Cut, ...]:
        reference = self._reference
        if reference is None or not counts:
            return tuple(Cut(time_ms) for time_ms in times)
        bests = reference.minis if is_mini else reference.sectors
        ratings = bests.rated_times(times)
        return tuple(
            Cut(time_ms, rating.value if rating is not None else "")
            for time_ms, rating in zip(times, ratings, strict=True)
        )


def game_splits(live: LiveView) -> tuple[int | None, int | None]:
    """Return the sector times that the game itself gives for the running lap."""
    first, second = live.value("sector1_time"), live.value("sector2_time")
    return (
        round(first) if first else None,
        round(second) if second else None,
    )
