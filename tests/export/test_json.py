"""A JSON export holds every lap with its facts and every frame to the last bit."""

from __future__ import annotations

import io
import json

import numpy as np

from ps_tui.domain.models import LapTrace
from ps_tui.export.json import JsonExporter
from tests.support.export_laps import (
    event_of,
    selected,
    selection_of,
    session_of,
    traces_of,
)


def test_sessions_laps_and_frames_nest() -> None:
    first, second = session_of(), session_of("Race", 2)
    laps = selected(
        (first, traces_of([2000, 1500], first)),
        (second, traces_of([1000], second)),
        event=event_of(),
    )
    out = io.BytesIO()
    assert JsonExporter().write_laps(laps, out) == {}
    told = json.loads(out.getvalue())
    assert (told["format"], told["event"]["name"]) == ("ps-tui laps", "Track day")
    assert [one["name"] for one in told["sessions"]] == ["Practice", "Race"]
    times = [[lap["lap_time_ms"] for lap in one["laps"]] for one in told["sessions"]]
    assert times == [[2000, 1500], [1000]]
    expected = traces_of([1000], second)[0].columns
    frames = told["sessions"][1]["laps"][0]["frames"]
    assert frames["received_us"] == expected["received_us"].tolist()
    speed = np.array(frames["speed"], np.float32)
    assert speed.tobytes() == np.asarray(expected["speed"]).tobytes()


def test_what_is_no_number_is_null() -> None:
    (trace,) = traces_of([1000])
    columns = dict(trace.columns)
    columns["fuel"] = np.array([np.nan, np.inf, 2.5] + [1.0] * 57, np.float32)
    out = io.BytesIO()
    JsonExporter().write_laps(selection_of(LapTrace(trace.lap, columns)), out)
    told = json.loads(out.getvalue())
    frames = told["sessions"][0]["laps"][0]["frames"]
    assert frames["fuel"][:4] == [None, None, 2.5, 1]
