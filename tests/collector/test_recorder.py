"""Nothing lost on the way to the store, whatever the store does."""

from __future__ import annotations

import asyncio

import pytest

from ps_tui.collector.recorder import Pace, Recorder
from ps_tui.domain.errors import (
    DatabaseBusyError,
    DatabaseError,
    RecorderBusyError,
    StorageFullError,
)
from ps_tui.domain.frame import Frame, Identity
from ps_tui.domain.laps import LapCompleted, LapEvent, LapRevised, LapStarted
from ps_tui.domain.models import LapKind, SessionDraft
from ps_tui.domain.recording import Alert, FeedCounters, LapStored, Notice
from tests.support.recording_fakes import ME, FakeStore, until

QUICK = Pace(
    flush_s=0.005,
    seal_after_s=0.01,
    retry_s=0.002,
    retry_limit_s=0.01,
    stop_limit_s=0.2,
)


def frame(at_us: int, lap_number: int | None = 1) -> Frame:
    return Frame(at_us, at_us // 1000, lap_number=lap_number)


def completed(number: int, started_us: int, ended_us: int) -> LapCompleted:
    return LapCompleted(
        number,
        kind=LapKind.FLYING,
        valid=True,
        started_us=started_us,
        ended_us=ended_us,
        lap_time_ms=90_000,
    )


class Desk:
    """A store, a begun session, and what the recorder said."""

    def __init__(self) -> None:
        self.store = FakeStore()
        self.counters = FeedCounters()
        self.notices: list[Notice] = []
        self.session_id = ""

    def recorder(self, capacity: int = 1000, pace: Pace = QUICK) -> Recorder:
        return Recorder(
            self.store,
            self.counters,
            self.notices.append,
            capacity=capacity,
            pace=pace,
        )

    async def begin(self, recorder: Recorder) -> None:
        session = await self.store.create_session(SessionDraft("Practice"))
        await self.store.begin_recording(session.id, ME, ())
        self.session_id = session.id
        recorder.begin(session.id)

    def stored_us(self) -> list[int]:
        return [f.frame.received_us for f in self.store.stored(self.session_id)]

    def lap_of(self) -> dict[int, int]:
        return {
            f.frame.received_us: f.lap_number
            for f in self.store.stored(self.session_id)
        }

    def alerts(self) -> list[Alert]:
        return [notice for notice in self.notices if isinstance(notice, Alert)]


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_frames_put_before_the_session_are_in_it(desk: Desk) -> None:
    recorder = desk.recorder()
    recorder.put(frame(1), [LapStarted(1, 1)], False)
    recorder.put(frame(2), (), False)
    assert recorder.depth == 2
    await desk.begin(recorder)
    recorder.put(frame(3), (), False)
    await until(lambda: recorder.depth == 0)
    await recorder.stop()
    assert desk.stored_us() == [1, 2, 3]
    assert desk.store.active_ids == []


async def test_a_full_batch_is_written_without_waiting(desk: Desk) -> None:
    patient = Pace(flush_s=3600, flush_frames=10)
    recorder = desk.recorder(pace=patient)
    await desk.begin(recorder)
    await asyncio.sleep(0)
    for at_us in range(11):
        recorder.put(frame(at_us), (), False)
    await until(lambda: desk.stored_us())
    assert len(desk.stored_us()) == 11
    await recorder.stop()


async def test_frames_go_to_the_lap_in_which_they_were_received(desk: Desk) -> None:
    recorder = desk.recorder()
    recorder.put(frame(10), [LapStarted(1, 10, 4)], False)
    for at_us in (20, 30, 40):
        recorder.put(frame(at_us), (), False)
    crossing: list[LapEvent] = [completed(1, 10, 30), LapStarted(2, 30, 5)]
    recorder.put(frame(50), crossing, False)
    await desk.begin(recorder)
    await recorder.stop()
    assert desk.lap_of() == {10: 1, 20: 1, 30: 2, 40: 2, 50: 2}
    assert desk.counters.laps == 1


async def test_a_late_frame_goes_to_the_lap_its_game_counted(desk: Desk) -> None:
    recorder = desk.recorder(pace=Pace(flush_s=0.005, seal_after_s=3600))
    await desk.begin(recorder)
    recorder.put(frame(10, 4), [LapStarted(1, 10, 4)], False)
    recorder.put(frame(30, 5), [completed(1, 10, 30), LapStarted(2, 30, 5)], False)
    recorder.put(frame(40, 4), (), True)
    recorder.put(frame(41, 5), (), True)
    await recorder.stop()
    assert desk.lap_of() == {10: 1, 30: 2, 40: 1, 41: 2}
    assert desk.stored_us() == [10, 30, 40, 41]


async def test_a_sealed_lap_takes_no_more_frames(desk: Desk) -> None:
    recorder = desk.recorder()
    await desk.begin(recorder)
    recorder.put(frame(10, 4), [LapStarted(1, 10, 4)], False)
    recorder.put(frame(30, 5), [completed(1, 10, 30), LapStarted(2, 30, 5)], False)
    await until(lambda: desk.store.sealed)
    assert desk.store.sealed == [(desk.session_id, 1)]
    recorder.put(frame(40, 4), (), True)
    await recorder.stop()
    assert desk.lap_of()[40] == 2


async def test_frames_without_any_lap_are_kept(desk: Desk) -> None:
    recorder = desk.recorder()
    await desk.begin(recorder)
    recorder.put(frame(10), (), False)
    recorder.put(frame(11), (), True)
    await recorder.stop()
    assert desk.lap_of() == {10: 1, 11: 1}


async def test_a_lap_is_announced_after_its_commit_and_its_correction(
    desk: Desk,
) -> None:
    recorder = desk.recorder()
    await desk.begin(recorder)
    desk.store.gate = asyncio.Event()
    recorder.put(frame(10), [LapStarted(1, 10), completed(1, 10, 30)], False)
    await until(lambda: desk.store.write_count)
    assert desk.notices == []
    desk.store.gate.set()
    await until(lambda: desk.notices)
    recorder.put(frame(31), [LapRevised(1, 90_123)], False)
    await until(lambda: len(desk.notices) == 2)
    first, second = desk.notices
    assert isinstance(first, LapStored)
    assert isinstance(second, LapStored)
    assert (first.lap.lap_time_ms, second.lap.lap_time_ms) == (90_000, 90_123)
    assert second.lap.is_official
    await recorder.stop()


@pytest.mark.parametrize(
    "error",
    [
        StorageFullError("The disk is full.", "Make room."),
        DatabaseBusyError("Locked.", "Wait."),
        DatabaseError("It fails.", ""),
        RuntimeError("a bug"),
    ],
)
async def test_a_failing_store_costs_nothing_once_it_recovers(
    desk: Desk, error: Exception
) -> None:
    recorder = desk.recorder()
    await desk.begin(recorder)
    desk.store.failure = error
    for at_us in range(100):
        recorder.put(frame(at_us), (), False)
        if at_us == 50:
            await until(lambda: desk.store.write_count > 3)
    assert recorder.trouble.error is not None
    assert recorder.trouble.error is error
    assert recorder.depth == 100
    assert [alert.severity for alert in desk.alerts()] == ["error"]
    desk.store.failure = None
    await until(lambda: recorder.depth == 0)
    await until(lambda: recorder.trouble.error is None)
    await recorder.stop()
    assert desk.stored_us() == list(range(100))
    assert [alert.severity for alert in desk.alerts()] == ["error", "information"]
    assert desk.counters.dropped == 0


async def test_a_full_queue_drops_the_newest_and_counts(desk: Desk) -> None:
    recorder = desk.recorder(capacity=20)
    await desk.begin(recorder)
    desk.store.failure = StorageFullError("The disk is full.", "Make room.")
    for at_us in range(10):
        recorder.put(frame(at_us), (), False)
    await until(lambda: desk.store.write_count)
    for at_us in range(10, 50):
        recorder.put(frame(at_us), [LapStarted(at_us, at_us)], False)
    assert recorder.depth == 20
    assert desk.counters.dropped == 30
    desk.store.failure = None
    await until(lambda: recorder.depth == 0)
    recorder.put(frame(99), (), False)
    await recorder.stop()
    assert desk.stored_us() == [*range(20), 99]
    assert len(desk.store.opened(desk.session_id)) == 40
    batches = desk.store.batches[desk.session_id]
    assert sum(batch.dropped_frames for batch in batches) == 30


async def test_stopping_cuts_a_back_off_short(desk: Desk) -> None:
    slow = Pace(flush_s=0.005, retry_s=3600, retry_limit_s=3600, stop_limit_s=30)
    recorder = desk.recorder(pace=slow)
    await desk.begin(recorder)
    desk.store.failures = [StorageFullError("The disk is full.", "")]
    recorder.put(frame(1), (), False)
    await until(lambda: recorder.trouble.error is not None)
    await asyncio.wait_for(recorder.stop(), 15)
    assert desk.stored_us() == [1]


async def test_stopping_gives_up_and_says_what_is_lost(desk: Desk) -> None:
    recorder = desk.recorder()
    await desk.begin(recorder)
    desk.store.failure = StorageFullError("The disk is full.", "Make room.")
    for at_us in range(3):
        recorder.put(frame(at_us), (), False)
    with pytest.raises(StorageFullError):
        await recorder.stop()
    with pytest.raises(StorageFullError):
        await recorder.stop()
    assert desk.counters.dropped == 3
    assert recorder.is_ended


async def test_stopping_twice_or_cancelled_still_saves_all(desk: Desk) -> None:
    recorder = desk.recorder()
    await desk.begin(recorder)
    desk.store.gate = asyncio.Event()
    recorder.put(frame(1), (), False)
    stop = asyncio.create_task(recorder.stop())
    await until(lambda: desk.store.write_count)
    stop.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stop
    desk.store.gate.set()
    await recorder.stop()
    await recorder.stop()
    assert desk.stored_us() == [1]
    assert desk.store.active_ids == []


async def test_a_session_taken_away_ends_the_recorder(desk: Desk) -> None:
    recorder = desk.recorder()
    await desk.begin(recorder)
    desk.store.failure = RecorderBusyError("Taken over.", "Start a new one.")
    recorder.put(frame(1), (), False)
    await until(lambda: recorder.is_ended)
    with pytest.raises(RecorderBusyError):
        await recorder.stop()
    assert desk.counters.dropped == 1


async def test_an_idle_recorder_shows_that_it_lives(desk: Desk) -> None:
    recorder = desk.recorder(pace=Pace(flush_s=0.002, heartbeat_s=0.005))
    await desk.begin(recorder)
    await until(lambda: len(desk.store.batches[desk.session_id]) >= 3)
    await recorder.stop()
    assert desk.stored_us() == []


async def test_the_identity_goes_with_the_next_frames(desk: Desk) -> None:
    recorder = desk.recorder()
    await desk.begin(recorder)
    recorder.put_identity(Identity(car="ks_audi_r8_lms"))
    recorder.put(frame(1), (), False)
    await until(lambda: desk.stored_us())
    assert desk.store.identity(desk.session_id) == Identity(car="ks_audi_r8_lms")
    await recorder.stop()
