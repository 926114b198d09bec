"""The SQLite backend: one file, one writer connection, read-only readers."""

from ps_tui.storage.sqlite.store import SqliteStore, open_store

__all__ = ["SqliteStore", "open_store"]
