"""Reads the Parquet files of our own export. Needs pyarrow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ps_tui.export.facts import Facts, parse_facts
from ps_tui.export.parquet import needed_pyarrow
from ps_tui.export.read.laps import (
    Floats,
    ReadLap,
    ReadSession,
    UnreadableFileError,
    is_known,
    with_lap_clock,
)

_WHICH = ("session_id", "lap", "class")


def read_parquet(path: Path) -> list[ReadSession]:
    """Return the sessions of a file.

    Raises UnreadableFileError, and MissingPyarrowError where the package is missing.
    """
    pa, pq = needed_pyarrow()
    try:
        with pq.ParquetFile(path) as file:
            told = (file.schema_arrow.metadata or {}).get(b"ps_tui", b"")
            groups = [file.read_row_group(n) for n in range(file.num_row_groups)]
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(path, str(error)) from error
    facts = parse_facts(told)
    if facts is None:
        raise _unreadable(path, "it does not say what its laps are")
    passed_over = tuple(
        name
        for name in (groups[0].column_names if groups else ())
        if name not in _WHICH and not is_known(name)
    )
    frames = {_which(group): _columns(group) for group in groups if group.num_rows}
    return _sessions(facts, frames, passed_over)


def _sessions(
    facts: Facts,
    frames: dict[tuple[str, int], dict[str, Floats]],
    passed_over: tuple[str, ...],
) -> list[ReadSession]:
    sessions = []
    for session in facts.sessions:
        laps = [
            ReadLap(with_lap_clock(columns), lap)
            for lap in session.laps
            if (columns := _of(frames, session.id, lap.lap_number)) is not None
        ]
        sessions.append(ReadSession(session, laps, passed_over))
    return sessions


def _of(
    frames: dict[tuple[str, int], dict[str, Floats]], session_id: str | None, lap: int
) -> dict[str, Floats] | None:
    """Return the frames of a lap; a lap written on its own names no session."""
    if session_id is not None:
        return frames.get((session_id, lap))
    return next((one for (_, number), one in frames.items() if number == lap), None)


def _which(group: Any) -> tuple[str, int]:
    return str(group["session_id"][0].as_py()), int(group["lap"][0].as_py())


def _columns(group: Any) -> dict[str, Floats]:
    return {
        name: group[name].to_numpy().astype(np.float64)
        for name in group.column_names
        if is_known(name) and group[name].null_count < group.num_rows
    }


def _unreadable(path: Path, why: str) -> UnreadableFileError:
    return UnreadableFileError(
        f"{path} cannot be read as laps: {why}.",
        "Known are files of `ps-tui laps export --format parquet`.",
    )
