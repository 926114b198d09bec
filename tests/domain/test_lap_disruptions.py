"""What must not splice, split or end a lap: pauses, networks, teleports, restarts."""

from __future__ import annotations

import msgspec
import pytest

from ps_tui.domain.frame import Frame
from ps_tui.domain.models import LapKind
from tests.support.drives import START_US, Drive, events_of, filed, laps_of, without

ABSENT = [(), ("normalized_position",), ("lap_number",), ("lap_time_ms",)]
BY_FIELDS = pytest.mark.parametrize(
    "absent", ABSENT, ids=lambda fields: "-".join(fields) or "all"
)


def described(frames: list[Frame]) -> list[tuple[str, str | None]]:
    return [(lap.kind.value, lap.reason) for lap in laps_of(frames)]


def times_of(frames: list[Frame]) -> list[int | None]:
    return [lap.lap_time_ms for lap in laps_of(frames)]


ENDED = ("partial", "recording ended")
FLYING = ("flying", None)


@pytest.mark.parametrize("share", [0.001, 0.5, 0.9999])
@pytest.mark.parametrize("pause_ms", [4_600, 600_000])
@pytest.mark.parametrize("absent", [(), ("normalized_position",), ("lap_number",)])
def test_a_pause_ends_no_lap(
    share: float, pause_ms: int, absent: tuple[str, ...]
) -> None:
    drive = Drive().lap(70_000, until=share).pause(pause_ms)
    drive.lap(70_000).lap(71_000).lap(70_000, until=0.1)
    laps = laps_of(without(drive.frames, *absent))

    assert [lap.kind.value for lap in laps] == ["flying", "flying", "partial"]
    assert [lap.lap_time_ms for lap in laps[:2]] == [
        pytest.approx(70_000, abs=20),
        pytest.approx(71_000, abs=20),
    ]


def test_a_pause_on_the_line_is_not_driven_time() -> None:
    drive = Drive(phase_ms=8.0).lap(70_000).pause(5_000).lap(71_000, until=0.5)

    assert times_of(drive.frames)[0] == pytest.approx(70_000, abs=60)


@BY_FIELDS
@pytest.mark.parametrize(("before", "after"), [(5, 5), (60, 10), (10, 60), (150, 150)])
def test_packets_lost_around_the_line(
    absent: tuple[str, ...], before: int, after: int
) -> None:
    frames = Drive(phase_ms=2.0).lap(70_000).lap(71_000).lap(70_000, until=0.3).frames
    del frames[4200 - before : 4200 + after]
    laps = laps_of(without(frames, *absent))

    assert [lap.kind.value for lap in laps] == ["flying", "flying", "partial"]
    has_clock = "lap_time_ms" not in absent
    # Without a clock only the share of the gap's road is known, not its pace.
    tolerance_ms = 5 if has_clock else max(20.0, (before + after) * 17 * 0.1)
    assert laps[0].lap_time_ms == pytest.approx(70_000, abs=tolerance_ms)
    assert laps[1].lap_time_ms == pytest.approx(71_000, abs=tolerance_ms)


def test_a_whole_lap_lost_is_not_spliced() -> None:
    drive = Drive().lap(60_000).lap(61_000).lap(62_000).lap(63_000)
    frames = drive.frames[:2000] + drive.frames[8000:]
    (first, _), (second, tail), _ = filed(frames, events_of(frames))

    assert (first.kind, first.reason) == (LapKind.PARTIAL, "packets lost")
    assert (second.lap_number, second.kind) == (3, LapKind.PARTIAL)
    assert tail[0] is frames[2000]


def test_a_long_hole_makes_the_lap_partial() -> None:
    frames = Drive().lap(60_000).lap(60_000, until=0.2).frames
    del frames[1000:2000]

    assert described(frames) == [("partial", "packets lost"), ENDED]
    assert times_of(frames)[0] == pytest.approx(60_000, abs=5)


