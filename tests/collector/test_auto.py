"""Any game that sends is found, and two of them are never mixed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Iterator

import msgspec
import pytest

from ps_tui.collector.backing import Backing
from ps_tui.collector.clock import SystemClock
from ps_tui.collector.collector import Collector
from ps_tui.collector.pcap import PcapReader
from ps_tui.collector.summary import outputs_of
from ps_tui.decoders.registry import SOURCES, Asking, SourceSpec
from ps_tui.domain.channel import stored_channels
from ps_tui.domain.errors import NetworkError
from ps_tui.domain.models import SessionDraft
from ps_tui.domain.recording import Alert, FeedState, Notice
from tests.collector.conftest import QUICK, MakeCollector
from tests.support.assetto_corsa import AssettoCorsaServer
from tests.support.captures import capture
from tests.support.command import free_udp_port
from tests.support.packets import any_lap, car_info
from tests.support.recording_fakes import ME, FakeStore, until
from tests.support.telemetry import native_frame

HERE = "127.0.0.1"


@contextlib.contextmanager
def sender(port: int, host: str = HERE) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((host, 0))
        sock.connect((HERE, port))
        yield sock


def only(*names: str) -> dict[str, SourceSpec]:
    """Return rows of the table on ports that are free."""
    return {
        name: msgspec.structs.replace(SOURCES[name], port=0, asking=None)
        for name in names
    }


def packets_of(name: str, count: int = 300) -> list[bytes]:
    reader = PcapReader(capture(name))
    return [datagram.payload for datagram, _ in zip(reader, range(count), strict=False)]


@pytest.fixture
def auto(make_collector: MakeCollector) -> Collector:
    return make_collector("auto", port=0)


async def send_all(sock: socket.socket, datagrams: list[bytes]) -> None:
    for number, datagram in enumerate(datagrams):
        sock.send(datagram)
        if number % 25 == 24:
            await asyncio.sleep(0.001)


def frames_of(collector: Collector) -> dict[str, int]:
    return {each.source: each.counters.frames for each in collector.selection.found()}


async def test_the_game_is_found_without_losing_its_first_packet(
    auto: Collector, store: FakeStore
) -> None:
    notices: list[Notice] = []
    auto.notices.subscribe(notices.append)
    await auto.start()
    assert auto.live.status().source == "auto"
    with sender(auto.port) as sock:
        await send_all(sock, [native_frame(n) for n in range(100)])
        await until(lambda: frames_of(auto) == {"native": 100})
    assert auto.live.status().source == "native"
    assert auto.live.value("speed") == 150.0
    told = [each.message for each in notices if isinstance(each, Alert)]
    assert told == [f"Purple Sector frames found on UDP {auto.port}."]
    await auto.stop()
    (session,) = store.sessions_by_id.values()
    assert session.source == "native"
    assert len(store.stored(session.id)) == 100


async def test_one_packet_alone_is_chance(auto: Collector, store: FakeStore) -> None:
    await auto.start()
    with sender(auto.port) as sock:
        sock.send(native_frame(0))
        sock.send(b"junk")
        await until(lambda: auto.router.unclaimed.rejected == 1)
    assert frames_of(auto) == {}
    await auto.stop()
    assert auto.counters.packets == auto.counters.rejected == 2
    assert store.sessions_by_id == {}


async def test_two_games_at_once_are_two_sessions(
    auto: Collector, store: FakeStore
) -> None:
    rally = packets_of("dirt_rally/dr2_full_stage_1.pcap.gz")
    forza = packets_of("forza/fm7_dash311_race.pcap.gz", 600)[300:]
    await auto.start()
    with sender(auto.port) as one, sender(auto.port) as two:
        for rally_packet, forza_packet in zip(rally, forza, strict=True):
            one.send(rally_packet)
            two.send(forza_packet)
            await asyncio.sleep(0)
        await until(lambda: auto.counters.packets == 600)
    await auto.stop()
    assert auto.counters.rejected == 0
    sessions = {each.source: each.id for each in store.sessions_by_id.values()}
    assert set(sessions) == {"dirt-rally", "forza"}
    for source, session_id in sessions.items():
        (feed,) = (each for each in auto.selection.feeds if each.source == source)
        assert len(store.stored(session_id)) == feed.counters.frames > 100
        channels = SOURCES[source].make_decoder().channels
        assert store.channels[session_id] == stored_channels(channels)


async def test_the_selected_session_goes_to_the_first_game(
    auto: Collector, store: FakeStore
) -> None:
    session = await store.create_session(SessionDraft("Morning", source="auto"))
    await auto.recording.select(session.id)
    await auto.start()
    await auto.recording.start()
    assert auto.recording.session is not None
    with sender(auto.port) as sock:
        await send_all(sock, [native_frame(n) for n in range(50)])
        await until(lambda: frames_of(auto) == {"native": 50})
    await auto.stop()
    (stored,) = store.sessions_by_id.values()
    assert (stored.name, stored.source) == ("Morning", "native")
    channels = SOURCES["native"].make_decoder().channels
    assert store.channels[stored.id] == stored_channels(channels)
    assert len(store.stored(stored.id)) == 50


async def test_junk_beside_a_game_costs_it_nothing(auto: Collector) -> None:
    await auto.start()
    frames = [native_frame(n, sequence=n) for n in range(400)]
    with sender(auto.port) as game, sender(auto.port) as hostile:
        for number, frame in enumerate(frames):
            game.send(frame)
            for _ in range(5):
                hostile.send(os.urandom(1 + number * 3))
            await asyncio.sleep(0)
        await until(lambda: auto.counters.packets == 6 * len(frames))
    assert frames_of(auto)["native"] == len(frames)
    assert auto.counters.lost == 0
    assert auto.live.status().source == "native"


async def test_a_game_of_its_kind_from_another_port_does_not_steal_it(
    auto: Collector,
) -> None:
    await auto.start()
    with sender(auto.port) as game, sender(auto.port) as thief:
        for number in range(200):
            game.send(native_frame(number, sequence=number))
            thief.send(native_frame(number, sequence=9000 - number, speed=1.0))
            await asyncio.sleep(0)
        await until(lambda: auto.counters.packets >= 390)
    await auto.stop()
    assert frames_of(auto) == {"native": 200}
    assert auto.live.value("speed") == 150.0


async def test_what_no_decoder_reads_is_described(auto: Collector) -> None:
    await auto.start()
    old = packets_of("f1/one_of_each_2022.pcap.gz")
    with sender(auto.port) as sock:

        def describe() -> str:
            for datagram in old:
                sock.send(datagram)
            return auto.live.status().message

        await until(lambda: "F1 22" in describe())


async def test_packets_of_very_many_sizes_are_counted_together(
    auto: Collector,
) -> None:
    for size in range(1, 101):
        auto.router.note_refused(b"\xff" * size, None, size)
    sizes = outputs_of(auto)["refused"]
    (others,) = (each for each in sizes if each["size"] is None)
    assert others["count"] == 52


async def test_the_view_follows_the_game_that_comes_to_life(
    auto: Collector,
) -> None:
    forza = packets_of("forza/fm7_dash311_race.pcap.gz", 900)[300:]
    await auto.start()
    with sender(auto.port) as one, sender(auto.port) as two:
        await send_all(one, [native_frame(n) for n in range(20)])
        await until(lambda: auto.live.status().state is FeedState.LIVE)
        cursor, frames = auto.live.frames_since(0)
        assert len(frames) == 20
        rest = iter(forza)

        def shown() -> str:
            two.send(next(rest))
            return auto.live.status().source

        await until(lambda: shown() == "forza")
        assert auto.live.status().stream == 1
        cursor, frames = auto.live.frames_since(cursor)
        count = frames_of(auto)["forza"]
        assert 0 < len(frames) <= count
        assert auto.selection.cycle() == "native@localhost"
        one.send(native_frame(21))
        await until(lambda: auto.live.status().counters.frames == 21)
        assert auto.live.status().source == "native"
        assert [each.is_shown for each in auto.selection.found()] == [True, False]


async def test_a_relay_that_goes_on_with_another_game_is_followed(
    auto: Collector,
) -> None:
    await auto.start()
    with sender(auto.port) as relay:
        await send_all(relay, [native_frame(n) for n in range(50)])
        rally = packets_of("dirt_rally/dr2_full_stage_1.pcap.gz", 200)
        await send_all(relay, rally)
        await until(lambda: frames_of(auto).get("dirt-rally", 0) > 100)
    assert frames_of(auto)["native"] == 50


async def test_garbage_of_a_sender_that_is_known_is_looked_at_now_and_then(
    auto: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[bytes] = []
    look = auto.router.detect

    def counted(datagram: bytes) -> SourceSpec | None:
        looks.append(datagram)
        return look(datagram)

    await auto.start()
    with sender(auto.port) as game:
        await send_all(game, [native_frame(n) for n in range(10)])
        await until(lambda: auto.counters.frames == 10)
        monkeypatch.setattr(auto.router, "detect", counted)
        for _ in range(10):
            await send_all(game, [b"\xff garbage"] * 50)
        await until(lambda: auto.counters.rejected == 500)
        assert 1 <= len(looks) <= 250
        await send_all(game, [native_frame(10)])
        await until(lambda: auto.counters.frames == 11)


async def test_kinds_of_packets_from_sockets_of_their_own_are_one_game(
    auto: Collector,
) -> None:
    gauge = packets_of("lfs_beamng/beamng_outgauge_92_x18000.pcap.gz", 50)
    motion = packets_of("lfs_beamng/beamng_motionsim_88_x5.pcap.gz", 5)
    await auto.start()
    with sender(auto.port) as one, sender(auto.port) as two:
        for number, datagram in enumerate(gauge):
            one.send(datagram)
            two.send(motion[number % len(motion)])
            await asyncio.sleep(0)
        await until(lambda: auto.counters.packets == 2 * len(gauge))
    await auto.stop()
    assert list(frames_of(auto)) == ["beamng"]
    assert auto.counters.rejected == 0


async def test_a_taken_port_is_told_and_the_others_go_on(store: FakeStore) -> None:
    notices: list[Notice] = []
    backing = Backing(store, store, SystemClock(), ME)  # type: ignore[arg-type]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind((HERE, 0))
        taken = holder.getsockname()[1]
        specs = only("native", "forza")
        specs["forza"] = msgspec.structs.replace(specs["forza"], port=taken)
        collector = Collector(specs, backing, intervals=QUICK)
        collector.notices.subscribe(notices.append)
        await collector.start()
        try:
            (alert,) = (each for each in notices if isinstance(each, Alert))
            assert f"UDP port {taken} is held by" in alert.message
            assert "Forza Motorsport and Horizon cannot be heard" in alert.message
            with sender(collector.port) as sock:
                await send_all(sock, [native_frame(n) for n in range(5)])
                await until(lambda: frames_of(collector) == {"native": 5})
            holder.close()
            await until(lambda: len(notices) > 3)
            told = [each.message for each in notices if isinstance(each, Alert)]
            assert f"Listening on UDP port {taken} now." in told
        finally:
            await collector.stop()


async def test_no_port_at_all_ends_the_start(store: FakeStore) -> None:
    backing = Backing(store, store, SystemClock(), ME)  # type: ignore[arg-type]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind((HERE, 0))
        taken = holder.getsockname()[1]
        collector = Collector(only("native"), backing, port=taken)
        with pytest.raises(NetworkError, match="is held by"):
            await collector.start()
        await collector.stop()


async def test_a_game_that_must_be_asked_is_asked(store: FakeStore) -> None:
    packets = [car_info(lap_time_ms=n * 16, position=n / 1e4) for n in range(1, 201)]
    backing = Backing(store, store, SystemClock(), ME)  # type: ignore[arg-type]
    laps = {150: [any_lap(car_id=2, driver="Player 02")]}
    async with AssettoCorsaServer(packets, laps=laps) as game:
        row = SOURCES["assetto-corsa"]
        assert row.asking is not None
        asking = Asking(row.asking.conversations, game.port)
        specs = only("native") | {
            "assetto-corsa": msgspec.structs.replace(row, asking=asking)
        }
        collector = Collector(specs, backing, intervals=QUICK)
        await collector.start()
        await until(lambda: frames_of(collector).get("assetto-corsa") == 200)
        for talk in collector.lines.talks["assetto-corsa"]:
            assert talk.status().answer_count >= 1
        await until(lambda: len(collector.live.lap_board()) == 1)
        with sender(collector.port) as sock:
            await send_all(sock, [native_frame(n) for n in range(30)])
            await until(lambda: frames_of(collector).get("native") == 30)
        await collector.stop()
        await until(game.dismissed.is_set)
    cars = {each.source: each.car for each in store.sessions_by_id.values()}
    assert cars == {"assetto-corsa": "ks_audi_r8_lms", "native": None}
    assert collector.router.unclaimed.packets == 0


async def test_a_console_that_answers_to_our_port_is_asked_from_it(
    store: FakeStore,
) -> None:
    packets = packets_of("gran_turismo_7/replay_1lap_C368.pcap.gz", 200)
    backing = Backing(store, store, SystemClock(), ME)  # type: ignore[arg-type]
    port = free_udp_port()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as console:
        console.bind((HERE, 0))
        console.setblocking(False)
        row = SOURCES["gran-turismo-7"]
        assert row.asking is not None
        asking = Asking(
            row.asking.conversations, console.getsockname()[1], own_port=port, host=None
        )
        specs = only("native") | {
            row.name: msgspec.structs.replace(row, port=port, asking=asking)
        }
        collector = Collector(specs, backing, host=HERE, intervals=QUICK)
        await collector.start()
        try:
            heartbeat, asker = console.recvfrom(64)
            assert (heartbeat, asker[1]) == (b"C", port)
            for number, packet in enumerate(packets):
                console.sendto(packet, asker)
                if number % 25 == 24:
                    await asyncio.sleep(0.001)
            await until(lambda: frames_of(collector).get("gran-turismo-7") == 200)
            (talk,) = collector.lines.talks["gran-turismo-7"]
            assert talk.status().telemetry_us > 0
        finally:
            await collector.stop()
    sources = {each.source for each in store.sessions_by_id.values()}
    assert sources == {"gran-turismo-7"}


async def test_without_its_address_no_console_is_asked(store: FakeStore) -> None:
    backing = Backing(store, store, SystemClock(), ME)  # type: ignore[arg-type]
    row = msgspec.structs.replace(SOURCES["gran-turismo-7"], port=free_udp_port())
    collector = Collector({row.name: row}, backing, intervals=QUICK)
    await collector.start()
    assert collector.lines.talks == {}
    await collector.stop()
