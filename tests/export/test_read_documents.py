"""JSON and Parquet files that were written are read as the same laps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ps_tui.domain.markers import Marker
from ps_tui.export.formats import writer_of
from ps_tui.export.read.files import read_laps
from ps_tui.export.read.laps import UnreadableFileError
from ps_tui.export.selection import LapSelection, Outing
from tests.support.export_laps import (
    START_US,
    changed,
    selection_of,
    session_of,
    traces_of,
    without,
)

FORMATS = [("json", ".json"), ("parquet", ".parquet")]


def written(folder: Path, name: str, suffix: str, laps: LapSelection) -> Path:
    path = folder / f"laps{suffix}"
    with path.open("wb") as out:
        assert writer_of(name).write_laps(laps, out) == {}
    return path


@pytest.mark.parametrize(("name", "suffix"), FORMATS)
def test_what_was_written_is_read(tmp_path: Path, name: str, suffix: str) -> None:
    session = session_of()
    first, second = traces_of([2000, 1500], session)
    second = changed(without(second, "world_x"), notes="traffic", valid=False)
    loaded = {one.lap.id: one for one in (first, second)}
    marker = Marker(
        "m", session.id, START_US + 3_000_000, START_US, second.lap.id, 2, note="bump"
    )
    outing = Outing(session, [first.lap, second.lap], [marker])
    laps = LapSelection([outing], lambda lap: loaded[lap.id])
    (read,) = read_laps(written(tmp_path, name, suffix, laps), START_US)
    assert (read.facts.name, read.facts.car) == ("Practice", "R8 LMS")
    assert [one.note for one in read.facts.markers] == ["bump"]
    for lap, trace in zip(read.laps, (first, second), strict=True):
        assert lap.facts is not None
        assert lap.facts.lap_time_ms == trace.lap.lap_time_ms
        assert set(lap.columns) == set(trace.columns)
        for key, values in trace.columns.items():
            kind = np.asarray(values).dtype
            assert np.array_equal(lap.columns[key].astype(kind), values), key
    assert read.laps[1].facts is not None
    assert (read.laps[1].facts.notes, read.laps[1].facts.valid) == ("traffic", False)


@pytest.mark.parametrize(("name", "suffix"), FORMATS)
def test_a_lap_on_its_own_is_read(tmp_path: Path, name: str, suffix: str) -> None:
    (trace,) = traces_of([1000])
    path = written(tmp_path, name, suffix, selection_of(trace))
    (read,) = read_laps(path, START_US)
    assert [lap.frame_count for lap in read.laps] == [60]


def document(**changes: Any) -> str:
    frames = {"received_us": [1, 2], "speed": [None, 3.5], "mood": [1, 2]}
    lap = {"lap_number": 4, "frames": frames} | changes
    head = {"format": "ps-tui laps", "version": 1}
    return json.dumps(head | {"sessions": [{"laps": [lap]}]})


def test_gaps_stay_gaps_and_unknown_channels_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "laps.json"
    path.write_text(document(), encoding="utf-8")
    (read,) = read_laps(path, START_US)
    assert read.passed_over == ("mood",)
    assert np.isnan(read.laps[0].columns["speed"]).tolist() == [True, False]
    assert read.laps[0].columns["lap_time"].tolist() == [0.0, 0.001]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "cannot be read as laps"),
        ('{"format": "x", "version": 1, "sessions": []}', "it is x 1"),
        (document(frames={"received_us": [1], "speed": [1, 2]}), "differ in size"),
        (document(frames={"received_us": [None]}), "without a time"),
        (document(frames={}), "holds no lap"),
    ],
)
def test_what_is_no_document_of_laps_is_said(
    tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "laps.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableFileError, match=said):
        read_laps(path, START_US)


def test_other_parquet_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.parquet"
    pq.write_table(pa.table({"speed": [1.0]}), path)
    with pytest.raises(UnreadableFileError, match="does not say what"):
        read_laps(path, START_US)
    path.write_bytes(b"PAR1 and no more")
    with pytest.raises(UnreadableFileError, match="cannot be read"):
        read_laps(path, START_US)
