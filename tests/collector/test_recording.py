"""Sessions opened and closed by key, by telemetry, by another track."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ps_tui.collector.backing import Backing
from ps_tui.collector.collector import new_detector
from ps_tui.collector.live import LiveState
from ps_tui.collector.notices import Notices
from ps_tui.collector.open_session import OpeningPace
from ps_tui.collector.pipeline import Stream
from ps_tui.collector.recorder import Pace, Recorder
from ps_tui.collector.recording import Recording
from ps_tui.decoders.native import NativeDecoder
from ps_tui.domain.errors import (
    DatabaseError,
    NotFoundError,
    RecorderBusyError,
    StorageFullError,
)
from ps_tui.domain.laps import LapCompleted
from ps_tui.domain.models import Session, SessionDraft, SessionStatus
from ps_tui.domain.recording import (
    Alert,
    LapStored,
    Notice,
    Refusal,
    SessionClosed,
    SessionOpened,
)
from tests.support.recording_fakes import ME, OTHER, FakeStore, HandClock, until
from tests.support.telemetry import native_frame

HERE = ("127.0.0.1", 5000)
PACE = Pace(flush_s=0.002, seal_after_s=0.01, retry_s=0.002, stop_limit_s=0.1)
OPENING = OpeningPace(identity_s=0.01, retry_s=0.002, retry_limit_s=0.01)


class Desk:
    """A stream into a recording control above a store in memory."""

    def __init__(self) -> None:
        decoder = NativeDecoder()
        self.clock = HandClock()
        self.store = FakeStore()
        self.notices: list[Notice] = []
        self.live = LiveState(self.clock.now_us)
        self.stream = Stream(decoder, self.live, new_detector)
        notices = Notices()
        notices.subscribe(self.notices.append)
        backing = Backing(self.store, self.store, self.clock, ME)  # type: ignore[arg-type]
        self.recording = Recording(
            self.stream,
            backing,
            notices,
            make_recorder=lambda: Recorder(
                self.store,
                self.live.counters,
                notices.publish,
                pace=PACE,
            ),
            channels=decoder.channels,
            source="native",
            pace=OPENING,
        )
        self.next_index = 0

    def drive(self, count: int, **fields: Any) -> None:
        for _ in range(count):
            datagram = native_frame(self.next_index, **fields)
            self.stream.receive(datagram, HERE, self.clock.advance(0.02))
            self.next_index += 1

    async def pending(self, name: str, event_id: str | None = None) -> Session:
        return await self.store.create_session(SessionDraft(name, event_id=event_id))

    def times_ms(self, session_id: str) -> list[int | None]:
        return [f.frame.lap_time_ms for f in self.store.stored(session_id)]

    def told(self, kind: type) -> list[Notice]:
        return [notice for notice in self.notices if isinstance(notice, kind)]


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def recording(desk: Desk) -> Session:
    await until(lambda: desk.recording.session)
    assert desk.recording.session is not None
    return desk.recording.session


async def test_arriving_telemetry_opens_a_session_and_loses_no_frame(
    desk: Desk,
) -> None:
    desk.drive(50, track="monza", car="ford_gt40")
    session = await recording(desk)
    desk.drive(50)
    closed = await desk.recording.stop()
    assert session.name == "monza, ford_gt40"
    assert (session.track, session.car) == ("monza", "ford_gt40")
    assert closed is not None
    assert closed.status is SessionStatus.COMPLETED
    assert closed.frame_count == 100
    assert desk.times_ms(session.id) == [n * 20 for n in range(100)]
    assert desk.told(SessionOpened) == [
        SessionOpened(session.id, session.name, is_automatic=True)
    ]
    assert desk.told(SessionClosed) == [SessionClosed(session.id, session.name)]
    (lap,) = desk.store.closed(session.id)
    assert lap.reason == "recording stopped"


async def test_without_names_the_session_bears_the_time(desk: Desk) -> None:
    desk.drive(1)
    session = await recording(desk)
    assert session.name.startswith("Session of 2025-10-")
    await desk.recording.stop()


async def test_names_that_come_within_the_wait_are_used(desk: Desk) -> None:
    desk.drive(1)
    await asyncio.sleep(0)
    desk.drive(1, track="spa")
    assert (await recording(desk)).name == "spa"
    await desk.recording.stop()


async def test_names_that_come_later_are_stored_with_the_session(desk: Desk) -> None:
    desk.drive(1)
    session = await recording(desk)
    desk.drive(1, track="spa", driver="Ann")
    await desk.recording.stop()
    identity = desk.store.identity(session.id)
    assert identity is not None
    assert (identity.track, identity.driver) == ("spa", "Ann")


async def test_arriving_telemetry_starts_the_selected_pending_session(
    desk: Desk,
) -> None:
    pending = await desk.pending("Qualifying")
    await desk.store.edit_session(pending.id, SessionDraft("Qualifying", source="auto"))
    await desk.recording.select(pending.id)
    desk.drive(3)
    session = await recording(desk)
    assert (session.id, session.source) == (pending.id, "native")
    await desk.recording.stop()


async def test_a_new_session_goes_into_the_selected_event(desk: Desk) -> None:
    desk.recording.select_event("event-9")
    desk.drive(1)
    assert (await recording(desk)).event_id == "event-9"
    await desk.recording.stop()
    await desk.recording.start()
    session = await recording(desk)
    assert session.event_id == "event-9"
    assert session.id != desk.told(SessionOpened)[0].session_id  # type: ignore[union-attr]
    await desk.recording.stop()


async def test_start_waits_for_no_telemetry(desk: Desk) -> None:
    session = await desk.recording.start()
    assert desk.recording.session == session
    assert await desk.recording.start() == session
    desk.drive(5)
    await desk.recording.stop()
    assert len(desk.store.stored(session.id)) == 5
    assert desk.told(SessionOpened)[0].is_automatic is False  # type: ignore[union-attr]


async def test_after_a_stop_it_stays_off_until_started(desk: Desk) -> None:
    desk.drive(5)
    first = await recording(desk)
    await desk.recording.stop()
    desk.drive(5)
    desk.recording.tick()
    await asyncio.sleep(0.03)
    assert desk.recording.session is None
    second = await desk.recording.start()
    assert second.id != first.id
    desk.drive(5)
    await desk.recording.stop()
    assert desk.times_ms(second.id) == [n * 20 for n in range(10, 15)]
    assert [lap.lap_number for lap in desk.store.opened(second.id)] == [1]


async def test_after_a_stop_a_feed_that_returns_records_again(desk: Desk) -> None:
    desk.drive(5)
    await recording(desk)
    await desk.recording.stop()
    desk.drive(3)
    desk.clock.advance(5)
    desk.recording.tick()
    desk.drive(4)
    session = await recording(desk)
    await desk.recording.stop()
    assert len(desk.store.stored(session.id)) == 4
    assert [lap.lap_number for lap in desk.store.opened(session.id)] == [1]


async def test_starting_another_pending_session_closes_the_first(desk: Desk) -> None:
    desk.drive(10)
    first = await recording(desk)
    second = await desk.pending("Race")
    await desk.recording.select(second.id)
    desk.drive(5)
    started = await desk.recording.start()
    desk.drive(5)
    await desk.recording.stop()
    assert started.id == second.id
    assert len(desk.store.stored(first.id)) == 15
    assert len(desk.store.stored(second.id)) == 5
    assert desk.store.sessions_by_id[first.id].status is SessionStatus.COMPLETED


async def test_another_track_makes_another_session_in_the_same_event(
    desk: Desk,
) -> None:
    desk.recording.select_event("event-1")
    desk.drive(10, track="monza", car="ford")
    first = await recording(desk)
    desk.drive(10, track="spa", car="ford")
    desk.drive(10, track="spa", car="lotus")
    await until(lambda: len(desk.told(SessionOpened)) == 3)
    await desk.recording.stop()
    ids = [notice.session_id for notice in desk.told(SessionOpened)]  # type: ignore[union-attr]
    assert ids[0] == first.id
    names = [desk.store.sessions_by_id[session_id].name for session_id in ids]
    assert names == ["monza, ford", "spa, ford", "spa, lotus"]
    assert [len(desk.store.stored(session_id)) for session_id in ids] == [10] * 3
    events = {desk.store.sessions_by_id[session_id].event_id for session_id in ids}
    assert events == {"event-1"}


async def test_another_driver_makes_no_other_session(desk: Desk) -> None:
    desk.drive(3, track="monza", driver="Ann")
    session = await recording(desk)
    desk.drive(3, track="monza", driver="Ben")
    await desk.recording.stop()
    assert len(desk.store.stored(session.id)) == 6


async def test_a_recorder_elsewhere_is_named_and_left_alone(desk: Desk) -> None:
    desk.store.other = OTHER
    with pytest.raises(RecorderBusyError, match=r"pid 77.*Evening"):
        await desk.recording.start()
    assert desk.recording.other == OTHER
    desk.drive(5)
    await asyncio.sleep(0.03)
    assert desk.store.sessions_by_id == {}
    desk.store.other = None
    assert await desk.recording.refresh_other() is None
    desk.drive(5)
    session = await recording(desk)
    await desk.recording.stop()
    assert len(desk.store.stored(session.id)) == 5
    assert [lap.lap_number for lap in desk.store.opened(session.id)] == [1]


async def test_a_recorder_that_was_quicker_is_noticed_when_opening(
    desk: Desk,
) -> None:
    desk.drive(5)
    desk.store.other = OTHER
    await until(lambda: desk.told(Refusal))
    await desk.recording.settle()
    assert desk.recording.other == OTHER
    assert desk.recording.recorder is None
    assert desk.store.sessions_by_id == {}
    desk.drive(3)
    (refusal,) = desk.told(Refusal)
    assert "pid 77" in refusal.cause  # type: ignore[union-attr]
    assert "--db" in refusal.remedy  # type: ignore[union-attr]
    assert desk.live.counters.unrecorded == 8
    assert desk.live.counters.dropped == 0


async def test_what_comes_while_another_records_is_counted_and_refused_once(
    desk: Desk,
) -> None:
    desk.store.other = OTHER
    for _ in range(2):
        await desk.recording.refresh_other()
        desk.drive(4)
    assert len(desk.told(Refusal)) == 1
    assert desk.live.counters.unrecorded == 8
    desk.store.other = None
    await desk.recording.refresh_other()
    desk.drive(1)
    await recording(desk)
    await desk.recording.stop()
    desk.drive(2)
    assert desk.live.counters.unrecorded == 10
    assert len(desk.told(Refusal)) == 1


async def test_a_session_made_for_nothing_is_taken_away_again(desk: Desk) -> None:
    async def refuse(*arguments: object) -> None:
        raise RecorderBusyError("Somebody was quicker.", "Stop it.")

    desk.store.begin_recording = refuse  # type: ignore[method-assign]
    desk.recording.name_next("Morning")
    with pytest.raises(RecorderBusyError):
        await desk.recording.start()
    assert desk.store.sessions_by_id == {}
    assert desk.recording.selected is None


async def test_the_next_session_bears_the_name_that_was_chosen(desk: Desk) -> None:
    desk.recording.name_next("Morning")
    assert desk.store.sessions_by_id == {}
    desk.drive(3, track="monza")
    assert (await recording(desk)).name == "Morning"
    await desk.recording.stop()
    assert (await desk.recording.start()).name == "monza"
    await desk.recording.stop()


async def test_sessions_of_one_track_and_car_have_names_of_their_own(
    desk: Desk,
) -> None:
    for name in ("monza, ford", "monza, ford (2)", "monza, ford (3)"):
        desk.drive(3, track="monza", car="ford")
        await recording(desk)
        await desk.recording.stop()
        desk.clock.advance(6)
        desk.recording.tick()
        assert name in {each.name for each in await desk.store.sessions()}


async def test_a_session_begins_with_its_first_frame(desk: Desk) -> None:
    desk.drive(1)
    first_us = desk.clock.now_us()
    desk.drive(2)
    desk.clock.advance(3)
    session = await recording(desk)
    assert desk.store.since_us[session.id] == first_us
    await desk.recording.stop()


async def test_frames_wait_while_no_session_can_be_opened(desk: Desk) -> None:
    desk.store.create_failure = StorageFullError("The disk is full.", "Make room.")
    desk.drive(20)
    await until(lambda: desk.told(Alert))
    desk.drive(20)
    desk.store.create_failure = None
    session = await recording(desk)
    await desk.recording.stop()
    assert desk.times_ms(session.id) == [n * 20 for n in range(40)]
    alerts = [each for each in desk.told(Alert) if isinstance(each, Alert)]
    assert [alert.severity for alert in alerts] == ["error", "information"]


async def test_a_stop_before_the_session_is_open_saves_the_frames(desk: Desk) -> None:
    desk.drive(7)
    closed = await desk.recording.stop()
    assert closed is not None
    assert closed.frame_count == 7
    await desk.recording.settle()
    assert desk.recording.session is None


async def test_a_stop_does_not_wait_for_a_store_that_never_opens(desk: Desk) -> None:
    desk.store.create_failure = StorageFullError("The disk is full.", "Make room.")
    desk.drive(7)
    await until(lambda: desk.told(Alert))
    with pytest.raises(StorageFullError):
        await asyncio.wait_for(desk.recording.stop(), 15)
    await desk.recording.settle()
    assert desk.live.counters.dropped == 7
    assert desk.recording.recorder is None


async def test_stopping_what_does_not_record_is_nothing(desk: Desk) -> None:
    assert await desk.recording.stop() is None


async def test_a_stop_that_cannot_save_says_so_and_ends(desk: Desk) -> None:
    desk.drive(5)
    await recording(desk)
    desk.store.failure = DatabaseError("The disk is gone.", "Find it.")
    desk.drive(5)
    stop = asyncio.create_task(desk.recording.stop())
    await until(lambda: desk.recording.recorder is None and desk.recording.outage)
    with pytest.raises(DatabaseError, match="disk is gone"):
        await stop
    assert desk.recording.session is None
    assert desk.recording.outage is None
    assert desk.live.counters.dropped > 0


async def test_a_cancelled_stop_still_closes_the_session(desk: Desk) -> None:
    desk.drive(5)
    session = await recording(desk)
    stop = asyncio.create_task(desk.recording.stop())
    await asyncio.sleep(0)
    stop.cancel()
    await desk.recording.settle()
    assert stop.cancelled()
    assert desk.store.sessions_by_id[session.id].status is SessionStatus.COMPLETED
    assert len(desk.store.stored(session.id)) == 5


async def test_a_session_taken_away_is_followed_by_another(desk: Desk) -> None:
    desk.drive(5)
    first = await recording(desk)
    await until(lambda: desk.store.stored(first.id))
    desk.store.failures = [RecorderBusyError("Taken over.", "")]
    desk.store.active_ids.clear()
    desk.drive(1)
    await until(lambda: desk.recording.recorder and desk.recording.recorder.is_ended)
    desk.recording.tick()
    await until(lambda: desk.recording.recorder is None)
    desk.drive(5)
    second = await recording(desk)
    await desk.recording.stop()
    assert second.id != first.id
    assert len(desk.store.stored(second.id)) == 5


async def test_laps_are_announced_once_stored(desk: Desk) -> None:
    desk.drive(800, lap_ms=10_000)
    session = await recording(desk)
    await desk.recording.stop()
    laps = [n.lap for n in desk.told(LapStored) if isinstance(n, LapStored)]
    assert [lap.lap_number for lap in laps] == [1, 2]
    assert all(isinstance(lap, LapCompleted) for lap in laps)
    assert desk.live.counters.laps == 2
    assert {f.lap_number for f in desk.store.stored(session.id)} == {1, 2}


async def test_selecting_what_is_not_there_is_refused(desk: Desk) -> None:
    with pytest.raises(NotFoundError):
        await desk.recording.select("nothing")
    await desk.recording.select(None)
    assert desk.recording.selected is None


def test_a_subscriber_that_raises_is_not_in_the_way() -> None:
    notices = Notices()
    heard: list[Notice] = []

    def broken(notice: Notice) -> None:
        raise RuntimeError("a bug")

    notices.subscribe(broken)
    unsubscribe = notices.subscribe(heard.append)
    notices.publish(Alert("one"))
    unsubscribe()
    unsubscribe()
    notices.publish(Alert("two"))
    assert heard == [Alert("one")]
