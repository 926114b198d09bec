"""Assetto Corsa's own lap times: asked for on a socket of their own, and exact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from ps_tui.collector.collector import Collector
from ps_tui.domain.laps import LapCompleted
from tests.collector.conftest import MakeCollector
from tests.support.assetto_corsa import AssettoCorsaServer, captured_payloads
from tests.support.captures import capture
from tests.support.packets import any_lap, car_info
from tests.support.recording_fakes import FakeStore, until

MONZA = "assetto_corsa/monza_r8lms_rtcarinfo.pcap.gz"
MONZA_LINE = 7899
"""The packet in which the counter of laps rises."""
STEP_MS, LAP_STEPS = 100, 800
LAST_LAP_MS = 80_000
"""What the stream of the car says; the official time is another, to be told apart."""
OFFICIAL_MS = 80_013
OTHER = any_lap(79_900, car_id=3, driver="Player 02", car="ks_ferrari_488_gt3")


def drive(*, publishes: bool = True) -> list[bytes]:
    """Return one lap from the line and half of another."""
    return [
        car_info(
            lap_time_ms=step % LAP_STEPS * STEP_MS + 1,
            position=step % LAP_STEPS / LAP_STEPS,
            completed_laps=step // LAP_STEPS,
            last_lap_ms=LAST_LAP_MS if publishes and step >= LAP_STEPS else 0,
            speed_kmh=150.0,
        )
        for step in range(LAP_STEPS * 3 // 2)
    ]


async def driven(
    make_collector: MakeCollector,
    packets: Sequence[bytes],
    laps: Mapping[int, Sequence[bytes]],
    *,
    knows_laps: bool = True,
    source: str = "assetto-corsa",
) -> tuple[Collector, AssettoCorsaServer]:
    """Let the whole drive arrive, and what was told of laps."""
    async with AssettoCorsaServer(packets, laps=laps, knows_laps=knows_laps) as game:
        collector = make_collector(source, host="127.0.0.1", port=game.port)
        await collector.start()
        await until(game.finished.is_set)
        cars = {lap[:4] for told in laps.values() for lap in told if knows_laps}
        await until(
            lambda: (
                collector.counters.frames + collector.counters.repeated == len(packets)
                and len(collector.live.lap_board()) == len(cars)
            )
        )
        await collector.stop()
        await until(game.dismissed.is_set)
    return collector, game


def first_lap(store: FakeStore) -> tuple[LapCompleted, int | None]:
    """Return the first lap as it ended, and its time as it is known now."""
    (session_id,) = store.sessions_by_id
    first, *rest = store.closed(session_id)
    assert [lap.kind for lap in rest] == ["partial"]
    batches = store.batches[session_id]
    revised = [each for batch in batches for each in batch.revised]
    assert all(each.lap_number == first.lap_number for each in revised)
    assert len(revised) <= 1
    return first, revised[-1].lap_time_ms if revised else first.lap_time_ms


@pytest.mark.parametrize("publishes", [True, False])
@pytest.mark.parametrize("after", [LAP_STEPS - 2, LAP_STEPS, LAP_STEPS + 10])
async def test_our_lap_takes_what_the_game_says_exactly(
    make_collector: MakeCollector, store: FakeStore, after: int, publishes: bool
) -> None:
    laps = {after: [any_lap(OFFICIAL_MS)]}
    collector, game = await driven(make_collector, drive(publishes=publishes), laps)
    lap, time_ms = first_lap(store)
    assert lap.kind == "flying"
    assert time_ms == OFFICIAL_MS
    assert collector.live.progress.best_lap_time_ms == OFFICIAL_MS
    assert collector.counters.laps == 2
    assert game.operations.count(1) == game.operations.count(2) == 1
    assert game.operations.count(3) == 2


async def test_the_lap_of_another_car_is_kept_and_is_not_ours(
    make_collector: MakeCollector, store: FakeStore
) -> None:
    laps = {LAP_STEPS: [OTHER], LAP_STEPS + 1: [any_lap(OFFICIAL_MS)]}
    collector, _ = await driven(make_collector, drive(), laps)
    assert first_lap(store)[1] == OFFICIAL_MS
    other, own = collector.live.lap_board()
    assert (other.driver, other.best_lap_ms, other.is_own) == (
        *("Player 02", 79_900),
        False,
    )
    assert (own.driver, own.best_lap_ms, own.is_own) == ("Player 01", OFFICIAL_MS, True)


async def test_alone_the_lap_of_another_car_changes_nothing(
    make_collector: MakeCollector, store: FakeStore
) -> None:
    await driven(make_collector, drive(), {LAP_STEPS: [OTHER, OTHER]})
    assert first_lap(store)[1] == LAST_LAP_MS


async def test_a_game_that_tells_no_laps_is_recorded_as_before(
    make_collector: MakeCollector, store: FakeStore
) -> None:
    collector, _ = await driven(make_collector, drive(), {}, knows_laps=False)
    lap, time_ms = first_lap(store)
    assert (time_ms, lap.is_official) == (LAST_LAP_MS, True)
    assert not collector.live.lap_board()


async def test_every_packet_of_both_sockets_is_accounted_for(
    make_collector: MakeCollector, store: FakeStore
) -> None:
    packets = captured_payloads(capture(MONZA))
    own, other = any_lap(344_684), any_lap(343_000, car_id=1, driver="Player 02")
    laps = {MONZA_LINE: [other, own]}
    collector, game = await driven(make_collector, packets, laps)
    counters = collector.counters
    assert (counters.frames, counters.repeated) == (8162, 479)
    answers = counters.skipped - 2
    assert 2 <= answers <= game.operations.count(0)
    assert counters.packets == len(packets) + answers + 2
    assert counters.rejected == counters.lost == counters.late == 0
    lap, time_ms = first_lap(store)
    assert (lap.kind, time_ms) == ("out", 344_684)
    assert [row.is_own for row in collector.live.lap_board()] == [False, True]
