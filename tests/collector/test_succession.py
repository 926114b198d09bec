"""A game that comes after something that only parses is read nonetheless."""

from __future__ import annotations

import random
from collections.abc import Sequence

from ps_tui.collector.collector import new_detector
from ps_tui.collector.live import LiveState
from ps_tui.collector.pipeline import Stream
from ps_tui.decoders.native import NativeDecoder
from ps_tui.domain.frame import Frame
from ps_tui.domain.laps import LapEvent
from tests.support.recording_fakes import HandClock
from tests.support.telemetry import native_frame

GAME = ("127.0.0.1", 5000)
OTHER = ("127.0.0.1", 5001)


class Port:
    """A stream that looks at its senders four times a second."""

    def __init__(self) -> None:
        self.clock = HandClock()
        live = LiveState(self.clock.now_us, source="native")
        live.start()
        self.stream = Stream(
            NativeDecoder(), live, new_detector, make_decoder=NativeDecoder
        )
        self.stream.sink = self._take
        self.stream.on_takeover = self._note_takeover
        self.frames: list[Frame] = []
        self.takeover_count = 0
        self._tick_us = 0

    def _take(self, frame: Frame, events: Sequence[LapEvent], is_late: bool) -> None:
        self.frames.append(frame)

    def _note_takeover(self) -> None:
        self.takeover_count += 1
        self.frames.clear()

    def send(self, datagram: bytes, address: tuple[str, int], after_s: float) -> None:
        now_us = self.clock.advance(after_s)
        self.stream.receive(datagram, address, now_us)
        if now_us >= self._tick_us:
            self._tick_us = now_us + 250_000
            self.stream.release_held(now_us)


def junk(chance: random.Random) -> bytes:
    return native_frame(
        chance.randrange(100_000),
        speed=chance.uniform(0, 300),
        gear=chance.randrange(8),
    )


def accounted(stream: Stream) -> int:
    counters = stream.counters
    return counters.frames + counters.repeated + counters.rejected + counters.skipped


def test_a_game_behind_junk_takes_its_place_and_loses_its_first_moment_only() -> None:
    port, chance = Port(), random.Random(1)
    for _ in range(300):
        port.send(junk(chance), OTHER, 0.005)
    for index in range(400):
        port.send(native_frame(index), GAME, 0.01)
        port.send(junk(chance), OTHER, 0.005)
        port.send(junk(chance), OTHER, 0.005)
    assert port.takeover_count == 1
    assert port.stream.sender == GAME
    own = [frame.lap_time_ms for frame in port.frames]
    assert own == [index * 20 for index in range(400 - len(own), 400)]
    assert len(own) > 390
    port.stream.close()
    assert accounted(port.stream) == port.stream.counters.packets


def test_junk_behind_a_game_takes_nothing() -> None:
    port, chance = Port(), random.Random(2)
    for index in range(400):
        port.send(native_frame(index), GAME, 0.01)
        port.send(junk(chance), OTHER, 0.01)
    assert port.takeover_count == 0
    assert len(port.frames) == 400


def test_of_two_drives_the_first_is_read() -> None:
    port = Port()
    for index in range(400):
        port.send(native_frame(index), GAME, 0.01)
        port.send(native_frame(index + 5000), OTHER, 0.01)
    assert port.takeover_count == 0
    assert port.stream.sender == GAME
    assert port.stream.counters.frames == 400


def test_a_game_that_was_read_keeps_its_place_while_it_is_paused() -> None:
    port = Port()
    for index in range(100):
        port.send(native_frame(index), GAME, 0.02)
    for index in range(400):
        port.send(native_frame(99), GAME, 0.01)
        port.send(native_frame(index + 5000), OTHER, 0.01)
    assert port.takeover_count == 0


def test_a_sender_that_repeats_one_packet_yields_to_a_drive() -> None:
    port = Port()
    for index in range(400):
        port.send(native_frame(7), OTHER, 0.01)
        port.send(native_frame(index), GAME, 0.01)
    assert port.takeover_count == 1
    assert port.stream.sender == GAME


def test_of_several_that_are_refused_each_has_its_turn() -> None:
    port, chance = Port(), random.Random(3)
    for index in range(600):
        port.send(junk(chance), OTHER, 0.005)
        port.send(junk(chance), ("127.0.0.1", 5002), 0.005)
        port.send(native_frame(index), GAME, 0.01)
    assert port.stream.sender == GAME
