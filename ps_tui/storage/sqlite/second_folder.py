"""A second place for backups, which may be gone at any time.

Only finished copies travel there, whole and compared; whatever goes wrong is told
and changes nothing about the copy beside the database.
"""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

import msgspec

from ps_tui.domain.health import Backup
from ps_tui.storage.durable import sync_file
from ps_tui.storage.sqlite.manifest import manifest_path, read_manifest, write_manifest
from ps_tui.storage.sqlite.retention import prune

_CHUNK = 1 << 20


def copy_to_folder(backup: Backup, folder: Path) -> Backup:
    """Copy a backup to ``folder``; the result says where to, or why not."""
    source = Path(backup.path)
    try:
        target = _copy(source, folder)
        manifest = read_manifest(source)
        if manifest is not None:
            write_manifest(target, manifest)
            prune(folder, manifest.database)
        # Perhaps the empty mount point of a stick that is not plugged in.
        is_beside = _disk(target) == _disk(source)
    except OSError as error:
        cause = error.strerror or str(error)
        problem = f"{folder} did not take the copy: {cause}."
        return msgspec.structs.replace(backup, copy_problem=problem)
    problem = f"{folder} is on the same disk, and would be lost with it."
    return msgspec.structs.replace(
        backup, copied_to=str(target), copy_problem=problem if is_beside else ""
    )


def _disk(file: Path) -> int:
    return file.stat().st_dev


def _copy(source: Path, folder: Path) -> Path:
    # The folder has to be there: a stick that is not plugged in leaves its empty
    # mount point behind, whose parent must not be filled instead.
    if not folder.is_dir():
        raise FileNotFoundError(0, "it is not there")
    target = folder / source.name
    if target.exists() and manifest_path(target).exists():
        return target
    temporary = target.with_name(target.name + ".tmp")
    written = hashlib.sha256()
    try:
        with source.open("rb") as origin, temporary.open("wb") as copy:
            while chunk := origin.read(_CHUNK):
                written.update(chunk)
                copy.write(chunk)
        sync_file(temporary)
        with temporary.open("rb") as copy:
            if hashlib.file_digest(copy, "sha256").digest() != written.digest():
                raise OSError(0, "what it returns is not what was written")
        temporary.replace(target)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
    return target
