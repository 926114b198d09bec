from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ps_tui.cli import app
from ps_tui.cli.plot import split_channels
from ps_tui.config import Settings
from ps_tui.domain.errors import UsageError
from ps_tui.domain.garage import MathChannelDraft
from ps_tui.domain.models import Lap
from ps_tui.runtime import open_database
from tests.support.recorded_laps import LENGTH_M, record_drive


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Lap]]:
    path = tmp_path_factory.mktemp("laps") / "laps.db"
    return path, asyncio.run(record_drive(path))


def plot(recorded: tuple[Path, list[Lap]], *arguments: str | int) -> Result:
    """Run the verb; numbers stand for the ids of laps."""
    path, laps = recorded
    ids = [laps[one - 1].id if isinstance(one, int) else one for one in arguments]
    return CliRunner().invoke(app, ["--db", str(path), "plot", *ids])


def test_a_pipe_gets_80_columns_and_no_colour(
    recorded: tuple[Path, list[Lap]],
) -> None:
    result = plot(recorded, 1)
    assert result.exit_code == 0, result.output
    assert "\x1b" not in result.stdout
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    for title in ("Throttle", "Brake", "Steering", "Speed km/h"):
        assert title in result.stdout
    assert re.search(r"[\u2801-\u28ff]", result.stdout)


def test_laps_are_told_apart_by_sign_and_named(
    recorded: tuple[Path, list[Lap]],
) -> None:
    result = plot(recorded, 1, 2, "--channels", "speed,delta", "--width", "100")
    assert result.exit_code == 0, result.output
    assert "lap 1 1:00.000" in result.stdout
    assert "lap 2 1:01.234" in result.stdout
    assert "*" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 100


def test_a_low_panel_is_labelled_at_its_ends_and_a_constant_with_its_value(
    recorded: tuple[Path, list[Lap]],
) -> None:
    channels = "speed, speed*0 + 7.125, speed * 0 - 0"
    result = plot(recorded, 1, "--rows", "6", "--channels", channels)
    assert result.exit_code == 0, result.output
    rows = result.stdout.rstrip("\n").split("\n")
    assert len(rows) == 18
    labels = [row.partition("┤")[0].strip() for row in rows if "┤" in row]
    ends = [float(label) for label in labels[:-2]]
    assert len(ends) == 2
    assert ends[0] > ends[1]
    assert labels[-2:] == ["7.125", "0"]
    assert {row.index("┤") for row in rows if "┤" in row} == {5}
    assert all(f"{LENGTH_M:.0f} m" in rows[index] for index in (5, 11, 17))


def test_json_by_position(recorded: tuple[Path, list[Lap]]) -> None:
    result = plot(
        recorded, 1, 2, "--channels", "delta, speed / 3.6, max(speed, 100)", "--json"
    )
    record = json.loads(result.stdout)
    assert record["x"] == "position"
    assert [lap["lap_time_ms"] for lap in record["laps"]] == [60_000, 61_234]
    delta, metres_per_second, most = record["panels"]
    assert delta["unit"] == "s"
    assert [series["lap"] for series in delta["series"]] == [1]
    assert delta["series"][0]["y"][-1] == pytest.approx(1.234)
    assert delta["series"][0]["x"][-1] == pytest.approx(LENGTH_M, abs=1)
    assert metres_per_second["channel"] == "speed / 3.6"
    inner = [y for y in metres_per_second["series"][0]["y"] if y is not None]
    assert max(inner) == pytest.approx(220 / 3.6, abs=0.1)
    assert min(y for y in most["series"][0]["y"] if y is not None) == pytest.approx(
        100, abs=3
    )


def test_json_over_time(recorded: tuple[Path, list[Lap]]) -> None:
    result = plot(
        recorded, 2, "--x", "time", "--channels", "gear,derivative(speed)", "--json"
    )
    record = json.loads(result.stdout)
    gear, rate = record["panels"]
    assert gear["x_unit"] == "s"
    assert len(gear["series"][0]["x"]) == 1225
    assert gear["series"][0]["x"][-1] == pytest.approx(61.2, abs=0.05)
    assert min(rate["series"][0]["y"]) < -20


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((1, "--channels", "fuel"), "None of these laps has “fuel”"),
        ((1, "--channels", "sped"), "Did you mean speed?"),
        ((1, "--channels", "speed +"), "ends too early"),
        ((1, "--channels", " , "), "No channel"),
        ((1, 2, "--x", "time", "--channels", "delta"), "--x position"),
        ((1, 2, 3, 1, 2), "at most 4"),
    ],
)
def test_what_cannot_be_plotted(
    recorded: tuple[Path, list[Lap]], arguments: tuple[str | int, ...], said: str
) -> None:
    result = plot(recorded, *arguments)
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_wrong_formula_says_where(recorded: tuple[Path, list[Lap]]) -> None:
    result = plot(recorded, 1, "--channels", "speed, 2 * __import__('os')")
    assert result.exit_code == 2
    assert "(character 16 of “2 * __import__('os')”)" in result.stderr


def test_a_formula_without_values_says_so(recorded: tuple[Path, list[Lap]]) -> None:
    result = plot(recorded, 1, "--channels", "1 / 0")
    assert result.exit_code == 0
    assert "“1 / 0” has no value anywhere on these laps." in result.stderr


def test_math_channels_are_plotted_and_read(recorded: tuple[Path, list[Lap]]) -> None:
    path, _laps = recorded

    async def store() -> None:
        async with open_database(Settings(db=path), create=False) as database:
            draft = MathChannelDraft("speed_ms", "speed / 3.6", "m/s")
            await database.workbench.create_math_channel(draft)

    asyncio.run(store())
    wanted = "speed, speed_ms, speed_ms * 3.6"
    record = json.loads(plot(recorded, 1, "--channels", wanted, "--json").stdout)
    speed, own, back = (panel["series"][0]["y"] for panel in record["panels"])
    assert [panel["unit"] for panel in record["panels"]] == ["km/h", "m/s", ""]
    assert own[5] * 3.6 == pytest.approx(speed[5])
    assert back == pytest.approx(speed)


def test_ascii_has_no_braille(recorded: tuple[Path, list[Lap]]) -> None:
    path, laps = recorded
    result = CliRunner().invoke(
        app, ["--db", str(path), "--ascii", "plot", laps[0].id, "--channels", "speed"]
    )
    assert not re.search(r"[\u2801-\u28ff]", result.stdout)
    assert "*" in result.stdout


def test_channels_are_split_outside_of_parentheses() -> None:
    assert split_channels("speed, max(a, b),gear") == ["speed", "max(a, b)", "gear"]
    with pytest.raises(UsageError):
        split_channels(",")
