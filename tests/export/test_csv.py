"""A lap exported as CSV reads back to the last bit of float32."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ps_tui.domain.channel import FRAME_CHANNELS
from ps_tui.domain.models import Lap, LapKind, LapTrace
from ps_tui.export.csv import CsvExporter
from tests.support.export_laps import (
    changed,
    selected,
    selection_of,
    session_of,
    traces_of,
    without,
)

LAP = Lap("id", "session", 1, 90_000, LapKind.FLYING, valid=True, started_us=0)


def _export(columns: dict[str, np.ndarray]) -> list[dict[str, str]]:
    out = io.BytesIO()
    CsvExporter().write_laps(selection_of(LapTrace(LAP, columns)), out)
    return list(csv.DictReader(io.StringIO(out.getvalue().decode())))


def _columns(count: int, **given_columns: np.ndarray) -> dict[str, np.ndarray]:
    columns = {"received_us": np.arange(count, dtype=np.int64)}
    columns |= {c.key: np.zeros(count, dtype=np.float32) for c in FRAME_CHANNELS}
    return columns | given_columns


def test_header_begins_with_the_frame_in_its_order() -> None:
    out = io.BytesIO()
    fuel = np.ones(1, dtype=np.float32)
    trace = LapTrace(LAP, _columns(1, fuel=fuel))
    CsvExporter().write_laps(selection_of(trace), out)
    header = out.getvalue().decode().splitlines()[0]
    assert header.startswith(
        "timestamp,throttle,brake,steering,speed,gear,rpm,"
        "lap_time,lap_number,normalized_position,"
    )
    assert header.split(",")[10:] == ["received_us", "fuel"]


@settings(deadline=None)
@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1))
def test_floats_keep_every_bit(values: list[float]) -> None:
    speed = np.array(values, dtype=np.float32)
    rows = _export(_columns(len(values), speed=speed))
    back = np.array([row["speed"] for row in rows], dtype=np.float32)
    assert back.tobytes() == speed.tobytes()


def test_missing_values_are_empty_and_integers_have_no_point() -> None:
    rows = _export(
        _columns(
            2,
            brake=np.array([np.nan, 0.5], dtype=np.float32),
            timestamp=np.array([1_700_000_000_123, 1_700_000_000_140]),
        )
    )
    assert [row["brake"] for row in rows] == ["", "0.5"]
    assert rows[0]["timestamp"] == "1700000000123"


def _written(traces: list[LapTrace], **options: str) -> tuple[list[str], bytes]:
    out = io.BytesIO()
    beside = CsvExporter(**options).write_laps(selected((session_of(), traces)), out)
    return out.getvalue().decode().splitlines(), beside.get(".meta.json", b"")


def test_several_laps_say_session_lap_and_class_behind_the_frame() -> None:
    first, second = traces_of([2000, 1500])
    second = changed(second, kind=LapKind.IN)
    lines, _ = _written([first, without(second, "world_x")])
    assert lines[0].split(",")[9:14] == [
        "normalized_position",
        "session",
        "lap",
        "class",
        "received_us",
    ]
    rows = list(csv.DictReader(lines))
    assert [row["lap"] for row in rows] == ["1"] * 120 + ["2"] * 90
    assert (rows[0]["class"], rows[-1]["class"]) == ("flying", "in")
    assert rows[0]["session"] == "session-1"
    assert rows[0]["world_x"] != "" == rows[-1]["world_x"]


def test_units_stand_in_a_second_row_or_in_a_second_file() -> None:
    traces = traces_of([2000, 1500])
    lines, meta = _written(traces)
    channels = {one["key"]: one for one in json.loads(meta)["channels"]}
    assert channels["speed"] == {
        "key": "speed",
        "label": "Speed",
        "unit": "km/h",
        "decimals": 0,
    }
    with_row, _ = _written(traces, units="row")
    units = dict(zip(with_row[0].split(","), with_row[1].split(","), strict=True))
    assert (units["speed"], units["timestamp"], units["lap"]) == ("km/h", "ms", "")
    assert [with_row[0], *with_row[2:]] == lines
    assert _written(traces, units="none") == (lines, b"")


def test_what_a_person_wrote_is_in_the_second_file() -> None:
    (trace,) = traces_of([2000])
    trace = changed(trace, notes="wet, “slow”", tags="rain", driver="Bea", stint=2)
    _, meta = _written([changed(trace, excluded_us=1, excluded_reason="traffic")])
    (lap,) = json.loads(meta)["sessions"][0]["laps"]
    told = (lap["notes"], lap["tags"], lap["driver"], lap["stint"])
    assert told == ("wet, “slow”", "rain", "Bea", 2)
    assert lap["excluded_reason"] == "traffic"
