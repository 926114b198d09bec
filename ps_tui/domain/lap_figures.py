"""What the frames of a lap amount to, kept so that tables need not read frames.

Which laps make a best is one rule for all: ``Lap.counts_as_best``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Protocol

import msgspec

from ps_tui.domain.errors import UsageError
from ps_tui.domain.models import Lap

SectorTimes = tuple[int | None, ...]
"""Milliseconds of each sector; ``None`` where a crossing is not known."""
SectorLines = tuple[float, float]
"""Where the first and the second sector end, as shares of the lap."""

SECTORS = 3
MINI_SECTORS = 24
THIRDS: SectorLines = (1 / 3, 2 / 3)
GAME_LINES = "game"
"""``LapFigures.lines`` of a lap whose splits the game itself has sent."""

_GRADES = (
    # at least so many frames a second, longest gap ms, most drift ms
    ("A", 50.0, 60.0, 20.0),
    ("B", 18.0, 250.0, 100.0),
    ("C", 9.0, 1000.0, 500.0),
)


class LapFigures(msgspec.Struct, frozen=True):
    """Sectors, quality of the data, and what the car used up in a lap."""

    lines: str
    """Times are compared only where this is the same; see :func:`lines_text`."""
    sectors_ms: SectorTimes = (None,) * SECTORS
    minis_ms: SectorTimes = ()
    rate_hz: float | None = None
    longest_gap_ms: float | None = None
    drift_ms: float | None = None
    """How much longer the game's clock ran than the official time."""
    fuel_used: float | None = None
    fuel_unit: str | None = None
    tyre_wear: float | None = None
    """Of the most worn tyre at the end of the lap, 0 to 1."""

    @property
    def quality(self) -> str:
        """Grade the data from A to D; the worst of rate, gaps and drift decides.

        A: at least 50 Hz, no gap above 60 ms, drift of at most 20 ms. B: 18 Hz,
        250 ms, 100 ms. C: 9 Hz, 1 s, 0.5 s.
        """
        if self.rate_hz is None or self.longest_gap_ms is None:
            return "D"
        for grade, least_hz, most_gap_ms, most_drift_ms in _GRADES:
            if (
                self.rate_hz >= least_hz
                and self.longest_gap_ms <= most_gap_ms
                and abs(self.drift_ms or 0.0) <= most_drift_ms
            ):
                return grade
        return "D"


class LapRow(msgspec.Struct, frozen=True):
    """A lap with its figures, ``None`` until they have been made."""

    lap: Lap
    figures: LapFigures | None = None


class LapSpan(msgspec.Struct, frozen=True):
    """How many laps a session has, and where some of them stand."""

    count: int
    best: Lap | None = None
    best_index: int = 0
    near_index: int | None = None
    """Of the lap that was asked for, or of the one in its place."""


class SessionPace(msgspec.Struct, frozen=True):
    """Pace of all laps of a session that count; ``None`` where there are too few."""

    counted: int = 0
    median_ms: float | None = None
    iqr_ms: float | None = None
    sd_ms: float | None = None
    """Sample standard deviation."""
    slope_ms: float | None = None
    """Least-squares trend, ms per lap."""
    r_squared: float | None = None
    """Share of the spread that the trend explains."""


class BestsByLines(msgspec.Struct, frozen=True):
    """Best sector times by ``LapFigures.lines``: of the session, and of all.

    ``overall`` are those of the same track and car class driven before the session.
    """

    session: Mapping[str, SectorTimes] = {}
    overall: Mapping[str, SectorTimes] = {}


class MiniBests(msgspec.Struct, frozen=True):
    """Best mini-sector times: of the session, and of its track and car class."""

    session: SectorTimes = ()
    overall: SectorTimes = ()


class LapPage(msgspec.Struct, frozen=True):
    """Some laps of a session in driving order, and the bests before the first."""

    rows: Sequence[LapRow]
    before: BestsByLines | None = None
    """``None`` where they were not asked for: nothing can be rated then."""


