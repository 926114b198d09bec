"""Lap times that the game tells beside its frames."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest

from ps_tui.domain.frame import Frame
from ps_tui.domain.lap_detector import LapDetector
from ps_tui.domain.laps import LapCompleted, LapEvent, LapRevised
from ps_tui.domain.models import LapKind
from tests.support.drives import Drive, revised, without

HZ = 20
OFFICIAL_MS = 80_017
"""A little off what any clock of the drive shows, so that it can be told apart."""


def told(
    frames: Sequence[Frame], at: int, *times_ms: int, again_at: int | None = None
) -> list[LapEvent]:
    """Run a detector that is told times ahead of the frame with this index."""
    detector = LapDetector()
    events: list[LapEvent] = []
    for index, frame in enumerate(frames):
        if index in (at, again_at):
            for time_ms in times_ms:
                events.extend(detector.publish(time_ms, frame.received_us))
        events.extend(detector.feed(frame))
    events.extend(detector.finish())
    return events


def near_line(drive: Drive, after_s: float) -> int:
    """Return the index of the frame so long after the first line, or before it."""
    line = next(i for i, frame in enumerate(drive.frames) if frame.lap_number == 2)
    return line + round(after_s * HZ)


@pytest.fixture
def drive() -> Drive:
    """A lap whose time the frames publish as 80,000 ms, and a half."""
    return Drive(hz=HZ, phase_ms=3.0).lap(80_000, official=True).lap(81_000, until=0.5)


@pytest.mark.parametrize(
    "after_s", [-5.0, -1.0, -0.05, 0.0, 0.05, 0.1, 1.0, 1.9, 5.0, 25.0]
)
@pytest.mark.parametrize("is_published", [True, False])
def test_it_outranks_every_other_time(
    drive: Drive, after_s: float, is_published: bool
) -> None:
    """Told a second ahead of the line, or at any time behind it."""
    frames = drive.frames if is_published else without(drive.frames, "last_lap_ms")
    events = told(frames, near_line(drive, after_s), OFFICIAL_MS)
    assert sum(isinstance(event, LapCompleted) for event in events) == 2
    first, second = revised(events)
    assert (first.lap_time_ms, first.is_official) == (OFFICIAL_MS, True)
    assert (first.kind, second.kind) == (LapKind.FLYING, LapKind.PARTIAL)
    assert second.lap_time_ms is None


def test_told_twice_it_is_said_once(drive: Drive) -> None:
    at, again_at = near_line(drive, 0.5), near_line(drive, 1.0)
    events = told(drive.frames, at, OFFICIAL_MS, again_at=again_at)
    assert sum(isinstance(event, LapRevised) for event in events) == 1


def test_a_time_that_agrees_with_the_published_one_changes_nothing(
    drive: Drive,
) -> None:
    assert told(drive.frames, near_line(drive, 0.5), 80_000) == (
        told(drive.frames, 0, 80_000)
    )


@pytest.mark.parametrize("after_s", [-60.0, -11.0])
def test_far_ahead_of_a_line_it_is_of_no_lap(drive: Drive, after_s: float) -> None:
    events = told(drive.frames, near_line(drive, after_s), OFFICIAL_MS)
    first, second = revised(events)
    assert first.lap_time_ms == 80_000
    assert second.lap_time_ms is None


@pytest.mark.parametrize("after_s", [-0.05, 0.5])
def test_a_time_that_no_clock_agrees_with_is_of_another_lap(
    drive: Drive, after_s: float
) -> None:
    events = told(drive.frames, near_line(drive, after_s), 65_000)
    assert revised(events)[0].lap_time_ms == 80_000


@pytest.mark.parametrize("after_s", [-1.5, -0.1, 0.0, 0.05, 0.1, 1.5, 20.0])
@pytest.mark.parametrize("absent", [(), ("lap_number",), ("normalized_position",)])
def test_each_of_laps_alike_gets_its_own(
    after_s: float, absent: tuple[str, ...]
) -> None:
    """The times differ by less than a window, and are told around each line."""
    drive = Drive(hz=HZ, phase_ms=3.0)
    for lap_ms in (80_000, 80_400, 79_800):
        drive.lap(lap_ms, official=True)
    drive.lap(80_100, until=0.5)
    lines = [
        index
        for index, (before, frame) in enumerate(pairwise(drive.frames), start=1)
        if before.lap_number != frame.lap_number
    ]
    official = dict(
        zip(
            (at + round(after_s * HZ) for at in lines),
            (80_009, 80_409, 79_809),
            strict=True,
        )
    )
    detector = LapDetector()
    events: list[LapEvent] = []
    for index, frame in enumerate(without(drive.frames, *absent)):
        if index in official:
            events.extend(detector.publish(official[index], frame.received_us))
        events.extend(detector.feed(frame))
    laps = revised([*events, *detector.finish()])
    assert [lap.lap_time_ms for lap in laps] == [80_009, 80_409, 79_809, None]
    assert [lap.is_official for lap in laps] == [True, True, True, False]


def test_behind_a_lap_that_broke_it_is_not_of_the_one_before() -> None:
    drive = Drive(hz=HZ).lap(80_000, official=True).lap(80_300, until=0.5)
    drive.restart()
    drive.lap(80_000, until=0.3)
    events = told(drive.frames, len(drive.frames) - HZ, 80_290)
    laps = revised(events)
    assert [lap.lap_time_ms for lap in laps] == [80_000, None, None]
