"""The SQLite backend: one file, one writer connection, read-only readers.

The store is imported when it is asked for: a process that only checks a file does
not wait for the rest.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ps_tui.storage.sqlite.store import SqliteStore, open_store

__all__ = ["SqliteStore", "open_store"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ps_tui.storage.sqlite import store

    return getattr(store, name)