@BY_FIELDS
@pytest.mark.parametrize("distance", [1, 2, 6, 60])
def test_a_reordered_packet_splits_nothing(
    absent: tuple[str, ...], distance: int
) -> None:
    drive = Drive(phase_ms=3.0).lap(20_000).lap(21_000).lap(20_000, until=0.4)
    for late in (500, 1198, 1199, 1200, 1201, 1210):
        frames = without(drive.frames, *absent)
        frames.insert(late + distance, frames.pop(late))
        for n, frame in enumerate(frames):
            # Its sender's clock is old; it is received after the others.
            frames[n] = msgspec.structs.replace(
                frame, received_us=START_US + n * 16_667
            )
        laps = laps_of(frames)

        assert [lap.kind.value for lap in laps] == ["flying", "flying", "partial"]
        # Without a clock a hole in front of the line moves the crossing a little.
        assert [lap.lap_time_ms for lap in laps[:2]] == [
            pytest.approx(20_000, abs=20),
            pytest.approx(21_000, abs=20),
        ]


@pytest.mark.parametrize(
    "glitch",
    [
        {"lap_number": 0},
        {"lap_number": 9},
        {"normalized_position": 0.9},
        {"normalized_position": 0.0},
        {"lap_time_ms": 0},
        {"session_uid": 7},
        {"normalized_position": float("nan")},
        {"normalized_position": None, "lap_time_ms": None, "lap_number": None},
    ],
    ids=str,
)
def test_one_odd_frame_splits_nothing(glitch: dict[str, object]) -> None:
    drive = Drive()
    drive.fixed = {"session_uid": 1}
    frames = drive.lap(60_000).lap(60_000, until=0.3).frames
    frames[1500] = msgspec.structs.replace(frames[1500], **glitch)

    assert described(frames) == [FLYING, ENDED]


@BY_FIELDS
def test_a_teleport_to_the_pits_breaks_the_lap(absent: tuple[str, ...]) -> None:
    drive = Drive()
    drive.fixed = {"in_pit": False}
    drive.lap(60_000).lap(60_000, until=0.6)
    drive.fixed = {}
    drive.position = 0.04
    drive.stand(8_000, in_pit=True, lap_time_ms=0)
    drive.fixed = {"in_pit": False}
    drive.clock_ms = 60_000 * 0.04
    drive.lap(60_000).lap(60_000, until=0.3)
    first, broken, out, rest = laps_of(without(drive.frames, *absent))

    assert first.kind is LapKind.FLYING
    assert broken.kind is LapKind.PARTIAL
    assert broken.lap_time_ms is None
    if not absent:
        assert broken.reason == "returned to the pits"
    assert out.kind is LapKind.OUT
    assert rest.reason == "recording ended"


@pytest.mark.parametrize("pause_s", [1, 60, 700])
def test_a_teleport_with_the_clock_reset_while_paused(pause_s: int) -> None:
    """A pause is no time in which a car might have driven backwards."""
    drive = Drive().lap(60_000, until=0.25).pause(pause_s * 1000)
    drive.position, drive.clock_ms = 0.03, 0.03 * 60_000
    drive.stand(1_500, in_pit=True, lap_time_ms=1_800)
    drive.lap(60_000).lap(60_000, until=0.2)
    broken, out, _ = laps_of(drive.frames)

    assert (broken.kind, broken.reason) == (LapKind.PARTIAL, "returned to the pits")
    assert out.kind is LapKind.OUT


def test_a_teleport_while_paused_breaks_the_lap() -> None:
    drive = Drive().lap(60_000).lap(60_000, until=0.5).pause(60_000)
    drive.position = 0.04
    drive.stand(2_000)

    assert described(drive.frames) == [
        FLYING,
        ("partial", "car moved elsewhere"),
        ENDED,
    ]


def test_a_teleport_over_the_line_is_no_lap() -> None:
    drive = Drive().lap(60_000)
    drive.fixed = {"in_pit": False}
    drive.lap(60_000, until=0.995)
    drive.position, drive.fixed = 0.001, {"in_pit": True}
    drive.stand(5_000)

    kinds = [lap.kind.value for lap in laps_of(drive.frames)]
    assert kinds == ["flying", "partial", "partial"]


@BY_FIELDS
@pytest.mark.parametrize("share", [0.2, 0.6, 0.97])
@pytest.mark.parametrize("pause_ms", [0, 20_000])
def test_a_restart_breaks_the_lap(
    absent: tuple[str, ...], share: float, pause_ms: int
) -> None:
    drive = Drive().lap(60_000, until=share).pause(pause_ms).restart().stand(500)
    drive.clock_ms = 0.0
    drive.lap(61_000).lap(60_000, until=0.2)
    laps = laps_of(without(drive.frames, *absent))

    assert [lap.kind.value for lap in laps] == ["partial", "flying", "partial"]
    assert [lap.lap_number for lap in laps] == [1, 2, 3]
    assert laps[0].lap_time_ms is None


