"""CSV reads back as it was written, and with less beside it as well as it can."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ps_tui.domain.models import LapTrace
from ps_tui.export.csv import CsvExporter
from ps_tui.export.read.csv import read_csv
from ps_tui.export.read.files import read_laps
from ps_tui.export.read.laps import UnreadableFileError
from tests.support.export_laps import (
    START_US,
    changed,
    event_of,
    selected,
    session_of,
    traces_of,
)

NOW_US = START_US + 10**12


def _file(
    folder: Path, traces: list[LapTrace], *, with_meta: bool = True, units: str = "file"
) -> Path:
    path = folder / "laps.csv"
    with path.open("wb") as file:
        laps = selected((session_of(), traces))
        beside = CsvExporter(units).write_laps(laps, file)
    if with_meta:
        path.with_suffix(".meta.json").write_bytes(beside[".meta.json"])
    return path


def _same(columns: dict[str, np.ndarray], trace: LapTrace) -> None:
    for key, expected in trace.columns.items():
        values = columns[key].astype(np.asarray(expected).dtype)
        assert values.tobytes() == np.asarray(expected).tobytes(), key


@pytest.mark.parametrize("units", ["file", "row"])
@pytest.mark.parametrize("lap_times_ms", [[2000], [2000, 1500, 1750]])
def test_what_was_written_is_read(
    tmp_path: Path, lap_times_ms: list[int], units: str
) -> None:
    traces = traces_of(lap_times_ms)
    traces[0] = changed(traces[0], notes="good", driver="Bea", valid=False)
    (session,) = read_csv(_file(tmp_path, traces, units=units), NOW_US)
    assert (session.facts.name, session.facts.track) == ("Practice", "Nürburgring")
    assert session.passed_over == ()
    facts = [lap.facts for lap in session.laps]
    assert [one.lap_time_ms for one in facts if one] == lap_times_ms
    assert facts[0] is not None
    assert (facts[0].notes, facts[0].driver, facts[0].valid) == ("good", "Bea", False)
    for lap, trace in zip(session.laps, traces, strict=True):
        _same(lap.columns, trace)


def test_sessions_of_an_event_are_told_apart(tmp_path: Path) -> None:
    first, second = session_of(), session_of("Race", 2)
    path = tmp_path / "event.csv"
    laps = selected(
        (first, traces_of([1000, 1000], first)),
        (second, traces_of([1500], second)),
        event=event_of(),
    )
    with path.open("wb") as file:
        beside = CsvExporter().write_laps(laps, file)
    path.with_suffix(".meta.json").write_bytes(beside[".meta.json"])
    sessions = read_csv(path, NOW_US)
    assert [one.facts.name for one in sessions] == ["Practice", "Race"]
    assert [len(one.laps) for one in sessions] == [2, 1]


def test_without_the_second_file_times_come_from_the_frames(tmp_path: Path) -> None:
    traces = traces_of([2000, 1500, 1750])
    for number, time_ms in ((1, 2003), (2, 1501)):
        last = np.full(len(traces[number].columns["speed"]), time_ms, np.float32)
        traces[number].columns["last_lap_time"] = last  # type: ignore[index]
    (session,) = read_csv(_file(tmp_path, traces, with_meta=False), NOW_US)
    facts = [lap.facts for lap in session.laps]
    assert [one.kind for one in facts if one] == ["flying"] * 3
    assert [one.is_official for one in facts if one] == [True, True, False]
    times = [one.lap_time_ms for one in facts if one]
    assert times[:2] == [2003, 1501]
    assert times[2] == pytest.approx(1750, abs=3)


def test_a_lap_that_does_not_reach_the_line_is_partial(tmp_path: Path) -> None:
    (trace,) = traces_of([2000])
    half = {key: np.asarray(one)[:60] for key, one in trace.columns.items()}
    path = _file(tmp_path, [LapTrace(trace.lap, half)], with_meta=False)
    (session,) = read_csv(path, NOW_US)
    (lap,) = session.laps
    assert lap.facts is not None
    assert (lap.facts.kind, lap.facts.lap_time_ms) == ("partial", None)
    assert lap.facts.reason == "cut from a file"


def test_the_game_counter_tells_laps_apart_but_for_stray_frames(
    tmp_path: Path,
) -> None:
    rows = ["speed,lap_number,lap_time,whatever"]
    rows += [f"{n},1,{n * 20},a" for n in range(100)]
    rows += ["5,2,2000,a", "5,1,2010,a"]
    rows += [f"{n},2,{n * 20},a" for n in range(80)]
    path = tmp_path / "plain.csv"
    path.write_text("\n".join(rows))
    (session,) = read_csv(path, NOW_US)
    assert [lap.frame_count for lap in session.laps] == [100, 82]
    assert session.passed_over == ("whatever",)
    received = np.concatenate([lap.columns["received_us"] for lap in session.laps])
    assert (np.diff(received) > 0).all()
    assert received[-1] <= NOW_US


def test_missing_columns_and_values_are_missing(tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    path.write_text("﻿speed, brake\n100,\n110,0.5\n")
    (session,) = read_csv(path, NOW_US)
    (lap,) = session.laps
    assert lap.columns["speed"].tolist() == [100, 110]
    assert np.isnan(lap.columns["brake"][0])
    assert "throttle" not in lap.columns


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "names no channel"),
        ("a,b\n1,2\n", "names no channel"),
        ("speed,brake\n", "no frames"),
        ("speed,brake\n1,2\n1\n", "line 3 has 1 fields"),
        ("speed,brake\n1,2\n1,fast\n", "line 3 has 'fast' for brake"),
        ("speed,speed\n1,2\n", "twice"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(content)
    with pytest.raises(UnreadableFileError, match=said):
        read_csv(path, NOW_US)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(b"speed\n\xff\xfe\x00")
    with pytest.raises(UnreadableFileError):
        read_laps(path, NOW_US)


def test_a_damaged_second_file_is_passed_over(tmp_path: Path) -> None:
    path = _file(tmp_path, traces_of([2000]))
    path.with_suffix(".meta.json").write_text('{"format": "else"}')
    (session,) = read_csv(path, NOW_US)
    assert session.facts.name == "laps"
