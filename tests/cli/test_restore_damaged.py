"""A backup comes back where the file is cut, overwritten or gone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ps_tui.cli import app


def _run(database: Path, *arguments: str, typed: str | None = None) -> Result:
    command = ["--db", str(database), *arguments]
    return CliRunner().invoke(app, command, input=typed)


def _cut(path: Path) -> None:
    with path.open("rb+") as file:
        file.truncate(50_000)


def _overwrite(path: Path) -> None:
    path.write_bytes(b"not what it was " * 6000)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "crew.db"
    assert _run(path, "events", "new", "Spa").exit_code == 0
    assert _run(path, "db", "backup").exit_code == 0
    return path


@pytest.mark.parametrize("harm", [_cut, _overwrite, Path.unlink])
def test_the_newest_backup_is_put_in_place_twice(
    database: Path, harm: Callable[[Path], None]
) -> None:
    for _ in range(2):
        harm(database)
        result = _run(database, "db", "restore", "--latest", "--yes")
        assert result.exit_code == 0, result.stderr
        (event,) = json.loads(_run(database, "events", "list", "--json").stdout)
        assert event["name"] == "Spa"
    kept = list(database.parent.glob("crew-damaged-*.db"))
    assert len(kept) == (0 if harm is Path.unlink else 2)


def test_an_answer_that_is_piped_in_counts(database: Path) -> None:
    database.unlink()
    assert _run(database, "db", "restore", "--latest", typed="n\n").exit_code == 1
    assert not database.exists()
    assert _run(database, "db", "restore", "--latest", typed="y\n").exit_code == 0
    assert database.exists()
