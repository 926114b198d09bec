"""The recorder's side of the database."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Sequence

import msgspec

from ps_tui.domain.clock import Clock
from ps_tui.domain.errors import (
    DatabaseError,
    NotFoundError,
    RecorderBusyError,
)
from ps_tui.domain.frame import Frame
from ps_tui.domain.models import ActiveRecorder, RecorderInfo
from ps_tui.domain.recording import RecordingBatch
from ps_tui.storage.process import is_same_process
from ps_tui.storage.sqlite.batch import Claim, apply_batch, find_lap
from ps_tui.storage.sqlite.connection import AUTOCHECKPOINT_PAGES, Database, Work
from ps_tui.storage.sqlite.frames import FRAME_COLUMNS, frame_from_row
from ps_tui.storage.sqlite.lookup import session_key
from ps_tui.storage.sqlite.recovery import (
    active_recorder,
    close_open_laps,
    last_frame_us,
    recover,
    release,
    split_by_life,
)
from ps_tui.storage.sqlite.rescue import announced, keep_session
from ps_tui.storage.sqlite.sealing import seal, seal_all

_CLAIM = (
    "UPDATE sessions SET status = 'recording', channels_json = ?,"
    " ended_us = NULL, updated_us = ?,"
    " recorder_pid = ?, recorder_started_us = ?, recorder_boot_id = ?,"
    " recorder_host = ?, recorder_label = ?, heartbeat_us = ? WHERE n = ?"
)
_START = "UPDATE sessions SET started_us = coalesce(started_us, ?) WHERE n = ?"
SELECT_TAIL = (
    f"SELECT row, {FRAME_COLUMNS} FROM telemetry_frames"
    " WHERE row > ? AND lap_n IN (SELECT n FROM laps WHERE session_n = ?)"
    " ORDER BY row LIMIT ?"
)
SELECT_NEWEST = (
    f"SELECT row, {FRAME_COLUMNS} FROM telemetry_frames"
    " WHERE lap_n IN (SELECT n FROM laps WHERE session_n = ?)"
    " ORDER BY row DESC LIMIT 1"
)


class SqliteRecording:
    """RecordingStore on SQLite. Sessions of several games may be recorded at once,
    all by one process."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._claims: dict[int, Claim] = {}
        self._next_row = 0
        """Above every row of every claim: they share one table."""
        database.on_replaced = self._forget_keys

    @property
    def claimed_session_ids(self) -> tuple[str, ...]:
        """The sessions that are being recorded through this object."""
        return tuple(claim.session_id for claim in self._claims.values())

    async def begin_recording(
        self,
        session_id: str,
        recorder: RecorderInfo,
        channels: Sequence[str],
        since_us: int | None = None,
    ) -> None:
        """Claim the database for one recorder; see RecordingStore."""
        keys, now_us = tuple(channels), self._clock.now_us()

        def begin(connection: sqlite3.Connection) -> Claim:
            own = frozenset(self._claims)
            claim = _begin(connection, session_id, recorder, keys, own, now_us)
            start = now_us if since_us is None else min(since_us, now_us)
            connection.execute(_START, (start, claim.session_n))
            return claim

        def keep(claim: Claim) -> None:
            before = self._claims.get(claim.session_n)
            if before is not None:
                claim.lap_keys = before.lap_keys
            self._claims[claim.session_n] = claim

        # On the writer's thread, so that a second game that begins at the same
        # moment finds the claim of the first.
        await self._database.write(begin, keep)
        await self._checkpoint_every(AUTOCHECKPOINT_PAGES)

    async def write(
        self,
        session_id: str,
        batch: RecordingBatch,
        *,
        also: Work[None] | None = None,
    ) -> None:
        """Commit a batch whole, or raise and leave nothing of it behind.

        A call that is cancelled is nevertheless carried out before it ends. ``also``
        runs in the same transaction. A session that has vanished is made anew.
        """
        now_us = self._clock.now_us()

        def commit_and_advance(connection: sqlite3.Connection) -> Claim:
            claim = self.claim_of(session_id).copy()
            claim.next_row = max(claim.next_row, self._next_row)
            keep_session(connection, claim, now_us)
            whole = announced(claim, batch) if claim.is_rescued else batch
            apply_batch(connection, claim, whole, now_us)
            if also is not None:
                also(connection)
            return claim

        # The claim moves on the writer's thread right after the commit, so that
        # cancelling the caller cannot leave it behind the rows.
        await self._database.write(commit_and_advance, self._take_claim)

    async def seal_lap(self, session_id: str, lap_number: int) -> None:
        """Turn the rows of a finished lap into its verified trace."""

        def work(connection: sqlite3.Connection) -> None:
            session_n = self._key(connection, session_id)
            if session_n is None:
                return  # the lap went with its session
            claim = self._claims.get(session_n)
            lap_n = find_lap(connection, claim, session_n, lap_number)
            if lap_n is None:
                if claim is not None and claim.is_rescued:
                    return  # the lap went with the session that had vanished
                raise NotFoundError(f"The session has no lap {lap_number}.")
            (channels_json,) = connection.execute(
                "SELECT channels_json FROM sessions WHERE n = ?", (session_n,)
            ).fetchone()
            seal(connection, lap_n, json.loads(channels_json))

        await self._database.write(work)

    async def finish_recording(self, session_id: str) -> None:
        """Seal what is left and mark the session completed."""
        now_us = self._clock.now_us()

        def work(connection: sqlite3.Connection) -> int:
            session_n = self._key(connection, session_id)
            if session_n is None:
                return self.claim_of(session_id).session_n  # nothing is left to end
            (status,) = connection.execute(
                "SELECT status FROM sessions WHERE n = ?", (session_n,)
            ).fetchone()
            if status != "recording":
                return session_n
            close_open_laps(connection, session_n, "recording ended")
            seal_all(connection, session_n)
            ended_us = last_frame_us(connection, session_n) or now_us
            release(connection, session_n, "completed", ended_us, now_us)
            return session_n

        self._claims.pop(await self._database.write(work), None)
        if not self._claims:
            await self._checkpoint_every(0)

    async def active_recorder(self) -> ActiveRecorder | None:
        """Return the live recording into this database, whoever makes it."""
        now_us = self._clock.now_us()
        return await self._database.read(
            lambda connection: active_recorder(connection, now_us)
        )

    async def tail(
        self, session_id: str, after_row: int, limit: int = 2000
    ) -> tuple[int, list[Frame]]:
        """Return frames that a recorder wrote since ``after_row``."""

        def work(connection: sqlite3.Connection) -> tuple[int, list[Frame]]:
            session_n = session_key(connection, session_id)
            if after_row < 0:
                rows = connection.execute(SELECT_NEWEST, (session_n,)).fetchall()
            else:
                parameters = (after_row, session_n, limit)
                rows = connection.execute(SELECT_TAIL, parameters).fetchall()
            if rows:
                return rows[-1][0], [frame_from_row(row[1:]) for row in rows]
            (last_row,) = connection.execute(
                "SELECT last_row FROM sessions WHERE n = ?", (session_n,)
            ).fetchone()
            return max(after_row, last_row), []

        return await self._database.read(work)

    def _take_claim(self, claim: Claim) -> None:
        if claim.session_n not in self._claims:  # its session had vanished
            del self._claims[self.claim_of(claim.session_id).session_n]
        self._claims[claim.session_n] = claim
        self._next_row = claim.next_row

    def _forget_keys(self) -> None:
        """Look every session up again: the keys were those of another file."""
        self._claims = {
            -number: msgspec.structs.replace(claim, session_n=-number)
            for number, claim in enumerate(self._claims.values(), 1)
        }

    def _key(self, connection: sqlite3.Connection, session_id: str) -> int | None:
        """Return the key of a session, None where it vanished while it was recorded.

        Raises NotFoundError for one that nobody records.
        """
        try:
            return session_key(connection, session_id)
        except NotFoundError:
            if session_id not in self.claimed_session_ids:
                raise
            return None

    def claim_of(self, session_id: str) -> Claim:
        """Return what is known about the running recording of a session."""
        for claim in self._claims.values():
            if claim.session_id == session_id:
                return claim
        raise DatabaseError(
            "This session is not being recorded.", "Start the recording first."
        )

    async def _checkpoint_every(self, pages: int) -> None:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute(f"PRAGMA wal_autocheckpoint = {pages}")
            if not pages:
                # On a full disk it fails, and nothing is lost: the journal holds
                # what is committed until a later one succeeds.
                with contextlib.suppress(sqlite3.OperationalError):
                    connection.execute("PRAGMA wal_checkpoint(PASSIVE)")

        await self._database.on_writer(work)


