"""Laws of lap detection that hold for every sequence of frames."""

from __future__ import annotations

import random
from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from ps_tui.domain.frame import Frame
from ps_tui.domain.lap_detector import LapDetector
from ps_tui.domain.laps import LapCompleted, LapEvent, LapRevised, LapStarted
from ps_tui.domain.models import LapKind
from tests.support.drives import START_US, Drive, events_of, laps_of, without


def check_laws(frames: Sequence[Frame], events: Sequence[LapEvent]) -> None:
    """Assert that the events cut the frames into laps, each in exactly one."""
    started = [event for event in events if isinstance(event, LapStarted)]
    completed = [event for event in events if isinstance(event, LapCompleted)]
    numbers = [lap.lap_number for lap in started]
    assert numbers == sorted(set(numbers))
    assert [lap.lap_number for lap in completed] == numbers
    assert [lap.started_us for lap in completed] == [lap.started_us for lap in started]
    assert started[0].started_us == frames[0].received_us
    for lap, following in zip(completed, started[1:], strict=False):
        assert lap.ended_us == following.started_us
    for lap in completed:
        assert lap.started_us <= lap.ended_us
        assert lap.lap_time_ms is None or lap.lap_time_ms >= 0
        assert lap.clock_time_ms is None or lap.clock_time_ms >= 0
        assert (lap.reason is None) == (lap.kind is not LapKind.PARTIAL)
        assert not lap.is_official or lap.lap_time_ms is not None
    assert completed[-1].ended_us > frames[-1].received_us
    ended: set[int] = set()
    for event in events:
        if isinstance(event, LapCompleted):
            ended.add(event.lap_number)
        elif isinstance(event, LapRevised):
            assert event.lap_number in ended
            assert event.lap_time_ms > 0


maybe_flag = st.sampled_from([None, False, True])
any_frame = st.fixed_dictionaries(
    {
        "timestamp_ms": st.integers(-5, 20_000),
        "speed_kmh": st.none() | st.sampled_from([0.0, 3.0, 60.0, 250.0]),
        "lap_time_ms": st.none() | st.integers(-1, 100_000) | st.integers(0, 50),
        "lap_number": st.none() | st.integers(-1, 4),
        "normalized_position": st.none()
        | st.floats(0, 1)
        | st.sampled_from([0.0, 0.001, 0.999, 1.0, -3.0, float("nan"), float("inf")]),
        "in_pit": maybe_flag,
        "lap_valid": maybe_flag,
        "last_lap_ms": st.none() | st.sampled_from([-1, 0, 60_000, 60_010]),
        "sequence": st.none() | st.integers(0, 20),
        "session_uid": st.none() | st.integers(0, 1),
    }
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(any_frame, st.integers(0, 3_000_000)), min_size=1))
def test_nonsense_is_cut_into_laps_all_the_same(
    made: list[tuple[dict[str, object], int]],
) -> None:
    received_us = START_US
    frames: list[Frame] = []
    for fields, gap_us in made:
        received_us += gap_us
        frames.append(Frame(received_us=received_us, **fields))  # type: ignore[arg-type]
    check_laws(frames, events_of(frames))


@settings(max_examples=20, deadline=None)
@given(
    pace_ms=st.floats(20_000, 100_000),
    variations=st.lists(st.floats(0.97, 1.03), min_size=1, max_size=4),
    loss=st.sampled_from([0.0, 0.02, 0.1]),
    reorder=st.sampled_from([0.0, 0.02]),
    absent=st.sampled_from(
        [(), ("normalized_position",), ("lap_number",), ("lap_time_ms", "lap_number")]
    ),
    is_official=st.booleans(),
    phase_ms=st.floats(0, 16),
    seed=st.integers(0, 1_000_000),
)
def test_clean_laps_are_found_through_loss_and_reordering(
    pace_ms: float,
    variations: list[float],
    loss: float,
    reorder: float,
    absent: tuple[str, ...],
    is_official: bool,
    phase_ms: float,
    seed: int,
) -> None:
    drive = Drive(phase_ms=phase_ms if "lap_time_ms" not in absent else 0.0)
    # One pace for all, for no car changes its speed on the line.
    lap_times_ms = [pace_ms * variation for variation in variations]
    for lap_ms in lap_times_ms:
        drive.lap(lap_ms, official=is_official)
    drive.lap(pace_ms, until=0.3)
    chance = random.Random(seed).random
    frames = without(drive.frames, *absent)
    frames = frames[:2] + [frame for frame in frames[2:] if chance() >= loss]
    for n in range(2, len(frames) - 5):
        if chance() < reorder:
            # Late by at most four packets: received after them.
            frames.insert(n + int(1 + chance() * 4), frames.pop(n))
    arrivals = sorted(frame.received_us for frame in frames)
    frames = [
        msgspec.structs.replace(frame, received_us=arrival)
        for frame, arrival in zip(frames, arrivals, strict=True)
    ]
    check_laws(frames, events_of(frames))
    laps = laps_of(frames)

    assert [lap.kind.value for lap in laps] == ["flying"] * len(lap_times_ms) + [
        "partial"
    ]
    for lap, lap_ms in zip(laps, lap_times_ms, strict=False):
        # The position alone cannot tell at what pace a hole was driven.
        tolerance_ms = 40 if "lap_time_ms" in absent else 20
        assert lap.clock_time_ms == pytest.approx(lap_ms, abs=tolerance_ms)
        assert lap.is_official is is_official
        if is_official:
            assert lap.lap_time_ms == round(lap_ms)


