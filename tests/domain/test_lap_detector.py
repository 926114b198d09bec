"""Whole laps: which signals tell of the line, where it lies, and what time counts."""

from __future__ import annotations

import msgspec
import pytest

from ps_tui.domain.frame import Frame
from ps_tui.domain.lap_detector import LapDetector
from ps_tui.domain.laps import LapCompleted, LapRevised, LapStarted
from ps_tui.domain.models import LapKind
from tests.support.drives import (
    START_US,
    Drive,
    events_of,
    filed,
    laps_of,
    revised,
    shown,
    without,
)

LAP_TIMES_MS = (90_123.4, 88_000.7, 91_000.0)


@pytest.fixture
def drive() -> Drive:
    """Three laps from the line and half of a fourth."""
    drive = Drive(phase_ms=5.0)
    for lap_ms in LAP_TIMES_MS:
        drive.lap(lap_ms)
    return drive.lap(90_000, until=0.5)


ABSENT = [
    (),
    ("normalized_position",),
    ("lap_number",),
    ("lap_time_ms",),
    ("lap_time_ms", "lap_number"),
    ("normalized_position", "lap_number"),
]


@pytest.mark.parametrize("absent", ABSENT, ids=lambda fields: "-".join(fields) or "no")
@pytest.mark.parametrize("is_zero", [False, True], ids=["none", "zero"])
def test_laps_without_some_signals(
    drive: Drive, absent: tuple[str, ...], is_zero: bool
) -> None:
    nothing = dict.fromkeys(absent, 0 if is_zero else None)
    laps = laps_of(shown(drive.frames, lambda _: dict(nothing)))

    assert [lap.lap_number for lap in laps] == [1, 2, 3, 4]
    assert [lap.kind for lap in laps] == [LapKind.FLYING] * 3 + [LapKind.PARTIAL]
    for lap, lap_ms in zip(laps[:3], LAP_TIMES_MS, strict=True):
        assert lap.lap_time_ms == pytest.approx(lap_ms, abs=6)
        assert lap.lap_time_ms == lap.clock_time_ms
        assert not lap.is_official
    assert laps[3].reason == "recording ended"


def test_a_counter_alone_cuts_laps_and_joins_the_first_late(drive: Drive) -> None:
    laps = laps_of(without(drive.frames, "lap_time_ms", "normalized_position"))

    kinds = [lap.kind for lap in laps]
    assert kinds == [LapKind.PARTIAL, LapKind.FLYING, LapKind.FLYING, LapKind.PARTIAL]
    assert laps[0].reason == "joined late"
    assert laps[1].lap_time_ms == pytest.approx(LAP_TIMES_MS[1], abs=17)


def test_a_boundary_is_the_first_frame_of_the_new_lap(drive: Drive) -> None:
    events = events_of(drive.frames)

    assert [type(event) for event in events] == [
        LapStarted,
        *[LapCompleted, LapStarted] * 3,
        LapCompleted,
    ]
    for lap, frames in filed(drive.frames, events):
        assert {frame.lap_number for frame in frames} == {lap.lap_number}
        assert frames[0].received_us == lap.started_us


def test_the_crossing_is_interpolated_between_positions() -> None:
    def frame(milliseconds: int, clock_ms: int, number: int, position: float) -> Frame:
        return Frame(
            received_us=START_US + milliseconds * 1000,
            timestamp_ms=START_US // 1000 + milliseconds,
            speed_kmh=100.0,
            lap_time_ms=clock_ms,
            lap_number=number,
            normalized_position=position,
        )

    frames = [frame(20 * n, 20 * n, 1, n / 1000) for n in range(1000)]
    # 0.001 before the line and 0.003 behind it: a quarter of 40 ms.
    frames.append(frame(20_020, 30, 2, 0.003))

    assert laps_of(frames)[0].lap_time_ms == 19_980 + 10


@pytest.mark.parametrize("delay", [0, 1, 30, 100])
def test_the_official_time_may_be_published_late(delay: int) -> None:
    drive = Drive(phase_ms=3.0).lap(80_000.6, official=True).lap(81_000.6, until=0.4)
    shift = [
        msgspec.structs.replace(frame, last_lap_ms=older.last_lap_ms)
        for frame, older in zip(
            drive.frames[delay:], drive.frames[: -delay or None], strict=True
        )
    ]
    events = events_of([*drive.frames[:delay], *shift])

    completed = next(event for event in events if isinstance(event, LapCompleted))
    published = [event for event in events if isinstance(event, LapRevised)]
    assert completed.is_official is (delay == 0)
    assert completed.clock_time_ms == pytest.approx(80_000, abs=3)
    assert len(published) == (delay > 0)
    assert revised(events)[0].lap_time_ms == 80_001