class LapBook(Protocol):
    """Laps in pages with their figures, and aggregates over all of them.

    Nothing here reads frames. Raises NotFoundError for an unknown id, DatabaseError
    where the database refuses.
    """

    async def lap_span(self, session_id: str, near: int | None = None) -> LapSpan:
        """Return how many finished laps there are, and the best that counts.

        ``near`` is the number of a lap whose place is wanted.
        """
        ...

    async def lap_page(
        self, session_id: str, offset: int, limit: int, *, rated: bool = True
    ) -> LapPage:
        """Return some finished laps in driving order.

        What they are rated by takes a look at all laps before them.
        """
        ...

    async def lap_rows(self, session_id: str) -> list[LapRow]:
        """Return every finished lap with its figures, in driving order."""
        ...

    async def session_pace(self, session_id: str) -> SessionPace: ...

    async def sector_bests(self, session_id: str) -> BestsByLines:
        """Return the bests of a session, and those of its track and car class."""
        ...

    async def best_sector_laps(self, session_id: str, lines: str) -> list[Lap]:
        """Return the lap that holds each best sector; none where one is missing."""
        ...

    async def mini_bests(
        self, session_id: str, before_lap: int | None = None
    ) -> MiniBests:
        """Return the best mini-sectors, of laps before ``before_lap`` if given."""
        ...

    async def laps_to_measure(self, session_id: str, limit: int) -> list[Lap]:
        """Return laps whose figures are missing or out of date, this session first.

        After it come the counting laps of the same track and car class, as their
        bests are needed too.
        """
        ...

    async def keep_figures(self, made: Mapping[str, tuple[Lap, LapFigures]]) -> None:
        """Store the figures of laps by lap id, made of the laps as given."""
        ...

    async def sector_lines(self, track: str | None, layout: str | None) -> SectorLines:
        """Return the lines of a track: as a person put them, else thirds."""
        ...

    async def move_sector_lines(
        self, track: str | None, layout: str | None, lines: SectorLines
    ) -> None:
        """Put the lines of a track elsewhere. Raises UsageError without a track."""
        ...


def lines_text(lines: Sequence[float]) -> str:
    """Return lines as ``LapFigures.lines`` keeps them."""
    return ",".join(f"{line:.6f}" for line in lines)


def checked_lines(lines: Iterable[float]) -> tuple[float, ...]:
    """Return lines that a person moved. Raises UsageError if they do not rise."""
    places = tuple(float(line) for line in lines)
    if any(not low < high for low, high in pairwise((0.0, *places, 1.0))):
        raise UsageError(
            "Sector lines must lie between 0 and 1, each behind the one before.",
            "Three equal sectors are 0.3333 0.6667.",
        )
    return places


def least(one: SectorTimes, other: SectorTimes) -> SectorTimes:
    """Return the shorter time of each sector; an unknown one gives way."""
    long, short = (one, other) if len(one) >= len(other) else (other, one)
    padded = (*short, *(None,) * (len(long) - len(short)))
    return tuple(
        min((time_ms for time_ms in pair if time_ms is not None), default=None)
        for pair in zip(long, padded, strict=True)
    )


def total_ms(times_ms: SectorTimes) -> int | None:
    """Return the sum of sector times, ``None`` if there are none or one is missing."""
    known = [time_ms for time_ms in times_ms if time_ms is not None]
    return sum(known) if known and len(known) == len(times_ms) else None


def possible_best_ms(
    crossings_ms: Sequence[float], running_ms: float, best: SectorTimes
) -> float | None:
    """Return what the running lap can still become with the best of what is left.

    ``crossings_ms`` are the lap times at the sector lines passed so far. The sector
    being driven counts its best, or what has passed of it once that is more.
    """
    left = best[len(crossings_ms) :]
    if not left or any(time_ms is None for time_ms in left):
        return None
    began_ms = crossings_ms[-1] if crossings_ms else 0.0
    times = [float(time_ms or 0) for time_ms in left]
    return began_ms + max(times[0], running_ms - began_ms) + sum(times[1:])
