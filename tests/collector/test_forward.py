"""Packets passed on unchanged and at once, whatever becomes of a target."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from ps_tui.collector.collector import Outputs
from ps_tui.collector.forward import Forward, Target, is_own_address, parse_target
from ps_tui.collector.pcap import PcapReader
from ps_tui.decoders.native import NativeDecoder
from ps_tui.decoders.native_encoder import encode_native
from ps_tui.decoders.registry import SOURCES
from ps_tui.domain.errors import UsageError
from ps_tui.domain.frame import Frame
from ps_tui.domain.lap_detector import LapDetector
from ps_tui.domain.laps import LapCompleted, LapEvent
from ps_tui.domain.models import LapKind
from tests.collector.conftest import MakeCollector
from tests.support.captures import capture
from tests.support.packets import car_info
from tests.support.recording_fakes import until
from tests.support.telemetry import native_frame

HERE = "127.0.0.1"


@contextlib.contextmanager
def listener(host: str = HERE) -> Iterator[tuple[socket.socket, int]]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        try:
            sock.bind((host, 0))
        except OSError:
            pytest.skip("no IPv6 on this machine")
        sock.setblocking(False)
        yield sock, sock.getsockname()[1]


def heard(sock: socket.socket) -> list[bytes]:
    got = []
    with contextlib.suppress(BlockingIOError):
        while True:
            got.append(sock.recv(65536))
    return got


def send(datagrams: list[bytes], port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for datagram in datagrams:
            sock.sendto(datagram, (HERE, port))


async def test_every_packet_goes_to_every_target_as_it_came(
    make_collector: MakeCollector,
) -> None:
    sent = [native_frame(n) for n in range(40)] + [b"junk", bytes(1400)]
    with listener() as (one, port_one), listener("::1") as (two, port_two):
        targets = (Target(HERE, port_one), Target("::1", port_two))
        collector = make_collector("auto", port=0, outputs=Outputs(targets))
        await collector.start()
        send(sent, collector.port)
        await until(lambda: collector.counters.packets == len(sent))
        assert heard(one) == heard(two) == sent
        counters = collector.live.status().forwards
        assert [(each.target, each.sent, each.errors) for each in counters] == [
            (f"{HERE}:{port_one}", len(sent), 0),
            (f"[::1]:{port_two}", len(sent), 0),
        ]


async def test_a_target_of_one_game_gets_that_game_only(
    make_collector: MakeCollector,
) -> None:
    with listener() as (one, port):
        outputs = Outputs((Target(HERE, port, "native"),))
        collector = make_collector("auto", port=0, outputs=outputs)
        await collector.start()
        frames = [native_frame(n) for n in range(10)]
        cars = [car_info(lap_time_ms=n) for n in range(1, 11)]
        send(frames, collector.port)
        send(cars, collector.port)
        await until(lambda: len(collector.selection.found()) == 2)
        await until(lambda: collector.counters.packets == 20)
        # The first packet of a game is on its way before the game is known.
        assert heard(one) == frames[2:]


async def test_a_dead_target_costs_and_stops_nothing(
    make_collector: MakeCollector,
) -> None:
    with listener() as (alive, port):
        with listener() as (_, dead_port):
            pass
        outputs = Outputs(
            (
                Target(HERE, dead_port),
                Target("no-such-host.invalid", 9),
                Target(HERE, port),
            )
        )
        collector = make_collector(outputs=outputs)
        await collector.start()
        for first in range(0, 200, 20):
            send([native_frame(n) for n in range(first, first + 20)], collector.port)
            await asyncio.sleep(0.005)
        await until(lambda: collector.counters.frames == 200)
        dead, unknown, other = collector.live.status().forwards
        assert len(heard(alive)) == other.sent == 200
        assert other.errors == 0
        assert dead.errors > 0
        assert dead.problem == "nobody listens there"
        assert other.problem == ""
        assert unknown.sent == 0
        assert "no-such-host" in unknown.problem


async def test_decoded_frames_are_passed_on_as_native_messages(
    make_collector: MakeCollector,
) -> None:
    with listener() as (watcher, port):
        outputs = Outputs((Target(HERE, port, is_native=True),))
        collector = make_collector("auto", port=0, outputs=outputs)
        await collector.start()
        send([car_info(lap_time_ms=n * 16) for n in range(1, 31)], collector.port)
        await until(lambda: collector.counters.frames == 30)
        decoder = NativeDecoder()
        frames = [decoder.decode(datagram, 0) for datagram in heard(watcher)]
        (status,) = collector.live.status().forwards
    assert status.sent == 30
    assert all(isinstance(frame, Frame) for frame in frames)
    sequences = [frame.sequence for frame in frames if isinstance(frame, Frame)]
    assert sequences == list(range(30))
    times = [frame.lap_time_ms for frame in frames if isinstance(frame, Frame)]
    assert times == [n * 16 for n in range(1, 31)]


async def test_names_go_along_with_native_messages(
    make_collector: MakeCollector,
) -> None:
    with listener() as (watcher, port):
        outputs = Outputs((Target(HERE, port, is_native=True),))
        collector = make_collector(outputs=outputs)
        await collector.start()
        send(
            [native_frame(n, track="spa", car="ford") for n in range(5)], collector.port
        )
        await until(lambda: collector.counters.frames == 5)
        decoder = NativeDecoder()
        for datagram in heard(watcher):
            decoder.decode(datagram, 0)
    assert decoder.identity is not None
    assert (decoder.identity.track, decoder.identity.car) == ("spa", "ford")


@pytest.mark.parametrize("host", [HERE, "localhost"])
async def test_forwarding_to_ourselves_is_refused(
    make_collector: MakeCollector, host: str
) -> None:
    with listener() as (_, port):
        pass
    outputs = Outputs((Target(host, port),))
    collector = make_collector(port=port, outputs=outputs)
    with pytest.raises(UsageError, match="where ps-tui itself listens"):
        await collector.start()


async def test_forwarding_to_ourselves_is_refused_before_anything_is_open(
    make_collector: MakeCollector, tmp_path: Path
) -> None:
    kept = tmp_path / "run.pcap"
    outputs = Outputs((Target(HERE, 9997, is_native=True),), kept)
    collector = make_collector("auto", port=None, outputs=outputs)
    with pytest.raises(UsageError, match="where ps-tui itself listens"):
        await collector.start()
    assert not collector.lines.is_open
    assert not kept.exists()


async def test_a_target_that_comes_to_life_is_no_problem_any_more() -> None:
    with listener() as (_, port):
        pass
    way = Forward(Target(HERE, port))
    way.connect(socket.AF_INET, (HERE, port))
    with contextlib.closing(way):
        for _ in range(10):
            way.pass_on(b"x", None)
        assert way.status().problem == "nobody listens there"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as late:
            late.bind((HERE, port))
            for _ in range(700):
                way.pass_on(b"x", None)
            assert way.status().problem == ""


async def test_what_a_target_sends_does_not_come_back_to_it(
    make_collector: MakeCollector,
) -> None:
    with listener() as (echo, port):
        collector = make_collector(outputs=Outputs((Target(HERE, port),)))
        await collector.start()
        echo.sendto(native_frame(0), (HERE, collector.port))
        await until(lambda: collector.counters.frames == 1)
        assert heard(echo) == []


def test_targets_are_read() -> None:
    known = tuple(SOURCES)
    assert parse_target("10.0.0.7:20778", known) == Target("10.0.0.7", 20778)
    assert parse_target("f1=[::1]:9", known) == Target("::1", 9, "f1")
    assert parse_target("pit:9", known, is_native=True) == Target("pit", 9, None, True)
    for wrong in ("pit", "pit:0", "rfactor=pit:9", ":9", "f1=", "pit:99999"):
        with pytest.raises(UsageError):
            parse_target(wrong, known)


def test_own_addresses_are_known() -> None:
    assert is_own_address("127.0.0.2")
    assert is_own_address("::1")
    assert not is_own_address("192.0.2.99")


def test_laps_are_the_same_behind_native_messages() -> None:
    """The first frame of a race of Forza counts no lap yet."""
    recorded = PcapReader(capture("forza/fm7_dash311_race.pcap.gz"))
    game, watcher = SOURCES["forza"].make_decoder(), NativeDecoder()
    laps: tuple[list[LapEvent], list[LapEvent]] = ([], [])
    here, there = LapDetector(), LapDetector()
    for each in recorded:
        frame = game.decode(each.payload, each.time_us)
        if not isinstance(frame, Frame):
            continue
        passed_on = watcher.decode(encode_native(frame, game.channels), each.time_us)
        assert isinstance(passed_on, Frame)
        laps[0].extend(here.feed(frame))
        laps[1].extend(there.feed(passed_on))
    ended, passed = (
        [
            (each.lap_number, each.kind, each.lap_time_ms)
            for each in events
            if isinstance(each, LapCompleted)
        ]
        for events in laps
    )
    assert passed == ended == [(1, LapKind.FLYING, 64_298)]
