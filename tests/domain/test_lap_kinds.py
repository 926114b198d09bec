"""How laps are classed: by their ends, by what was seen, and by the invalid flag."""

from __future__ import annotations

import msgspec
import pytest

from ps_tui.domain.lap_detector import LapDetector
from ps_tui.domain.models import LapKind
from tests.support.drives import Drive, laps_of, shown


def described(drive: Drive) -> list[tuple[str, str | None]]:
    return [(lap.kind.value, lap.reason) for lap in laps_of(drive.frames)]


def in_pit(drive: Drive, *spans: tuple[int, float, float]) -> Drive:
    """Set the pit flag from one position to another of the given laps."""

    def flagged(number: int | None, position: float | None) -> bool:
        return any(
            number == lap and start <= (position or 0.0) <= end
            for lap, start, end in spans
        )

    drive.frames = shown(
        drive.frames,
        lambda frame: {"in_pit": flagged(frame.lap_number, frame.normalized_position)},
    )
    return drive


def test_pit_flags_at_the_ends_class_a_lap() -> None:
    drive = Drive()
    for _ in range(5):
        drive.lap(60_000)
    drive.lap(60_000, until=0.2)
    in_pit(drive, (1, 0.95, 1.0), (2, 0.0, 0.05), (3, 0.96, 1.0), (4, 0.0, 0.04))
    in_and_out = [(4, 0.97, 1.0), (5, 0.0, 0.03), (1, 0.95, 1.0), (2, 0.0, 0.05)]

    kinds = ["in", "out", "in", "out", "flying", "partial"]
    assert [kind for kind, _ in described(drive)] == kinds
    in_pit(drive, *in_and_out, (3, 0.96, 1.0), (4, 0.0, 0.04))
    kinds = ["in", "out", "in", "pit", "out", "partial"]
    assert [kind for kind, _ in described(drive)] == kinds


def test_a_pit_lane_away_from_the_line_makes_an_out_lap() -> None:
    drive = Drive().lap(60_000).lap(60_000).lap(60_000, until=0.2)

    assert [kind for kind, _ in described(in_pit(drive, (2, 0.3, 0.4)))] == [
        "flying",
        "out",
        "partial",
    ]


def test_a_running_lap_can_count_until_something_forbids_it() -> None:
    drive = Drive().lap(60_000).lap(60_000).lap(60_000).lap(60_000, until=0.9)
    in_pit(drive, (1, 0.95, 1.0), (2, 0.0, 0.05))
    drive.frames = shown(
        drive.frames,
        lambda frame: {
            "lap_valid": not (
                frame.lap_number == 4 and 0.5 < (frame.normalized_position or 0) < 0.6
            )
        },
    )
    detector, can_count = LapDetector(), dict[tuple[int, float], bool]()
    for frame in drive.frames:
        detector.feed(frame)
        tenth = int((frame.normalized_position or 0.0) * 10) / 10
        can_count[frame.lap_number or 0, tenth] = detector.can_count

    assert can_count[1, 0.5]
    assert not can_count[1, 0.9]
    assert not any(can_count[2, tenth] for tenth in (0.0, 0.5, 0.8))
    assert can_count[3, 0.1]
    assert can_count[3, 0.9]
    assert can_count[4, 0.4]
    assert not can_count[4, 0.8]


def test_a_first_lap_joined_in_the_pits_is_an_out_lap() -> None:
    """As Assetto Corsa does it: the clock has run since the session began."""
    drive = Drive()
    drive.position, drive.fixed = 0.05, {"lap_time_ms": 212_240}
    drive.stand(5_000, in_pit=True)
    standing = len(drive.frames)
    drive.clock_ms, drive.fixed = 60_000 * 0.04, {}
    drive.lap(60_000)
    drive.frames[standing:] = shown(
        drive.frames[standing:],
        lambda frame: {"lap_time_ms": (frame.lap_time_ms or 0) + 215_000},
    )
    drive.last_lap_ms = 275_000
    drive.lap(60_000, until=0.3)
    lap = laps_of(drive.frames)[0]

    assert (lap.kind, lap.reason) == (LapKind.OUT, None)
    assert (lap.lap_time_ms, lap.is_official) == (275_000, True)
    assert lap.clock_time_ms == pytest.approx(275_000, abs=20)


@pytest.mark.parametrize("share", [0.03, 0.4, 0.97])
def test_joining_late_makes_a_partial_lap_with_the_games_time(share: float) -> None:
    drive = Drive().lap(60_000, official=True).lap(61_000, official=True)
    drive.lap(60_000, until=0.1)
    drive.frames = drive.frames[int(3600 * share) :]
    first, second, _ = laps_of(drive.frames)

    assert (first.kind, first.reason) == (LapKind.PARTIAL, "joined late")
    assert (first.lap_time_ms, first.is_official) == (60_000, True)
    assert (second.kind, second.lap_time_ms) == (LapKind.FLYING, 61_000)


