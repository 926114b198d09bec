"""Verified copies of a database, and putting one back.

A copy is made in one step of SQLite's backup API: one consistent state, also while
somebody records. Nothing here ever replaces the file of a database or touches its
journal; a restore writes into the live file through its writer.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from ps_tui import __version__
from ps_tui.domain.errors import DatabaseError, StorageFullError, UsageError
from ps_tui.domain.health import Backup
from ps_tui.domain.progress import Listener, teller
from ps_tui.domain.units import format_bytes
from ps_tui.storage.durable import sync_file, sync_folder
from ps_tui.storage.sqlite.connection import connect_read_only
from ps_tui.storage.sqlite.errors import database_error
from ps_tui.storage.sqlite.manifest import (
    Manifest,
    as_backup,
    backup_folder,
    copies_in,
    read_manifest,
    write_manifest,
)
from ps_tui.storage.sqlite.tables import row_counts
from ps_tui.storage.sqlite.verifying import content_problems, damage, sha256_of

_COPIED = 0.5
"""The share of a backup's time that is over when the copy stands to be verified."""
_CHECKED = 0.8
"""The share that is over when it is brought to the device."""
_LOOK_S = 0.1


def make_backup(
    path: Path,
    target: Path | None,
    reason: str,
    now_us: int,
    *,
    strict: bool = True,
    origin: sqlite3.Connection | None = None,
) -> Backup:
    """Copy a database and verify the copy; ``origin`` is a connection to it where
    its file is no longer at ``path``.

    With ``strict`` a copy of a damaged database is refused with a DatabaseError;
    without, it is kept and marked as not verified: better than nothing before a
    repair. A sound file with a damaged lap is copied, and not called verified.
    Raises StorageFullError where there is no room for it.
    """
    folder = _folder(path, target)
    try:
        # Asked first: no folder is made where a disk has been taken away.
        needed = path.stat().st_size if origin is None else _size(origin)
        folder.mkdir(parents=True, exist_ok=True)
        _check_room(needed, folder)
        target = _claim(path, target, now_us)
        temporary = _temporary(target)
        try:
            with (
                closing(connect_read_only(path))
                if origin is None
                else (contextlib.nullcontext(origin)) as source
            ):
                manifest = _copy(source, temporary, reason, now_us)
            manifest.database = path.name
            if strict and not manifest.is_sound:
                raise DatabaseError(
                    f"The database is damaged ({manifest.problems[0]}); the copy was"
                    " not kept.",
                    "Run `ps-tui db check`; keep your older backups.",
                )
            temporary.replace(target)
        except BaseException:
            # Only here: once it has its name, another copy may claim this one.
            temporary.unlink(missing_ok=True)
            raise
        write_manifest(target, manifest)
        sync_folder(target.parent)
    except sqlite3.Error as error:
        raise database_error(error, target or folder) from error
    except OSError as error:
        raise DatabaseError(
            f"The backup {target or folder} cannot be written: {error.strerror}.",
            "Choose another place for it.",
        ) from error
    return as_backup(target, manifest)


def list_backups(path: Path) -> list[Backup]:
    """Return the copies beside a database that have a manifest, newest first."""
    found = copies_in(backup_folder(path), path.name)
    return [as_backup(copy, manifest) for copy, manifest in found]


def has_newest_copy(path: Path) -> bool:
    """Say whether a verified copy is younger than the last write to a database.

    Of the files' times: where a window is closed its journal is tidied up, which
    counts as a write. One backup too many does no harm.
    """
    verified = [copy for copy in list_backups(path) if copy.is_verified]
    if not verified:
        return False
    written_ns = path.stat().st_mtime_ns
    wal = path.with_name(path.name + "-wal")
    # An empty journal is no write: whoever opened the file last has made it.
    with contextlib.suppress(FileNotFoundError):
        stat = wal.stat()
        written_ns = max(written_ns, stat.st_mtime_ns if stat.st_size else 0)
    return verified[0].created_us > written_ns // 1000


def find_backup(path: Path, name: Path) -> Path:
    """Return a copy by its file, or by its name in the folder of backups."""
    if name.is_file() or name.is_absolute():
        return name
    folder = backup_folder(path)
    for candidate in (folder / name, folder / f"{name}.db"):
        if candidate.is_file():
            return candidate
    return name


def described(copy: Path) -> Backup:
    """Return what is known about a copy, with a manifest or without."""
    manifest = read_manifest(copy)
    if manifest is not None:
        return as_backup(copy, manifest)
    stat = copy.stat()
    made_us = stat.st_mtime_ns // 1000
    return Backup(str(copy), stat.st_size, made_us, "", 0, 0, sha256_of(copy))


