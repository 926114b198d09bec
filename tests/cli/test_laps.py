"""What the lap tables of the command line say of a lap."""

from __future__ import annotations

import msgspec

from ps_tui.cli.laps import lap_rows
from ps_tui.domain.models import Lap, LapKind

FIRST = Lap("lap-1", "session", 1, 90_000, LapKind.FLYING, valid=True, started_us=0)
BEST = msgspec.structs.replace(FIRST, id="lap-2", lap_number=2, lap_time_ms=89_000)


def test_an_excluded_lap_says_so_and_why() -> None:
    excluded = msgspec.structs.replace(
        FIRST, excluded_us=1, excluded_reason="traffic", tags="wet", stint=2
    )
    header, ((*cells, note),) = lap_rows([excluded])
    shown = dict(zip(header, cells, strict=False))
    assert (shown["VALID"], shown["GAP"]) == ("excl.", "")
    assert note == "traffic · wet · stint 2"


def test_the_gap_of_one_lap_is_to_the_best_of_its_session() -> None:
    header, (row,) = lap_rows([FIRST], [FIRST, BEST])
    assert row[header.index("GAP")] == "+1.000"
