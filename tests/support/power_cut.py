"""What a power cut leaves of a database, made from its two files.

A cut keeps what was synced and some of what was not. SQLite syncs the journal before
a commit returns (synchronous FULL) and before it moves pages into the main file; so
only the journal's end is uncertain, or the main file while the journal is whole. The
control takes the journal away as well, as a database that never syncs would.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from ps_tui.storage.sqlite.connection import transact
from ps_tui.storage.sqlite.migrate import migrate
from ps_tui.storage.sqlite.opening import open_writer

BATCHES = 150
ROWS = 20
PAGE = 4096
_INSERT = (
    "INSERT INTO telemetry_frames (row, lap_n, received_us, timestamp_ms, extra)"
    " VALUES (?, 1, ?, ?, ?)"
)


class Files(NamedTuple):
    """Main file before and after a checkpoint, and the journal between the two."""

    old: bytes
    new: bytes
    wal: bytes


def recorded_files(folder: Path) -> Files:
    """Commit batches without a checkpoint, then checkpoint; return the bytes."""
    path = folder / "made.db"
    connection = open_writer(path, create=True)
    with closing(connection):
        migrate(connection, 1)
        connection.executescript(
            """
            INSERT INTO users VALUES (1, 'u', 'Anna', NULL, 'user', 1, 1, NULL);
            INSERT INTO sessions (n, id, user_n, name, source, created_us, updated_us)
                VALUES (1, 's', 1, 'Q', 'native', 1, 1);
            INSERT INTO laps (n, id, session_n, lap_number, started_us, created_us)
                VALUES (1, 'l', 1, 1, 1, 1);
            """
        )
        for number in range(BATCHES // 2):
            transact(connection, lambda c, n=number: _batch(c, n))  # type: ignore[misc]
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for number in range(BATCHES // 2, BATCHES):
            transact(connection, lambda c, n=number: _batch(c, n))  # type: ignore[misc]
        # Read while it is open: the last one to close would take the journal away.
        old = path.read_bytes()
        wal = path.with_name("made.db-wal").read_bytes()
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        return Files(old, path.read_bytes(), wal)


def _batch(connection: sqlite3.Connection, number: int) -> None:
    rng = random.Random(number)
    first = number * ROWS + 1
    connection.executemany(
        _INSERT,
        [(row, row, row, rng.randbytes(60)) for row in range(first, first + ROWS)],
    )


Cut = Callable[[Files, random.Random], tuple[bytes, bytes]]


def journal_cut(files: Files, rng: random.Random) -> tuple[bytes, bytes]:
    """The journal ends anywhere."""
    return files.old, files.wal[: rng.randrange(len(files.wal))]


def journal_holes(files: Files, rng: random.Random) -> tuple[bytes, bytes]:
    """Some of the journal's last blocks never reached the disk."""
    wal = bytearray(files.wal)
    for start in range(rng.randrange(len(wal)), len(wal), 512):
        if rng.random() < 0.3:
            wal[start : start + 512] = bytes(len(wal[start : start + 512]))
    return files.old, bytes(wal)


def journal_flip(files: Files, rng: random.Random) -> tuple[bytes, bytes]:
    """One byte of the journal came out wrong."""
    wal = bytearray(files.wal)
    wal[rng.randrange(len(wal))] ^= 1 << rng.randrange(8)
    return files.old, bytes(wal)


def mixed_pages(files: Files, rng: random.Random) -> tuple[bytes, bytes]:
    """The cut came in the middle of a checkpoint, the journal being whole."""
    return _mixed(files, rng), files.wal


def mixed_pages_alone(files: Files, rng: random.Random) -> tuple[bytes, bytes]:
    """The control: the same, and the journal never synced."""
    return _mixed(files, rng), b""


CUTS: tuple[Cut, ...] = (journal_cut, journal_holes, journal_flip, mixed_pages)


def is_clean_prefix(folder: Path, main: bytes, wal: bytes) -> bool:
    """Say whether SQLite makes whole batches, in order, of what is left."""
    path = folder / "cut.db"
    for side in ("", "-wal", "-shm"):
        path.with_name(path.name + side).unlink(missing_ok=True)
    path.write_bytes(main)
    if wal:
        path.with_name(path.name + "-wal").write_bytes(wal)
    try:
        with closing(sqlite3.connect(path)) as connection:
            (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            query = "SELECT count(*), coalesce(max(row), 0) FROM telemetry_frames"
            count, highest = connection.execute(query).fetchone()
            ordered = connection.execute(
                "SELECT count(*) FROM telemetry_frames WHERE received_us <> row"
            ).fetchone()
    except sqlite3.DatabaseError:
        return False
    return (
        verdict == "ok"
        and count == highest
        and count % ROWS == 0
        and count >= BATCHES // 2 * ROWS
        and ordered == (0,)
    )


def bad_trials(folder: Path, files: Files, cut: Cut, trials: int) -> int:
    """Return how many cuts of one kind do not leave a clean prefix."""
    rng = random.Random(cut.__name__)
    return sum(not is_clean_prefix(folder, *cut(files, rng)) for _ in range(trials))


def _mixed(files: Files, rng: random.Random) -> bytes:
    pages = []
    for start in range(0, len(files.new), PAGE):
        old = files.old[start : start + PAGE] or bytes(PAGE)
        pages.append(rng.choice((old, files.new[start : start + PAGE])))
    return b"".join(pages)
