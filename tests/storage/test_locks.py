"""Who has a database open is named, with what it does."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from ps_tui.storage.locks import lock_holders
from ps_tui.storage.sqlite import SqliteStore
from ps_tui.storage.sqlite.holders import holders
from tests.support.recordings import begin

HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute(sys.argv[2])
connection.execute("SELECT count(*) FROM users").fetchall()
print("held", flush=True)
sys.stdin.readline()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/locks")
@pytest.mark.parametrize(
    ("statement", "activity"),
    [("BEGIN IMMEDIATE", "writing"), ("BEGIN", "reading"), ("SELECT 1", "open")],
)
async def test_another_process_is_named(
    store: SqliteStore, path: Path, statement: str, activity: str
) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        HOLD,
        str(path),
        statement,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert child.stdout is not None
        assert await child.stdout.readline() == b"held\n"
        (holder,) = await store.content.locks()
    finally:
        await child.communicate(b"\n")
    assert (holder.pid, holder.activity) == (child.pid, activity)
    assert holder.since_us is not None
    assert str(path) in holder.command


async def test_a_process_sees_itself_unless_it_is_left_out(
    store: SqliteStore, path: Path
) -> None:
    assert [holder.pid for holder in lock_holders(path)] == [os.getpid()]
    assert await store.content.locks() == []


async def test_the_recorder_is_said_to_record(store: SqliteStore, path: Path) -> None:
    session_id = await begin(store)
    (holder,) = holders(path, 0)
    assert (holder.pid, holder.activity) == (os.getpid(), "recording")
    await store.recording.finish_recording(session_id)
    (holder,) = holders(path, 0)
    assert holder.activity != "recording"


def test_a_database_that_is_not_there_has_no_holders(path: Path) -> None:
    assert holders(path, 0) == []
