"""Assetto Corsa's two conversations, told the time by hand."""

from __future__ import annotations

import pytest

from ps_tui.collector.talk import Talk
from ps_tui.decoders.assetto_corsa_conversation import (
    AssettoCorsaConversation,
    AssettoCorsaLapConversation,
)
from ps_tui.decoders.conversation import Conversation

REPLY, CAR, LAP = bytes(408), bytes(328), bytes(212)
ASK, SUBSCRIBE, SUBSCRIBE_LAPS, DISMISS = 0, 1, 2, 3


class Game:
    """Notes the operations that were asked of it."""

    def __init__(self, conversation: Conversation) -> None:
        self.operations: list[int] = []
        self.delivered: list[bytes] = []
        self.talk = Talk(conversation, self._take, self._deliver)

    @property
    def is_answered(self) -> bool:
        return self.talk.status().answer_count > 0

    def _deliver(self, datagram: bytes, address: object, received_us: int) -> None:
        self.delivered.append(datagram)

    def receive(self, datagram: bytes, received_us: int) -> None:
        self.talk.receive(datagram, None, received_us)

    def _take(self, request: bytes) -> None:
        assert len(request) == 12
        assert request[4:8] == b"\x01\0\0\0"
        self.operations.append(request[8])

    def run(self, start_s: float, end_s: float, step_s: float = 0.25) -> None:
        now_s = start_s
        while now_s <= end_s:
            self.talk.tick(int(now_s * 1e6))
            now_s += step_s


@pytest.fixture
def game() -> Game:
    return Game(AssettoCorsaConversation())


@pytest.fixture
def laps() -> Game:
    return Game(AssettoCorsaLapConversation())


def test_asks_every_two_seconds_until_answered(game: Game) -> None:
    game.run(0, 7.9)
    assert game.operations == [ASK] * 4
    assert not game.is_answered


def test_subscribes_at_once_when_answered(game: Game) -> None:
    game.run(0, 0)
    game.receive(REPLY, 100_000)
    assert game.operations == [ASK, SUBSCRIBE]
    assert game.is_answered


def test_subscribes_again_while_no_car_comes_then_asks_anew(game: Game) -> None:
    game.run(0, 0)
    game.receive(REPLY, 0)
    game.run(0.25, 8.0)
    assert game.operations == [ASK, SUBSCRIBE, SUBSCRIBE, SUBSCRIBE, ASK, ASK]


def test_is_quiet_while_the_car_streams(game: Game) -> None:
    game.run(0, 0)
    game.receive(REPLY, 0)
    for now_s in range(1, 60):
        game.receive(CAR, now_s * 1_000_000)
        game.run(now_s, now_s + 0.75)
    assert game.operations == [ASK, SUBSCRIBE]


def test_asks_again_after_four_seconds_of_silence(game: Game) -> None:
    game.run(0, 0)
    game.receive(REPLY, 0)
    game.receive(CAR, 1_000_000)
    game.run(1.25, 4.75)
    assert game.operations == [ASK, SUBSCRIBE]
    game.run(5.0, 7.75)
    assert game.operations == [ASK, SUBSCRIBE, ASK, ASK]
    game.receive(REPLY, 7_800_000)
    assert game.operations[-1] == SUBSCRIBE


def test_a_pause_that_ends_by_itself_needs_no_answer(game: Game) -> None:
    game.run(0, 0)
    game.receive(REPLY, 0)
    game.receive(CAR, 1_000_000)
    game.run(5.0, 5.0)
    game.receive(CAR, 5_600_000)
    game.run(5.75, 9.5)
    assert game.operations == [ASK, SUBSCRIBE, ASK]


def test_dismisses_when_closed(game: Game) -> None:
    game.run(0, 0)
    game.talk.close()
    assert game.operations == [ASK, DISMISS]


def test_laps_are_asked_for_every_two_seconds_until_answered(laps: Game) -> None:
    laps.run(0, 7.9)
    assert laps.operations == [ASK] * 4
    laps.receive(REPLY, 8_000_000)
    assert laps.operations == [ASK] * 4 + [SUBSCRIBE_LAPS]
    assert laps.talk.status().topic == "lap times"


def test_laps_are_subscribed_anew_when_none_came_for_long(laps: Game) -> None:
    laps.run(0, 0)
    laps.receive(REPLY, 0)
    laps.run(0.25, 20)
    assert laps.operations == [ASK, SUBSCRIBE_LAPS]
    laps.run(20.25, 22)
    assert laps.operations == [ASK, SUBSCRIBE_LAPS, ASK]
    laps.receive(REPLY, 22_100_000)
    assert laps.operations[2:] == [ASK, SUBSCRIBE_LAPS]


def test_laps_that_come_need_no_new_handshake(laps: Game) -> None:
    laps.run(0, 0)
    laps.receive(REPLY, 0)
    for now_s in range(10, 120, 10):
        laps.receive(LAP, now_s * 1_000_000)
        laps.run(now_s, now_s + 9.75)
    assert laps.operations == [ASK, SUBSCRIBE_LAPS]
    assert laps.delivered == [REPLY] + [LAP] * 11


def test_the_socket_of_the_laps_is_dismissed_too(laps: Game) -> None:
    laps.run(0, 0)
    laps.talk.close()
    assert laps.operations == [ASK, DISMISS]