def test_a_stale_official_time_is_not_taken() -> None:
    drive = Drive().lap(80_000, official=True).lap(82_000).lap(80_000, until=0.3)
    laps = laps_of(drive.frames)

    assert laps[0].is_official
    assert not laps[1].is_official
    assert laps[1].lap_time_ms == pytest.approx(82_000, abs=5)


def test_two_laps_may_have_the_same_official_time() -> None:
    drive = Drive(phase_ms=7.0)
    for _ in range(3):
        drive.lap(80_000, official=True)
    laps = laps_of(drive.lap(80_000, until=0.3).frames)

    assert [lap.lap_time_ms for lap in laps[:3]] == [80_000] * 3
    assert all(lap.is_official for lap in laps[:3])


def test_the_position_may_wrap_before_counter_and_clock() -> None:
    """As Assetto Corsa does it: one packet early."""
    frames = Drive().lap(70_000, official=True).lap(71_000, until=0.5).frames
    line = next(n for n, frame in enumerate(frames) if frame.lap_number == 2)
    late = frames[line]
    frames[line] = msgspec.structs.replace(
        late, lap_number=1, lap_time_ms=70_000, last_lap_ms=None
    )
    events = events_of(frames)

    (lap, first), (_, second) = filed(frames, events)
    assert (lap.lap_time_ms, lap.is_official) == (70_000, True)
    assert len(first) == line
    assert all(frame.normalized_position < 0.9 for frame in second[:5])  # type: ignore[operator]


@pytest.mark.parametrize("early", [1, 20, 60])
def test_the_counter_may_flip_before_the_line(early: int) -> None:
    frames = Drive().lap(70_000).lap(71_000, until=0.5).frames
    line = next(n for n, frame in enumerate(frames) if frame.lap_number == 2)
    for n in range(line - early, line):
        frames[n] = msgspec.structs.replace(frames[n], lap_number=2)
    (lap, first), _ = filed(frames, events_of(frames))

    assert lap.lap_time_ms == pytest.approx(70_000, abs=3)
    assert len(first) == line


@pytest.mark.parametrize("late", [1, 60, 100])
def test_the_clock_may_restart_late(late: int) -> None:
    frames = Drive().lap(70_000).lap(71_000).lap(70_000, until=0.5).frames
    line = next(n for n, frame in enumerate(frames) if frame.lap_number == 2)
    for n in range(line, line + late):
        frames[n] = msgspec.structs.replace(
            frames[n], lap_time_ms=70_000 + frames[n].lap_time_ms
        )
    laps = laps_of(frames)

    assert [lap.kind for lap in laps[:2]] == [LapKind.FLYING] * 2
    assert [lap.lap_time_ms for lap in laps[:2]] == [
        pytest.approx(70_000, abs=3),
        pytest.approx(71_000, abs=3),
    ]


def test_the_last_line_of_a_race_may_only_be_told_by_its_time() -> None:
    frames = Drive().lap(70_000, official=True).lap(71_000).frames
    frames = without(frames, "normalized_position")
    last = frames[-1]
    frames += [
        msgspec.structs.replace(
            last,
            received_us=last.received_us + n * 16_667,
            timestamp_ms=last.timestamp_ms + n * 17,
            lap_time_ms=71_000 + n * 17,
            last_lap_ms=71_000,
        )
        for n in range(1, 200)
    ]
    laps = laps_of(frames)

    assert [lap.lap_time_ms for lap in laps] == [70_000, 71_000, None]
    assert [lap.kind.value for lap in laps] == ["flying", "flying", "partial"]


def test_a_lap_counter_that_starts_high_gives_its_number() -> None:
    frames = Drive().lap(60_000).lap(61_000, until=0.2).frames
    high = shown(frames, lambda frame: {"lap_number": frame.lap_number + 6})

    assert [lap.lap_number for lap in laps_of(high)] == [7, 8]


def test_numbers_go_on_where_the_session_stopped() -> None:
    frames = Drive().lap(60_000).lap(61_000, until=0.2).frames
    detector = LapDetector(next_lap_number=12)

    numbers = [lap.lap_number for lap in revised(events_of(frames, detector))]
    assert numbers == [12, 13]
    assert isinstance(detector.feed(frames[0])[0], LapStarted)
    assert detector.finish()[0].lap_number == 14


