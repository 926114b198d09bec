"""Reads CSV with the headers of our own export: one lap, or many.

Columns may come in any order and any number of them may be missing; those whose name
is no channel are passed over. A row of units below the header is recognised. Laps are
told apart by ``session`` and ``lap``, else by the game's ``lap_number``. A
``NAME.meta.json`` beside the file gives times, classes and notes back; without it they
are read off the frames.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import numpy as np

from ps_tui.domain.channel import CHANNELS, FRAME_CHANNELS
from ps_tui.export.csv import LAP_COLUMNS, META_SUFFIX
from ps_tui.export.facts import Facts, LapFacts, SessionFacts, parse_facts
from ps_tui.export.read.laps import (
    Floats,
    ReadLap,
    ReadSession,
    UnreadableFileError,
    filled,
    judged,
    with_lap_clock,
)

FRAME_PERIOD_US = 1_000_000 / 60
EARLIEST_US = 946_684_800_000_000.0
"""2000-01-01: a clock that shows less does not tell the time of day."""

_SHORTEST_RUN = 30
_MISSING = ("", "nan", "NaN", "null")

Which = tuple[str, str]


def read_csv(path: Path, now_us: int) -> list[ReadSession]:
    """Return the sessions of a file; ``now_us`` dates frames that carry no date.

    Raises UnreadableFileError, naming the line.
    """
    table = _Table(path)
    facts = _facts_beside(path)
    columns = {key: table.numbers(key) for key in table.keys}
    columns["received_us"] = _received(columns, table.row_count, now_us)
    if "lap_time" not in columns:
        columns["lap_time"] = np.full(table.row_count, np.nan)
    runs = _runs(table, columns, facts)
    sessions = []
    for session_id, laps in groupby(runs, key=lambda run: run[0][0]):
        read = [_lap(columns, number, rows) for (_, number), rows in laps]
        about = _session_facts(facts, session_id) or SessionFacts(name=path.stem)
        known = {lap.lap_number: lap for lap in about.laps}
        for place, (number, lap) in enumerate(read):
            following = read[place + 1][1] if place + 1 < len(read) else None
            is_only = len(read) == len(about.laps) == 1
            told = about.laps[0] if is_only else known.get(number)
            lap.facts = told or judged(lap, following, number)
        session = ReadSession(about, [lap for _, lap in read], table.passed_over)
        sessions.append(session)
    return sessions


class _Table:
    """The text of a file by column."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                rows = list(csv.reader(file))
        except (UnicodeDecodeError, csv.Error) as error:
            raise self._unreadable(f"it is no CSV text ({error})") from error
        header = [name.strip() for name in rows[0]] if rows else []
        known = (*CHANNELS, "received_us")
        self.keys = [name for name in header if name in known]
        fields = {channel.key for channel in FRAME_CHANNELS}
        if not fields.intersection(self.keys):
            raise self._unreadable("its first line names no channel of ours")
        if len(set(self.keys)) < len(self.keys):
            raise self._unreadable("a column is there twice")
        self.passed_over = tuple(
            name for name in header if name not in known and name not in LAP_COLUMNS
        )
        self._first_line = 2
        body = rows[1:]
        if body and _is_units_row(body[0]):
            self._first_line, body = 3, body[1:]
        body = [row for row in body if row]
        for line, row in enumerate(body, self._first_line):
            if len(row) != len(header):
                raise self._unreadable(
                    f"line {line} has {len(row)} fields, the header {len(header)}"
                )
        if not body:
            raise self._unreadable("it holds no frames")
        self._columns = dict(zip(header, zip(*body, strict=True), strict=True))
        self.row_count = len(body)

    def numbers(self, key: str) -> Floats:
        """Return a column with NaN for empty fields."""
        texts = self._columns[key]
        try:
            return np.array(
                [np.nan if text in _MISSING else float(text) for text in texts]
            )
        except ValueError:
            line, text = next(
                (line, text)
                for line, text in enumerate(texts, self._first_line)
                if not _is_number(text)
            )
            raise self._unreadable(f"line {line} has {text[:40]!r} for {key}") from None

    def texts(self, name: str) -> tuple[str, ...] | None:
        """Return a column as it stands, ``None`` where there is none."""
        return self._columns.get(name)

    def _unreadable(self, why: str) -> UnreadableFileError:
        return UnreadableFileError(
            f"{self._path} cannot be read as laps: {why}.",
            "Its first line has to name channels as `ps-tui laps export` does.",
        )


