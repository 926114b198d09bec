"""Frames set aside in a side file, and brought home in their order."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from itertools import islice
from pathlib import Path
from uuid import uuid4

from ps_tui.domain.errors import DatabaseError, StorageFullError
from ps_tui.domain.recording import RecordingBatch, SpillRoom
from ps_tui.storage.process import is_alive
from ps_tui.storage.spill import (
    SpillFile,
    SpillHeader,
    by_room,
    free_bytes,
    read_batches,
    read_header,
)
from ps_tui.storage.spill_place import spill_files
from ps_tui.storage.sqlite.batch import Claim, apply_batch
from ps_tui.storage.sqlite.connection import Database, Work, transact
from ps_tui.storage.sqlite.recording import SqliteRecording
from ps_tui.storage.sqlite.recovery import close_open_laps, last_frame_us, release
from ps_tui.storage.sqlite.rescue import keep_session, take_claim
from ps_tui.storage.sqlite.sealing import seal_all

_log = logging.getLogger(__name__)
_FACT = "spill "
_FRAME_BYTES = 160
"""About the size of a frame in a side file, as long as none is known."""
_EXTEND_LAPS = (
    "UPDATE laps SET ended_us = max(coalesce(ended_us, 0), (SELECT max(received_us)"
    " FROM telemetry_frames WHERE lap_n = laps.n)) WHERE session_n = ?"
    " AND state = 'closed' AND reason = 'recorder died' AND EXISTS"
    " (SELECT 1 FROM telemetry_frames WHERE lap_n = laps.n)"
)


class SqliteSpill:
    """Spill of one process; see ``domain.recording_ports.Spill``."""

    def __init__(
        self,
        database: Database,
        recording: SqliteRecording,
        folders: tuple[Path, ...],
    ) -> None:
        self._database = database
        self._recording = recording
        self._folders = folders
        self._files: dict[str, SpillFile] = {}

    @property
    def frame_count(self) -> int:
        """How many frames wait in side files."""
        return sum(file.frame_count for file in self._files.values())

    async def put(self, session_id: str, batch: RecordingBatch) -> None:
        """Set a batch aside. Raises StorageFullError where no disk takes it."""
        claim = self._recording.claim_of(session_id)
        await asyncio.to_thread(self._put, claim, batch)

    async def drain(self, session_id: str) -> int:
        """Write everything set aside, oldest first; return how many frames.

        Raises what the database raises, with the rest still in the side file.
        """
        file = self._files.get(session_id)
        if file is None:
            return 0
        name = file.path.name
        done = await self._database.read(lambda c: _progress(c, name))
        frame_count = number = 0
        batches = enumerate(file.batches(), 1)
        while (found := await asyncio.to_thread(next, batches, None)) is not None:
            number, batch = found
            if number <= done:
                continue
            await self._recording.write(session_id, batch, also=_mark(name, number))
            file.frame_count -= len(batch.frames)
            frame_count += len(batch.frames)
        del self._files[session_id]
        if number < file.batch_count:
            _log.error("%s is damaged after %d batches", file.path, number)
            file.close()
        elif await asyncio.to_thread(file.remove):
            await self._database.write(lambda c: _forget(c, name))
        return frame_count

    async def room(self, session_id: str) -> SpillRoom:
        """Say where frames are set aside, and about how many more fit there."""
        return await asyncio.to_thread(self._room, session_id)

    def close(self) -> None:
        """Leave what waits to the next start."""
        for file in self._files.values():
            file.close()

    def _room(self, session_id: str) -> SpillRoom:
        file = self._files.get(session_id)
        if file is None:
            folder, size = by_room(self._usable_folders())[0], _FRAME_BYTES
        else:
            folder, size = file.path.parent, file.frame_bytes(_FRAME_BYTES)
        return SpillRoom(str(folder), free_bytes(folder) // size)

    def _put(self, claim: Claim, batch: RecordingBatch) -> None:
        file = self._files.get(claim.session_id)
        if file is None:
            file = self._begin(claim)
        try:
            file.append(batch)
        except StorageFullError:
            file = file.moved(self._usable_folders())
            self._files[claim.session_id] = file
            file.append(batch)

    def _begin(self, claim: Claim) -> SpillFile:
        header = SpillHeader(
            claim.session_id,
            claim.name,
            claim.source,
            claim.recorder,
            claim.channels,
            claim.lap_keys,
            str(self._database.path),
        )
        name = f"{self._database.path.stem}-{claim.session_id}-{uuid4().hex[:8]}"
        file = SpillFile.create(self._usable_folders(), name, header)
        self._files[claim.session_id] = file
        return file

    def _usable_folders(self) -> list[Path]:
        # A folder that went with its disk is not made anew under its mount point.
        home = self._database.path.parent
        return [each for each in self._folders if each != home or home.is_dir()]


def replay(
    connection: sqlite3.Connection, path: Path, now_us: int, folders: tuple[Path, ...]
) -> list[str]:
    """Bring home what dead recorders set aside; return the names of the sessions.

    A side file that cannot be read stays where it is.
    """
    names = []
    for file in spill_files(folders, path.stem):
        try:
            header = read_header(file)
            if is_alive(header.recorder, now_us, now_us) or not _is_of(
                connection, path, header
            ):
                continue
            transact(connection, lambda c, h=header, f=file: _replay(c, h, f, now_us))  # type: ignore[misc]
            for folder in folders:
                (folder / file.name).unlink(missing_ok=True)
        except (DatabaseError, OSError) as error:
            _log.warning("%s", error)
            continue
        transact(connection, lambda c, f=file: _forget(c, f.name))  # type: ignore[misc]
        names.append(header.name)
    return names


def _is_of(connection: sqlite3.Connection, path: Path, header: SpillHeader) -> bool:
    """Say whether a side file is of this database, not of a namesake elsewhere."""
    if header.database in ("", str(path)):
        return True
    query = "SELECT 1 FROM sessions WHERE id = ?"
    return connection.execute(query, (header.session_id,)).fetchone() is not None


def _replay(
    connection: sqlite3.Connection, header: SpillHeader, file: Path, now_us: int
) -> None:
    done = _progress(connection, file.name)
    if not file.exists():
        return  # another process that started just now was quicker
    row = connection.execute(
        "SELECT n, status FROM sessions WHERE id = ?", (header.session_id,)
    ).fetchone()
    (highest,) = connection.execute("SELECT max(row) FROM telemetry_frames").fetchone()
    claim = Claim(
        -1 if row is None else row[0],
        header.session_id,
        header.recorder,
        header.channels,
        1 + (highest or 0),
        name=header.name,
        source=header.source,
    )
    if row is not None:
        seal_all(connection, claim.session_n)
        claim.lap_keys = _known_laps(connection, claim.session_n, header.lap_keys)
        take_claim(
            connection, claim.session_n, header.recorder, header.channels, now_us
        )
    keep_session(connection, claim, now_us)
    count = done
    for batch in islice(read_batches(file), done, None):
        apply_batch(connection, claim, batch, now_us)
        count += 1
    _mark(file.name, count)(connection)
    close_open_laps(connection, claim.session_n, "recorder died")
    connection.execute(_EXTEND_LAPS, (claim.session_n,))
    seal_all(connection, claim.session_n)
    status = "completed" if row is not None and row[1] == "completed" else "interrupted"
    ended_us = last_frame_us(connection, claim.session_n) or now_us
    release(connection, claim.session_n, status, ended_us, now_us)


def _known_laps(
    connection: sqlite3.Connection, session_n: int, lap_keys: dict[int, int]
) -> dict[int, int]:
    rows = connection.execute("SELECT n FROM laps WHERE session_n = ?", (session_n,))
    known = {n for (n,) in rows}
    return {number: n for number, n in lap_keys.items() if n in known}


def _progress(connection: sqlite3.Connection, name: str) -> int:
    row = connection.execute(
        "SELECT value FROM store_facts WHERE key = ?", (_FACT + name,)
    ).fetchone()
    return 0 if row is None else int(row[0])


def _mark(name: str, number: int) -> Work[None]:
    """Return what notes, in the transaction of a batch, that it is home."""

    def mark(connection: sqlite3.Connection) -> None:
        connection.execute(
            "INSERT OR REPLACE INTO store_facts VALUES (?, ?)",
            (_FACT + name, str(number)),
        )

    return mark


def _forget(connection: sqlite3.Connection, name: str) -> None:
    connection.execute("DELETE FROM store_facts WHERE key = ?", (_FACT + name,))
