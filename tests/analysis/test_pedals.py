from __future__ import annotations

import numpy as np
import pytest

from ps_tui.analysis.pedals import (
    brakings,
    coasting,
    onset,
    overlapping,
    pressed,
)


def test_hysteresis_holds_between_the_thresholds() -> None:
    pedal = np.array([0.0, 0.07, 0.12, 0.07, 0.06, 0.04, 0.07, 0.5])
    assert pressed(pedal).tolist() == [
        False,
        False,
        True,
        True,
        True,
        False,
        False,
        True,
    ]
    assert not pressed(np.array([np.nan, 0.07])).any()


def test_onset_of_a_ramp_is_where_it_leaves_zero() -> None:
    progress = np.arange(20) * 0.01
    pedal = np.clip((progress - 0.0437) * 8.0, 0.0, 1.0)
    first = int(np.argmax(pedal > 0.1))
    assert onset(pedal, progress, first) == pytest.approx(0.0437, abs=1e-6)


def test_onset_of_a_step_is_between_its_frames() -> None:
    progress = np.arange(20) * 0.01
    pedal = np.where(progress > 0.043, 1.0, 0.0)
    assert onset(pedal, progress, 5) == pytest.approx(0.045)
    assert onset(np.ones(20), progress, 0) == 0.0


def test_short_releases_are_bridged() -> None:
    time_ms = np.arange(120) * 1000 / 60
    brake = np.zeros(120)
    brake[20:80] = 0.8
    brake[40:50] = 0.0
    (one,) = brakings(brake, time_ms / 2000, time_ms)
    assert (one.first, one.end) == (20, 80)
    brake[40:60] = 0.0
    assert len(brakings(brake, time_ms / 2000, time_ms)) == 2


def test_a_dab_before_the_braking_is_not_its_beginning() -> None:
    time_ms = np.arange(120) * 1000 / 60
    brake = np.zeros(120)
    brake[10:15] = 0.2
    brake[22:80] = 0.9
    dab, braking = brakings(brake, time_ms / 2000, time_ms)
    assert dab.is_dab
    assert (braking.first, braking.peak) == (22, 0.9)
    assert not braking.is_dab


def test_feet() -> None:
    throttle, brake = np.array([0.0, 1.0, 0.5, 0.0]), np.array([0.0, 0.0, 0.5, 1.0])
    assert coasting(throttle, brake).tolist() == [True, False, False, False]
    assert overlapping(throttle, brake).tolist() == [False, False, True, False]