def test_numbers_go_on_after_a_restart() -> None:
    drive = Drive().lap(60_000).lap(60_000).lap(60_000, until=0.4).restart()
    laps = laps_of(drive.lap(60_000).lap(60_000, until=0.1).frames)

    assert [lap.lap_number for lap in laps] == [1, 2, 3, 4, 5]
    assert laps[2].reason == "session restarted"
    assert laps[3].kind is LapKind.FLYING


def test_a_new_session_breaks_the_lap() -> None:
    drive = Drive()
    drive.fixed = {"session_uid": 1}
    drive.lap(60_000, until=0.4)
    drive.fixed = {"session_uid": 2}
    drive.lap(60_000, until=0.5)

    assert described(drive.frames) == [("partial", "new session"), ENDED]


def test_a_rewind_within_a_lap_makes_it_partial_but_whole() -> None:
    drive = Drive().lap(60_000, until=0.5)
    drive.clock_ms -= 4_000
    drive.lap(60_000).lap(60_000, until=0.2)
    frames = without(drive.frames, "normalized_position")

    assert described(frames) == [("partial", "rewound"), ENDED]


def test_a_rewind_over_the_line_breaks_the_lap() -> None:
    drive = Drive().lap(60_000).lap(60_000, until=0.1)
    drive.clock_ms, drive.lap_number = 57_000.0, 1
    drive.lap(60_000).lap(60_000, until=0.2)

    assert described(drive.frames) == [
        FLYING,
        ("partial", "rewound"),
        ("partial", "joined late"),
        ENDED,
    ]


def test_rolling_to_and_fro_over_the_line_is_no_lap() -> None:
    drive = Drive().lap(60_000).lap(60_000, until=0.005)
    for position in (0.004, 0.002, 0.0, 0.999, 0.998, 0.999, 0.0, 0.002, 0.004):
        for _ in range(20):
            drive.position = position
            drive.sample(speed_kmh=15.0)
            drive.advance(drive.step_ms)
    drive.frames.pop()
    lost_ms = drive.clock_ms - 300
    start = len(drive.frames)
    drive.clock_ms = 300.0
    drive.lap(60_000)
    for n, frame in enumerate(drive.frames[start:], start):
        clock_ms = round((frame.lap_time_ms or 0) + lost_ms)
        drive.frames[n] = msgspec.structs.replace(frame, lap_time_ms=clock_ms)
    drive.lap(60_000, until=0.2)

    assert described(drive.frames) == [FLYING, FLYING, ENDED]
    assert described(without(drive.frames, "lap_time_ms", "lap_number")) == [
        FLYING,
        FLYING,
        ENDED,
    ]


def test_a_wrap_that_the_game_does_not_count_breaks_the_lap() -> None:
    """Two dissenters outvote the position, yet two drives are not spliced."""
    frames = Drive().lap(60_000).lap(60_000).frames
    frames = [
        msgspec.structs.replace(frame, lap_number=1, lap_time_ms=n * 17)
        for n, frame in enumerate(frames)
    ]

    assert described(frames)[0] == ("partial", "line passed uncounted")


def test_a_count_away_from_the_line_breaks_the_lap() -> None:
    frames = Drive().lap(60_000).frames
    frames[1800:] = [
        msgspec.structs.replace(frame, lap_number=2) for frame in frames[1800:]
    ]

    assert described(frames)[0] == ("partial", "counted away from the line")


@pytest.mark.parametrize("slip_ms", [0, 50, 1_500])
def test_a_car_moved_ahead_is_no_late_packet(slip_ms: int) -> None:
    """Not even where its clock steps back a little, as a late packet's would."""
    drive = Drive().lap(60_000).lap(60_000, until=0.4)
    shown_ms = int(drive.clock_ms)
    drive.clock_ms += 0.08 * 60_000
    drive.lap(60_000, until=0.48)
    for _ in range(3):
        drive.sample(speed_kmh=0.0, lap_time_ms=shown_ms - slip_ms)
        drive.time_ms += drive.step_ms
    drive.lap(60_000).lap(60_000, until=0.2)

    kinds = [lap.kind.value for lap in laps_of(drive.frames)]
    assert kinds[0] == "flying"
    assert "flying" not in kinds[1:]
    assert ("partial", "car moved elsewhere") in described(drive.frames)
