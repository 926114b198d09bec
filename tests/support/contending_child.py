"""One of several processes that want the same database.

Run as ``python contending_child.py DATABASE ROLE SECONDS [deferred]``. Waits for a
line on stdin, works until the time is over, and prints how many units it did, how
many were refused and the longest wait in ms. ``deferred`` begins transactions as
SQLite does by default, with no pause between them: the way that is to fail.
"""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from ps_tui.storage.sqlite.connection import connect_read_only, transact
from ps_tui.storage.sqlite.opening import open_writer

ROLES = ("writer", "writer", "editor", "reader", "reader")
_FRAMES = (
    "INSERT INTO telemetry_frames (lap_n, received_us, timestamp_ms) VALUES (1, ?, ?)"
)
_PAUSE_S = 0.01
"""25 times as often as a recorder; with no pause at all it is luck who comes next."""
Work = Callable[[sqlite3.Connection], object]


def write(connection: sqlite3.Connection) -> None:
    (newest,) = connection.execute("SELECT max(row) FROM telemetry_frames").fetchone()
    first = newest or 0
    connection.executemany(_FRAMES, [(first + k, first) for k in range(60)])


def edit(connection: sqlite3.Connection) -> None:
    """Read, then write what was read: as an editor of events does."""
    (count,) = connection.execute("SELECT count(*) FROM telemetry_frames").fetchone()
    connection.execute("UPDATE events SET description = ?", (str(count),))


def read(connection: sqlite3.Connection) -> None:
    connection.execute("SELECT * FROM telemetry_frames LIMIT 2000").fetchall()


def deferred(connection: sqlite3.Connection, work: Work) -> None:
    connection.execute("BEGIN")
    try:
        work(connection)
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def main(path: Path, role: str, seconds: float, *, is_deferred: bool) -> None:
    work = {"writer": write, "editor": edit, "reader": read}[role]
    unit = deferred if is_deferred else transact
    is_reader = role == "reader"
    opened = connect_read_only(path) if is_reader else open_writer(path, create=False)
    with closing(opened) as connection:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        ends_at = time.monotonic() + seconds
        done = refused = 0
        longest_s = 0.0
        while time.monotonic() < ends_at:
            began = time.monotonic()
            try:
                if is_reader:
                    work(connection)
                else:
                    unit(connection, work)
            except sqlite3.OperationalError:
                refused += 1
            done += 1
            longest_s = max(longest_s, time.monotonic() - began)
            if not (is_reader or is_deferred):
                time.sleep(_PAUSE_S)
    sys.stdout.write(f"{done} {refused} {longest_s * 1000:.0f}\n")


if __name__ == "__main__":
    database, role, seconds, *rest = sys.argv[1:]
    main(Path(database), role, float(seconds), is_deferred=bool(rest))
