"""Verified copies of a database, and putting one back.

A copy is made in one step of SQLite's backup API: one consistent state, also while
somebody records. Nothing here ever replaces the file of a database or touches its
journal; a restore writes into the live file through its writer.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from ps_tui import __version__
from ps_tui.domain.errors import DatabaseError, StorageFullError, UsageError
from ps_tui.domain.health import Backup
from ps_tui.domain.units import format_bytes
from ps_tui.storage.sqlite.connection import connect_read_only
from ps_tui.storage.sqlite.errors import database_error
from ps_tui.storage.sqlite.identity import APPLICATION_ID
from ps_tui.storage.sqlite.opening import check_marks, read_marks

TABLES = (
    "users",
    "events",
    "sessions",
    "laps",
    "telemetry_frames",
    "lap_traces",
    "quarantine",
)


class Manifest(msgspec.Struct):
    """What stands beside a backup, as JSON: enough to judge and to trust it."""

    created_us: int
    reason: str
    app_version: str
    sqlite_version: str
    revision: int
    size_bytes: int
    sha256: str
    counts: dict[str, int]
    problems: list[str]
    verified: bool


def backup_folder(path: Path) -> Path:
    """Return where the copies of a database are kept."""
    return path.parent / "backups"


def make_backup(
    path: Path, target: Path | None, reason: str, now_us: int, *, strict: bool = True
) -> Backup:
    """Copy a database and verify the copy.

    With ``strict`` a copy of a damaged database is refused with a DatabaseError;
    without, it is kept and marked as not verified: better than nothing before a
    repair. Raises StorageFullError where there is no room for it.
    """
    target = _target(path, target, now_us)
    temporary = target.with_name(target.name + ".tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _check_room(path, target.parent)
        try:
            manifest = _copy(path, temporary, reason, now_us)
            if strict and manifest.problems:
                raise DatabaseError(
                    f"The database is damaged ({manifest.problems[0]}); the copy was"
                    " not kept.",
                    "Run `ps-tui db check`; keep your older backups.",
                )
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
        manifest_path(target).write_bytes(
            msgspec.json.format(msgspec.json.encode(manifest))
        )
    except sqlite3.Error as error:
        raise database_error(error, target) from error
    except OSError as error:
        raise DatabaseError(
            f"The backup {target} cannot be written: {error.strerror}.",
            "Choose another place for it.",
        ) from error
    return _backup(target, manifest)


def list_backups(path: Path) -> list[Backup]:
    """Return the copies beside a database that have a manifest, newest first."""
    found = []
    for copy in backup_folder(path).glob("*.db"):
        manifest = read_manifest(copy)
        if manifest is not None:
            found.append(_backup(copy, manifest))
    return sorted(found, key=lambda backup: backup.created_us, reverse=True)


def read_manifest(copy: Path) -> Manifest | None:
    """Return what was written about a copy; ``None`` where nothing readable was."""
    try:
        return msgspec.json.decode(manifest_path(copy).read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError):
        return None


def manifest_path(copy: Path) -> Path:
    """Return where the manifest of a copy stands."""
    return copy.with_name(copy.name + ".json")


def verify_source(source: Path) -> None:
    """Raise a DatabaseError where ``source`` should not be restored."""
    if not source.is_file():
        raise DatabaseError(
            f"There is no backup at {source}.", "`ps-tui db backup` makes one."
        )
    manifest = read_manifest(source)
    if manifest is not None and _sha256(source) != manifest.sha256:
        raise DatabaseError(
            f"{source} has changed since it was made: its checksum is wrong.",
            "Choose another backup.",
        )
    try:
        marks = read_marks(source)
        check_marks(source, marks)
        if marks is None or marks.application_id != APPLICATION_ID:
            raise DatabaseError(f"{source} is empty.", "Choose another backup.")
        with closing(connect_read_only(source)) as connection:
            problems = _problems(connection)
    except sqlite3.Error as error:
        raise database_error(error, source) from error
    if problems:
        raise DatabaseError(
            f"{source} is damaged ({problems[0]}).", "Choose another backup."
        )


def copy_into(connection: sqlite3.Connection, source: Path) -> None:
    """Put the content of a copy into an open database, in one transaction."""
    with closing(connect_read_only(source)) as origin:
        origin.backup(connection, pages=-1)


def _target(path: Path, target: Path | None, now_us: int) -> Path:
    if target is not None and not target.is_dir():
        if target.exists():
            raise UsageError(f"{target} exists already.", "Choose another name.")
        return target
    folder = backup_folder(path) if target is None else target
    while True:
        moment = datetime.fromtimestamp(now_us / 1_000_000, UTC)
        name = f"{path.stem}-{moment:%Y%m%d-%H%M%S-%f}.db"
        if not (folder / name).exists():
            return folder / name
        now_us += 1


def _check_room(path: Path, folder: Path) -> None:
    needed = path.stat().st_size
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise StorageFullError(
            f"A backup needs {format_bytes(needed)}, {folder} has"
            f" {format_bytes(free)} left.",
            "Free some disk space, or choose another place for it.",
        )


def _copy(path: Path, temporary: Path, reason: str, now_us: int) -> Manifest:
    temporary.unlink(missing_ok=True)
    # Created by us, so that nobody else can read it from its first byte on.
    os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with (
        closing(connect_read_only(path)) as origin,
        closing(sqlite3.connect(temporary, isolation_level=None)) as copy,
    ):
        origin.backup(copy, pages=-1)
        problems = []
        try:
            # One file that stands alone, without a journal beside it.
            copy.execute("PRAGMA journal_mode = DELETE")
            problems = _problems(copy)
            counts = _counts(copy)
            (revision,) = copy.execute("PRAGMA user_version").fetchone()
        except sqlite3.DatabaseError as error:
            problems.append(str(error))
            counts, revision = {}, 0
    with temporary.open("rb+") as file:
        os.fsync(file.fileno())
    return Manifest(
        created_us=now_us,
        reason=reason,
        app_version=__version__,
        sqlite_version=sqlite3.sqlite_version,
        revision=revision,
        size_bytes=temporary.stat().st_size,
        sha256=_sha256(temporary),
        counts=counts,
        problems=problems,
        verified=not problems,
    )


def _problems(connection: sqlite3.Connection) -> list[str]:
    found = [row[0] for row in connection.execute("PRAGMA quick_check(5)")]
    return [] if found == ["ok"] else found


def _counts(connection: sqlite3.Connection) -> dict[str, int]:
    existing = {
        name
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
        )
    }
    return {
        table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for table in TABLES
        if table in existing
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _backup(path: Path, manifest: Manifest) -> Backup:
    return Backup(
        path=str(path),
        size_bytes=manifest.size_bytes,
        created_us=manifest.created_us,
        reason=manifest.reason,
        session_count=manifest.counts.get("sessions", 0),
        lap_count=manifest.counts.get("laps", 0),
        sha256=manifest.sha256,
    )
