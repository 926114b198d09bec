"""A game that is over, and the one that is played after it."""

from __future__ import annotations

import pytest

from ps_tui.collector.backing import Backing
from ps_tui.collector.feed import Feed
from ps_tui.collector.notices import Notices
from ps_tui.collector.selection import Selection
from ps_tui.decoders.registry import SOURCES
from tests.support.recording_fakes import ME, FakeStore, HandClock, until
from tests.support.telemetry import native_frame


class Two:
    """Two feeds, of which the first records."""

    def __init__(self, store: FakeStore) -> None:
        self.clock = HandClock()
        backing = Backing(store, store, self.clock, ME)  # type: ignore[arg-type]
        self.feeds = [Feed(SOURCES["native"], backing, Notices()) for _ in range(2)]
        self.selection = Selection(self.feeds[0])
        self.selection.feeds = self.feeds
        self._sent = 0
        for feed in self.feeds:
            feed.live.start()

    def play(self, number: int) -> None:
        self._sent += 1
        packet = native_frame(self._sent)
        self.feeds[number].stream.receive(packet, None, self.clock.now_us())


@pytest.fixture
async def two(store: FakeStore) -> Two:
    two = Two(store)
    two.play(0)
    await until(lambda: two.feeds[0].recording.session)
    return two


async def test_a_session_ends_two_minutes_after_another_game_began(two: Two) -> None:
    first = two.feeds[0].recording
    for seconds, is_kept in ((119, True), (2, False)):
        two.clock.advance(seconds)
        two.play(1)
        two.selection.release_followed(two.clock.now_us())
        await first.settle()
        assert (first.session is not None) is is_kept
    await two.feeds[1].recording.stop()


async def test_a_silent_game_that_no_other_follows_keeps_its_session(two: Two) -> None:
    two.clock.advance(3600)
    two.selection.release_followed(two.clock.now_us())
    await two.feeds[0].recording.settle()
    assert two.feeds[0].recording.session is not None
    await two.feeds[0].recording.stop()
