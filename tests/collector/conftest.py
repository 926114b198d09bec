"""Collectors on loopback, over a store in memory or the real one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import pytest

from ps_tui.collector.backing import Backing
from ps_tui.collector.clock import SystemClock
from ps_tui.collector.collector import Collector, Intervals
from ps_tui.collector.open_session import OpeningPace
from ps_tui.collector.recorder import Pace
from ps_tui.decoders.registry import SOURCES
from tests.support.recording_fakes import ME, FakeStore

QUICK = Intervals(
    tick_s=0.01,
    other_s=0.02,
    reopen_s=0.03,
    watch_s=0.01,
    handshake_retry_s=0.2,
    handshake_silence_s=0.3,
    opening=OpeningPace(identity_s=0.02, retry_s=0.01),
    recorder=Pace(flush_s=0.02, seal_after_s=0.05, retry_s=0.01, stop_limit_s=1.0),
)

MakeCollector = Callable[..., Collector]


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
async def make_collector(store: FakeStore) -> AsyncIterator[MakeCollector]:
    """Return a maker of collectors of a source; all are stopped in the end."""
    made: list[Collector] = []

    def make(source: str = "native", **options: object) -> Collector:
        clock = SystemClock()
        options = {"port": 0, "intervals": QUICK} | options
        options.setdefault("backing", Backing(store, store, clock, ME))  # type: ignore[arg-type]
        row = SOURCES if source == "auto" else SOURCES[source]
        made.append(Collector(row, **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for collector in made:
        with contextlib.suppress(Exception):
            await collector.stop()
    await asyncio.sleep(0)
