"""Reads the JSON documents of our own export: laps with their frames by channel."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np

from ps_tui.export.facts import FORMAT, VERSION, LapFacts, MarkerFacts, SessionFacts
from ps_tui.export.read.laps import (
    Floats,
    ReadLap,
    ReadSession,
    UnreadableFileError,
    is_known,
    with_lap_clock,
)

Frames = dict[str, list[float | None]]


class _Lap(LapFacts):
    frames: Frames = msgspec.field(default_factory=dict)


class _Session(msgspec.Struct):
    id: str | None = None
    name: str | None = None
    car: str | None = None
    driver: str | None = None
    track: str | None = None
    layout: str | None = None
    tags: str | None = None
    laps: list[_Lap] = []
    markers: list[MarkerFacts] = []

    def facts(self) -> SessionFacts:
        fields = msgspec.structs.asdict(self)
        laps = fields.pop("laps")
        return SessionFacts(**fields, laps=list(laps))


class _Document(msgspec.Struct):
    format: str
    version: int
    sessions: list[_Session]


def read_json(path: Path) -> list[ReadSession]:
    """Return the sessions of a document. Raises UnreadableFileError."""
    try:
        document = msgspec.json.decode(path.read_bytes(), type=_Document)
    except msgspec.DecodeError as error:
        raise _unreadable(path, str(error)) from error
    if document.format != FORMAT or document.version != VERSION:
        raise _unreadable(path, f"it is {document.format} {document.version}")
    return [_session(path, session) for session in document.sessions]


def _session(path: Path, session: _Session) -> ReadSession:
    laps, passed_over = [], dict[str, None]()
    for told in session.laps:
        frames = told.frames
        passed_over |= dict.fromkeys(key for key in frames if not is_known(key))
        columns = {key: _column(frames[key]) for key in frames if is_known(key)}
        if len({values.size for values in columns.values()}) > 1:
            raise _unreadable(path, f"channels of lap {told.lap_number} differ in size")
        received = columns.get("received_us")
        if received is None or not received.size:
            continue
        if not np.isfinite(received).all():
            raise _unreadable(path, f"lap {told.lap_number} has frames without a time")
        laps.append(ReadLap(with_lap_clock(columns), told))
    return ReadSession(session.facts(), laps, tuple(passed_over))


def _column(values: list[float | None]) -> Floats:
    return np.array([np.nan if one is None else one for one in values], np.float64)


def _unreadable(path: Path, why: str) -> UnreadableFileError:
    return UnreadableFileError(
        f"{path} cannot be read as laps: {why}.",
        "Known are documents of `ps-tui laps export --format json`.",
    )
