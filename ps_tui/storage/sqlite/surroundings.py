"""Checks that look around the rows: the file, its folder, the disk, the copies."""

from __future__ import annotations

import shutil
import sqlite3
import sys
import zlib
from pathlib import Path

from ps_tui.domain.health import CheckResult, Verdict
from ps_tui.domain.units import format_age, format_bytes
from ps_tui.storage.sqlite.manifest import backup_folder, copies_in
from ps_tui.storage.sqlite.outcome import outcome

WAL_LIMIT_BYTES = 64 * 1024 * 1024
DISK_LIMIT_BYTES = 1024 * 1024 * 1024
BACKUP_LIMIT_US = 7 * 86_400 * 1_000_000
FREE_SHARE_LIMIT = 0.25
_REMOTE = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afpfs"}
_SYNCED = ("dropbox", "onedrive", "google drive", "icloud", "nextcloud", "syncthing")


def has_wal_reset_bug(version: tuple[int, int, int]) -> bool:
    """Say whether two checkpointers at once can damage a file (sqlite.org/wal.html)."""
    is_fixed = version >= (3, 51, 3) or any(
        (major, minor, patch) <= version < (major, minor + 1, 0)
        for major, minor, patch in ((3, 44, 6), (3, 50, 7))
    )
    return version >= (3, 7, 0) and not is_fixed


def sqlite_version() -> CheckResult:
    """Name the library, and the fault that it may have."""
    major, minor, patch = sqlite3.sqlite_version_info[:3]
    detail = sqlite3.sqlite_version
    if has_wal_reset_bug((major, minor, patch)):
        detail += ": has the WAL-reset fault, which one checkpointer alone avoids"
    return outcome(0, detail=detail)


def file_place(path: Path) -> CheckResult:
    """Warn of folders whose locks or copies cannot be trusted."""
    parts = str(path).lower()
    synced = [name for name in _SYNCED if name in parts]
    kind = _file_system(path)
    wrong = synced or ([kind] if kind in _REMOTE else [])
    return outcome(
        len(wrong),
        "Keep the database on a disk of this computer, and send backups there.",
        f"in {', '.join(wrong)}: locks there are not reliable" if wrong else kind,
        status=Verdict.WARNING,
    )


def file_mode(path: Path) -> CheckResult:
    """Warn where others may write the file."""
    if sys.platform == "win32":
        return outcome(0)
    mode = path.stat().st_mode & 0o777
    return outcome(
        int(bool(mode & 0o022)),
        f"chmod 600 {path} keeps others from writing it.",
        f"{mode:o}",
        status=Verdict.WARNING,
    )


def free_pages(connection: sqlite3.Connection) -> CheckResult:
    """Tell how much of the file is empty."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    is_much = free > 1000 and free > pages * FREE_SHARE_LIMIT
    return outcome(
        int(is_much),
        "`ps-tui db repair` or `ps-tui db vacuum` gives the room back.",
        f"{free} of {pages} pages",
        status=Verdict.WARNING,
    )


def wal_size(path: Path) -> CheckResult:
    """Tell how long the journal is."""
    # By its directory entry: opening the journal would drop this process's locks.
    wal = path.with_name(path.name + "-wal")
    try:
        size = wal.stat().st_size
    except FileNotFoundError:
        size = 0
    return outcome(
        int(size > WAL_LIMIT_BYTES),
        "`ps-tui db repair` shortens it while nobody records.",
        format_bytes(size),
        status=Verdict.WARNING,
    )


def free_disk(path: Path) -> CheckResult:
    """Tell whether there is room for a backup and a few hours of driving."""
    free = shutil.disk_usage(path.parent).free
    needed = max(DISK_LIMIT_BYTES, 2 * path.stat().st_size)
    return outcome(
        int(free < needed),
        f"Free some space: {format_bytes(needed)} leave room for a backup.",
        format_bytes(free),
        status=Verdict.WARNING,
    )


def backup_age(connection: sqlite3.Connection, path: Path, now_us: int) -> CheckResult:
    """Tell how old the newest verified copy is."""
    remedy = "`ps-tui db backup` makes one."
    copies = copies_in(backup_folder(path), path.name)
    backups = [manifest for _, manifest in copies if manifest.verified]
    if not backups:
        row = connection.execute("SELECT 1 FROM lap_traces LIMIT 1").fetchone()
        return outcome(
            int(row is not None), remedy, "no backup yet", status=Verdict.WARNING
        )
    age_us = now_us - backups[0].created_us
    return outcome(
        int(age_us > BACKUP_LIMIT_US),
        remedy,
        format_age(max(age_us, 0) / 1_000_000),
        status=Verdict.WARNING,
    )


def schema_mark(connection: sqlite3.Connection) -> str:
    """Return a short text that changes with any object of the schema."""
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name")
    return f"{zlib.crc32(repr(rows.fetchall()).encode()):08x}"


def _file_system(path: Path) -> str:
    """Return what kind of file system a file is on; empty where nobody tells."""
    try:
        lines = Path("/proc/mounts").read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    best, kind = "", ""
    for line in lines:
        _, place, found, *_ = line.split(" ")
        root = place.replace("\\040", " ").rstrip("/")
        inside = str(path).startswith(f"{root}/")
        if inside and len(root) >= len(best):
            best, kind = root, found
    return kind
