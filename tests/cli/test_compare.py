from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ps_tui.cli import app
from ps_tui.domain.models import Lap
from tests.support.recorded_laps import LENGTH_M, record_drive


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Lap]]:
    path = tmp_path_factory.mktemp("laps") / "laps.db"
    return path, asyncio.run(record_drive(path))


def compare(recorded: tuple[Path, list[Lap]], *arguments: str | int) -> Result:
    """Run the verb; numbers stand for the ids of laps."""
    path, laps = recorded
    ids = [laps[one - 1].id if isinstance(one, int) else one for one in arguments]
    return CliRunner().invoke(app, ["--db", str(path), "laps", "compare", *ids])


def test_rows_are_sorted_by_what_was_lost(recorded: tuple[Path, list[Lap]]) -> None:
    result = compare(recorded, 2, 1)
    assert result.exit_code == 0, result.output
    headline, header, *rows = result.stdout.splitlines()
    assert headline.startswith("Lap 2 ")
    assert headline.endswith("+1.234 at the line")
    assert header.split()[:4] == ["PART", "FROM", "LOST", "s"]
    assert max(map(len, (header, *rows))) <= 80
    assert "thousandths" not in result.stderr
    assert sorted(row.split()[0] for row in rows) == ["T1", "T2", "line"]
    lost = [float(row.split()[2]) for row in rows]
    assert lost == sorted(lost, reverse=True)
    assert sum(lost) == pytest.approx(1.234, abs=0.002)
    (first,) = [row.split() for row in rows if row.startswith("T1 ")]
    assert float(first[5]) == pytest.approx(15.0, abs=2.5)
    assert "-0.0" not in result.stdout


@pytest.mark.parametrize(("division", "count"), [("sectors", 3), ("mini", 24)])
def test_other_divisions(
    recorded: tuple[Path, list[Lap]], division: str, count: int
) -> None:
    result = compare(recorded, 2, 1, "--by", division)
    rows = result.stdout.splitlines()[2:]
    assert len(rows) == count
    assert sum(float(row.split()[2]) for row in rows) == pytest.approx(1.234, abs=0.02)


def test_json_has_everything(recorded: tuple[Path, list[Lap]]) -> None:
    record: dict[str, Any] = json.loads(compare(recorded, 2, 1, "--json").stdout)
    assert record["lap"]["lap_number"] == 2
    assert record["reference"]["lap_time_ms"] == 60_000
    assert record["delta_at_line_ms"] == pytest.approx(1234, abs=0.01)
    assert record["official_difference_ms"] == 1234
    assert record["length_m"] == pytest.approx(LENGTH_M, abs=1)
    assert len(record["sectors"]) == 3
    assert len(record["mini"]) == 24
    (corner,) = [row for row in record["corners"] if row["name"] == "T2"]
    assert corner["reference"]["brake_place"] == pytest.approx(2000, abs=2)
    assert corner["brake_change"] == pytest.approx(15, abs=2.5)
    for division in ("corners", "sectors", "mini"):
        assert sum(row["loss_ms"] for row in record[division]) == pytest.approx(1234)


def test_a_lap_that_does_not_count_is_compared_and_named(
    recorded: tuple[Path, list[Lap]],
) -> None:
    result = compare(recorded, 3, 1)
    assert result.exit_code == 0
    assert "does not count: invalid" in result.stderr
    assert "+0.500 at the line" in result.stdout


def test_an_unknown_lap(recorded: tuple[Path, list[Lap]]) -> None:
    result = compare(recorded, 1, "0000abcd")
    assert result.exit_code == 5
    assert "no lap" in result.stderr


def test_the_length_of_the_track_is_the_games(tmp_path: Path) -> None:
    path = tmp_path / "laps.db"
    laps = asyncio.run(record_drive(path, track_length_m=3100.0))
    record = json.loads(compare((path, laps), 2, 1, "--json").stdout)
    assert record["length_m"] == 3100.0
    shown = CliRunner().invoke(
        app, ["--db", str(path), "plot", laps[0].id, "--channels", "speed", "--json"]
    )
    (series,) = json.loads(shown.stdout)["panels"][0]["series"]
    assert series["x"][-1] == 3100.0
