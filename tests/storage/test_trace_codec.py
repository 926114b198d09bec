"""Whatever goes into a trace comes out of it, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ps_tui.domain.errors import DatabaseError
from ps_tui.storage.trace_codec import (
    Exact,
    decode,
    encode,
    exact_column,
    float_column,
)

INT64 = st.integers(-(2**63), 2**63 - 1)


@st.composite
def laps(draw: st.DrawFn) -> tuple[list[int], list[int | None], np.ndarray]:
    count = draw(st.integers(0, 40))
    received = draw(st.lists(INT64, min_size=count, max_size=count))
    gear = draw(st.lists(st.none() | INT64, min_size=count, max_size=count))
    speed = draw(hnp.arrays(np.float32, count, elements=st.floats(width=32)))
    return received, gear, speed


@given(laps())
def test_columns_come_back_bit_for_bit(
    lap: tuple[list[int], list[int | None], np.ndarray],
) -> None:
    received, gear, speed = lap
    trace = encode(
        {
            "received_us": exact_column(received),
            "gear": exact_column(gear),
            "speed": speed,
        }
    )
    columns = decode(trace)
    clock = columns["received_us"]
    assert isinstance(clock, Exact)
    assert clock.values.tolist() == received
    if any(value is not None for value in gear):
        column = columns["gear"]
        assert isinstance(column, Exact)
        present = column.present if column.present is not None else [True] * len(gear)
        back = [
            value if is_present else None
            for value, is_present in zip(column.values.tolist(), present, strict=True)
        ]
        assert back == gear
    if "speed" in columns:
        assert np.asarray(columns["speed"]).tobytes() == speed.tobytes()
    else:
        assert np.isnan(speed).all()


def test_a_column_without_a_value_is_left_out() -> None:
    trace = encode(
        {
            "received_us": exact_column([1, 2]),
            "gear": exact_column([None, None]),
            "fuel": float_column([None, None]),
        }
    )
    assert set(decode(trace)) == {"received_us"}


def test_missing_integers_become_nan_and_the_others_stay_exact() -> None:
    array = exact_column([1_780_000_000_000_001, None, 3]).as_array()
    assert array.dtype == np.float64
    assert array[0] == 1_780_000_000_000_001
    assert np.isnan(array[1])
    assert exact_column([2**53 + 1]).as_array().tolist() == [2**53 + 1]


def test_values_beyond_float32_become_infinite_without_a_warning() -> None:
    assert float_column([1e300, -1e300]).tolist() == [np.inf, -np.inf]


def test_every_flipped_bit_is_seen() -> None:
    trace = encode(
        {
            "received_us": exact_column(range(50)),  # type: ignore[arg-type]
            "speed": float_column([n * 1.5 for n in range(50)]),
        }
    )
    for bit in range(len(trace.data) * 8):
        data = bytearray(trace.data)
        data[bit // 8] ^= 1 << bit % 8
        with pytest.raises(DatabaseError, match="damaged"):
            decode(trace._replace(data=bytes(data)))
    for header in ({"frame_count": 49}, {"t0_us": 1}, {"channels_json": "[]"}):
        with pytest.raises(DatabaseError, match="checksum"):
            decode(trace._replace(**header))


def test_one_column_can_be_read_alone() -> None:
    trace = encode({"received_us": exact_column([5, 6]), "speed": float_column([1, 2])})
    columns = decode(trace, {"speed"})
    assert list(columns) == ["speed"]
