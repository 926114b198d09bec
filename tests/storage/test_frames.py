"""A frame survives its row, up to the float32 of its further channels."""

from __future__ import annotations

from math import inf, isnan, nan

import pytest

from ps_tui.domain.frame import Frame
from ps_tui.storage.sqlite.frames import (
    frame_from_row,
    frame_row,
    pack_extra,
    unpack_extra,
)


def test_a_full_frame_comes_back() -> None:
    frame = Frame(
        received_us=2**53 + 1,
        timestamp_ms=2,
        throttle=0.25,
        brake=0.5,
        steering=-1.0,
        speed_kmh=201.5,
        gear=-1,
        rpm=7000.0,
        lap_time_ms=12,
        lap_number=3,
        normalized_position=0.75,
        in_pit=True,
        lap_valid=False,
        last_lap_ms=344_684,
        sequence=9,
        extra=(1.5, 2.5),
    )
    assert frame_from_row(frame_row(1, 2, frame)[2:]) == frame


def test_what_is_missing_stays_missing_and_takes_no_room() -> None:
    frame = Frame(received_us=1, timestamp_ms=2)
    assert pack_extra(frame) is None
    assert frame_from_row(frame_row(1, 2, frame)[2:]) == frame
    assert pack_extra(Frame(1, 2, extra=(nan, nan))) is None
    assert len(pack_extra(Frame(1, 2, extra=(1.0, nan))) or b"") == 4 * 4


def test_a_gap_among_the_channels_is_nan() -> None:
    packed = unpack_extra(pack_extra(Frame(1, 2, extra=(nan, 3.0))))
    assert [isnan(value) for value in packed] == [True, True, True, True, False]


def test_what_is_no_number_is_missing() -> None:
    frame = Frame(1, 2, last_lap_ms=10**400, extra=("fast", 2.0))  # type: ignore
    assert unpack_extra(pack_extra(frame))[2:] == pytest.approx(
        [inf, nan, 2.0], nan_ok=True
    )


@pytest.mark.parametrize("value", [1e300, inf])
def test_a_channel_beyond_float32_does_not_raise(value: float) -> None:
    assert unpack_extra(pack_extra(Frame(1, 2, extra=(value,))))[3] == inf