def _begin(
    connection: sqlite3.Connection,
    session_id: str,
    recorder: RecorderInfo,
    channels: tuple[str, ...],
    own: frozenset[int],
    now_us: int,
) -> Claim:
    """Claim a session; ``own`` are the keys of those claimed through this object."""
    recover(connection, now_us)
    session_n = session_key(connection, session_id)
    alive, _ = split_by_life(connection, now_us)
    for claimed in alive:
        is_own = is_same_process(claimed.recorder, recorder)
        if is_own and (claimed.session_n == session_n or claimed.session_n in own):
            continue
        raise RecorderBusyError(
            f"{claimed.recorder.label} (pid {claimed.recorder.pid} on"
            f" {claimed.recorder.host}) already records the session"
            f" “{claimed.name}” into this database.",
            "Stop that recording first, or record into another file with --db.",
        )
    public_id, deleted_us, last_row, name, source = connection.execute(
        "SELECT id, deleted_us, last_row, name, source FROM sessions WHERE n = ?",
        (session_n,),
    ).fetchone()
    if deleted_us is not None:
        raise NotFoundError("This session is deleted.", "Restore it first.")
    # Rows that an earlier recording left are packed in that recording's order.
    seal_all(connection, session_n)
    (highest,) = connection.execute("SELECT max(row) FROM telemetry_frames").fetchone()
    connection.execute(
        _CLAIM,
        (
            json.dumps(channels),
            now_us,
            recorder.pid,
            recorder.process_started_us,
            recorder.boot_id,
            recorder.host,
            recorder.label,
            now_us,
            session_n,
        ),
    )
    next_row = max(highest or 0, last_row) + 1
    return Claim(
        session_n, public_id, recorder, channels, next_row, name=name, source=source
    )
