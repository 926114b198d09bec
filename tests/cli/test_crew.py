"""People, prizes and winners from the shell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ps_tui.cli import app


def run(database: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--db", str(database), *arguments])


def made(database: Path, *arguments: str) -> str:
    result = run(database, *arguments)
    assert result.exit_code == 0, result.stderr
    return result.stdout.strip()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "crew.db"


def test_an_event_has_people_prizes_and_a_winner(database: Path) -> None:
    event = made(database, "events", "new", "Monza")
    people = ("events", "participants")
    ada = made(database, *people, "add", event, "Ada", "--email", "ada@example.org")
    ben = made(database, *people, "add", event, "Ben", "--role", "organizer")
    listed = run(database, *people, "list", event).stdout
    assert "Ada" in listed
    assert "organizer" in listed
    made(database, *people, "edit", ben, "--role", "viewer")
    assert "viewer" in run(database, *people, "list", event).stdout
    prize = made(database, "events", "prizes", "add", event, "Cup")
    won = run(database, "events", "prizes", "winner", prize, ada, "--place", "1")
    assert "Cup: 1 Ada." in won.stderr
    (told,) = json.loads(
        run(database, "events", "prizes", "list", event, "--json").stdout
    )
    assert told["winners"] == [{"participant_id": ada, "name": "Ada", "place": 1}]
    refused = run(database, *people, "remove", ada, "--yes")
    assert refused.exit_code == 2
    assert "Ada has won “Cup”." in refused.stderr
    cleared = run(database, "events", "prizes", "winner", prize, ada, "--clear")
    assert "nobody has won it" in cleared.stderr
    off = run(database, *people, "remove", ada, "--yes")
    assert f"participants restore {ada}" in off.stderr
    assert "Ada" not in run(database, *people, "list", event).stdout
    run(database, *people, "restore", ada)
    assert "Ada" in run(database, *people, "list", event).stdout


def test_users_have_roles(database: Path) -> None:
    ada = made(database, "users", "new", "Ada", "--role", "admin")
    made(database, "users", "edit", ada[-8:], "--email", "ada@example.org")
    listed = json.loads(run(database, "users", "list", "--json").stdout)
    assert {u["name"]: u["role"] for u in listed} == {"Driver": "user", "Ada": "admin"}
    taken = run(database, "users", "new", "Eve", "--email", "ADA@example.org")
    assert taken.exit_code == 2
    assert "is taken" in taken.stderr
    assert run(database, "users", "edit", "ffffffff", "--name", "x").exit_code == 5


def test_a_user_is_deleted_softly_and_the_owner_of_all_is_not(database: Path) -> None:
    event = made(database, "events", "new", "Monza")
    people = ("events", "participants")
    made(database, *people, "add", event, "Ada")
    ids = {
        one["name"]: one["id"]
        for one in json.loads(run(database, "users", "list", "--json").stdout)
    }
    gone = run(database, "users", "delete", ids["Ada"], "--yes")
    assert f"`ps-tui users restore {ids['Ada']}`" in gone.stderr
    assert "Ada" not in run(database, "users", "list").stdout
    assert "Ada" not in run(database, *people, "list", event).stdout
    made(database, "users", "restore", ids["Ada"])
    assert "Ada" in run(database, "users", "list").stdout
    assert "Ada" in run(database, *people, "list", event).stdout
    refused = run(database, "users", "delete", ids["Driver"], "--yes")
    assert refused.exit_code == 2
    assert "belongs to Driver" in refused.stderr
    assert run(database, "users", "delete", "ffffffff", "--yes").exit_code == 5


def test_who_has_won_is_not_deleted(database: Path) -> None:
    event = made(database, "events", "new", "Monza")
    ada = made(database, "events", "participants", "add", event, "Ada")
    prize = made(database, "events", "prizes", "add", event, "Cup")
    run(database, "events", "prizes", "winner", prize, ada)
    users = json.loads(run(database, "users", "list", "--json").stdout)
    (user_id,) = [one["id"] for one in users if one["name"] == "Ada"]
    refused = run(database, "users", "delete", user_id, "--yes")
    assert refused.exit_code == 2
    assert "Ada has won “Cup”." in refused.stderr
