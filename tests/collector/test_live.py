"""What screens pull."""

from __future__ import annotations

from typing import Any

import pytest

from ps_tui.collector.live import RING_FRAMES, LiveState
from ps_tui.domain.frame import Frame
from ps_tui.domain.laps import LapCompleted, LapRevised, LapStarted
from ps_tui.domain.models import LapKind
from ps_tui.domain.recording import FeedState, Outage
from tests.support.recording_fakes import HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def live(clock: HandClock) -> LiveState:
    state = LiveState(clock.now_us, source="native", channels=("clutch", "fuel"))
    state.start()
    return state


def receive(live: LiveState, clock: HandClock, **fields: Any) -> Frame:
    frame = Frame(clock.now_us(), clock.now_us() // 1000, **fields)
    live.counters.packets += 1
    live.counters.frames += 1
    live.last_packet_us = clock.now_us()
    live.append(frame)
    return frame


def lap(number: int, time_ms: int | None, **fields: Any) -> LapCompleted:
    values: dict[str, Any] = {"kind": LapKind.FLYING, "valid": True} | fields
    return LapCompleted(number, started_us=0, ended_us=1, lap_time_ms=time_ms, **values)


def test_a_cursor_gets_each_frame_once(live: LiveState, clock: HandClock) -> None:
    first = [receive(live, clock) for _ in range(3)]
    cursor, frames = live.frames_since(0)
    assert frames == first
    assert live.frames_since(cursor) == (cursor, [])
    newer = receive(live, clock)
    cursor, frames = live.frames_since(cursor)
    assert frames == [newer]


def test_only_the_last_minute_is_kept(live: LiveState, clock: HandClock) -> None:
    receive(live, clock)
    clock.advance(50)
    kept = receive(live, clock)
    clock.advance(20)
    live.tick()
    assert live.frames_since(0)[1] == [kept]


def test_a_fast_sender_keeps_a_bounded_ring(live: LiveState, clock: HandClock) -> None:
    for _ in range(RING_FRAMES + 10):
        receive(live, clock)
    cursor, frames = live.frames_since(0)
    assert len(frames) == RING_FRAMES
    assert cursor == RING_FRAMES + 10


def test_values_are_read_by_channel_key(live: LiveState, clock: HandClock) -> None:
    assert live.value("speed") is None
    receive(live, clock, speed_kmh=120.0, in_pit=True, extra=(0.25, float("nan")))
    assert live.value("speed") == 120.0
    assert live.value("in_pit") == 1.0
    assert live.value("clutch") == 0.25
    assert live.value("fuel") is None
    assert live.value("no such channel") is None


def test_the_rate_is_that_of_the_last_two_seconds(
    live: LiveState, clock: HandClock
) -> None:
    for _ in range(12):
        for _ in range(15):
            receive(live, clock)
        live.tick()
        clock.advance(0.25)
    assert live.status().rate_hz == pytest.approx(60, rel=0.15)
    for _ in range(12):
        clock.advance(0.25)
        live.tick()
    assert live.status().rate_hz == 0


def test_states_follow_the_feed(clock: HandClock) -> None:
    live = LiveState(clock.now_us)
    live.hint = ("No answer.", "Start a session in the game.")
    assert live.status().state is FeedState.STARTING
    live.start()
    status = live.status()
    assert status.state is FeedState.WAITING
    assert (status.message, status.remedy) == live.hint
    assert status.age_s is None
    live.note_answer(clock.now_us(), is_greeting=True)
    assert live.status().state is FeedState.CONNECTED
    receive(live, clock)
    assert live.status().state is FeedState.LIVE
    clock.advance(1.4)
    live.last_packet_us = clock.now_us()
    assert live.status().state is FeedState.LIVE
    clock.advance(0.2)
    assert live.status().state is FeedState.PAUSED
    clock.advance(2)
    status = live.status()
    assert status.state is FeedState.SILENT
    assert status.age_s == pytest.approx(2.2)
    live.fail("UDP port 9997 is taken.", "Close the other.")
    status = live.status()
    assert status.state is FeedState.FAILED
    assert status.message == "UDP port 9997 is taken."
    live.watch("ps-tui (pid 7)", ("clutch",))


def test_an_answer_after_the_drive_is_the_menu(
    live: LiveState, clock: HandClock
) -> None:
    receive(live, clock)
    clock.advance(5)
    live.last_packet_us = clock.now_us()
    live.note_answer(clock.now_us(), is_greeting=True)
    assert live.status().state is FeedState.CONNECTED


def test_a_status_is_a_snapshot(live: LiveState, clock: HandClock) -> None:
    status = live.status()
    receive(live, clock)
    assert status.counters.frames == 0
    assert live.status().counters.frames == 1


def test_a_warning_passes(live: LiveState, clock: HandClock) -> None:
    live.warn("A second sender is ignored.", clock.now_us())
    assert live.status().message == "A second sender is ignored."
    clock.advance(4)
    assert live.status().message == ""


def test_an_outage_is_told_before_all_else_with_how_long_it_lasts(
    live: LiveState, clock: HandClock
) -> None:
    outage = Outage("The disk is full.", "Make room.", waiting=40, room=6000)
    live.warn("A second sender is ignored.", clock.now_us())
    live.outage = lambda: outage
    assert live.status().lasts_s is None
    assert live.status().message == (
        "Not saved: The disk is full. Frames wait in memory."
    )
    for _ in range(10):
        for _ in range(10):
            receive(live, clock)
        live.tick()
        clock.advance(0.25)
    status = live.status()
    assert status.outage is outage
    assert status.remedy == "Make room."
    assert status.lasts_s == pytest.approx(6000 / status.rate_hz)
    live.outage = lambda: None
    assert live.status().lasts_s is None


def test_the_best_lap_is_flying_and_valid(live: LiveState) -> None:
    live.note([LapStarted(1, 0), lap(1, 80_000, kind=LapKind.OUT)])
    assert live.progress.best_lap_time_ms is None
    assert live.progress.last_lap_time_ms == 80_000
    assert not live.progress.last_lap_counts
    live.note([LapStarted(2, 0), lap(2, 91_000), LapStarted(3, 0)])
    assert live.progress.best_lap_time_ms == 91_000
    live.note([lap(3, 85_000, valid=False), LapStarted(4, 0)])
    live.note([lap(4, 90_000), LapStarted(5, 0)])
    assert live.progress.best_lap_time_ms == 90_000
    assert live.progress.last_lap_counts
    assert live.progress.lap_number == 5


def test_a_lap_as_quick_as_the_best_is_not_the_best(live: LiveState) -> None:
    live.note([LapStarted(1, 0), lap(1, 91_000), LapStarted(2, 0), lap(2, 91_000)])
    assert live.progress.best_lap_number == 1
    live.note([LapStarted(3, 0), lap(3, 90_999), LapStarted(4, 0)])
    assert live.progress.best_lap_number == 3


def test_an_official_time_corrects_last_and_best(live: LiveState) -> None:
    live.note([lap(1, 91_000), lap(2, 90_000), LapRevised(2, 90_020)])
    assert live.progress.last_lap_time_ms == 90_020
    assert live.progress.best_lap_time_ms == 90_020
    live.note([LapRevised(2, 92_000)])
    assert live.progress.best_lap_time_ms == 91_000


def test_another_session_begins_without_a_best(live: LiveState) -> None:
    live.note([lap(1, 91_000)])
    live.start_laps()
    assert live.progress.best_lap_time_ms is None
    assert live.progress.last_lap_time_ms is None


def test_what_another_process_records_is_watched(
    live: LiveState, clock: HandClock
) -> None:
    live.watch("ps-tui (pid 7)", ("fuel",))
    receive(live, clock, extra=(33.0,))
    status = live.status()
    assert status.state is FeedState.WATCHING
    assert "pid 7" in status.message
    assert live.value("fuel") == 33.0
