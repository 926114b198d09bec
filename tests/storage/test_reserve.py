"""The room kept for a start on a full disk."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from ps_tui.storage.sqlite import SqliteStore
from ps_tui.storage.sqlite.reserve import (
    RESERVE_BYTES,
    keep_reserve,
    release_reserve,
    reserve_of,
)


def error_of(code: int) -> sqlite3.Error:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = code
    return error


async def test_a_store_that_closes_keeps_the_room(
    store: SqliteStore, path: Path
) -> None:
    await store.close()
    reserve = reserve_of(path)
    assert reserve.stat().st_size == RESERVE_BYTES
    changed_ns = reserve.stat().st_mtime_ns
    keep_reserve(path)
    assert reserve.stat().st_mtime_ns == changed_ns


def test_a_part_of_the_room_is_made_up(tmp_path: Path) -> None:
    path = tmp_path / "crew.db"
    reserve_of(path).write_bytes(bytes(5000))
    keep_reserve(path)
    assert reserve_of(path).stat().st_size >= RESERVE_BYTES


@pytest.mark.parametrize("code", [sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_FULL])
def test_the_room_is_let_go_once_where_it_is_wanted(tmp_path: Path, code: int) -> None:
    path = tmp_path / "crew.db"
    keep_reserve(path)
    assert release_reserve(path, error_of(code))
    assert not reserve_of(path).exists()
    assert not release_reserve(path, error_of(code))


def test_another_error_leaves_it(tmp_path: Path) -> None:
    path = tmp_path / "crew.db"
    keep_reserve(path)
    assert not release_reserve(path, error_of(sqlite3.SQLITE_BUSY))
    assert reserve_of(path).exists()


def test_a_folder_that_takes_nothing_is_no_error(tmp_path: Path) -> None:
    keep_reserve(tmp_path / "nowhere" / "crew.db")
    assert not (tmp_path / "nowhere").exists()
