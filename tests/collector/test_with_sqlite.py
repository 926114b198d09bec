"""The collector over the real store: what was sent is what is read back."""

from __future__ import annotations

import asyncio
import itertools
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ps_tui.collector.backing import Backing
from ps_tui.collector.clock import SystemClock
from ps_tui.collector.pcap import PcapReader
from ps_tui.domain.errors import RecorderBusyError
from ps_tui.domain.models import EventDraft, LapKind, SessionDraft, SessionStatus
from ps_tui.domain.recording import Alert, FeedState
from ps_tui.storage.process import own_recorder
from ps_tui.storage.sqlite.store import SqliteStore, open_store
from tests.collector.conftest import MakeCollector
from tests.support.assetto_corsa import AssettoCorsaServer, captured_payloads
from tests.support.captures import capture
from tests.support.recording_fakes import until
from tests.support.telemetry import native_frame

MONZA = "assetto_corsa/monza_r8lms_rtcarinfo.pcap.gz"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    opened = await open_store(tmp_path / "crew.db", SystemClock())
    yield opened
    await opened.close()


def backing(database: SqliteStore) -> Backing:
    return Backing(
        database.recording, database.library, SystemClock(), own_recorder("test")
    )


async def test_the_drive_at_monza_is_in_the_database(
    make_collector: MakeCollector, database: SqliteStore
) -> None:
    packets = captured_payloads(capture(MONZA))
    async with AssettoCorsaServer(packets) as game:
        collector = make_collector(
            "assetto-corsa",
            backing=backing(database),
            host="127.0.0.1",
            port=game.port,
        )
        await collector.start()
        await until(lambda: collector.counters.frames == 8162)
        await collector.stop()
    (session,) = await database.library.sessions()
    assert session.status is SessionStatus.COMPLETED
    assert session.source == "assetto-corsa"
    assert (session.car, session.track) == ("ks_audi_r8_lms", "monza")
    assert session.name == "monza, ks_audi_r8_lms"
    assert session.frame_count == 8162
    first, second = await database.library.laps(session.id)
    assert (first.lap_number, first.kind) == (1, LapKind.OUT)
    assert (first.lap_time_ms, first.is_official) == (344_684, True)
    assert second.kind is LapKind.PARTIAL
    assert first.frame_count + second.frame_count == 8162
    trace = await database.library.load_trace(first.id)
    assert len(trace.columns["received_us"]) == first.frame_count
    assert set(trace.columns["lap_number"].tolist()) == {1}
    report = await database.care.check(deep=True)
    assert report.is_ok


async def test_two_games_that_begin_at_once_are_both_whole(
    make_collector: MakeCollector, database: SqliteStore
) -> None:
    """Every datagram of both is sent before the first of their sessions is open."""
    collector = make_collector("auto", backing=backing(database))
    notices: list[object] = []
    collector.notices.subscribe(notices.append)
    await collector.start()
    forza = PcapReader(capture("forza/fm2023_dash331_race_end.pcap.gz"))
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other,
    ):
        for number, datagram in enumerate(itertools.islice(forza, 200)):
            one.sendto(datagram.payload, ("127.0.0.1", collector.port))
            other.sendto(native_frame(number), ("127.0.0.1", collector.port))
    await until(lambda: collector.counters.packets == 400)
    await collector.stop()
    frames = {each.source: each.counters.frames for each in collector.live.found()}
    stored = {
        each.source: each.frame_count for each in await database.library.sessions()
    }
    assert stored == frames
    assert set(stored) == {"forza", "native"}
    assert not [n for n in notices if isinstance(n, Alert) and "records" in n.message]


async def test_reordered_and_lost_frames_end_in_driving_order(
    make_collector: MakeCollector, database: SqliteStore
) -> None:
    collector = make_collector(backing=backing(database))
    event = await database.library.create_event(EventDraft("Test day"))
    draft = SessionDraft("Morning", event_id=event.id)
    pending = await database.library.create_session(draft)
    await collector.recording.select(pending.id)
    await collector.start()
    order = [n for n in range(2000) if n % 97]
    for n in range(10, 1900, 50):
        order[n], order[n + 3] = order[n + 3], order[n]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for count, n in enumerate(order):
            datagram = native_frame(n, lap_ms=15_000, sequence=n)
            sender.sendto(datagram, ("127.0.0.1", collector.port))
            if count % 50 == 0:
                await asyncio.sleep(0)
    await until(lambda: collector.counters.frames == len(order))
    await collector.stop()
    assert collector.counters.lost == 2000 - len(order) - 1  # 0 came before the first
    assert collector.counters.late > 0
    (session,) = await database.library.sessions(event.id)
    assert (session.id, session.source) == (pending.id, "native")
    assert session.frame_count == len(order)
    laps = await database.library.laps(session.id)
    times: list[int] = []
    for lap in laps:
        trace = await database.library.load_trace(lap.id)
        times += trace.columns["timestamp"].tolist()
    assert times == sorted(times)
    assert len(times) == len(order)


RECORD_UNTIL_EOF = """
import asyncio, sys
from pathlib import Path
from ps_tui.collector.backing import Backing
from ps_tui.collector.clock import SystemClock
from ps_tui.collector.pcap import PcapReader
from ps_tui.collector.collector import Collector
from ps_tui.decoders.registry import SOURCES
from ps_tui.storage.process import own_recorder
from ps_tui.storage.sqlite.store import open_store

async def main():
    clock = SystemClock()
    store = await open_store(Path(sys.argv[1]), clock)
    backing = Backing(store.recording, store.library, clock, own_recorder("first"))
    collector = Collector(SOURCES["native"], backing, host="127.0.0.1", port=0)
    await collector.start()
    await collector.recording.start()
    print(collector.port, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await collector.stop()
    await store.close()

asyncio.run(main())
"""


@pytest.fixture
async def first(database: SqliteStore) -> AsyncIterator[asyncio.subprocess.Process]:
    """Another process that records into the same database until its input ends."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", RECORD_UNTIL_EOF, str(database.path)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    yield process
    if process.returncode is None:
        process.kill()
        await process.wait()


async def test_a_second_process_watches_the_first(
    make_collector: MakeCollector,
    database: SqliteStore,
    first: asyncio.subprocess.Process,
) -> None:
    assert first.stdout is not None
    port = int(await asyncio.wait_for(first.stdout.readline(), 30))
    collector = make_collector(backing=backing(database))
    await collector.start()
    await until(lambda: collector.live.status().state is FeedState.WATCHING)
    assert f"first (pid {first.pid})" in collector.live.status().message
    with pytest.raises(RecorderBusyError, match=rf"pid {first.pid}"):
        await collector.recording.start()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:

        def drive() -> bool:
            for _ in range(3):
                sender.sendto(native_frame(next(numbers)), ("127.0.0.1", port))
            return collector.live.value("speed") == 150.0

        numbers = itertools.count()
        await until(drive)
    await asyncio.wait_for(first.communicate(b""), 30)
    assert first.returncode == 0
    await until(lambda: collector.live.status().state is not FeedState.WATCHING)
    assert collector.port > 0