@pytest.mark.parametrize("position", [0.985, 0.0])
def test_a_standing_start_counts_as_a_whole_lap(position: float) -> None:
    drive = Drive()
    drive.position = position
    drive.fixed = {"lap_time_ms": 0}
    drive.stand(20_000)
    drive.fixed = {}
    drive.clock_ms = 0.0
    if position:
        for n in range(120):
            drive.position = position + (1 - position) * n / 120
            drive.sample(speed_kmh=60.0)
            drive.advance(drive.step_ms)
        # The clock runs from the lights on; the line is crossed two seconds later.
        drive.clock_ms = 0.0
        start = len(drive.frames)
        drive.lap(60_000)
        drive.frames[start:] = shown(
            drive.frames[start:], lambda f: {"lap_time_ms": f.lap_time_ms + 2000}
        )
    else:
        drive.lap(60_000)
    drive.lap(60_000, until=0.5)
    laps = laps_of(drive.frames)

    assert [lap.kind.value for lap in laps] == ["flying", "partial"]
    assert laps[0].lap_time_ms == pytest.approx(62_000 if position else 60_000, abs=20)


def test_a_clock_that_restarts_at_the_first_line_is_a_run_up() -> None:
    """As Forza does it: the lights start the clock, the line starts it again."""
    drive = Drive()
    drive.stand(2_200)
    drive.clock_ms = 2_200.0
    drive.sample(speed_kmh=60.0)
    drive.clock_ms = 10.0
    drive.lap(64_298, official=True).lap(64_000, until=0.1)
    drive.frames = shown(drive.frames, lambda _: {"normalized_position": None})
    first, _ = laps_of(drive.frames)

    assert (first.kind, first.lap_time_ms) == (LapKind.FLYING, 64_298)


def test_a_long_way_to_the_first_line_is_a_lap_of_its_own() -> None:
    """As F1 does it: the clock stands at zero up to the line."""
    drive = Drive()
    for _ in range(60 * 60):
        drive.sample(lap_time_ms=0, normalized_position=None)
        drive.time_ms += drive.step_ms
    drive.clock_ms = 5.0
    drive.lap(80_000, official=True).lap(80_000, until=0.1)
    drive.frames[0] = msgspec.structs.replace(drive.frames[0], in_pit=True)
    drive.frames[1:] = shown(drive.frames[1:], lambda _: {"in_pit": False})
    out, lap, _ = laps_of(drive.frames)

    assert (out.kind, out.lap_time_ms) == (LapKind.OUT, None)
    assert (lap.kind, lap.lap_time_ms) == (LapKind.FLYING, 80_000)


def invalid(drive: Drive, start: int, end: int) -> list[bool]:
    frames = shown(drive.frames, lambda _: {"lap_valid": True})
    frames[start:end] = shown(frames[start:end], lambda _: {"lap_valid": False})
    return [lap.valid for lap in laps_of(frames)]


def test_an_invalid_moment_makes_an_invalid_lap() -> None:
    drive = Drive().lap(60_000).lap(60_000).lap(60_000, until=0.5)
    line = 3600

    assert invalid(drive, 1000, 1001) == [False, True, True]
    assert invalid(drive, line + 1000, 2 * line) == [True, False, True]
    assert invalid(drive, 0, 0) == [True, True, True]
    assert [lap.valid for lap in laps_of(drive.frames)] == [True, True, True]


@pytest.mark.parametrize("late", [-1, 0, 1, 5])
def test_the_flag_may_be_reset_a_packet_early_or_late(late: int) -> None:
    drive = Drive().lap(60_000).lap(60_000).lap(60_000, until=0.5)

    assert invalid(drive, 2000, 3600 + late) == [False, True, True]


def test_a_flag_that_stays_makes_the_next_lap_invalid_too() -> None:
    drive = Drive().lap(60_000).lap(60_000).lap(60_000, until=0.5)

    assert invalid(drive, 2000, 3600 + 60) == [False, False, True]


def test_an_invalid_lap_keeps_its_time() -> None:
    drive = Drive().lap(60_000, official=True).lap(60_000, until=0.5)
    drive.frames = shown(drive.frames, lambda _: {"lap_valid": False})
    lap = laps_of(drive.frames)[0]

    assert (lap.valid, lap.kind, lap.lap_time_ms) == (False, LapKind.FLYING, 60_000)
