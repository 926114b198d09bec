"""The program's clock."""

from __future__ import annotations

import time

import pytest

from ps_tui.collector.clock import SystemClock


def test_it_tells_utc_in_microseconds() -> None:
    assert abs(SystemClock().now_us() - time.time_ns() // 1000) < 5_000_000


def test_a_step_of_the_system_clock_does_not_move_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = SystemClock()
    before_us = clock.now_us()
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    assert clock.now_us() >= before_us


def test_it_never_steps_back() -> None:
    clock = SystemClock()
    readings = [clock.now_us() for _ in range(10_000)]
    assert readings == sorted(readings)
