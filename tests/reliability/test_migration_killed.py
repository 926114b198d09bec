"""A migration that is killed has happened, or has not."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from ps_tui.storage.sqlite.identity import LATEST_REVISION
from ps_tui.storage.sqlite.migrate import migrate, revision, shipped_schema
from ps_tui.storage.sqlite.schema import schema_objects

NEVER = 10_000
"""Beyond the last statement: a migration that ends."""
CHILD = Path(__file__).parents[1] / "support" / "migration_child.py"


def states_after_kills(folder: Path, kills: tuple[int, ...]) -> list[int]:
    """Kill migrations from revision 1; return the revision of each, -1 for a half."""
    states = []
    for statement in kills:
        path = folder / f"{statement}.db"
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            migrate(connection, 1, 1)
        subprocess.run(
            [sys.executable, str(CHILD), str(path), str(statement)],
            check=False,
            timeout=30,
        )
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            found = revision(connection)
            is_whole = schema_objects(connection) == shipped_schema(found)
            (ledger,) = connection.execute(
                "SELECT max(revision) FROM schema_migrations"
            ).fetchone()
            states.append(found if is_whole and ledger == found else -1)
            migrate(connection, 3)
            assert schema_objects(connection) == shipped_schema()
    return states


def test_no_half_state(tmp_path: Path) -> None:
    states = states_after_kills(tmp_path, (2, 12, 25, 40, 52, 64, NEVER))
    assert -1 not in states
    assert {1, LATEST_REVISION} <= set(states)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_no_half_state_after_any_statement(tmp_path: Path) -> None:
    states = states_after_kills(tmp_path, (*range(1, 91), NEVER))
    assert -1 not in states
    assert {1, LATEST_REVISION} <= set(states)
