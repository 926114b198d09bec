from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from ps_tui.analysis.corners import find_corners, prominent_minima
from ps_tui.analysis.driven_lap import drive
from ps_tui.demo.circuit import Circuit
from ps_tui.domain.models import LapTrace
from tests.support.synthetic_laps import timed_lap


def test_only_minima_that_stand_out() -> None:
    x = np.linspace(0, 1, 1001)
    speed = 250 - 150 * np.exp(-(((x - 0.3) / 0.03) ** 2))
    speed -= 80 * np.exp(-(((x - 0.7) / 0.03) ** 2))
    speed -= 4 * np.exp(-(((x - 0.5) / 0.02) ** 2))
    assert prominent_minima(speed).tolist() == [300, 700]


def test_a_flat_bottom_is_one_minimum() -> None:
    speed = np.array([200.0, 150, 100, 100, 100, 150, 200])
    assert prominent_minima(speed).tolist() == [3]
    assert prominent_minima(np.full(50, 100.0)).size == 0
    assert prominent_minima(np.linspace(100, 200, 50)).size == 0


def test_corners_of_the_demo_circuit(demo_traces: list[LapTrace]) -> None:
    driven = drive(demo_traces[3])
    corners = find_corners(driven)
    circuit = Circuit()
    # Long Barn is driven without lifting enough; all else is a corner.
    named = [apex for apex in circuit.apexes if apex.name != "Long Barn"]
    assert len(corners) == len(named) == 8
    for corner, apex in zip(corners, named, strict=True):
        assert apex.entry_m - 15 < corner.apex * circuit.length_m < apex.exit_m + 15
    assert [corner.name for corner in corners[:2]] == ["T1", "T2"]


def test_windows_follow_each_other(demo_traces: list[LapTrace]) -> None:
    corners = find_corners(drive(demo_traces[3]))
    assert corners[0].start == 0.0
    for before, after in pairwise(corners):
        assert before.end == after.start
    for corner in corners:
        assert corner.start <= corner.crest <= corner.apex <= corner.end <= 1.0


def test_no_speed_no_corners() -> None:
    assert find_corners(drive(timed_lap(lambda s: s, 80_000))) == []


def test_without_throttle_the_window_ends_at_the_crest() -> None:
    trace = timed_lap(
        lambda s: s, 80_000, channels={"speed": lambda p: 150 + 80 * np.cos(6.2832 * p)}
    )
    (corner,) = find_corners(drive(trace))
    assert corner.apex == pytest.approx(0.5, abs=0.002)
    assert corner.end == pytest.approx(1.0, abs=0.005)
