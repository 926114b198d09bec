"""The demo drive holds what a real one does, mistakes and all."""

from __future__ import annotations

from itertools import islice, pairwise

import pytest

from ps_tui.demo.driver import (
    DEMO_CHANNELS,
    FIXED_START_US,
    Driver,
    demo_frames,
)
from ps_tui.domain.channel import CHANNELS
from ps_tui.domain.frame import Frame
from ps_tui.domain.lap_detector import LapDetector
from ps_tui.domain.laps import LapCompleted
from ps_tui.domain.models import LapKind

LAPS = 9


@pytest.fixture(scope="module")
def driver() -> Driver:
    return Driver()


@pytest.fixture(scope="module")
def frames(driver: Driver) -> list[Frame]:
    frames = []
    while driver.lap_number <= LAPS:
        frames.append(driver.step())
    return frames + [driver.step() for _ in range(30)]


@pytest.fixture(scope="module")
def laps(frames: list[Frame]) -> list[LapCompleted]:
    detector = LapDetector()
    events = [event for frame in frames for event in detector.feed(frame)]
    return [event for event in events if isinstance(event, LapCompleted)]


def column(frames: list[Frame], key: str) -> list[float]:
    slot = DEMO_CHANNELS.index(key)
    return [value for f in frames if (value := f.extra_value(slot)) is not None]


def driven(frames: list[Frame], lap_number: int) -> list[Frame]:
    return [frame for frame in frames if frame.lap_number == lap_number]


def test_same_seed_same_drive_and_another_differs() -> None:
    first, again = (list(islice(demo_frames(3), 600)) for _ in range(2))
    assert repr(first) == repr(again)
    other = list(islice(demo_frames(4), 600))
    assert repr(first[-1]) != repr(other[-1])


def test_sixty_frames_a_second_from_a_fixed_start(frames: list[Frame]) -> None:
    steps = {b.received_us - a.received_us for a, b in pairwise(frames)}
    assert steps <= {16_666, 16_667}
    assert frames[0].received_us == FIXED_START_US + 16_667
    assert [f.sequence for f in frames] == list(range(1, len(frames) + 1))


def test_laps_come_in_all_kinds(laps: list[LapCompleted]) -> None:
    assert [lap.kind for lap in laps] == [
        LapKind.OUT,
        *[LapKind.FLYING] * 6,
        LapKind.IN,
        LapKind.OUT,
    ]
    assert [lap.lap_number for lap in laps if not lap.valid] == [3]


def test_official_times_are_those_of_the_model(
    driver: Driver, laps: list[LapCompleted]
) -> None:
    assert [lap.lap_time_ms for lap in laps] == driver.lap_times_ms
    assert all(lap.is_official for lap in laps)
    for lap in laps:
        assert lap.clock_time_ms == pytest.approx(lap.lap_time_ms, abs=20)


def test_flying_laps_differ_and_are_of_a_racing_pace(laps: list[LapCompleted]) -> None:
    times = [lap.lap_time_ms for lap in laps if lap.kind is LapKind.FLYING]
    assert len(set(times)) == len(times)
    assert all(time is not None and 75_000 < time < 90_000 for time in times)


def test_best_lap_ignores_what_does_not_count(
    frames: list[Frame], laps: list[LapCompleted]
) -> None:
    counted = [
        lap.lap_time_ms
        for lap in laps
        if lap.kind is LapKind.FLYING and lap.valid and lap.lap_time_ms is not None
    ]
    assert column(frames, "best_lap_time")[-1] == min(counted)


def test_frames_stay_within_their_channels(frames: list[Frame]) -> None:
    for frame in frames:
        assert 0 <= (frame.throttle or 0) <= 1
        assert 0 <= (frame.brake or 0) <= 1
        assert -1 <= (frame.steering or 0) <= 1
        assert 0 <= (frame.normalized_position or 0) < 1
        assert 1 <= (frame.gear or 0) <= 6
    for key in ("clutch", "fuel", "g_lateral", "g_longitudinal", "tyre_temperature_rl"):
        values = column(frames, key)
        channel = CHANNELS[key]
        assert channel.minimum <= min(values)
        assert max(values) <= channel.maximum


def test_a_flying_lap_has_the_traces_of_one(frames: list[Frame]) -> None:
    lap = driven(frames, 4)
    speeds = [frame.speed_kmh or 0 for frame in lap]
    assert min(speeds) < 80
    assert max(speeds) > 240
    assert {frame.gear for frame in lap} == {1, 2, 3, 4, 5, 6}
    full = sum((frame.throttle or 0) > 0.98 for frame in lap) / len(lap)
    assert 0.4 < full < 0.75
    assert max(frame.brake or 0 for frame in lap) > 0.9
    trailing = [
        frame
        for frame in lap
        if 0.05 < (frame.brake or 0) < 0.7 and abs(frame.steering or 0) > 0.1
    ]
    assert len(trailing) > 60
    assert max(frame.rpm or 0 for frame in lap) > 7500
    assert any(column(lap, "clutch"))


def test_signs_agree_with_the_path(frames: list[Frame]) -> None:
    lap = driven(frames, 4)
    laterals = column(lap, "g_lateral")
    right = [g for g, f in zip(laterals, lap, strict=True) if (f.steering or 0) > 0.1]
    left = [g for g, f in zip(laterals, lap, strict=True) if (f.steering or 0) < -0.1]
    assert sum(right) / len(right) < -0.5
    assert sum(left) / len(left) > 0.5
    braking = [
        g
        for g, f in zip(column(lap, "g_longitudinal"), lap, strict=True)
        if (f.brake or 0) > 0.8
    ]
    assert max(braking) < 0


def test_the_mistake_costs_validity_on_the_way_and_leaves_the_line(
    frames: list[Frame],
) -> None:
    lap = driven(frames, 3)
    flags = [frame.lap_valid for frame in lap]
    first = flags.index(False)
    assert first > 0
    assert not any(flags[first:])
    assert all(frame.lap_valid for frame in driven(frames, 4))
    assert min(column(lap, "wheel_slip_fl")) < min(
        column(driven(frames, 4), "wheel_slip_fl")
    )


def test_pits_are_left_slowly_and_come_back_to(frames: list[Frame]) -> None:
    out = driven(frames, 1)
    pit = [frame for frame in out if frame.in_pit]
    assert out[0].in_pit
    assert out[0].speed_kmh == 0
    assert not out[-1].in_pit
    assert max(frame.speed_kmh or 0 for frame in pit) < 85
    assert driven(frames, 8)[-1].in_pit
    stopped = [frame for frame in driven(frames, 9) if frame.speed_kmh == 0]
    assert len(stopped) > 300
    fuel = column(driven(frames, 9), "fuel")
    assert max(fuel) > fuel[0]


def test_position_wraps_with_the_lap_counter(frames: list[Frame]) -> None:
    for before, after in pairwise(frames):
        wrapped = (before.normalized_position or 0) - (
            after.normalized_position or 0
        ) > 0.5
        assert wrapped == (after.lap_number != before.lap_number)


def test_laps_asked_for_are_whole_with_any_seed(driver: Driver) -> None:
    detector = LapDetector()
    frames = list(demo_frames(99, 3))
    events = [event for frame in frames for event in detector.feed(frame)]
    laps = [event for event in events if isinstance(event, LapCompleted)]
    assert [(lap.kind, lap.valid) for lap in laps] == [
        (LapKind.OUT, True),
        (LapKind.FLYING, True),
        (LapKind.FLYING, False),
    ]
    assert laps[1].lap_time_ms != driver.lap_times_ms[1]
    assert frames[-1].lap_number == 4
