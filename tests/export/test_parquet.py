"""A Parquet export keeps types, units and what is known of the laps."""

from __future__ import annotations

import io
import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from ps_tui.domain.models import LapTrace
from ps_tui.export import parquet
from ps_tui.export.parquet import MissingPyarrowError, ParquetExporter
from tests.support.export_laps import (
    selected,
    selection_of,
    session_of,
    traces_of,
    without,
)


def test_without_pyarrow_the_error_names_the_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parquet, "pa", None)
    with pytest.raises(MissingPyarrowError) as raised:
        ParquetExporter()
    assert "pip install 'ps-tui[parquet]'" in raised.value.remedy


def test_rows_are_frames_and_groups_are_laps() -> None:
    first, second = traces_of([2000, 1500])
    out = io.BytesIO()
    laps = selected((session_of(), [first, without(second, "world_x")]))
    ParquetExporter().write_laps(laps, out)
    file = pq.ParquetFile(io.BytesIO(out.getvalue()))
    assert file.num_row_groups == 2
    table = file.read()
    assert table.column_names[:4] == ["session_id", "lap", "class", "timestamp"]
    assert table["lap"].to_pylist() == [1] * 120 + [2] * 90
    assert set(table["class"].to_pylist()) == {"flying"}
    assert table["world_x"].null_count == 90
    expected = np.concatenate([first.columns["speed"], second.columns["speed"]])
    assert table["speed"].to_numpy().tobytes() == expected.tobytes()
    assert str(table.schema.field("received_us").type) == "int64"
    assert table.schema.field("speed").metadata[b"unit"] == b"km/h"
    told = json.loads(table.schema.metadata[b"ps_tui"])
    assert [lap["lap_time_ms"] for lap in told["sessions"][0]["laps"]] == [2000, 1500]


def test_missing_whole_numbers_are_null() -> None:
    (trace,) = traces_of([1000])
    columns = dict(trace.columns)
    gear = columns["gear"].astype(np.float64)
    gear[3] = np.nan
    out = io.BytesIO()
    trace = LapTrace(trace.lap, columns | {"gear": gear})
    ParquetExporter().write_laps(selection_of(trace), out)
    table = pq.read_table(io.BytesIO(out.getvalue()))
    assert table["gear"].to_pylist()[2:5] == [1, None, 1]
