"""A recorder whose session has vanished: its frames go on into a rescued one.

Runs inside a write transaction. The rescued session takes the public id of the one
that is gone, so that everybody who knows that id finds the frames.
"""

from __future__ import annotations

import json
import logging
import sqlite3

import msgspec

from ps_tui.domain.laps import LapStarted
from ps_tui.domain.models import RecorderInfo
from ps_tui.domain.recording import RecordingBatch
from ps_tui.storage.sqlite.batch import Claim
from ps_tui.storage.sqlite.users import local_user

_log = logging.getLogger(__name__)
_CLAIM_AGAIN = (
    "UPDATE sessions SET status = 'recording', channels_json = ?, recorder_pid = ?,"
    " recorder_started_us = ?, recorder_boot_id = ?, recorder_host = ?,"
    " recorder_label = ?, heartbeat_us = ?, updated_us = ? WHERE n = ?"
)


def keep_session(connection: sqlite3.Connection, claim: Claim, now_us: int) -> None:
    """See to it that the session of a claim is there and is not in the bin."""
    row = connection.execute(
        "SELECT id, deleted_us, event_n FROM sessions WHERE n = ?", (claim.session_n,)
    ).fetchone()
    if row is None or row[0] != claim.session_id:
        _rescue(connection, claim, now_us)
    elif row[1] is not None:
        # Somebody deleted it past the rule that what records is not deleted.
        connection.execute(
            "UPDATE sessions SET deleted_us = NULL WHERE n = ?", (claim.session_n,)
        )
        connection.execute("UPDATE events SET deleted_us = NULL WHERE n = ?", (row[2],))
        connection.execute(
            "UPDATE laps SET deleted_us = NULL WHERE session_n = ? AND deleted_us = ?",
            (claim.session_n, row[1]),
        )


def announced(claim: Claim, batch: RecordingBatch) -> RecordingBatch:
    """Return a batch that begins the laps that went with a vanished session.

    Before those that it begins itself: they are older, and numbers rise. A lap that
    ends and whose frames are all gone is left out.
    """
    known = {*claim.lap_keys, *(lap.lap_number for lap in batch.opened)}
    begun: dict[int, LapStarted] = {}
    for stored in batch.frames:
        number = stored.lap_number
        if number not in known and number not in begun:
            begun[number] = LapStarted(number, stored.frame.received_us)
    closed = [lap for lap in batch.closed if lap.lap_number in known | begun.keys()]
    opened = sorted([*begun.values(), *batch.opened], key=lambda lap: lap.lap_number)
    return msgspec.structs.replace(batch, opened=opened, closed=closed)


def take_claim(
    connection: sqlite3.Connection,
    session_n: int,
    recorder: RecorderInfo,
    channels: tuple[str, ...],
    now_us: int,
) -> None:
    """Mark a session as recorded by ``recorder`` once more."""
    connection.execute(
        _CLAIM_AGAIN,
        (
            json.dumps(channels),
            recorder.pid,
            recorder.process_started_us,
            recorder.boot_id,
            recorder.host,
            recorder.label,
            now_us,
            now_us,
            session_n,
        ),
    )


def _rescue(connection: sqlite3.Connection, claim: Claim, now_us: int) -> None:
    found = connection.execute(
        "SELECT n FROM sessions WHERE id = ?", (claim.session_id,)
    ).fetchone()
    if found is None:
        found = connection.execute(
            "INSERT INTO sessions (id, user_n, name, source, tags, started_us,"
            " created_us, updated_us) VALUES (?, ?, ?, ?, 'rescued', ?, ?, ?)"
            " RETURNING n",
            (
                claim.session_id,
                local_user(connection, now_us),
                f"{claim.name} (rescued)",
                claim.source,
                now_us,
                now_us,
                now_us,
            ),
        ).fetchone()
    claim.session_n = int(found[0])
    claim.lap_keys = {}
    claim.is_rescued = True
    (highest,) = connection.execute("SELECT max(row) FROM telemetry_frames").fetchone()
    claim.next_row = max(claim.next_row, (highest or 0) + 1)
    take_claim(connection, claim.session_n, claim.recorder, claim.channels, now_us)
    _log.warning("session %s had vanished; its frames are kept", claim.session_id)
