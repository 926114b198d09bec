"""Making, migrating and refusing database files."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from ps_tui.domain.errors import (
    DatabaseError,
    NewerDatabaseError,
    NotADatabaseError,
)
from ps_tui.domain.models import SessionDraft
from ps_tui.storage.sqlite import SqliteStore, open_store
from ps_tui.storage.sqlite.identity import APPLICATION_ID, LATEST_REVISION
from ps_tui.storage.sqlite.migrate import migrate, shipped_migrations, shipped_schema
from ps_tui.storage.sqlite.reserve import reserve_of
from ps_tui.storage.sqlite.schema import schema_objects, statements
from tests.support.recordings import ManualClock


def contents(folder: Path) -> dict[str, str]:
    return {
        entry.name: hashlib.sha256(entry.read_bytes()).hexdigest()
        for entry in folder.iterdir()
        if entry.is_file()
    }


def written_ns(path: Path) -> int:
    return path.stat().st_mtime_ns


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


async def test_a_new_database_is_complete(store: SqliteStore, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        assert _pragma(connection, "application_id") == APPLICATION_ID
        assert _pragma(connection, "user_version") == LATEST_REVISION
        assert _pragma(connection, "journal_mode") == "wal"
        assert _pragma(connection, "auto_vacuum") == 2
        users = connection.execute("SELECT name, role FROM users").fetchall()
        assert users == [("Driver", "user")]
        ledger = connection.execute("SELECT revision, sha256 FROM schema_migrations")
        assert ledger.fetchall() == [
            (step.revision, step.sha256) for step in shipped_migrations()
        ]
    assert (await store.care.info()).revision == LATEST_REVISION


def test_the_constant_counts_the_shipped_files() -> None:
    revisions = [step.revision for step in shipped_migrations()]
    assert revisions == list(range(1, LATEST_REVISION + 1))


def test_every_table_is_strict_and_no_index_repeats_a_unique() -> None:
    tables = [entry for entry in shipped_schema() if entry.type == "table"]
    assert tables
    assert all(entry.sql.endswith("STRICT") for entry in tables)


def test_migrating_twice_changes_nothing() -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        assert migrate(connection, 1) == LATEST_REVISION
        assert migrate(connection, 2) == 0
        assert schema_objects(connection) == shipped_schema()


def test_a_script_is_split_at_statements_only() -> None:
    script = "CREATE TABLE a (b TEXT DEFAULT ';');\n-- end; of it\nDROP TABLE a;"
    assert [text.splitlines()[-1] for text in statements(script)] == [
        "CREATE TABLE a (b TEXT DEFAULT ';');",
        "DROP TABLE a;",
    ]


@pytest.mark.parametrize("is_wal", [True, False])
async def test_a_newer_database_is_refused_and_untouched(
    path: Path, clock: ManualClock, is_wal: bool
) -> None:
    await (await open_store(path, clock)).close()
    with closing(sqlite3.connect(path)) as connection:
        if not is_wal:
            connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute(f"PRAGMA user_version = {LATEST_REVISION + 1}")
    before = contents(path.parent)
    with pytest.raises(NewerDatabaseError, match="newer ps-tui") as caught:
        await open_store(path, clock)
    assert "Update" in caught.value.remedy
    assert contents(path.parent) == before


@pytest.mark.parametrize(
    "content", [b"x", b"a text " * 100, b"a text " * 900, bytes(range(256)) * 32]
)
async def test_a_file_that_is_no_database_is_refused_and_untouched(
    tmp_path: Path, clock: ManualClock, content: bytes
) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    with pytest.raises(DatabaseError):
        await open_store(path, clock)
    assert path.read_bytes() == content
    assert names(tmp_path) == ["notes.txt"]


async def test_the_database_of_another_program_is_refused(
    tmp_path: Path, clock: ManualClock
) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (url)")
    before = contents(tmp_path)
    with pytest.raises(NotADatabaseError, match="not a Purple Sector database"):
        await open_store(path, clock)
    assert contents(tmp_path) == before


async def test_an_empty_file_becomes_a_database(
    tmp_path: Path, clock: ManualClock
) -> None:
    path = tmp_path / "empty.db"
    path.touch()
    store = await open_store(path, clock)
    assert (await store.care.check()).is_ok
    await store.close()


async def test_a_missing_database_is_made_only_on_request(
    tmp_path: Path, clock: ManualClock
) -> None:
    with pytest.raises(DatabaseError, match="no database at"):
        await open_store(tmp_path / "none.db", clock, create=False)
    with pytest.raises(DatabaseError, match="is a folder"):
        await open_store(tmp_path, clock)
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseError):
        await open_store(tmp_path / "file" / "x.db", clock)
    assert names(tmp_path) == ["file"]


async def test_a_dead_recording_can_be_left_as_it_is(
    path: Path, clock: ManualClock
) -> None:
    store = await open_store(path, clock)
    session = await store.library.create_session(SessionDraft("Q"))
    await store.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE sessions SET status = 'recording'")
        connection.commit()
    store = await open_store(path, clock, create=False, recovers=False)
    assert (await store.library.session(session.id)).status == "recording"
    await store.close()
    store = await open_store(path, clock)
    assert store.recovered == ("Q",)
    assert (await store.library.session(session.id)).status == "interrupted"
    await store.close()


async def test_closing_leaves_no_journal(path: Path, clock: ManualClock) -> None:
    store = await open_store(path, clock)
    await store.close()
    await store.close()
    assert names(path.parent) == [path.name, reserve_of(path).name]
    with pytest.raises(DatabaseError, match="closed"):
        await store.library.events()


async def test_opening_and_closing_writes_nothing(
    path: Path, clock: ManualClock
) -> None:
    await (await open_store(path, clock)).close()
    before = contents(path.parent), written_ns(path)
    await (await open_store(path, clock)).close()
    assert (contents(path.parent), written_ns(path)) == before


async def test_many_processes_may_open_a_new_database_at_once(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    code = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from ps_tui.storage.sqlite import open_store\n"
        "from tests.support.recordings import ManualClock\n"
        "async def main():\n"
        "    store = await open_store(Path(sys.argv[1]), ManualClock())\n"
        "    await store.close()\n"
        "sys.stdin.readline()\n"
        "asyncio.run(main())\n"
    )
    children = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            code,
            str(path),
            stdin=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        for _ in range(4)
    ]
    outcomes = await asyncio.gather(*(child.communicate(b"\n") for child in children))
    assert [child.returncode for child in children] == [0] * 4, outcomes
    with closing(sqlite3.connect(path)) as connection:
        (users,) = connection.execute("SELECT count(*) FROM users").fetchone()
    assert users == 1


needs_setpriv = pytest.mark.skipif(
    sys.platform == "win32" or not shutil.which("setpriv"), reason="needs setpriv"
)


def opened_without_rights(path: Path) -> subprocess.CompletedProcess[str]:
    """Open a database as a user whom permissions bind, which a superuser is not."""
    command = [sys.executable, "-c", _OPEN, str(path)]
    if os.geteuid() == 0:
        command = ["setpriv", "--bounding-set", "-all", "--inh-caps", "-all", *command]
    return subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        timeout=30,
    )


@needs_setpriv
def test_a_read_only_folder_is_explained(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(0o555)
    done = opened_without_rights(folder / "x.db")
    assert "DatabaseError" in done.stdout, done
    assert "read-only" in done.stdout
    assert "permission" in done.stdout


@needs_setpriv
def test_a_folder_that_may_not_be_looked_into_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    folder.chmod(0o000)
    try:
        done = opened_without_rights(folder / "x.db")
    finally:
        folder.chmod(0o755)
    assert "DatabaseError" in done.stdout, done
    assert f"{folder} cannot be used" in done.stdout


_OPEN = """
import asyncio, sys
from pathlib import Path
from ps_tui.domain.errors import PsError
from ps_tui.storage.sqlite import open_store
from tests.support.recordings import ManualClock
try:
    asyncio.run(open_store(Path(sys.argv[1]), ManualClock()))
except PsError as error:
    print(type(error).__name__, error)
"""


def test_importing_the_store_loads_neither_numpy_nor_psutil() -> None:
    code = (
        "import sys, ps_tui.storage.sqlite;"
        "print({'numpy', 'psutil'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "set()"


def _pragma(connection: sqlite3.Connection, name: str) -> object:
    return connection.execute(f"PRAGMA {name}").fetchone()[0]
