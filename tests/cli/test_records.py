"""Events and sessions made, changed, deleted and brought back from the shell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ps_tui.cli import app


class Shell:
    """Runs verbs on one database in this process."""

    def __init__(self, database: Path) -> None:
        self._database = str(database)

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, ["--db", self._database, *arguments])

    def json(self, *arguments: str) -> Any:
        result = self.run(*arguments, "--json")
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path / "crew.db")


def test_an_event_is_made_changed_deleted_and_restored(shell: Shell) -> None:
    made = shell.json("events", "new", "Monza", "--start", "2026-05-30")
    short = made["id"][-8:]
    shell.json("events", "edit", short, "--location", "Autodromo")
    (event,) = shell.json("events", "list")
    assert (event["name"], event["location"]) == ("Monza", "Autodromo")
    assert event["start_date"] == "2026-05-30"

    assert shell.run("events", "delete", short, "--yes").exit_code == 0
    assert shell.json("events", "list") == []
    assert shell.json("events", "list", "--deleted")[0]["id"] == made["id"]
    restored = shell.run("events", "restore", short).stderr
    assert "'Monza' with 0 sessions and 0 laps" in restored
    assert shell.json("events", "show", short)["event"]["id"] == made["id"]


def test_a_session_belongs_to_its_event_and_comes_back_with_it(shell: Shell) -> None:
    event = shell.json("events", "new", "Spa")
    session = shell.json("sessions", "new", "Q1", "--event", event["id"][-8:])
    assert session["event_id"] == event["id"]
    assert session["status"] == "pending"
    shell.json("sessions", "edit", session["id"], "--tags", "Wet,Soft")
    assert shell.json("sessions", "list")[0]["tags"] == "Wet,Soft"

    shell.run("events", "delete", event["id"], "--yes")
    assert shell.json("sessions", "list") == []
    shell.run("events", "restore", event["id"])
    assert [found["name"] for found in shell.json("sessions", "list")] == ["Q1"]


def test_a_lap_timed_by_hand_counts_and_is_no_fault(shell: Shell) -> None:
    session = shell.json("sessions", "new", "Club day")
    made = shell.json("laps", "new", session["id"][-8:], "1:47.880")
    again = shell.json("laps", "new", session["id"], "108.2", "--class", "out")
    found = shell.json("laps", "list", "--session", session["id"])
    assert [lap["id"] for lap in found] == [made["id"], again["id"]]
    assert [(lap["lap_number"], lap["lap_time_ms"], lap["kind"]) for lap in found] == [
        (1, 107_880, "flying"),
        (2, 108_200, "out"),
    ]
    assert shell.json("sessions", "list")[0]["best_lap_time_ms"] == 107_880
    checks = {each["name"]: each for each in shell.json("db", "check")["checks"]}
    assert checks["laps without frames"]["count"] == 0

    shell.run("laps", "delete", made["id"], "--yes")
    taken = shell.run("laps", "new", session["id"], "1:50", "--number", "1")
    assert taken.exit_code == 2
    assert "has a lap 1, deleted or not" in taken.stderr
    assert "lap 3" in taken.stderr
    wrong = shell.run("laps", "new", session["id"], "1:75.000")
    assert "'1:75.000' is no lap time" in wrong.stderr
    assert len(shell.json("laps", "list", "--session", session["id"])) == 1


def test_what_is_deleted_is_asked_for_and_nobody_there_means_no(shell: Shell) -> None:
    event = shell.json("events", "new", "Imola")
    result = shell.run("events", "delete", event["id"])
    assert result.exit_code == 2
    assert "--yes" in result.stderr
    assert len(shell.json("events", "list")) == 1


@pytest.mark.parametrize("verb", ["show", "edit", "delete", "restore"])
@pytest.mark.parametrize("noun", ["events", "sessions"])
def test_an_unknown_id_is_said_so(shell: Shell, noun: str, verb: str) -> None:
    shell.json("events", "new", "Any")
    result = shell.run(noun, verb, "nothing-like-it")
    assert result.exit_code == 5
    assert "nothing-like-it" in result.stderr


def test_a_database_that_is_not_there_is_not_made_by_looking(
    tmp_path: Path, shell: Shell
) -> None:
    result = shell.run("sessions", "list")
    assert result.exit_code == 3
    assert "no database" in result.stderr
    assert list(tmp_path.iterdir()) == []
