"""``ps-tui laps export`` and ``import``, as a shell calls them."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ps_tui.cli import app, export
from ps_tui.collector.clock import SystemClock
from ps_tui.domain.models import LapTrace
from ps_tui.export.csv import CsvExporter
from ps_tui.export.formats import FORMATS, UNITS
from ps_tui.storage.sqlite import open_store
from tests.support import ld_reader
from tests.support.export_laps import changed, selected, session_of, traces_of


def _run(database: Path, *arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["--db", str(database), *map(str, arguments)])


def _laps_file(folder: Path, traces: list[LapTrace]) -> Path:
    path = folder / "source.csv"
    with path.open("wb") as file:
        beside = CsvExporter().write_laps(selected((session_of(), traces)), file)
    path.with_suffix(".meta.json").write_bytes(beside[".meta.json"])
    return path


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "laps.db"

    async def make() -> None:
        await (await open_store(path, SystemClock())).close()

    asyncio.run(make())
    return path


@pytest.fixture
def session(database: Path, tmp_path: Path) -> dict[str, Any]:
    traces = traces_of([1000, 1500, 1250])
    traces[1] = changed(traces[1], excluded_us=1, excluded_reason="traffic")
    done = _run(database, "laps", "import", _laps_file(tmp_path, traces), "--json")
    assert done.exit_code == 0, done.output
    (made,) = json.loads(done.stdout)
    return made  # type: ignore[no-any-return]


def test_the_help_names_the_formats_that_there_are() -> None:
    assert tuple(FORMATS) == export.FORMATS
    suffixes = {FORMATS[name].suffix: name for name in FORMATS if name != "csv"}
    assert suffixes == export.SUFFIXES
    (units,) = [one for one in export.export_laps.params if one.name == "units"]
    assert tuple(units.type.choices) == UNITS  # type: ignore[attr-defined]


def test_a_session_goes_out_by_the_suffix_of_the_file(
    database: Path, tmp_path: Path, session: dict[str, Any]
) -> None:
    target = tmp_path / "out" / "session.ld"
    target.parent.mkdir()
    done = _run(
        database, "laps", "export", "--session", session["id"], "-o", target, "--all"
    )
    assert done.exit_code == 0, done.output
    assert done.stdout == ""
    assert "session.ldx" in done.stderr
    log = ld_reader.read(target.read_bytes())
    assert set(log["Lap Number"].values) == {1.0, 2.0, 3.0}


def test_excluded_laps_stay_at_home(
    database: Path, tmp_path: Path, session: dict[str, Any]
) -> None:
    target = tmp_path / "session.json"
    _run(database, "laps", "export", "--session", session["id"], "-o", target)
    laps = json.loads(target.read_text())["sessions"][0]["laps"]
    assert [lap["lap_time_ms"] for lap in laps] == [1000, 1250]


def test_a_lap_goes_to_standard_output(database: Path, session: dict[str, Any]) -> None:
    laps = _run(database, "laps", "list", "--session", session["id"], "--json")
    lap_id = json.loads(laps.stdout)[0]["id"]
    done = _run(database, "laps", "export", lap_id, "--format", "csv", "-o", "-")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[0].startswith("timestamp,throttle,brake,steering,speed,gear,rpm,")
    assert len(lines) == 61


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["-o", "x.csv"], 2),
        (["id", "--session", "other", "-o", "x.csv"], 2),
        (["unknown", "-o", "x.csv"], 5),
    ],
)
def test_what_cannot_be_meant_is_refused(
    database: Path, arguments: list[str], code: int
) -> None:
    done = _run(database, "laps", "export", *arguments)
    assert done.exit_code == code
    assert done.stderr.startswith("ps-tui: ")


def test_a_place_that_cannot_be_written_is_said(
    database: Path, tmp_path: Path, session: dict[str, Any]
) -> None:
    target = tmp_path / "missing" / "session.csv"
    done = _run(database, "laps", "export", "--session", session["id"], "-o", target)
    assert done.exit_code == 1
    assert "cannot be written" in done.stderr


def test_a_session_without_laps_is_said(database: Path) -> None:
    made = _run(database, "sessions", "new", "Empty", "--json")
    session_id = json.loads(made.stdout)["id"]
    done = _run(database, "laps", "export", "--session", session_id, "-o", "x.csv")
    assert done.exit_code == 5
    assert "no lap" in done.stderr


def test_import_tells_what_it_passed_over_and_where_laps_went(
    database: Path, tmp_path: Path
) -> None:
    path = tmp_path / "friend.csv"
    path.write_text("speed,lap_time,mood\n100,0,1\n110,20,2\n")
    done = _run(database, "laps", "import", path, "--session", "Friend")
    assert done.exit_code == 0, done.output
    assert "passed over mood" in done.stderr
    assert "Imported 1 lap into “Friend”" in done.stderr


def test_import_of_what_is_no_file_of_laps_is_refused(
    database: Path, tmp_path: Path
) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("hello")
    done = _run(database, "laps", "import", path)
    assert done.exit_code == 2
    assert "Known: .csv, .json, .ld, .parquet." in done.stderr
