"""What is done with the copies of a database, each for a thread of its own.

What it takes is imported there: few starts need it, and it would keep a screen waiting.
"""

from __future__ import annotations

from pathlib import Path

from ps_tui.domain.health import Backup
from ps_tui.storage.sqlite.manifest import backup_folder


def made(
    path: Path, target: Path | None, reason: str, now_us: int, *, strict: bool
) -> Backup:
    """Copy a database and verify the copy; see ``make_backup``."""
    from ps_tui.storage.sqlite.backup import make_backup

    return make_backup(path, target, reason, now_us, strict=strict)


def listed(path: Path) -> list[Backup]:
    """Return the copies beside a database, newest first."""
    from ps_tui.storage.sqlite.backup import list_backups

    return list_backups(path)


def has_newest_copy(path: Path) -> bool:
    """Say whether nothing was written since the newest verified copy."""
    from ps_tui.storage.sqlite.backup import has_newest_copy

    return has_newest_copy(path)


def sound(path: Path, name: Path) -> Path:
    """Return the file of a copy that may be put in place. Raises DatabaseError."""
    from ps_tui.storage.sqlite.backup import find_backup
    from ps_tui.storage.sqlite.verifying import verify_copy

    copy = find_backup(path, name)
    verify_copy(copy)
    return copy


def verified(path: Path, name: Path) -> Backup:
    """Check a copy from its first byte to its last. Raises DatabaseError."""
    from ps_tui.storage.sqlite.backup import described, find_backup
    from ps_tui.storage.sqlite.verifying import verify_copy

    copy = find_backup(path, name)
    verify_copy(copy, content=True)
    return described(copy)


def pinned(path: Path, name: Path, *, is_pinned: bool) -> Backup:
    """Keep a copy for good, or let the rotation have it again."""
    from ps_tui.storage.sqlite.backup import find_backup, pin_backup

    return pin_backup(find_backup(path, name), pinned=is_pinned)


def thin_out(path: Path) -> None:
    """Remove the copies that the rotation keeps no longer."""
    from ps_tui.storage.sqlite.retention import prune

    prune(backup_folder(path), path.name)


def carried(made: Backup, folder: Path) -> Backup:
    """Carry a copy to a second folder as well."""
    from ps_tui.storage.sqlite.second_folder import copy_to_folder

    return copy_to_folder(made, folder)
