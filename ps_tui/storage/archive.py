"""The open archive: a zip that any tool reads, and that comes back bit for bit.

- ``manifest.json``: format, revision, versions, row counts, the local user's id
- ``tables/NAME.json``: a list of rows; references are the other row's public id, in
  a field named after the column without its ``_n`` (``event_n`` becomes ``event``)
- ``traces/LAP.csv``: one line a frame; whole numbers as such, others with the nine
  digits that give a float32 back exactly, nothing where a value is missing
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from ps_tui.domain.errors import DatabaseError
from ps_tui.storage.trace_codec import (
    EXACT_KEYS,
    Exact,
    TraceColumn,
    exact_column,
    float_column,
)

FORMAT = 1


class ArchiveManifest(msgspec.Struct):
    """What an archive says about itself."""

    format: int
    revision: int
    app_version: str
    created_us: int
    local_user: str
    rows: dict[str, int]
    traces: int


def trace_to_csv(columns: Mapping[str, TraceColumn]) -> bytes:
    """Return all frames of a lap as CSV, header first."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*map(_cells, columns.values()), strict=True))
    return out.getvalue().encode()


def trace_from_csv(content: bytes) -> dict[str, TraceColumn]:
    """Return the columns of a lap. Raises DatabaseError where it is no such CSV."""
    rows = list(csv.reader(io.StringIO(content.decode())))
    try:
        header, *frames = rows
        by_key = dict(zip(header, zip(*frames, strict=True), strict=True))
        return {key: _column(key, cells) for key, cells in by_key.items()}
    except ValueError as error:
        raise DatabaseError(
            f"A trace in the archive cannot be read: {error}.", "Export it again."
        ) from error


def _cells(column: TraceColumn) -> Iterator[object]:
    if not isinstance(column, Exact):
        return (_float_text(value) for value in column.tolist())
    values = column.values.tolist()
    if column.present is None:
        return iter(values)
    pairs = zip(values, column.present.tolist(), strict=True)
    return (value if is_present else "" for value, is_present in pairs)


def _float_text(value: float) -> str:
    return "" if value != value else f"{value:.9g}"


def _column(key: str, cells: tuple[str, ...]) -> TraceColumn:
    if key in EXACT_KEYS:
        return exact_column([int(cell) if cell else None for cell in cells])
    return _floats(cells)


def _floats(cells: tuple[str, ...]) -> NDArray[np.float32]:
    return float_column([float(cell) if cell else None for cell in cells])


def row_from(fields: dict[str, Any], references: Mapping[str, str]) -> dict[str, Any]:
    """Return a row as stored, its references still public ids."""
    return {
        (f"{name}_n" if f"{name}_n" in references else name): value
        for name, value in fields.items()
    }
