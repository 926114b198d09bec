"""Every datagram accounted for, whatever it is."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ps_tui.collector.collector import new_detector
from ps_tui.collector.live import LiveState
from ps_tui.collector.pipeline import Stream
from ps_tui.decoders.assetto_corsa import AssettoCorsaDecoder
from ps_tui.decoders.native import NativeDecoder
from ps_tui.decoders.registry import describe
from ps_tui.domain.frame import Decoded, Frame, Identity, Skipped
from ps_tui.domain.laps import LapCompleted, LapEvent, LapStarted
from ps_tui.domain.ports import Decoder
from ps_tui.domain.recording import FeedCounters, FeedState
from tests.support.packets import car_info, handshake_reply
from tests.support.recording_fakes import HandClock
from tests.support.telemetry import native_frame

HERE = ("127.0.0.1", 5000)
THERE = ("127.0.0.1", 5001)
AFAR = ("10.0.0.7", 5000)


class Rig:
    """A stream, a clock, and what came out at the end."""

    def __init__(self, decoder: Decoder | None = None) -> None:
        decoder = decoder or NativeDecoder()
        self.clock = HandClock()
        self.live = LiveState(self.clock.now_us, source=decoder.source)
        self.live.start()
        self.stream = Stream(decoder, self.live, new_detector, describe)
        self.stream.sink = self._take
        self.stream.on_cut = self.events.extend
        self.frames: list[Frame] = []
        self.late: list[Frame] = []

    @property
    def events(self) -> list[LapEvent]:
        if not hasattr(self, "_events"):
            self._events: list[LapEvent] = []
        return self._events

    def _take(self, frame: Frame, events: Sequence[LapEvent], is_late: bool) -> None:
        (self.late if is_late else self.frames).append(frame)
        self.events.extend(events)

    def send(
        self, datagram: bytes, address: tuple[str, int] = HERE, after_s: float = 0.02
    ) -> None:
        self.stream.receive(datagram, address, self.clock.advance(after_s))

    @property
    def counters(self) -> FeedCounters:
        return self.live.counters


def accounted(counters: FeedCounters) -> int:
    return counters.frames + counters.repeated + counters.rejected + counters.skipped


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_frames_reach_the_live_view_and_the_sink(rig: Rig) -> None:
    for index in range(5):
        rig.send(native_frame(index))
    assert rig.counters == FeedCounters(packets=5, frames=5)
    assert rig.live.latest is rig.frames[-1]
    assert [type(event) for event in rig.events] == [LapStarted]


def test_a_packet_that_repeats_the_one_before_is_counted_not_kept(rig: Rig) -> None:
    for index in (0, 1, 1, 1, 2, 1):
        rig.send(native_frame(index))
    assert rig.counters.repeated == 2
    assert rig.counters.frames == 4


def test_lost_frames_are_those_that_the_count_leaves_out(rig: Rig) -> None:
    for index in (0, 1, 5, 6):
        rig.send(native_frame(index, sequence=index))
    rig.stream.update_lost(None)
    assert rig.counters.lost == 3
    rig.stream.update_lost(7)
    assert rig.counters.lost == 7


def test_late_frames_are_recorded_but_neither_shown_nor_cut(rig: Rig) -> None:
    for index in (0, 1, 3, 2, 4):
        rig.send(native_frame(index, sequence=index))
    assert rig.counters.frames == 5
    assert rig.counters.late == 1
    assert [frame.sequence for frame in rig.frames] == [0, 1, 3, 4]
    assert [frame.sequence for frame in rig.late] == [2]
    assert rig.live.latest is rig.frames[-1]


def test_a_doubled_frame_out_of_turn_is_a_repetition(rig: Rig) -> None:
    for index in (0, 1, 2, 1):
        rig.send(native_frame(index, sequence=index))
    assert rig.counters.repeated == 1
    assert rig.counters.frames == 3


def test_handshakes_are_skipped_and_name_car_and_track() -> None:
    rig = Rig(AssettoCorsaDecoder())
    identities: list[Identity] = []
    rig.stream.on_identity = identities.append
    rig.send(handshake_reply())
    rig.send(car_info(lap_time_ms=1000))
    assert rig.counters == FeedCounters(packets=2, skipped=1, frames=1)
    assert identities == [rig.stream.identity]
    assert rig.live.identity.track


def test_names_within_frames_are_learnt(rig: Rig) -> None:
    rig.send(native_frame(0, car="ford_gt40", track="le_mans"))
    assert (rig.live.identity.car, rig.live.identity.track) == ("ford_gt40", "le_mans")


class Moody:
    """A decoder that raises, skips and works by turns."""

    source = "native"
    channels = ()
    identity: Identity | None = None

    def decode(self, datagram: bytes, received_us: int) -> Decoded:
        if datagram == b"raise":
            raise RuntimeError("a bug")
        if datagram == b"skip":
            return Skipped("menu")
        return Frame(received_us, received_us // 1000)


def test_a_decoder_that_raises_costs_only_its_packet() -> None:
    rig = Rig(Moody())
    for datagram in (b"1", b"raise", b"2", b"skip", b"3"):
        rig.send(datagram)
    assert rig.counters == FeedCounters(packets=5, frames=3, rejected=1, skipped=1)


def test_a_lap_detector_that_raises_costs_no_frame(rig: Rig) -> None:
    class Broken:
        def feed(self, frame: Frame) -> Sequence[LapEvent]:
            raise RuntimeError("a bug")

        def publish(self, lap_time_ms: int, received_us: int) -> Sequence[LapEvent]:
            raise RuntimeError("a bug")

        def finish(self, reason: str) -> Sequence[LapEvent]:
            raise RuntimeError("a bug")

    rig.stream = Stream(NativeDecoder(), rig.live, lambda _: Broken())
    rig.stream.sink = rig._take
    rig.send(native_frame(0))
    assert rig.stream.cut("over", is_new_session=True) == ()
    assert len(rig.frames) == rig.counters.frames == 1


def test_another_game_on_the_port_is_named(rig: Rig) -> None:
    for index in range(30):
        rig.send(car_info(lap_time_ms=index))
    status = rig.live.status()
    assert status.state is FeedState.WAITING
    assert "Assetto Corsa" in status.message
    assert "native" in status.message
    assert rig.counters.rejected == 30


def test_random_bytes_are_rejected_and_never_raise(rig: Rig) -> None:
    chance = random.Random(1)
    for _ in range(5000):
        rig.send(chance.randbytes(chance.randrange(1500)), after_s=0.0002)
    assert rig.counters.packets == 5000
    rig.stream.close()
    assert accounted(rig.counters) == 5000
    assert rig.counters.rejected > 4900


def test_random_bytes_beside_a_game_cost_it_nothing(rig: Rig) -> None:
    chance = random.Random(2)
    for index in range(200):
        rig.send(native_frame(index))
        for _ in range(10):
            rig.send(b"\xff" + chance.randbytes(64), AFAR, after_s=0.0005)
    assert rig.counters.frames == 200
    assert rig.counters.rejected == 2000


def test_a_second_sender_is_refused_while_the_first_goes_on(rig: Rig) -> None:
    for index in range(20):
        rig.send(native_frame(index))
        rig.send(native_frame(index + 1000), THERE)
    rig.send(native_frame(20))
    assert rig.counters.frames == 21
    assert rig.counters.rejected == 20
    name = f"{THERE[0]}:{THERE[1]}"
    assert rig.live.status().message == f"A second sender, {name}, is ignored."
    (refused,) = rig.stream.refused_senders
    assert (refused.name, refused.count) == (name, 20)
    assert refused.size == len(native_frame(1000))
    assert [type(event) for event in rig.events] == [LapStarted]


def test_refused_senders_that_are_too_many_are_counted_together(rig: Rig) -> None:
    for index in range(200):
        rig.send(native_frame(index))
        rig.send(native_frame(index + 1000), ("127.0.0.1", 6000 + index))
    rig.send(native_frame(200))
    senders = rig.stream.refused_senders
    assert sum(sender.count for sender in senders) == rig.counters.rejected == 200
    assert len(senders) == 65
    assert senders[-1].name == ""


def test_a_refused_sender_takes_over_after_five_seconds(rig: Rig) -> None:
    for index in range(3):
        rig.send(native_frame(index))
        rig.send(native_frame(index + 1000), AFAR)
    rig.send(native_frame(3))
    for index in range(6):
        rig.send(native_frame(index + 2000), AFAR, after_s=1)
        rig.stream.release_held(rig.clock.now_us())
    assert rig.counters.rejected == 3 + 4
    assert rig.counters.frames == 4 + 2
    ended = [event for event in rig.events if isinstance(event, LapCompleted)]
    assert [lap.reason for lap in ended] == ["another sender"]
    started = [event for event in rig.events if isinstance(event, LapStarted)]
    assert [lap.lap_number for lap in started] == [1, 2]


def test_a_sender_started_again_loses_nothing(rig: Rig) -> None:
    for index in range(10):
        rig.send(native_frame(index))
    for index in range(10, 60):
        rig.send(native_frame(index), THERE)
        rig.stream.release_held(rig.clock.now_us())
    rig.stream.close()
    assert rig.counters.frames == 60
    assert [frame.lap_time_ms for frame in rig.frames] == [n * 20 for n in range(60)]
    assert [type(event) for event in rig.events] == [LapStarted]


def test_a_fresh_port_for_each_datagram_loses_nothing(rig: Rig) -> None:
    for index in range(100):
        rig.send(native_frame(index), ("127.0.0.1", 6000 + index))
        rig.stream.release_held(rig.clock.now_us())
    rig.stream.close()
    assert rig.counters.frames == 100
    assert rig.counters.rejected == 0


def test_both_families_of_loopback_are_one_computer(rig: Rig) -> None:
    rig.send(native_frame(0), ("::ffff:127.0.0.1", 5000))
    for index in range(1, 9):
        rig.send(native_frame(index), ("::1", 5001))
    rig.stream.close()
    assert rig.counters.frames == 9
    assert [type(event) for event in rig.events] == [LapStarted]


DATAGRAMS = st.one_of(
    st.binary(max_size=80),
    st.builds(native_frame, st.integers(0, 50)),
    st.builds(lambda index: native_frame(index, sequence=index), st.integers(0, 50)),
    st.just(native_frame(0, track="monza")),
    st.just(b""),
)


@given(
    st.lists(
        st.tuples(
            DATAGRAMS,
            st.sampled_from([HERE, THERE, AFAR]),
            st.sampled_from([0.0, 0.02, 0.4, 6.0]),
            st.booleans(),
        ),
        max_size=60,
    )
)
def test_every_datagram_is_in_exactly_one_counter(
    packets: list[tuple[bytes, tuple[str, int], float, bool]],
) -> None:
    rig = Rig()
    for datagram, address, after_s, is_tick in packets:
        rig.send(datagram, address, after_s)
        if is_tick:
            rig.stream.release_held(rig.clock.now_us())
    rig.stream.close()
    assert rig.counters.packets == len(packets)
    assert accounted(rig.counters) == len(packets)
    assert len(rig.frames) + len(rig.late) == rig.counters.frames
    assert len(rig.late) == rig.counters.late
