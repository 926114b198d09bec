from __future__ import annotations

import numpy as np
import pytest

from ps_tui.analysis.arrays import centred_mean, runs, spread, without_gaps


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 61, 100])
@pytest.mark.parametrize("width", [1, 3, 6, 61, 1000])
def test_centred_mean_has_symmetric_windows_that_shrink_at_the_ends(
    size: int, width: int
) -> None:
    values = np.random.default_rng(size).random(size)
    expected = []
    for index in range(size):
        reach = min(index, size - 1 - index, width // 2)
        expected.append(values[index - reach : index + reach + 1].mean())
    assert centred_mean(values, width) == pytest.approx(expected, abs=1e-12)


def test_centred_mean_of_a_line_is_the_line() -> None:
    line = np.arange(50) * 3.0 - 7.0
    assert centred_mean(line, 9) == pytest.approx(line)


def test_centred_mean_leaves_missing_values_out() -> None:
    values = np.array([1.0, np.nan, 3.0, 5.0, np.nan, np.nan, np.nan, 9.0])
    means = centred_mean(values, 3)
    assert means[[0, 1, 2, 3, 4]] == pytest.approx([1.0, 2.0, 4.0, 4.0, 5.0])
    assert np.isnan(means[5])


def test_centred_mean_of_nothing() -> None:
    assert centred_mean(np.array([]), 5).size == 0


def test_runs() -> None:
    assert runs(np.array([True, True, False, True])) == [(0, 2), (3, 4)]
    assert runs(np.array([False])) == []


def test_gaps_are_bridged_by_lines_and_held_at_the_ends() -> None:
    values = np.array([np.nan, 1.0, np.nan, 3.0, np.nan])
    assert without_gaps(values).tolist() == [1.0, 1.0, 2.0, 3.0, 3.0]


def test_spread_leaves_missing_values_out() -> None:
    assert spread(np.array([np.nan, 2.0, 5.0])) == 3.0
    assert spread(np.array([np.nan])) == 0.0
    assert spread(np.array([])) == 0.0