class AnyWeekend(RuleBasedStateMachine):
    """A driver who does everything, on a network that does everything.

    ``whole`` counts the laps driven from line to line with nothing between; no
    other lap may come out as flying.
    """

    LAP_MS = 30_000.0

    def __init__(self) -> None:
        super().__init__()
        self.drive = Drive(hz=20.0)
        self.detector = LapDetector()
        self.fed: list[Frame] = []
        self.events: list[LapEvent] = []
        self.is_whole = True
        self.whole = 0

    def feed(self) -> None:
        """Hand over what was driven, with times of arrival that rise."""
        for frame in self.drive.frames:
            newest_us = self.fed[-1].received_us if self.fed else 0
            arrival_us = max(frame.received_us, newest_us + 1)
            arrived = msgspec.structs.replace(frame, received_us=arrival_us)
            self.fed.append(arrived)
            self.events.extend(self.detector.feed(arrived))
        self.drive.frames.clear()

    @property
    def share(self) -> float:
        return self.drive.clock_ms / self.LAP_MS

    @rule(ahead=st.floats(0.05, 0.4))
    def drive_on(self, ahead: float) -> None:
        if self.share + ahead < 0.98:
            self.drive.lap(self.LAP_MS, until=self.share + ahead)
            self.feed()

    @rule(is_official=st.booleans())
    def drive_to_the_line(self, is_official: bool) -> None:
        self.drive.lap(self.LAP_MS, official=is_official)
        self.feed()
        self.whole += self.is_whole
        self.is_whole = True
        self.drive.lap(self.LAP_MS, until=0.15)
        self.feed()

    @rule(seconds=st.sampled_from([1, 5, 700]))
    def pause(self, seconds: int) -> None:
        self.drive.pause(seconds * 1000)

    @rule(count=st.integers(1, 8))
    def lose_packets(self, count: int) -> None:
        before = self.share
        if before < 0.9:
            self.drive.lap(self.LAP_MS, until=before + 0.05)
            del self.drive.frames[1 : 1 + count]
            self.feed()

    @rule(back=st.integers(1, 20))
    @precondition(lambda self: len(self.fed) > 20)
    def deliver_late(self, back: int) -> None:
        self.drive.frames.append(self.fed[-back])
        self.feed()

    @rule()
    @precondition(lambda self: len(self.fed) > 20 and 0.2 < self.share < 0.9)
    def restart(self) -> None:
        self.drive.restart().stand(400)
        self.drive.clock_ms = 0.0
        self.drive.lap(self.LAP_MS, until=0.1)
        self.is_whole = True
        self.feed()

    @rule()
    @precondition(lambda self: len(self.fed) > 20 and 0.2 < self.share < 0.9)
    def teleport_to_the_pits(self) -> None:
        self.drive.position = 0.03
        self.drive.clock_ms = 0.03 * self.LAP_MS
        for _ in range(30):
            self.drive.sample(speed_kmh=0.0, in_pit=True)
            self.drive.time_ms += 50.0
        self.drive.lap(self.LAP_MS, until=0.15)
        self.is_whole = False
        self.feed()

    @rule()
    @precondition(lambda self: len(self.fed) > 20 and 0.3 < self.share < 0.9)
    def jump_ahead_while_standing(self) -> None:
        self.drive.clock_ms += 0.08 * self.LAP_MS
        self.drive.lap(self.LAP_MS, until=self.share)
        for _ in range(3):
            self.drive.sample(speed_kmh=0.0, lap_time_ms=self.fed[-1].lap_time_ms)
        self.is_whole = False
        self.feed()

    def teardown(self) -> None:
        if not self.fed:
            return
        self.events.extend(self.detector.finish())
        check_laws(self.fed, self.events)
        kinds = [e.kind for e in self.events if isinstance(e, LapCompleted)]
        assert kinds.count(LapKind.FLYING) == self.whole
        for event in self.events:
            if isinstance(event, LapCompleted) and event.kind is LapKind.FLYING:
                assert event.lap_time_ms == pytest.approx(self.LAP_MS, abs=60)


AnyWeekend.TestCase.settings = settings(
    max_examples=25, stateful_step_count=12, deadline=None
)
TestAnyWeekend = AnyWeekend.TestCase
