"""Laps as Parquet, one row per frame, one row group per lap.

``session_id``, ``lap`` and ``class`` come first, then the channels: clocks and counters
as int64, everything else as float32, null where a value is missing. Each field carries
its ``unit`` and ``label``; the schema carries, under ``ps_tui``, what is known of the
laps (:mod:`ps_tui.export.facts`). Needs pyarrow.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO

import msgspec
import numpy as np

from ps_tui.domain.errors import PsError
from ps_tui.domain.models import LapTrace
from ps_tui.export import facts
from ps_tui.export.selection import LapSelection

WHOLE_KEYS = ("received_us", "timestamp", "gear", "lap_time", "lap_number")
"""Columns that are integers; float32 would lose the meaning of clocks."""

try:
    import pyarrow as pa
    import pyarrow.parquet as pq
except ImportError:  # the extra is not installed
    pa = pq = None


class MissingPyarrowError(PsError):
    """Parquet needs a package that is not installed."""


def needed_pyarrow() -> tuple[Any, Any]:
    """Return pyarrow and pyarrow.parquet. Raises MissingPyarrowError."""
    if pa is None:
        raise MissingPyarrowError(
            "Parquet files need the package pyarrow, which is not installed.",
            "Run pip install 'ps-tui[parquet]'.",
        )
    return pa, pq


class ParquetExporter:
    """Implements ``formats.LapWriter``."""

    def __init__(self) -> None:
        needed_pyarrow()

    def write_laps(self, laps: LapSelection, out: BinaryIO) -> Mapping[str, bytes]:
        """Write all laps, one at a time in memory; there is no second file."""
        keys = laps.keys()
        about = msgspec.json.encode(facts.describe(laps, keys))
        schema = _schema(laps, keys).with_metadata({"ps_tui": about})
        with pq.ParquetWriter(out, schema, compression="zstd") as writer:
            for trace in laps.traces():
                writer.write_table(_table(trace, schema))
        return {}


def _schema(laps: LapSelection, keys: list[str]) -> Any:
    fields = [
        pa.field("session_id", pa.dictionary(pa.int32(), pa.string())),
        pa.field("lap", pa.int32()),
        pa.field("class", pa.dictionary(pa.int32(), pa.string())),
    ]
    for key in keys:
        channel = laps.channel(key)
        kind = pa.int64() if key in WHOLE_KEYS else pa.float32()
        about = {"unit": channel.unit, "label": channel.label}
        fields.append(pa.field(key, kind, metadata=about))
    return pa.schema(fields)


def _table(trace: LapTrace, schema: Any) -> Any:
    lap = trace.lap
    count = len(trace.columns["received_us"])
    fixed = {"session_id": lap.session_id, "class": lap.kind.value}
    arrays = []
    for field in schema:
        if field.name in fixed:
            indices = pa.array(np.zeros(count, np.int32))
            arrays.append(
                pa.DictionaryArray.from_arrays(indices, pa.array([fixed[field.name]]))
            )
        elif field.name == "lap":
            arrays.append(pa.array(np.full(count, lap.lap_number, np.int32)))
        elif field.name in trace.columns:
            arrays.append(_array(np.asarray(trace.columns[field.name]), field.type))
        else:
            arrays.append(pa.nulls(count, field.type))
    return pa.Table.from_arrays(arrays, schema=schema)


def _array(values: Any, kind: Any) -> Any:
    if values.dtype.kind != "f":
        return pa.array(values).cast(kind)
    absent = np.isnan(values)
    if pa.types.is_integer(kind):
        values = np.where(absent, 0, values).astype(np.int64)
    return pa.array(values, mask=absent if absent.any() else None).cast(kind)
