"""Wherever frames lie, samples are on the straight lines between them."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ps_tui.export.motec.pieces import pieces_of


def _read(values: np.ndarray, times: np.ndarray, sampled: np.ndarray) -> np.ndarray:
    result = np.full(sampled.size, np.nan)
    for piece in pieces_of(times, sampled):
        assert np.isnan(result[piece.first : piece.end]).all()
        before, after = values[piece.before], values[piece.after]
        share = 0.0 if piece.share is None else piece.share
        result[piece.first : piece.end] = before + (after - before) * share
    return result


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    frame_count=st.integers(1, 400),
    jitter_ms=st.sampled_from([0.0, 0.4, 3.0, 30.0]),
    rate_hz=st.sampled_from([20, 58, 60, 100]),
    lost=st.integers(0, 40),
)
def test_samples_are_within_a_millisecond_of_the_line(
    seed: int, frame_count: int, jitter_ms: float, rate_hz: int, lost: int
) -> None:
    random = np.random.default_rng(seed)
    even = np.arange(frame_count) * 1000 / 60 + random.uniform(0, 17)
    times = np.sort(even + random.uniform(0, jitter_ms, frame_count))
    keep = np.ones(frame_count, bool)
    keep[random.integers(0, frame_count, lost)] = False
    times = times[keep] if keep.any() else times
    sampled = np.arange(0, times[-1] + 100, 1000 / rate_hz)
    values = np.cumsum(random.uniform(-1, 1, times.size))
    read = _read(values, times, sampled)
    assert not np.isnan(read).any()
    nearby = [
        np.interp(sampled + late, times, values) for late in (-1, -0.5, 0, 0.5, 1)
    ]
    slack = 2.0 * np.abs(np.diff(values)).max(initial=0.0) * 1e-3
    near = (times[:, None] - sampled[None, :]).__abs__().min(axis=0) <= 1.0
    low, high = np.min(nearby, axis=0), np.max(nearby, axis=0)
    inside = (read >= low - slack - 1e-6) & (read <= high + slack + 1e-6)
    # Within a millisecond of a frame its value stands, even beside a steep line.
    index = np.abs(times[:, None] - sampled[None, :]).argmin(axis=0)
    assert (inside | (near & np.isclose(read, values[index]))).all()


def test_frames_at_samples_are_taken_as_they_are() -> None:
    times = np.floor(np.arange(5400) * 1000 / 60 + 3.2)
    sampled = np.arange(5400) * 1000 / 60 + 3.0
    (piece,) = pieces_of(times, sampled)
    assert piece.share is None
    assert piece.before == slice(0, 5400)