def pin_backup(copy: Path, *, pinned: bool) -> Backup:
    """Keep a copy for good, or let the rotation have it again."""
    manifest = read_manifest(copy)
    if manifest is None:
        raise UsageError(f"{copy} is no backup.", "`ps-tui db backups` lists them.")
    manifest.pinned = pinned
    write_manifest(copy, manifest)
    return as_backup(copy, manifest)


def copy_into(connection: sqlite3.Connection, source: Path) -> None:
    """Put the content of a copy into an open database, in one transaction."""
    with closing(connect_read_only(source)) as origin:
        origin.backup(connection, pages=-1)


def _folder(path: Path, target: Path | None) -> Path:
    if target is None:
        return backup_folder(path)
    if target.is_dir():
        return target
    if target.exists():
        raise UsageError(f"{target} exists already.", "Choose another name.")
    return target.parent


def _temporary(target: Path) -> Path:
    return target.with_name(target.name + ".tmp")


def _claim(path: Path, target: Path | None, now_us: int) -> Path:
    """Return where the copy goes; its temporary file stands there, empty.

    A name made from the time is taken by whoever makes that file: two programs may
    back up in the same microsecond.
    """
    if target is not None and not target.is_dir():
        _temporary(target).unlink(missing_ok=True)
        _create(_temporary(target))
        return target
    folder = _folder(path, target)
    while True:
        moment = datetime.fromtimestamp(now_us / 1_000_000, UTC)
        copy = folder / f"{path.stem}-{moment:%Y%m%d-%H%M%S-%f}.db"
        now_us += 1
        with contextlib.suppress(FileExistsError):
            _create(_temporary(copy))
            if not copy.exists():
                return copy
            _temporary(copy).unlink()


def _create(file: Path) -> None:
    # Created by us, so that nobody else can read it from its first byte on.
    os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _check_room(needed: int, folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise StorageFullError(
            f"A backup needs {format_bytes(needed)}, {folder} has"
            f" {format_bytes(free)} left.",
            "Free some disk space, or choose another place for it.",
        )


def _size(connection: sqlite3.Connection) -> int:
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (page_bytes,) = connection.execute("PRAGMA page_size").fetchone()
    return int(pages * page_bytes)


def _copy(
    origin: sqlite3.Connection, temporary: Path, reason: str, now_us: int
) -> Manifest:
    with closing(sqlite3.connect(temporary, isolation_level=None)) as copy:
        # Synced once, at the end: until then it is nobody's backup.
        copy.execute("PRAGMA synchronous = OFF")
        with _growth_told(temporary, _size(origin), teller(0.0, _COPIED)):
            origin.backup(copy, pages=-1)
        # One file that stands alone, without a journal beside it.
        copy.execute("PRAGMA journal_mode = DELETE")
        with ThreadPoolExecutor(1, "sha256") as beside:
            digest = beside.submit(sha256_of, temporary, teller(_COPIED, _CHECKED))
            problems, is_sound, counts, revision = _looked_at(copy)
    sync_file(temporary, teller(_CHECKED))
    return Manifest(
        created_us=now_us,
        reason=reason,
        app_version=__version__,
        sqlite_version=sqlite3.sqlite_version,
        revision=revision,
        size_bytes=temporary.stat().st_size,
        sha256=digest.result(),
        counts=counts,
        problems=problems,
        verified=not problems,
        is_sound=is_sound,
    )


@contextlib.contextmanager
def _growth_told(file: Path, full_bytes: int, tell: Listener) -> Iterator[None]:
    """Tell how far a file has grown, now and then, until the work is over.

    SQLite copies in one step and says nothing meanwhile.
    """
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.wait(_LOOK_S):
            with contextlib.suppress(OSError):
                tell(file.stat().st_size / full_bytes)

    watching = threading.Thread(target=watch, name="growth", daemon=True)
    watching.start()
    try:
        yield
    finally:
        is_over.set()
        watching.join()


def _looked_at(
    copy: sqlite3.Connection,
) -> tuple[list[str], bool, dict[str, int], int]:
    """Return what is wrong with a copy, if SQLite minds, its rows, its revision."""
    problems: list[str] = []
    try:
        problems += damage(copy)
        is_sound = not problems
        problems = problems or content_problems(copy)
        (revision,) = copy.execute("PRAGMA user_version").fetchone()
        return problems, is_sound, row_counts(copy), revision
    except sqlite3.DatabaseError as error:
        return [*problems, str(error)], False, {}, 0
