"""What stands beside a backup, as JSON: enough to judge and to trust it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import msgspec

from ps_tui.domain.errors import DatabaseError
from ps_tui.domain.health import Backup


class Manifest(msgspec.Struct):
    """Where a copy comes from, what is in it, and whether it was verified."""

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
    database: str = ""
    """Name of the file that was copied: two databases may share a folder."""
    pinned: bool = False
    is_sound: bool = True
    """SQLite finds nothing wrong with the file, whatever is in its rows."""


def backup_folder(path: Path) -> Path:
    """Return where the copies of a database are kept."""
    return path.parent / "backups"


def manifest_path(copy: Path) -> Path:
    """Return where the manifest of a copy stands."""
    return copy.with_name(copy.name + ".json")


def read_manifest(copy: Path) -> Manifest | None:
    """Return what was written about a copy; ``None`` where nothing readable was."""
    try:
        return msgspec.json.decode(manifest_path(copy).read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError):
        return None


def write_manifest(copy: Path, manifest: Manifest) -> None:
    """Write it whole or not at all."""
    target = manifest_path(copy)
    temporary = target.with_name(target.name + ".tmp")
    try:
        with temporary.open("wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(manifest)))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def as_backup(copy: Path, manifest: Manifest) -> Backup:
    """Return what lists of backups show."""
    return Backup(
        path=str(copy),
        size_bytes=manifest.size_bytes,
        created_us=manifest.created_us,
        reason=manifest.reason,
        session_count=manifest.counts.get("sessions", 0),
        lap_count=manifest.counts.get("laps", 0),
        sha256=manifest.sha256,
        is_pinned=manifest.pinned,
        is_verified=manifest.verified,
        revision=manifest.revision,
    )


def copies_in(folder: Path, database: str) -> list[tuple[Path, Manifest]]:
    """Return the copies of one database in a folder, newest first.

    Raises DatabaseError where the folder cannot be read.
    """
    found = []
    try:
        # A glob would take a folder that it may not read for an empty one.
        copies = [entry for entry in folder.iterdir() if entry.suffix == ".db"]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise DatabaseError(
            f"{folder} cannot be read: {error.strerror}.",
            "Give yourself the right to read it.",
        ) from error
    for copy in copies:
        manifest = read_manifest(copy)
        if manifest is not None and manifest.database in ("", database):
            found.append((copy, manifest))
    return sorted(found, key=lambda pair: pair[1].created_us, reverse=True)
