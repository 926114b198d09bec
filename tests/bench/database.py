"""The goals of the database, each beside its floor from the same run, as JSON lines.

Run as ``python tests/bench/database.py [NAME …]``; without names every goal runs.
SQLAlchemy and Alembic are measured where PS_TUI_PEER_PYTHON names a Python that has
them; without, it says how to get one.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench import database_faults, database_speed

GOALS = database_speed.GOALS | database_faults.GOALS


def main(names: list[str]) -> None:
    for name in names or GOALS:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(GOALS[name](Path(folder)))


if __name__ == "__main__":
    main(sys.argv[1:])