@pytest.mark.parametrize("wall_step_us", [1, 120, 1000])
def test_a_drive_sent_faster_than_it_was_driven(wall_step_us: int) -> None:
    drive = (
        Drive(phase_ms=4.0).lap(90_000).lap(91_000).lap(89_500).lap(90_000, until=0.1)
    )
    frames = [
        msgspec.structs.replace(
            frame,
            received_us=START_US + n * wall_step_us,
            timestamp_ms=(START_US + n * wall_step_us) // 1000,
        )
        for n, frame in enumerate(drive.frames)
    ]
    laps = laps_of(frames)

    assert [lap.kind for lap in laps[:3]] == [LapKind.FLYING] * 3
    assert [lap.lap_time_ms for lap in laps[:3]] == [
        pytest.approx(lap_ms, abs=20) for lap_ms in (90_000, 91_000, 89_500)
    ]


@pytest.mark.parametrize("hz", [4.0, 10.0, 60.0, 330.0])
def test_any_rate_will_do(hz: float) -> None:
    drive = (
        Drive(hz=hz, phase_ms=1.0).lap(30_000.0).lap(29_000.0).lap(30_000, until=0.5)
    )
    laps = laps_of(drive.frames)

    assert [lap.lap_time_ms for lap in laps[:2]] == [
        pytest.approx(30_000, abs=5),
        pytest.approx(29_000, abs=5),
    ]


def test_a_stage_ends_without_a_line() -> None:
    stage = Drive().lap(200_000).frames
    frames = shown(stage, lambda frame: {"lap_number": 1})
    (lap,) = laps_of(frames)

    assert (lap.kind, lap.reason) == (LapKind.FLYING, None)
    assert lap.lap_time_ms == pytest.approx(200_000, abs=17)


def test_a_stage_begun_again_is_a_lap_and_a_new_one() -> None:
    drive = Drive().lap(200_000)
    finished = drive.frames[-1]
    drive.restart()
    drive.fixed = {"lap_number": 1}
    for _ in range(40):
        drive.sample(
            speed_kmh=0.0,
            lap_time_ms=finished.lap_time_ms,
            normalized_position=finished.normalized_position,
        )
        drive.time_ms += 100.0
    drive.pause(30_000).stand(500).lap(199_000)
    laps = laps_of(drive.frames)

    assert [lap.kind for lap in laps] == [LapKind.FLYING] * 2
    assert laps[0].lap_time_ms == pytest.approx(200_000, abs=17)


def test_a_finished_stage_may_raise_the_counter() -> None:
    drive = Drive().lap(200_000, official=True)
    drive.position, drive.clock_ms = 0.99996, 200_000.0
    for _ in range(200):
        drive.sample()
        drive.time_ms += 16.7
    laps = laps_of(drive.frames)

    assert [lap.kind.value for lap in laps] == ["flying", "partial"]
    assert (laps[0].lap_time_ms, laps[0].is_official) == (200_000, True)


def test_free_roam_is_one_lap_that_never_ends() -> None:
    drive = Drive()
    drive.fixed = {"lap_time_ms": 0, "lap_number": 0, "normalized_position": 0.0}
    (lap,) = laps_of(drive.lap(30_000).frames)

    assert (lap.kind, lap.lap_time_ms) == (LapKind.PARTIAL, None)


def test_nothing_in_nothing_out() -> None:
    assert LapDetector().finish() == ()


@pytest.mark.parametrize("late_ms", [17, 100, 300, 900, 1400])
def test_a_clock_that_restarts_behind_the_line_costs_no_lap_its_time(
    late_ms: int,
) -> None:
    """The position wraps at the line, the clock later, and no time is official."""
    detector = LapDetector()
    times_ms = []
    for now_ms in range(0, 4 * 40_000 + 2000, 20):
        lap, since_line_ms = divmod(now_ms, 40_000)
        is_restarted = lap == 0 or since_line_ms >= late_ms
        clock_ms = since_line_ms - (late_ms if lap and is_restarted else 0)
        if not is_restarted:
            clock_ms = since_line_ms + 40_000 - (late_ms if lap > 1 else 0)
        frame = Frame(
            received_us=now_ms * 1000,
            timestamp_ms=now_ms,
            speed_kmh=150.0,
            lap_time_ms=clock_ms,
            lap_number=lap + 1,
            normalized_position=since_line_ms / 40_000,
        )
        events = detector.feed(frame)
        times_ms += [e.lap_time_ms for e in events if isinstance(e, LapCompleted)]
    assert times_ms == pytest.approx([40_000] * 4, abs=1)
