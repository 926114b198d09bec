"""How laps stand in the lap table: their cells, and the letters of their sectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ps_tui.analysis.rating import Rating, rate
from ps_tui.domain.lap_figures import (
    BestsByLines,
    LapRow,
    MiniBests,
    SectorTimes,
    least,
)
from ps_tui.domain.models import Lap
from ps_tui.domain.units import format_gap, format_lap_time
from ps_tui.tui import measures
from ps_tui.tui.glyphs import Glyphs
from ps_tui.tui.widgets.record_table import Cell, Column, Record
from ps_tui.tui.words import lap_note, lap_validity

TONES = {Rating.PURPLE: "accent", Rating.GREEN: "success", Rating.YELLOW: "warning"}
SECTOR_KEYS = ("s1", "s2", "s3")
QUALITY_TONES = {"A": "dim", "B": "dim", "C": "warning", "D": "error"}
COLUMNS = (
    Column("lap", "Lap", 4, is_right=True),
    Column("time", "Time", 8, is_right=True),
    Column("gap", "Gap", 7, is_right=True),
    *(Column(key, key.upper(), 8, is_right=True) for key in SECTOR_KEYS),
    Column("kind", "Class", 7),
    Column("valid", "Valid", 5),
    Column("quality", "Q", 1),
    Column("top", "km/h", 4, rank=3, is_right=True),
    Column("fuel", "Fuel", 6, rank=2, is_right=True),
    Column("wear", "Wear", 5, rank=4, is_right=True),
    Column("note", "Note", 8, rank=1, is_flexible=True),
)

Ratings = tuple[Rating | None, ...]


def columns_for(rows: Sequence[LapRow]) -> list[Column]:
    """Return the columns; those of what the game does not send are left out."""
    made = [row.figures for row in rows if row.figures is not None]
    sent = {
        "fuel": any(one.fuel_used is not None for one in made),
        "wear": any(one.tyre_wear is not None for one in made),
    }
    top = Column("top", measures.label("km/h"), 4, rank=3, is_right=True)
    return [
        top if column.key == top.key else column
        for column in COLUMNS
        if sent.get(column.key, True)
    ]


def _top_speed(lap: Lap) -> str:
    top_kmh = lap.top_speed_kmh
    return "" if top_kmh is None else f"{measures.amount(top_kmh, 'km/h'):.0f}"


def rated(times_ms: SectorTimes, own: SectorTimes, overall: SectorTimes) -> Ratings:
    """Rate times against the bests of the session and of all, as they were before."""
    every = least(own, overall)

    def at(best: SectorTimes, index: int) -> int | None:
        return best[index] if index < len(best) else None

    return tuple(
        None if time_ms is None else rate(time_ms, at(own, index), at(every, index))
        for index, time_ms in enumerate(times_ms)
    )


def rate_page(rows: Sequence[LapRow], before: BestsByLines | None) -> list[Ratings]:
    """Rate the sectors of laps in driving order, each before it makes a best.

    A lap that does not count is not rated, nor is any where bests are not known.
    """
    if before is None:
        return [()] * len(rows)
    own: dict[str, SectorTimes] = dict(before.session)
    found: list[Ratings] = []
    for row in rows:
        made = row.figures
        if made is None or not row.lap.counts_as_best:
            found.append(())
            continue
        known = own.get(made.lines, ())
        overall = before.overall.get(made.lines, ())
        found.append(rated(made.sectors_ms, known, overall))
        own[made.lines] = least(known, made.sectors_ms)
    return found


def lap_record(
    row: LapRow, ratings: Ratings, best: Lap | None, glyphs: Glyphs, marked: int = 0
) -> Record:
    """Return a lap as a row of the table; ``marked`` of its moments have a marker."""
    lap, made = row.lap, row.figures
    is_best = best is not None and lap.id == best.id
    tone = "" if lap.counts_as_best else "dim"
    cells = {
        "lap": Cell(str(lap.lap_number)),
        "time": Cell(format_lap_time(lap.lap_time_ms), "accent" if is_best else tone),
        "gap": _gap(lap, best, glyphs),
        "kind": Cell(lap.kind.value, tone),
        "valid": lap_validity(lap),
        "top": Cell(_top_speed(lap)),
        "note": Cell(lap_note(lap, marked), "dim"),
    }
    if made is not None:
        quality = made.quality
        cells["quality"] = Cell(quality, QUALITY_TONES[quality])
        cells["fuel"] = Cell(_number(made.fuel_used, 2))
        wear = made.tyre_wear
        cells["wear"] = Cell("" if wear is None else f"{wear * 100:.1f}%")
        padded = (*ratings, *(None,) * len(made.sectors_ms))
        for key, time_ms, rating in zip(
            SECTOR_KEYS, made.sectors_ms, padded, strict=False
        ):
            cells[key] = sector_cell(time_ms, rating)
    return Record(lap.id, cells)


def sector_cell(time_ms: int | None, rating: Rating | None) -> Cell:
    """Write a sector time with its letter: colour alone would not tell everybody."""
    if time_ms is None:
        return Cell("")
    if rating is None:
        return Cell(f"{time_ms / 1000:.3f} ", "dim")
    return Cell(f"{time_ms / 1000:.3f}{rating.value}", TONES[rating])


def mini_letters(row: LapRow, bests: MiniBests) -> list[tuple[str, str]]:
    """Return the letter of each mini-sector and the name of its colour."""
    made = row.figures
    if made is None or not made.minis_ms:
        return []
    if not row.lap.counts_as_best:
        return [("-", "muted")] * len(made.minis_ms)
    ratings = rated(made.minis_ms, bests.session, bests.overall)
    return [
        ("·", "muted") if rating is None else (rating.value, TONES[rating])
        for rating in ratings
    ]


def theoretical_ms(bests: Mapping[str, SectorTimes], best: Lap | None) -> int | None:
    """Return the sum of the best sectors of a session, ``None`` while one lacks.

    Sectors between different lines do not make one lap: the least sum counts. None
    does that is slower than the best lap: the sectors of that one are not known.
    """
    sums = [
        sum(time_ms or 0 for time_ms in times_ms)
        for times_ms in bests.values()
        if times_ms and None not in times_ms
    ]
    least_ms = min(sums, default=None)
    if least_ms is None or best is None or best.lap_time_ms is None:
        return least_ms
    return least_ms if least_ms <= best.lap_time_ms else None


def _gap(lap: Lap, best: Lap | None, glyphs: Glyphs) -> Cell:
    if best is None or not lap.lap_time_ms or not best.lap_time_ms:
        return Cell("")
    if not lap.counts_as_best:
        return Cell("")
    if lap.id == best.id:
        return Cell(f"{glyphs.best} best", "accent")
    return Cell(format_gap(lap.lap_time_ms - best.lap_time_ms), "dim")


def _number(value: float | None, decimals: int) -> str:
    return "" if value is None else f"{value:.{decimals}f}"
