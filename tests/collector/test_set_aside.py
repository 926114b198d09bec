"""What the database does not take goes into the side file, in its order."""

from __future__ import annotations

import pytest

from ps_tui.collector.recorder import Pace, Recorder
from ps_tui.domain.errors import DatabaseError, RecorderBusyError, StorageFullError
from ps_tui.domain.frame import Frame
from ps_tui.domain.laps import LapCompleted, LapStarted
from ps_tui.domain.models import LapKind, SessionDraft
from ps_tui.domain.recording import (
    FeedCounters,
    LapStored,
    Notice,
    Outage,
    outage_text,
)
from tests.support.recording_fakes import ME, FakeSpill, FakeStore, until

FULL = StorageFullError("The disk is full.", "Make room.")
AT_ONCE = Pace(
    flush_s=0.002,
    seal_after_s=0.01,
    retry_s=0.002,
    retry_limit_s=0.01,
    set_aside_after_s=0.0,
    stop_limit_s=0.05,
)
LATER = Pace(flush_s=0.002, retry_s=0.002, retry_limit_s=0.01, set_aside_after_s=3600)


class Desk:
    """A recorder over a store and a spill that fail when told to."""

    def __init__(self, pace: Pace = AT_ONCE, capacity: int = 1000) -> None:
        self.store = FakeStore()
        self.spill = FakeSpill(self.store)
        self.counters = FeedCounters()
        self.notices: list[Notice] = []
        self.sent = 0
        self.recorder = Recorder(
            self.store,
            self.counters,
            self.notices.append,
            capacity=capacity,
            pace=pace,
            find_spill=lambda: self.spill,
        )

    async def begin(self) -> None:
        session = await self.store.create_session(SessionDraft("Practice"))
        await self.store.begin_recording(session.id, ME, ())
        self.recorder.begin(session.id)

    def drive(self, count: int) -> None:
        for _ in range(count):
            self.recorder.put(Frame(self.sent, 0, lap_number=1), (), False)
            self.sent += 1

    def stored(self) -> list[int]:
        filed = self.store.stored(self.recorder.session_id)
        return [each.frame.received_us for each in filed]

    @property
    def outage(self) -> Outage:
        assert self.recorder.outage is not None
        return self.recorder.outage


async def test_what_waits_goes_aside_and_comes_home_in_order() -> None:
    desk = Desk()
    await desk.begin()
    desk.drive(10)
    await until(lambda: desk.stored())
    desk.store.failure = FULL
    for _ in range(3):
        desk.drive(20)
        await until(lambda: desk.spill.frame_count == desk.sent - 10)
    assert desk.recorder.depth == 0
    assert (desk.outage.waiting, desk.outage.folder) == (60, "/elsewhere")
    assert desk.outage.room == 1000 + 5000
    assert desk.outage.remedy == "Make room."
    desk.store.failure = None
    desk.drive(5)
    await until(lambda: desk.recorder.outage is None)
    await desk.recorder.stop()
    assert desk.stored() == list(range(75))
    assert desk.counters.dropped == 0


async def test_what_is_aside_comes_home_although_nothing_arrives() -> None:
    desk = Desk()
    await desk.begin()
    desk.store.failure = FULL
    desk.drive(10)
    await until(lambda: desk.spill.frame_count == 10)
    desk.store.failure = None
    await until(lambda: desk.stored() == list(range(10)))
    await until(lambda: desk.recorder.outage is None)
    await desk.recorder.stop()


async def test_a_batch_that_fails_behind_the_file_is_not_written_before_it() -> None:
    desk = Desk()
    await desk.begin()
    desk.store.failure = FULL
    desk.drive(10)
    await until(lambda: desk.spill.frame_count == 10)
    desk.spill.failure = FULL
    desk.drive(10)
    await until(lambda: desk.recorder.depth == 10)
    desk.store.failure = None
    await until(lambda: desk.recorder.depth == 0)
    await desk.recorder.stop()
    assert desk.stored() == list(range(20))


