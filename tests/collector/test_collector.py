"""One source from real datagrams on loopback to the store."""

from __future__ import annotations

import asyncio
import socket

import pytest

from ps_tui.collector.collector import Collector
from ps_tui.domain.errors import NetworkError, StorageFullError
from ps_tui.domain.frame import Frame
from ps_tui.domain.models import Lap, LapKind
from ps_tui.domain.recording import Alert, FeedState, Notice, Refusal
from tests.collector.conftest import MakeCollector
from tests.support.assetto_corsa import (
    AssettoCorsaServer,
    captured_payloads,
    silent_port,
)
from tests.support.captures import capture
from tests.support.packets import car_info
from tests.support.recording_fakes import OTHER, FakeStore, until
from tests.support.telemetry import native_frame

MONZA = "assetto_corsa/monza_r8lms_rtcarinfo.pcap.gz"


async def send(datagrams: list[bytes], port: int, host: str = "127.0.0.1") -> None:
    """Send from one socket, giving the reader a turn now and then."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sender:
        for number, datagram in enumerate(datagrams, 1):
            sender.sendto(datagram, (host, port))
            if number % 50 == 0:
                await asyncio.sleep(0)


def only_session(store: FakeStore) -> str:
    (session_id,) = store.sessions_by_id
    return session_id


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_native_frames_are_recorded_over_both_families(
    make_collector: MakeCollector, store: FakeStore, host: str
) -> None:
    collector = make_collector()
    await collector.start()
    try:
        await send(
            [native_frame(n, sequence=n) for n in range(500)], collector.port, host
        )
    except OSError:
        pytest.skip("no IPv6 on this machine")
    await until(lambda: collector.counters.frames == 500)
    assert collector.live.status().state is FeedState.LIVE
    await collector.stop()
    await collector.stop()
    assert len(store.stored(only_session(store))) == 500
    assert collector.counters.packets == 500
    assert collector.counters.lost == 0


async def test_what_waits_in_the_socket_at_the_end_is_recorded(
    make_collector: MakeCollector, store: FakeStore
) -> None:
    collector = make_collector()
    await collector.start()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for number in range(100):
            sender.sendto(native_frame(number), ("127.0.0.1", collector.port))
    await collector.stop()
    assert len(store.stored(only_session(store))) == 100


async def test_a_real_drive_at_monza_is_accounted_for(
    make_collector: MakeCollector, store: FakeStore
) -> None:
    packets = captured_payloads(capture(MONZA))
    assert len(packets) == 8641
    async with AssettoCorsaServer(packets) as game:
        collector = make_collector("assetto-corsa", host="127.0.0.1", port=game.port)
        await collector.start()
        await until(
            lambda: collector.counters.packets - collector.counters.skipped == 8641
        )
        counters = collector.counters
        assert counters.frames == 8162
        assert counters.repeated == 479
        assert counters.rejected == counters.lost == counters.late == 0
        await collector.stop()
        await until(game.dismissed.is_set)
    session_id = only_session(store)
    session = store.sessions_by_id[session_id]
    assert (session.car, session.track) == ("ks_audi_r8_lms", "monza")
    assert len(store.stored(session_id)) == 8162
    first, second = store.closed(session_id)
    assert (first.lap_number, first.kind, first.lap_time_ms) == (1, "out", 344_684)
    assert first.is_official
    assert (second.lap_number, second.kind) == (2, "partial")
    assert counters.laps == 2


async def test_a_session_change_needs_a_handshake_and_ends_no_recording(
    make_collector: MakeCollector, store: FakeStore
) -> None:
    packets = [car_info(lap_time_ms=n * 16, position=n / 1e4) for n in range(1, 401)]
    async with AssettoCorsaServer(
        packets, ignored_handshakes=1, session_break_after=200
    ) as game:
        collector = make_collector("assetto-corsa", host="127.0.0.1", port=game.port)
        await collector.start()
        await until(game.broken_off.is_set)
        await until(game.finished.is_set)
        await until(lambda: collector.counters.frames == 400)
        await collector.stop()
        assert game.operations.count(0) >= 3
    assert len(store.stored(only_session(store))) == 400


async def test_a_paused_game_is_told_from_a_silent_one(
    make_collector: MakeCollector,
) -> None:
    async with AssettoCorsaServer() as game:
        collector = make_collector("assetto-corsa", host="127.0.0.1", port=game.port)
        await collector.start()
        await until(lambda: collector.live.status().state is FeedState.CONNECTED)
        await until(game.subscribed.is_set)
        game.send(car_info(lap_time_ms=1000))
        await until(lambda: collector.live.status().state is FeedState.LIVE)

        def repeat() -> FeedState:
            game.send(car_info(lap_time_ms=1000))
            return collector.live.status().state

        await until(lambda: repeat() is FeedState.PAUSED)
        assert collector.counters.frames == 1
        assert collector.counters.repeated > 0


async def test_a_game_that_does_not_answer_is_said_with_a_remedy(
    make_collector: MakeCollector,
) -> None:
    async with silent_port() as (host, port):
        collector = make_collector("assetto-corsa", host=host, port=port)
        await collector.start()
        status = collector.live.status()
        await collector.stop()
    assert status.state is FeedState.WAITING
    assert status.endpoint == f"{host}:{port}"
    assert status.message == f"No answer from {host}:{port}."
    assert status.remedy


async def test_a_flood_of_random_bytes_is_only_counted(
    make_collector: MakeCollector, store: FakeStore
) -> None:
    collector = make_collector()
    await collector.start()
    await send([b"\xff" + bytes([n % 256] * 40) for n in range(5000)], collector.port)
    await until(lambda: collector.counters.rejected == 5000)
    await send([native_frame(n) for n in range(100)], collector.port)
    await until(lambda: collector.counters.frames == 100)
    await collector.stop()
    assert len(store.stored(only_session(store))) == 100


async def test_a_failing_store_loses_nothing(
    make_collector: MakeCollector, store: FakeStore
) -> None:
    collector = make_collector()
    notices: list[Notice] = []
    collector.notices.subscribe(notices.append)
    await collector.start()
    await send([native_frame(0)], collector.port)
    await until(lambda: collector.recording.session)
    store.failure = StorageFullError("The disk is full.", "Make room.")
    await send([native_frame(n) for n in range(1, 300)], collector.port)
    await until(lambda: collector.live.status().queue_depth >= 250)
    await until(lambda: any(isinstance(notice, Alert) for notice in notices))
    store.failure = None
    await until(lambda: collector.live.status().queue_depth == 0)
    await collector.stop()
    assert len(store.stored(only_session(store))) == 300
    assert collector.counters.dropped == 0


async def test_a_taken_port_ends_the_start(
    make_collector: MakeCollector, store: FakeStore
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        port = holder.getsockname()[1]
        collector = make_collector(host="127.0.0.1", port=port)
        with pytest.raises(NetworkError, match=f"UDP port {port} is held by"):
            await collector.start()
        assert collector.live.status().state is FeedState.FAILED


async def test_a_taken_port_is_tried_again_where_asked(
    make_collector: MakeCollector,
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        port = holder.getsockname()[1]
        collector = make_collector(host="127.0.0.1", port=port)
        await collector.start(keep_trying=True)
        status = collector.live.status()
        assert status.state is FeedState.FAILED
        assert "is held by" in status.message
    await until(lambda: collector.live.status().state is FeedState.WAITING)
    await send([native_frame(0)], port)
    await until(lambda: collector.counters.frames == 1)


async def test_while_another_records_its_rows_are_watched(
    make_collector: MakeCollector, store: FakeStore
) -> None:
    store.other = OTHER
    collector = make_collector()
    notices: list[Notice] = []
    collector.notices.subscribe(notices.append)
    await collector.start()
    await until(lambda: collector.live.status().state is FeedState.WATCHING)
    assert "pid 77" in collector.live.status().message
    written = [Frame(n, n, lap_number=1, lap_time_ms=n) for n in range(1, 20)]
    store.tail_frames = list(written)
    await until(lambda: collector.live.frames_since(0)[1] == written)
    assert collector.live.progress.lap_number == 1
    store.other = None
    await until(lambda: collector.live.status().state is FeedState.SILENT)
    assert [n.message for n in notices if isinstance(n, Alert)] == [
        "ps-tui has ended its recording."
    ]
    await send([native_frame(0)], collector.port)
    await until(lambda: collector.recording.session)


async def test_a_watcher_knows_the_laps_before_it_came(
    make_collector: MakeCollector, store: FakeStore
) -> None:
    store.other = OTHER
    store.finished_laps = [
        finished_lap(1, 95_000, LapKind.OUT),
        finished_lap(2, 90_000),
        finished_lap(3, 91_000),
        finished_lap(4, 80_000, valid=False),
    ]
    collector = make_collector()
    await collector.start()
    await until(lambda: collector.live.progress.best_lap_time_ms)
    progress = collector.live.progress
    assert progress.lap_number == 5
    assert (progress.last_lap_time_ms, progress.last_lap_counts) == (80_000, False)
    assert progress.best_lap_time_ms == 90_000
    store.tail_frames = [
        Frame(n * 20_000, n * 20, lap_number=5 + n // 50, lap_time_ms=n % 50 * 20)
        for n in range(100)
    ]
    await until(lambda: collector.live.progress.lap_number == 6)
    assert collector.live.progress.last_lap_time_ms == 80_000
    store.finished_laps.append(finished_lap(5, 89_500))
    await until(lambda: collector.live.progress.last_lap_time_ms == 89_500)
    assert collector.live.progress.best_lap_time_ms == 89_500
    assert collector.live.progress.last_lap_counts


def finished_lap(
    number: int, time_ms: int, kind: LapKind = LapKind.FLYING, *, valid: bool = True
) -> Lap:
    return Lap(f"lap-{number}", "elsewhere", number, time_ms, kind, valid, 0)


async def test_a_window_that_hears_nothing_shows_what_another_one_records(
    make_collector: MakeCollector, store: FakeStore
) -> None:
    collector = make_collector()
    notices: list[Notice] = []
    collector.notices.subscribe(notices.append)
    await collector.start()
    store.other = OTHER
    await until(lambda: collector.live.status().state is FeedState.WATCHING)
    store.tail_frames = [Frame(1, 1, lap_number=1, lap_time_ms=1)]
    await until(lambda: collector.live.latest)
    (told,) = [notice for notice in notices if isinstance(notice, Alert)]
    assert "pid 77" in told.message
    await send([native_frame(n) for n in range(5)], collector.port)
    await until(lambda: collector.counters.unrecorded == 5)
    await until(lambda: collector.live.status().state is not FeedState.WATCHING)
    (refusal,) = [notice for notice in notices if isinstance(notice, Refusal)]
    assert "pid 77" in refusal.cause
    assert store.sessions_by_id == {}
    store.other = None
    await until(lambda: collector.recording.other is None)
    await send([native_frame(n) for n in range(5, 9)], collector.port)
    await until(lambda: collector.recording.session)


async def test_stopping_while_watching_ends_at_once(
    make_collector: MakeCollector, store: FakeStore
) -> None:
    store.other = OTHER
    collector = make_collector()
    await collector.start()
    await until(lambda: collector.live.status().state is FeedState.WATCHING)
    await asyncio.wait_for(collector.stop(), 10)


async def test_stopping_before_starting_is_nothing(
    make_collector: MakeCollector,
) -> None:
    collector: Collector = make_collector()
    await collector.stop()
    assert collector.counters.packets == 0
