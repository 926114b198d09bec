"""A lap exported as CSV reads back to the last bit of float32."""

from __future__ import annotations

import csv
import io

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ps_tui.domain.channel import FRAME_CHANNELS
from ps_tui.domain.models import Lap, LapKind, LapTrace
from ps_tui.export.csv import CsvExporter

LAP = Lap("id", "session", 1, 90_000, LapKind.FLYING, valid=True, started_us=0)


def _export(columns: dict[str, np.ndarray]) -> list[dict[str, str]]:
    out = io.BytesIO()
    CsvExporter().write(LapTrace(LAP, columns), out)
    return list(csv.DictReader(io.StringIO(out.getvalue().decode())))


def _columns(count: int, **given_columns: np.ndarray) -> dict[str, np.ndarray]:
    columns = {"received_us": np.arange(count, dtype=np.int64)}
    columns |= {c.key: np.zeros(count, dtype=np.float32) for c in FRAME_CHANNELS}
    return columns | given_columns


def test_header_begins_with_the_frame_in_its_order() -> None:
    out = io.BytesIO()
    fuel = np.ones(1, dtype=np.float32)
    CsvExporter().write(LapTrace(LAP, _columns(1, fuel=fuel)), out)
    header = out.getvalue().decode().splitlines()[0]
    assert header.startswith(
        "timestamp,throttle,brake,steering,speed,gear,rpm,"
        "lap_time,lap_number,normalized_position,"
    )
    assert header.split(",")[10:] == ["received_us", "fuel"]


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
