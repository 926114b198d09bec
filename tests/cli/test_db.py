"""The database commands as a person or a script calls them."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ps_tui.cli import app
from ps_tui.storage.sqlite.identity import LATEST_REVISION

Run = Callable[..., Result]
VERBS = (
    *("status", "migrate", "resolve", "rollback", "drift", "validate", "push"),
    *("check", "repair", "quarantine", "backup", "backups", "restore", "reset"),
    *("seed", "purge", "vacuum", "sql", "explain", "locks", "export-all", "import"),
)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "crew.db"


@pytest.fixture
def run(database: Path) -> Run:
    """Call ``ps-tui db …``; a seeded database is there."""

    def call(*arguments: object, code: int = 0) -> Result:
        texts = ["--db", str(database), "db", *map(str, arguments)]
        result = CliRunner().invoke(app, texts)
        assert result.exit_code == code, (result.output, result.stderr)
        return result

    call("seed")
    return call


def parsed(result: Result) -> Any:
    return json.loads(result.stdout)


def change(database: Path, script: str) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(script)


def test_every_verb_has_help(run: Run) -> None:
    listed = run("--help").stdout
    for verb in VERBS:
        assert f"  {verb}" in listed
        assert "Usage" in run(verb, "--help").stdout


def test_a_status_tells_revision_and_migrations(run: Run) -> None:
    assert "applied" in run("status").stdout
    state = parsed(run("status", "--json"))
    assert state["revision"] == state["latest"] == LATEST_REVISION
    assert all(step["is_applied"] for step in state["migrations"])


def test_back_and_forth(run: Run, database: Path) -> None:
    run("rollback", code=2)
    assert parsed(run("rollback", "--yes", "--json"))["by"].endswith(".down.sql")
    assert f"-- {LATEST_REVISION:04}_" in run("migrate", "--sql").stdout
    assert parsed(run("migrate", "--to", LATEST_REVISION - 1, "--json")) == {
        "applied": 0
    }
    assert parsed(run("migrate", "--json")) == {"applied": 1}
    assert "Nothing to apply" in run("migrate").stderr
    assert parsed(run("migrate", "--sql", "--json")) == {"sql": ""}
    change(database, "DELETE FROM schema_migrations")
    run("resolve", "--baseline", LATEST_REVISION)
    assert parsed(run("validate", "--json")) == []
    run("resolve", code=2)


def test_an_empty_file_has_nothing_to_go_back_from(run: Run, database: Path) -> None:
    database.with_name("crew.db-reserve").unlink(missing_ok=True)
    database.unlink()
    database.touch()
    assert "nothing leads back" in run("rollback", "--yes", code=2).stderr


@pytest.mark.parametrize("verb", ["migrate --to", "migrate --sql --to"])
def test_a_revision_that_does_not_exist_is_told(run: Run, verb: str) -> None:
    assert "no migration 99" in run(*verb.split(), "99", code=2).stderr


def test_a_migration_is_begun(run: Run, tmp_path: Path) -> None:
    made = parsed(
        run("migrate", "create", "fuel_stops", "--folder", tmp_path, "--json")
    )
    assert Path(made["path"]).name == f"{LATEST_REVISION + 1:04}_fuel_stops.sql"


def test_drift_is_shown_and_pushed_away(run: Run, database: Path) -> None:
    assert parsed(run("drift", "--json")) == []
    change(database, "DROP INDEX laps_best; ALTER TABLE laps ADD COLUMN mine TEXT")
    shown = run("drift", code=1).stdout
    assert "missing index laps_best" in shown
    assert "changed table laps" in shown
    assert "+mine TEXT" in shown
    assert len(parsed(run("drift", "--json", code=1))) == 2
    assert parsed(run("push", "--yes", "--json"))
    assert parsed(run("drift", "--json")) == []


def test_backups_are_made_named_pinned_and_verified(
    run: Run, database: Path, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    made = parsed(run("backup", "--copy-to", stick, "--json"))
    assert made["copied_to"] == str(stick / Path(made["path"]).name)
    name = Path(made["path"]).name
    run("backup", name, "--pin")
    (listed,) = parsed(run("backups", "--json"))
    assert listed["is_pinned"]
    run("backup", name, "--unpin")
    assert "pinned" not in run("backups").stdout
    assert len(parsed(run("backup", "--verify", "--json"))) == 1
    Path(made["path"]).write_bytes(b"")
    assert "checksum is wrong" in run("backup", "--verify", code=3).stderr
    assert "copy" in run("backup", "--copy-to", tmp_path / "gone").stderr
    assert parsed(run("backup", "--auto", "--json")) is None
    change(database, "UPDATE events SET description = 'Wet'")
    assert parsed(run("backup", "--auto", "--json"))["reason"] == "timer"
    assert "OnCalendar" in run("backup", "--help").stdout


def test_a_lost_database_still_has_its_backups(run: Run, database: Path) -> None:
    assert "no backup yet" in run("backup", "--verify", code=2).stderr
    made = parsed(run("backup", "--json"))
    for lost in (b"no database any more", None):
        database.unlink()
        if lost is not None:
            database.write_bytes(lost)
        (listed,) = parsed(run("backups", "--json"))
        assert listed["path"] == made["path"]
        assert len(parsed(run("backup", "--verify", "--json"))) == 1
    Path(made["path"]).unlink()
    assert "no database at" in run("backups", code=3).stderr


def test_a_database_that_may_not_be_read_is_no_wrong_usage(
    run: Run, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = os.access

    def refuse(path: Any, mode: int, **how: Any) -> bool:
        return str(path) != str(database) and access(path, mode, **how)

    monkeypatch.setattr(os, "access", refuse)
    assert "write permission" in run("status", code=3).stderr


def test_a_folder_that_takes_no_copy_is_told_once(
    run: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    said = run("backup", "--copy-to", tmp_path / "gone").stderr
    assert said.count("did not take the copy") + len(caplog.records) == 1


def test_a_reset_and_its_way_back(run: Run, database: Path) -> None:
    before = parsed(run("seed", "--json"))["sha256"]
    assert "no backup yet" in run("restore", "--latest", code=2).stderr
    assert "Nobody typed reset" in run("reset", code=2).stderr
    name = Path(parsed(run("reset", "--yes", "--json"))["path"]).stem
    empty = parsed(run("sql", "SELECT count(*) FROM events", "--json"))
    assert empty["rows"] == [[0]]
    run("restore", name, "--yes")
    again = parsed(run("seed", "--json"))
    assert (again["inserted"], again["sha256"]) == (0, before)


def test_a_query_prints_a_table_json_or_csv(run: Run) -> None:
    query = "SELECT name, role FROM users WHERE role = 'admin'"
    assert "Demo admin" in run("sql", query, "--plan").stdout
    assert parsed(run("sql", query, "--json"))["columns"] == ["name", "role"]
    assert run("sql", query, "--csv").stdout == "name,role\nDemo admin,admin\n"
    assert "would change" in run("sql", "DROP TABLE users", code=2).stderr
    assert "no such column" in run("sql", "SELECT readonly", code=2).stderr
    assert "semicolon" in run("sql", "SELECT 1; SELECT 2", code=2).stderr
    assert parsed(run("explain", "--json"))["unused"] == []
    explained = run("explain").stdout
    assert "events_by_user" in explained
    assert "SEARCH laps" in explained
    assert isinstance(parsed(run("locks", "--json")), list)


def test_the_bin_is_emptied(run: Run, database: Path) -> None:
    assert "Nothing" in run("purge").stderr
    change(database, "UPDATE vehicles SET deleted_us = 1")
    run("purge", code=2)
    assert parsed(run("purge", "--yes", "--json"))["rows"] == {"vehicles": 1}
    assert parsed(run("vacuum", "--full", "--json"))["after_bytes"] > 0


def test_an_archive_goes_out_and_comes_in(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "season.zip"
    assert parsed(run("export-all", target, "--json"))["rows"]["events"] == 1
    run("reset", "--yes")
    assert parsed(run("import", target, "--yes", "--json"))["rows"]["events"] == 1
    run("import", target, "--yes")


def test_a_repair_is_made_listed_and_undone(run: Run, database: Path) -> None:
    change(
        database,
        "INSERT INTO sessions (id, user_n, event_n, name, source, created_us,"
        " updated_us) VALUES ('s', 1, 99, 'lost', 'native', 1, 1)",
    )
    checked = run("check", code=1).stdout
    assert "→ orphaned sessions: `ps-tui db repair`" in checked
    assert f"revision {LATEST_REVISION} of {LATEST_REVISION}" in checked
    done = parsed(run("repair", "--yes", "--json"))
    (entry,) = parsed(run("quarantine", "--json"))
    assert entry["run"] == done["run"]
    assert "orphaned sessions" in run("quarantine").stdout
    assert parsed(run("check", "--json"))["ok"]
    run("repair", "--undo", done["run"], "--yes")
    assert parsed(run("quarantine", "--json")) == []
    run("check", code=1)
    run("repair", "--undo", "nothing", code=5)
    run("quarantine", "nothing", code=5)


def test_demo_laps_are_the_same_each_time(run: Run) -> None:
    first, second = [parsed(run("seed", "--demo-laps", "--json")) for _ in range(2)]
    assert first["inserted"] > 3
    assert (second["inserted"], second["updated"]) == (0, 0)
    assert first["sha256"] == second["sha256"]
    (lap,) = parsed(
        run("sql", "SELECT id FROM laps ORDER BY lap_number LIMIT 1", "--json")
    )["rows"]
    frames = run(
        "sql", "SELECT count(*) > 100 FROM frames", "--lap", lap[0], "--csv"
    ).stdout
    assert frames.endswith("\n1\n")


@pytest.mark.parametrize("share", [0.25, 0.5, 0.9])
def test_a_check_tells_of_a_file_cut_short(
    run: Run, database: Path, share: float
) -> None:
    with database.open("r+b") as file:
        file.truncate(int(database.stat().st_size * share))
    report = parsed(run("check", "--json", code=2))
    assert not report["ok"]
    wrong = {row["name"]: row for row in report["checks"] if row["status"] == "error"}
    assert "db restore" in wrong["quick check"]["remedy"]
    assert "quick check" in run("check", code=2).stdout
