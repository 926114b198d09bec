"""What the lap being driven can still become, for a screen that does not follow it."""

from __future__ import annotations

from collections.abc import Mapping

from ps_tui.domain.lap_figures import (
    GAME_LINES,
    THIRDS,
    SectorLines,
    SectorTimes,
    lines_text,
    possible_best_ms,
)
from ps_tui.domain.ports import LiveView
from ps_tui.tui.live_sectors import SectorClock

Splits = tuple[int | None, int | None]


class PossibleBest:
    """Follows the running lap by the frames of the last minute."""

    def __init__(self, live: LiveView) -> None:
        self._live = live
        self._lines: SectorLines = THIRDS
        self._clock = SectorClock(THIRDS)
        self._cursor = 0

    def cut_at(self, lines: SectorLines) -> None:
        """Put the ends of the sectors elsewhere."""
        if lines != self._lines:
            self._lines, self._clock, self._cursor = lines, SectorClock(lines), 0

    def pull(self, bests: Mapping[str, SectorTimes]) -> float | None:
        """Take what has arrived; return the possible time, ``None`` if unknown."""
        self._cursor, frames = self._live.frames_since(self._cursor)
        for frame in frames:
            self._clock.update(
                frame.normalized_position, frame.lap_time_ms, frame.received_us
            )
        newest = self._live.latest
        if newest is None or newest.lap_time_ms is None:
            return None
        if not self._live.lap_can_count:
            return None
        return possible_of(
            self._clock, game_splits(self._live), newest.lap_time_ms, bests, self._lines
        )


def possible_of(
    clock: SectorClock,
    splits: Splits,
    running_ms: float,
    bests: Mapping[str, SectorTimes],
    lines: SectorLines,
) -> float | None:
    """Return what a lap can become: by the game's splits, else by the lines.

    ``bests`` are those of the session by ``LapFigures.lines``.
    """
    of_game = bests.get(GAME_LINES)
    if of_game is not None:
        crossings: list[float] = []
        for split in splits:
            if split is None:
                break
            crossings.append(split + (crossings[-1] if crossings else 0.0))
        return possible_best_ms(crossings, running_ms, of_game)
    best, began_ms = bests.get(lines_text(lines), ()), clock.began_ms
    if began_ms is None:
        return None
    return possible_best_ms([began_ms] * clock.current, running_ms, best)


def game_splits(live: LiveView) -> Splits:
    """Return the sector times that the game itself gives for the running lap."""
    first, second = live.value("sector1_time"), live.value("sector2_time")
    return (
        round(first) if first else None,
        round(second) if second else None,
    )
