"""The statistics of a session: pace at once, sectors and fuel as laps are read.

Loads numpy where a lap is read: use :func:`read_lap` in a thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from ps_tui.analysis.statistics import Pace, SectorSpread, pace_of, stints
from ps_tui.domain.models import Lap, LapTrace, Session
from ps_tui.domain.units import format_lap_time

if TYPE_CHECKING:
    from ps_tui.analysis.consumption import FuelUse, LapFuel
    from ps_tui.analysis.sectors import LapSectors

Table = list[tuple[str, ...]]


class LapReading(msgspec.Struct, frozen=True):
    """What only the frames of a lap tell; ``None`` where they do not."""

    sectors: LapSectors | None
    fuel: LapFuel | None


class Group(msgspec.Struct, frozen=True):
    """A stint, or the laps of one driver."""

    name: str
    pace: Pace


def groups(session: Session, laps: Sequence[Lap]) -> tuple[list[Group], list[Group]]:
    """Return stints and drivers, each only where there are several."""
    runs = stints(laps)
    named = [(f"stint {number}", run) for number, run in enumerate(runs, start=1)]
    by_driver: dict[str, list[Lap]] = {}
    for lap in laps:
        by_driver.setdefault(lap.driver or session.driver or "unknown", []).append(lap)
    return _several(named), _several(list(by_driver.items()))


def _several(named: Sequence[tuple[str, Sequence[Lap]]]) -> list[Group]:
    found = [Group(name, pace) for name, run in named if (pace := pace_of(run))]
    return found if len(named) > 1 else []


def read_lap(trace: LapTrace) -> LapReading:
    """Read sectors and fuel from the frames of a lap."""
    from ps_tui.analysis.consumption import lap_fuel
    from ps_tui.analysis.driven_lap import UnplacedLapError, drive
    from ps_tui.analysis.sectors import sectors_of

    try:
        sectors = sectors_of(drive(trace))
    except UnplacedLapError:
        sectors = None
    return LapReading(sectors, lap_fuel(trace))


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
        ("At pace", f"{pace.share_at_pace:.0%} within 107 % of the best"),
        ("Trend", trend(pace)),
    ]


def trend(pace: Pace) -> str:
    """Write the trend with what it rests on; without that it says nothing."""
    line = pace.trend
    if line is None:
        return "too few laps"
    return f"{line.slope / 1000:+.3f} s per lap (n {line.n}, R² {line.r_squared:.2f})"


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
                "–" if line is None else f"{line.slope / 1000:+.3f}",
                "–" if line is None else f"{line.r_squared:.2f}",
            )
        )
    return rows


def sector_table(spreads: Sequence[SectorSpread], *, is_from_game: bool) -> Table:
    """Return rows of sectors; the least repeatable says so."""
    worst = max((one.sd_ms or 0.0 for one in spreads), default=0.0)
    source = "sector" if is_from_game else "third"
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
        ("Fuel left", f"{use.left:.1f} {unit}{lasts}, from {use.n} laps"),
    ]
