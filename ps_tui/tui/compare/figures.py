"""The statistics of a session: from its laps, their figures, and a few traces.

Loads numpy where a lap is read: use :func:`read_lap` in a thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from ps_tui.analysis.statistics import (
    Pace,
    SectorSpread,
    pace_of,
    sector_spreads,
    stints,
)
from ps_tui.domain.channel import wheel_keys
from ps_tui.domain.lap_figures import (
    GAME_LINES,
    LapRow,
    SectorLines,
    lines_text,
)
from ps_tui.domain.models import Lap, LapTrace, Session
from ps_tui.domain.units import format_lap_time
from ps_tui.tui.words import counted

if TYPE_CHECKING:
    from ps_tui.analysis.consumption import FuelUse, LapFuel, LapTyres, TyreTrend
    from ps_tui.analysis.sectors import LapSectors

Table = list[tuple[str, ...]]
Run = tuple[str, list[Lap]]
"""A stint or the laps of a driver, with its name."""

MOST_TYRE_LAPS = 12
_TYRE_ROWS = (
    # stem of the keys, words, factor, decimals
    ("tyre_wear", "wear %", 100.0, 1),
    ("tyre_temperature", "surface °C", 1.0, 0),
    ("tyre_inner_temperature", "core °C", 1.0, 0),
    ("tyre_pressure", "kPa", 1.0, 0),
)


class Group(msgspec.Struct, frozen=True):
    """A stint, or the laps of one driver."""

    name: str
    pace: Pace


def runs(session: Session, laps: Sequence[Lap]) -> tuple[list[Run], list[Run]]:
    """Return stints and drivers, each only where there are several."""
    named = [(f"stint {n}", run) for n, run in enumerate(stints(laps), start=1)]
    by_driver: dict[str, list[Lap]] = {}
    for lap in laps:
        by_driver.setdefault(lap.driver or session.driver or "unknown", []).append(lap)
    drivers = list(by_driver.items())
    return named if len(named) > 1 else [], drivers if len(drivers) > 1 else []


def groups(found: Sequence[Run]) -> list[Group]:
    """Return the pace of each run in which a lap counts."""
    return [Group(name, pace) for name, run in found if (pace := pace_of(run))]


def sectors_of(rows: Sequence[LapRow], lines: SectorLines) -> list[LapSectors]:
    """Return the sectors of the laps that count, as far as they have been measured.

    ``lines`` are where sectors end, unless the game sent splits.
    """
    from ps_tui.analysis.sectors import LapSectors

    drawn = lines_text(lines)
    return [
        LapSectors(row.lap, made.sectors_ms, is_from_game=made.lines == GAME_LINES)
        for row in rows
        if row.lap.counts_as_best
        and (made := row.figures) is not None
        and made.lines in (GAME_LINES, drawn)
    ]


def tyre_laps(laps: Sequence[Lap]) -> tuple[int, list[Lap]]:
    """Return the number of the newest stint with a lap that counts, and such laps.

    Of a long stint some are left out, evenly: each costs its frames to read.
    """
    for number, run in reversed(list(enumerate(stints(laps), start=1))):
        found = [lap for lap in run if lap.counts_as_best]
        if found:
            last, most = len(found) - 1, min(len(found), MOST_TYRE_LAPS)
            steps = max(most - 1, 1)
            return number, [found[last - last * i // steps] for i in range(most)][::-1]
    return 0, []


def read_lap(trace: LapTrace) -> tuple[LapFuel | None, LapTyres]:
    """Read from the frames of a lap what is stored nowhere else."""
    from ps_tui.analysis.consumption import lap_fuel, lap_tyres

    return lap_fuel(trace), lap_tyres(trace)


def pace_lines(pace: Pace | None, laps: Sequence[Lap]) -> list[tuple[str, str]]:
    """Write the pace of a session as facts with their labels."""
    if pace is None:
        return [("Laps", f"{len(laps)}, none of them counts")]
    return [
        ("Laps", f"{pace.n} of {len(laps)} count"),
        ("Best", format_lap_time(pace.best_ms)),
        (
            "Median",
            f"{format_lap_time(round(pace.median_ms))}, IQR {seconds(pace.iqr_ms)}",
        ),
        ("Mean", f"{format_lap_time(round(pace.mean_ms))}, SD {seconds(pace.sd_ms)}"),
        ("Lap to lap", seconds(pace.mean_change_ms)),
        ("At pace", f"{pace.share_at_pace * 100:.0f} % within 107 % of the best"),
        ("Trend", trend(pace)),
    ]


def trend(pace: Pace) -> str:
    """Write the trend with what it rests on; without that it says nothing."""
    line = pace.trend
    if line is None:
        return "too few laps"
    return f"{line.slope / 1000:+z.3f} s per lap (n {line.n}, R² {line.r_squared:.2f})"


def seconds(value_ms: float | None) -> str:
    """Write a duration; a dash where there are too few laps."""
    return "–" if value_ms is None else f"{value_ms / 1000:.3f} s"


def group_table(title: str, found: Sequence[Group]) -> Table:
    """Return rows of stints or drivers, the heading first."""
    rows: Table = [(title, "n", "best", "median", "SD", "trend s/lap", "R²")]
    for group in found:
        pace, line = group.pace, group.pace.trend
        rows.append(
            (
                group.name,
                str(pace.n),
                format_lap_time(pace.best_ms),
                format_lap_time(round(pace.median_ms)),
                seconds(pace.sd_ms),
                "–" if line is None else f"{line.slope / 1000:+z.3f}",
                "–" if line is None else f"{line.r_squared:.2f}",
            )
        )
    return rows


def sector_table(spreads: Sequence[SectorSpread], *, is_third: bool) -> Table:
    """Return rows of sectors; the least repeatable says so."""
    worst = max((one.sd_ms or 0.0 for one in spreads), default=0.0)
    source = "third" if is_third else "sector"
    rows: Table = [(source, "n", "best", "median", "SD", "")]
    for one in spreads:
        note = "least repeatable" if one.sd_ms and one.sd_ms == worst else ""
        rows.append(
            (
                str(one.sector),
                str(one.n),
                f"{one.best_ms / 1000:.3f}",
                f"{one.median_ms / 1000:.3f}",
                seconds(one.sd_ms),
                note,
            )
        )
    return rows


def sector_group_table(
    title: str, found: Sequence[Run], measured: Sequence[LapSectors]
) -> Table:
    """Return how repeatable each sector is in each stint, or for each driver."""
    rows: Table = [(title, "n", "S1 SD", "S2 SD", "S3 SD")]
    for name, run in found:
        ids = {lap.id for lap in run}
        spreads = sector_spreads(one for one in measured if one.lap.id in ids)
        if spreads:
            most = max(one.n for one in spreads)
            rows.append((name, str(most), *(seconds(one.sd_ms) for one in spreads)))
    return rows if len(rows) > 1 else []


def tyre_table(number: int, laps: Sequence[LapTyres]) -> Table:
    """Return wear, temperatures and pressures in stint ``number``, with trends.

    Each cell is the newest lap and the change per lap.
    """
    from ps_tui.analysis.consumption import tyre_trends

    stint = [one for one in laps if one.values]
    if not stint:
        return []
    trends = {one.key: one for one in tyre_trends(stint)}
    rows: Table = [(f"Tyres, stint {number}", "FL", "FR", "RL", "RR")]
    for stem, words, factor, decimals in _TYRE_ROWS:
        found = [trends.get(key) for key in wheel_keys(stem)]
        if any(found):
            rows.append((words, *(_tyre_cell(one, factor, decimals) for one in found)))
    rows.append((f"per lap, n {len(stint)}", _fits(trends), "", "", ""))
    return rows


def _tyre_cell(one: TyreTrend | None, factor: float, decimals: int) -> str:
    if one is None:
        return "–"
    latest = f"{one.latest * factor:z.{decimals}f}"
    if one.trend is None:
        return latest
    return f"{latest} {one.trend.slope * factor:+z.{decimals + 1}f}"


def _fits(trends: dict[str, TyreTrend]) -> str:
    """Write between what R² the trends lie."""
    known = [one.trend.r_squared for one in trends.values() if one.trend is not None]
    if not known:
        return "one lap"
    return f"R² {min(known):.2f} to {max(known):.2f}"


def fuel_lines(use: FuelUse | None) -> list[tuple[str, str]]:
    """Write what a lap burns and how far the rest lasts."""
    if use is None:
        return [("Fuel", "not sent, or no lap without refuelling counts")]
    unit = use.unit
    lasts = "" if use.laps_left is None else f" = {use.laps_left:.1f} laps"
    return [
        (
            "Fuel per lap",
            f"{use.mean:.2f} {unit}, last {use.last:.2f}, most {use.most:.2f}",
        ),
        ("Fuel left", f"{use.left:.1f} {unit}{lasts}, from {counted(use.n, 'lap')}"),
    ]