def _is_units_row(row: list[str]) -> bool:
    return any(row) and not any(field and _is_number(field) for field in row)


def _is_number(text: str) -> bool:
    if text in _MISSING:
        return True
    try:
        float(text)
    except ValueError:
        return False
    return True


def _facts_beside(path: Path) -> Facts | None:
    beside = path.with_suffix(META_SUFFIX)
    return parse_facts(beside.read_bytes()) if beside.is_file() else None


def _session_facts(facts: Facts | None, session_id: str) -> SessionFacts | None:
    if facts is None:
        return None
    if len(facts.sessions) == 1:
        return facts.sessions[0]
    return next((one for one in facts.sessions if one.id == session_id), None)


def _received(columns: dict[str, Floats], row_count: int, now_us: int) -> Floats:
    """Return the best clock of all rows, as µs of the day that they were driven."""
    for key, to_us in (("received_us", 1.0), ("timestamp", 1000.0)):
        clock = columns.get(key)
        if clock is None or not np.isfinite(clock).any():
            continue
        clock_us = filled(clock) * to_us
        if (np.diff(clock_us) < 0).mean() > 0.5:
            continue
        if clock_us[0] < EARLIEST_US:
            clock_us += now_us - clock_us[-1]
        return clock_us
    back = np.arange(-row_count, 0, dtype=np.float64)
    return back * FRAME_PERIOD_US + now_us


def _runs(
    table: _Table, columns: dict[str, Floats], facts: Facts | None
) -> list[tuple[tuple[str, int], slice]]:
    """Return session, lap number and rows of each lap, in the order of the file."""
    sessions, laps = table.texts("session"), table.texts("lap")
    if laps is not None:
        marks: list[Which] = list(
            zip(sessions or [""] * table.row_count, laps, strict=True)
        )
        return _numbered(list(_grouped(marks)))
    told: list[LapFacts] = [] if facts is None else facts.sessions[0].laps
    counter = columns.get("lap_number")
    if len(told) == 1 or counter is None:
        return [(("", 1), slice(0, table.row_count))]
    marks = [("", "" if np.isnan(value) else f"{value:.0f}") for value in counter]
    return _numbered(_without_stray(list(_grouped(marks))))


def _grouped(marks: list[Which]) -> Iterator[tuple[Which, slice]]:
    start = 0
    for mark, group in groupby(marks):
        count = sum(1 for _ in group)
        yield mark, slice(start, start + count)
        start += count


def _without_stray(runs: list[tuple[Which, slice]]) -> list[tuple[Which, slice]]:
    """Add a few frames with another number, as games send at the line, to the next."""
    kept: list[tuple[Which, slice]] = []
    start: int | None = None
    for mark, rows in runs:
        first = rows.start if start is None else start
        start = None
        is_short = rows.stop - rows.start < _SHORTEST_RUN
        if is_short and (mark, rows) != runs[-1]:
            start = first
        elif is_short and kept:
            kept[-1] = (kept[-1][0], slice(kept[-1][1].start, rows.stop))
        else:
            kept.append((mark, slice(first, rows.stop)))
    return kept


def _numbered(
    runs: list[tuple[Which, slice]],
) -> list[tuple[tuple[str, int], slice]]:
    """Turn the texts of lap numbers into numbers that rise within a session."""
    numbered: list[tuple[tuple[str, int], slice]] = []
    for (session_id, text), rows in runs:
        is_same = bool(numbered) and numbered[-1][0][0] == session_id
        least = numbered[-1][0][1] + 1 if is_same else 1
        number = int(text) if text.isdecimal() else least
        numbered.append(((session_id, max(number, least)), rows))
    return numbered


def _lap(columns: dict[str, Floats], number: int, rows: slice) -> tuple[int, ReadLap]:
    own = {
        key: values[rows]
        for key, values in columns.items()
        if key in ("received_us", "lap_time") or np.isfinite(values[rows]).any()
    }
    return number, ReadLap(with_lap_clock(own))
