"""What SQLite reports, in the words and classes that a person is told."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from ps_tui.domain.errors import (
    DamagedDatabaseError,
    DatabaseBusyError,
    DatabaseError,
    NotADatabaseError,
    StorageFullError,
)

_READING = {
    sqlite3.SQLITE_IOERR_READ,
    sqlite3.SQLITE_IOERR_SHORT_READ,
    sqlite3.SQLITE_IOERR_CORRUPTFS,
}


def primary_code(error: sqlite3.Error) -> int:
    """Return the primary result code; 0 where Python itself raised the error."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def database_error(error: sqlite3.Error, path: Path) -> DatabaseError:
    """Return the error of ours that says what ``error`` means for ``path``."""
    code = getattr(error, "sqlite_errorcode", 0)
    match primary_code(error):
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return DatabaseBusyError(
                f"Another program keeps {path} locked.",
                "Wait until it is done, or close it; nothing needs to be deleted.",
            )
        case sqlite3.SQLITE_FULL:
            return StorageFullError(
                f"There is no room left to write {path}.", "Free some disk space."
            )
        case sqlite3.SQLITE_IOERR if code == sqlite3.SQLITE_IOERR_SHMSIZE:
            return StorageFullError(
                f"There is no room left beside {path} for its journal.",
                "Free some disk space; 300 KB are enough to look at it.",
            )
        case sqlite3.SQLITE_IOERR if code not in _READING:
            return StorageFullError(
                f"The disk refused to write {path} ({error}).",
                "Check that the disk has room and is still connected.",
            )
        case sqlite3.SQLITE_NOTADB:
            return not_a_database(path)
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_IOERR:
            return DamagedDatabaseError(
                f"{path} is damaged ({error}).",
                "Run `ps-tui db check`, then `ps-tui db restore` with a backup.",
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_AUTH:
            return not_writable(path)
        case sqlite3.SQLITE_CONSTRAINT:
            return _contradiction(code)
        case sqlite3.SQLITE_CANTOPEN:
            return DatabaseError(
                f"{path} cannot be opened.",
                "Check that its folder exists and that you may read and write it, "
                "or choose another file with --db.",
            )
    return DatabaseError(f"{path}: {error}.", "Run `ps-tui db check`.")


def _contradiction(code: int) -> DatabaseError:
    """Say which rule of the database a change would have broken."""
    nothing = "Nothing was changed."
    if code in (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY):
        return DatabaseError(
            f"There is one of that name or number already. {nothing}",
            "Choose another, or look into the deleted ones.",
        )
    if code == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
        return DatabaseError(
            f"What this belongs to is no longer there. {nothing}",
            "Somebody deleted it meanwhile: open the list again.",
        )
    return DatabaseError(
        f"The database does not take one of these values. {nothing}",
        "Correct it; `ps-tui db check` tells of broken rules.",
    )


def not_writable(path: Path) -> DatabaseError:
    return DatabaseError(
        f"{path} or its folder is read-only.",
        "Give yourself write permission on both, or choose another file with --db.",
    )


def not_a_database(path: Path) -> NotADatabaseError:
    return NotADatabaseError(
        f"{path} is not a Purple Sector database.",
        "Choose another file with --db; this one is left as it is.",
    )
