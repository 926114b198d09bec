"""Lap times that the game tells beside its frames."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ps_tui.domain.frame import Frame
from ps_tui.domain.lap_detector import LapDetector
from ps_tui.domain.laps import LapCompleted, LapEvent, LapRevised
from ps_tui.domain.models import LapKind
from tests.support.drives import Drive, revised, without

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


def line_of(drive: Drive) -> int:
    """Return the index of the first frame behind the first line."""
    return next(i for i, frame in enumerate(drive.frames) if frame.lap_number == 2)


@pytest.fixture
def drive() -> Drive:
    """A lap whose time the frames publish as 80,000 ms, and a half."""
    return Drive(phase_ms=3.0).lap(80_000, official=True).lap(81_000, until=0.5)


@pytest.mark.parametrize("offset", [-60, -1, 0, 1, 2, 60, 110])
@pytest.mark.parametrize("is_published", [True, False])
def test_it_outranks_every_other_time(
    drive: Drive, offset: int, is_published: bool
) -> None:
    """Told a second ahead of the line up to nearly two behind it."""
    frames = drive.frames if is_published else without(drive.frames, "last_lap_ms")
    events = told(frames, line_of(drive) + offset, OFFICIAL_MS)
    assert sum(isinstance(event, LapCompleted) for event in events) == 2
    first, second = revised(events)
    assert (first.lap_time_ms, first.is_official) == (OFFICIAL_MS, True)
    assert (first.kind, second.kind) == (LapKind.FLYING, LapKind.PARTIAL)
    assert second.lap_time_ms is None


def test_told_twice_it_is_said_once(drive: Drive) -> None:
    line = line_of(drive)
    events = told(drive.frames, line + 10, OFFICIAL_MS, again_at=line + 20)
    assert sum(isinstance(event, LapRevised) for event in events) == 1


def test_a_time_that_agrees_with_the_published_one_changes_nothing(
    drive: Drive,
) -> None:
    assert told(drive.frames, line_of(drive) + 10, 80_000) == (
        told(drive.frames, 0, 80_000)
    )


@pytest.mark.parametrize("offset", [-1200, -300, 300, 1500])
def test_far_from_a_line_it_is_of_no_lap(drive: Drive, offset: int) -> None:
    events = told(drive.frames, line_of(drive) + offset, OFFICIAL_MS)
    first, second = revised(events)
    assert first.lap_time_ms == 80_000
    assert second.lap_time_ms is None


@pytest.mark.parametrize("offset", [-1, 5])
def test_a_time_that_no_clock_agrees_with_is_of_another_lap(
    drive: Drive, offset: int
) -> None:
    events = told(drive.frames, line_of(drive) + offset, 71_000)
    assert revised(events)[0].lap_time_ms == 80_000


def test_each_lap_gets_its_own() -> None:
    drive = Drive().lap(80_000).lap(82_000).lap(84_000).lap(80_000, until=0.3)
    detector = LapDetector()
    events: list[LapEvent] = []
    for frame, following in zip(drive.frames, drive.frames[5:], strict=False):
        events.extend(detector.feed(frame))
        if following.lap_number != frame.lap_number:
            official_ms = 78_001 + 2000 * (frame.lap_number or 0)
            events.extend(detector.publish(official_ms, frame.received_us))
    laps = revised(events)
    assert [lap.lap_time_ms for lap in laps] == [80_001, 82_001, 84_001]
    assert all(lap.is_official for lap in laps)
