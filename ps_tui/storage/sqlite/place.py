"""Whether the open file is still the one at its path.

The system goes on writing into a file that is deleted or moved, and nobody would find
that again.
"""

from __future__ import annotations

from pathlib import Path

from ps_tui.domain.errors import DatabaseError

_UNSEEN = (-1, -1)
"""Stands for a file in a folder that this user may no longer look into."""


class ReplacedError(DatabaseError):
    """The file at the path is another than the open one."""


class Place:
    """The path of a file that was open there when this was made."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._identity = _identity(path)

    def check(self) -> None:
        """Raise DatabaseError where the file is gone, ReplacedError for another."""
        now = _identity(self._path)
        if now is None:
            raise DatabaseError(
                f"{self._path} is gone: it was moved or deleted.",
                "Put it back, or reconnect its disk.",
            )
        self._compare(now)

    def check_same(self) -> None:
        """Raise ReplacedError where another file is there; none is no error."""
        now = _identity(self._path)
        if now is not None:
            self._compare(now)

    def _compare(self, now: tuple[int, int]) -> None:
        if _UNSEEN not in (now, self._identity) and now != self._identity:
            raise replaced(self._path)


def replaced(path: Path) -> ReplacedError:
    """Return what says that another file took the place of the open one."""
    return ReplacedError(
        f"{path} was replaced by another file.",
        "Move the old file back, or start ps-tui again to use the new one.",
    )


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells one file from another, None where there is none."""
    try:
        stat = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        return _UNSEEN
    return stat.st_dev, stat.st_ino
