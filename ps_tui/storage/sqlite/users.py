"""The one local user that everything on this machine belongs to."""

from __future__ import annotations

import sqlite3

from ps_tui.domain.ids import new_id


def local_user(connection: sqlite3.Connection, now_us: int) -> int:
    """Return the key of the local user, made on the first call in a database."""
    row = connection.execute(
        "SELECT min(n) FROM users WHERE deleted_us IS NULL"
    ).fetchone()
    if row[0] is not None:
        return int(row[0])
    (user_n,) = connection.execute(
        "INSERT INTO users (id, name, created_us, updated_us) VALUES (?, ?, ?, ?)"
        " RETURNING n",
        (new_id(now_us // 1000), "Driver", now_us, now_us),
    ).fetchone()
    return int(user_n)
