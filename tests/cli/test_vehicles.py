"""Cars from the shell, and setups that go through a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ps_tui.cli import app
from ps_tui.cli.db import command as db

CSV = "key,value,units\nFront wing,4,clicks\nTyre pressure,26.8,psi\nPads,soft,\n"


def run(database: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--db", str(database), *arguments])


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "crew.db"


def made(database: Path, *arguments: str) -> str:
    result = run(database, *arguments)
    assert result.exit_code == 0, result.stderr
    return result.stdout.strip()


def test_a_car_is_made_changed_deleted_and_restored(database: Path) -> None:
    car = made(database, "vehicles", "new", "Merlin", "--tag", "gt4", "--tag", "rain")
    made(database, "vehicles", "edit", car[-8:], "--in-service", "2026-03-01")
    shown = run(database, "vehicles", "show", car).stdout
    assert "Merlin (gt4, rain, 2026-03-01)" in shown
    deleted = run(database, "vehicles", "delete", car, "--yes")
    assert f"vehicles restore {car}" in deleted.stderr
    assert "Merlin" not in run(database, "vehicles", "list").stdout
    assert "Merlin" in run(database, "vehicles", "list", "--deleted").stdout
    assert "'Merlin'" in run(database, "vehicles", "restore", car).stderr
    assert "Merlin" in run(database, "vehicles", "list", "--json").stdout


def test_a_setup_goes_through_a_file_unchanged(database: Path, tmp_path: Path) -> None:
    car = made(database, "vehicles", "new", "Merlin")
    file = tmp_path / "Quali.csv"
    file.write_text("\ufeff" + CSV, "utf-8")
    setup = made(database, "vehicles", "import-setup", car, str(file))
    assert "Quali" in run(database, "vehicles", "show", car).stdout
    assert run(database, "vehicles", "export-setup", setup).stdout == CSV
    out = tmp_path / "out.csv"
    made(database, "vehicles", "export-setup", setup[-8:], "-o", str(out))
    assert out.read_text("utf-8") == CSV
    file.write_text("Key,Value\nFront wing,9\n", "utf-8")
    again = made(
        database, "vehicles", "import-setup", car, str(file), "--replace", setup
    )
    assert again == setup
    text = run(database, "vehicles", "export-setup", setup).stdout
    assert text == "key,value,units\nFront wing,9,\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n", "no columns key and value"),
        ("key,value\nx,1\nx,2\n", "Line 3: 'x' stands there twice"),
        ("key,value\n,1\n", "Line 2: a key is missing"),
        ("", "no columns key and value"),
    ],
)
def test_a_file_of_another_shape_is_refused(
    database: Path, tmp_path: Path, text: str, words: str
) -> None:
    car = made(database, "vehicles", "new", "Merlin")
    file = tmp_path / "bad.csv"
    file.write_text(text, "utf-8")
    refused = run(database, "vehicles", "import-setup", car, str(file))
    assert refused.exit_code == 2
    assert words in refused.stderr


def test_an_unknown_setup_is_told(database: Path) -> None:
    made(database, "vehicles", "new", "Merlin")
    unknown = run(database, "vehicles", "export-setup", "deadbeef")
    assert unknown.exit_code == 5
    assert "There is no setup" in unknown.stderr


def test_the_studio_is_a_verb_of_the_database() -> None:
    assert "studio" in CliRunner().invoke(db, ["--help"]).stdout
    assert "SQL" in CliRunner().invoke(db, ["studio", "--help"]).stdout
