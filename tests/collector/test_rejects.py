"""What a stream cannot read, in words and in a row."""

from __future__ import annotations

import logging

import pytest

from ps_tui.collector.live import LiveState
from ps_tui.collector.rejects import Failures, Rejects

NOW_US = 5_000_000


def rejects(live: LiveState, text: str = "looks like Forza") -> Rejects:
    return Rejects(live, lambda _: text, Failures())


@pytest.fixture
def live() -> LiveState:
    live = LiveState(lambda: NOW_US)
    live.start()
    return live


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("looks like Forza", "What arrives looks like Forza; expected native."),
        ("unknown, 3 bytes", "What arrives is unknown, 3 bytes; expected native."),
        ("", "What arrives is unknown; expected native."),
    ],
)
def test_many_in_a_row_are_told_in_words(live: LiveState, text: str, told: str) -> None:
    note = rejects(live, text).note
    for _ in range(9):
        note(b"odd", NOW_US, "native")
    assert live.status().message == ""
    assert note(b"odd", NOW_US, "native") == 10
    assert live.status().message == told
    assert live.counters.rejected == 10


def test_a_frame_begins_the_row_anew(live: LiveState) -> None:
    note = rejects(live).note
    assert [note(b"odd", NOW_US, "native") for _ in range(3)] == [1, 2, 3]
    live.counters.frames += 1
    assert note(b"odd", NOW_US, "native") == 1


def test_a_description_that_fails_is_logged_and_costs_nothing(
    live: LiveState, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(datagram: bytes) -> str:
        raise ValueError(datagram)

    broken = Rejects(live, fail, Failures())
    with caplog.at_level(logging.ERROR):
        for _ in range(10):
            broken.note(b"odd", NOW_US, "native")
    assert live.status().message == "What arrives is unknown; expected native."
    assert [record.message for record in caplog.records] == [
        "the description failed on a packet"
    ]


def test_a_flood_of_failures_is_logged_at_first(
    caplog: pytest.LogCaptureFixture,
) -> None:
    failures = Failures()
    for _ in range(50):
        try:
            raise ValueError("odd")
        except ValueError:
            failures.note("decoder")
    assert len(caplog.records) == 20
