"""Migrates a database and dies at its N-th statement.

Run as ``python migration_child.py DATABASE N``. Ends with 0 where the migration has
fewer statements than that.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from ps_tui.storage.sqlite.migrate import migrate
from ps_tui.storage.sqlite.opening import open_writer


def main(path: Path, last: int) -> None:
    seen = 0

    def die(_: str) -> None:
        nonlocal seen
        seen += 1
        if seen == last:
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

    connection = open_writer(path, create=False)
    connection.set_trace_callback(die)
    migrate(connection, 2)
    connection.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