async def test_a_short_outage_stays_in_memory_until_the_queue_fills() -> None:
    desk = Desk(LATER, capacity=100)
    await desk.begin()
    desk.store.failure = FULL
    desk.drive(50)
    await until(lambda: desk.store.write_count > 2)
    assert desk.spill.put_count == 0
    assert (desk.outage.waiting, desk.outage.folder) == (50, "")
    desk.drive(30)
    await until(lambda: desk.spill.frame_count == 80)
    desk.store.failure = None
    await desk.recorder.stop()
    assert desk.stored() == list(range(80))


async def test_a_queue_that_fills_during_a_long_wait_is_set_aside_at_once() -> None:
    slow = Pace(flush_s=0.002, retry_s=3600, retry_limit_s=3600)
    desk = Desk(slow, capacity=100)
    await desk.begin()
    desk.store.failure = FULL
    desk.drive(1)
    await until(lambda: desk.recorder.outage)
    desk.drive(90)
    await until(lambda: desk.spill.frame_count == 91)
    desk.drive(90)
    await until(lambda: desk.spill.frame_count == 181)
    assert desk.counters.dropped == 0
    desk.store.failure = None
    await desk.recorder.stop()
    assert desk.stored() == list(range(181))


async def test_with_no_room_anywhere_the_newest_are_dropped_and_counted() -> None:
    desk = Desk(capacity=30)
    await desk.begin()
    desk.store.failure = desk.spill.failure = FULL
    desk.drive(10)
    await until(lambda: desk.recorder.outage)
    desk.drive(40)
    assert (desk.recorder.depth, desk.counters.dropped) == (30, 20)
    desk.store.failure = desk.spill.failure = None
    await until(lambda: desk.recorder.depth == 0)
    await desk.recorder.stop()
    assert desk.stored() == list(range(30))


async def test_a_stop_without_room_keeps_the_frames_and_says_where() -> None:
    desk = Desk(LATER)
    await desk.begin()
    desk.store.failure = FULL
    desk.drive(10)
    desk.recorder._pace = AT_ONCE
    with pytest.raises(DatabaseError, match=r"disk is full.*10 frames.*/elsewhere"):
        await desk.recorder.stop()
    assert desk.spill.frame_count == 10
    assert desk.counters.dropped == 0
    assert desk.recorder.is_ended


async def test_a_session_taken_away_costs_no_frame() -> None:
    desk = Desk()
    await desk.begin()
    desk.store.failure = RecorderBusyError("Taken over.", "Start a new one.")
    desk.drive(3)
    await until(lambda: desk.recorder.is_ended)
    with pytest.raises(DatabaseError, match="3 frames are kept"):
        await desk.recorder.stop()
    assert (desk.spill.frame_count, desk.counters.dropped) == (3, 0)


async def test_laps_are_told_of_and_sealed_once_they_are_home() -> None:
    desk = Desk()
    await desk.begin()
    desk.store.failure = FULL
    desk.recorder.put(Frame(1, 0), [LapStarted(1, 1)], False)
    lap = LapCompleted(
        1, kind=LapKind.FLYING, valid=True, started_us=1, ended_us=9, lap_time_ms=90_000
    )
    desk.recorder.put(Frame(9, 0), [lap], False)
    await until(lambda: desk.spill.frame_count == 2)
    assert not any(isinstance(notice, LapStored) for notice in desk.notices)
    desk.store.failure = None
    await until(lambda: desk.store.sealed)
    assert desk.store.sealed == [(desk.recorder.session_id, 1)]
    (told,) = [notice for notice in desk.notices if isinstance(notice, LapStored)]
    assert told.lap == lap
    await desk.recorder.stop()


def test_the_words_say_where_and_for_how_long() -> None:
    memory = Outage("The disk is full.", "Make room.", waiting=5, room=900)
    assert outage_text(memory, 95.0) == (
        "Not saved: The disk is full. Frames wait in memory, with room for 1 min."
    )
    assert outage_text(memory, None).endswith("Frames wait in memory.")
    file = Outage("The disk is full.", "", waiting=5, room=900, folder="/tmp/x")
    assert outage_text(file, 0.5).endswith("in /tmp/x, with room for no time.")
