"""Pages, figures and aggregates of laps against the same worked out in Python."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ps_tui.analysis.statistics import pace_of
from ps_tui.domain.errors import UsageError
from ps_tui.domain.lap_figures import (
    GAME_LINES,
    THIRDS,
    LapFigures,
    least,
    lines_text,
)
from ps_tui.domain.models import Lap, SessionDraft
from ps_tui.storage.sqlite import SqliteStore, open_store
from tests.support.recordings import ManualClock, begin, record_laps
from tests.support.stored_laps import put_laps

Row = tuple[int | None, str, int, int | None]
"""Lap time, class, valid, excluded."""
MINIS = tuple(range(1000, 1024))


def figures(*sectors_ms: int | None, lines: str = lines_text(THIRDS)) -> LapFigures:
    return LapFigures(lines, sectors_ms, MINIS, 60.0, 17.0, 2.0, 1.5, "l", 0.25)


async def session_with(
    store: SqliteStore,
    path: Path,
    rows: list[Row],
    *,
    car: str = "Ferrari 488 GT3",
    track: str | None = "Monza",
) -> str:
    draft = SessionDraft("Practice", car=car, track=track)
    session = await store.library.create_session(draft)
    put_laps(path, session.id, rows)
    return session.id


async def measure(store: SqliteStore, session_id: str, *made: LapFigures) -> list[Lap]:
    laps = await store.library.laps(session_id)
    await store.library.keep_figures(
        {lap.id: (lap, one) for lap, one in zip(laps, made, strict=False)}
    )
    return laps


FLYING: Row = (90_000, "flying", 1, None)


async def test_a_page_holds_the_rows_in_view_with_their_figures(
    store: SqliteStore, path: Path
) -> None:
    rows: list[Row] = [(90_000 - n, "flying", 1, None) for n in range(30)]
    session_id = await session_with(store, path, rows)
    made = [figures(30_000 + n, 31_000, None) for n in range(30)]
    await measure(store, session_id, *made)
    page = await store.library.lap_page(session_id, 10, 5)
    assert [row.lap.lap_number for row in page.rows] == [11, 12, 13, 14, 15]
    assert page.rows[0].figures == made[10]
    assert page.before.session == {lines_text(THIRDS): (30_000, 31_000, None)}
    assert page.before.overall == {}
    every = await store.library.lap_rows(session_id)
    assert [row.lap for row in every] == await store.library.laps(session_id)


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.integers(60_000, 200_000)),
            st.sampled_from(["flying", "flying", "flying", "out", "partial"]),
            st.integers(0, 1),
            st.sampled_from([None, None, 5]),
        ),
        max_size=40,
    )
)
async def test_aggregates_are_those_of_every_lap_that_counts(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Row]
) -> None:
    path = tmp_path_factory.mktemp("laps") / "telemetry.db"
    store = await open_store(path, ManualClock())
    try:
        session_id = await session_with(store, path, rows)
        laps = await store.library.laps(session_id)
        span = await store.library.lap_span(session_id)
        found = await store.library.session_pace(session_id)
    finally:
        await store.close()
    assert span.count == len(laps)
    expected = pace_of(laps)
    if expected is None:
        assert span.best is None
        assert found.counted == 0
        return
    assert span.best is not None
    assert span.best.lap_time_ms == expected.best_ms
    assert laps[span.best_index] == span.best
    assert found.counted == expected.n
    assert found.median_ms == pytest.approx(expected.median_ms)
    assert found.iqr_ms == pytest.approx(expected.iqr_ms)
    assert found.sd_ms == pytest.approx(expected.sd_ms, abs=1e-6)
    if expected.trend is not None:
        assert found.slope_ms == pytest.approx(expected.trend.slope, abs=1e-6)
        assert found.r_squared == pytest.approx(expected.trend.r_squared, abs=1e-6)


async def test_bests_leave_out_what_does_not_count(
    store: SqliteStore, path: Path
) -> None:
    rows: list[Row] = [
        FLYING,
        (91_000, "flying", 0, None),
        (92_000, "out", 1, None),
        (93_000, "flying", 1, 7),
        (94_000, "flying", 1, None),
    ]
    session_id = await session_with(store, path, rows)
    laps = await measure(
        store,
        session_id,
        figures(30_000, 30_000, 30_000),
        *[figures(1, 1, 1)] * 3,
        figures(30_500, 29_000, 34_500),
    )
    bests = await store.library.sector_bests(session_id)
    lines = lines_text(THIRDS)
    assert bests.session == {lines: (30_000, 29_000, 30_000)}
    holders = await store.library.best_sector_laps(session_id, lines)
    assert [lap.lap_number for lap in holders] == [1, 5, 1]
    assert await store.library.best_sector_laps(session_id, GAME_LINES) == []
    await store.library.exclude_lap(laps[4].id, "towed")
    bests = await store.library.sector_bests(session_id)
    assert bests.session == {lines: (30_000, 30_000, 30_000)}


async def test_all_time_bests_are_of_the_track_and_the_class_of_car(
    store: SqliteStore, path: Path, clock: ManualClock
) -> None:
    async def one(seconds: int, **about: str) -> str:
        clock.advance(10)
        session_id = await session_with(store, path, [FLYING], **about)
        third = seconds * 1000
        await measure(store, session_id, figures(third, third, third))
        return session_id

    await one(25, car="Porsche 911 GT3 R")
    await one(20, car="Mazda MX-5")
    await one(21, track="Spa")
    here = await one(30)
    await one(22)
    bests = await store.library.sector_bests(here)
    lines = lines_text(THIRDS)
    assert bests.session == {lines: (30_000,) * 3}
    assert bests.overall == {lines: (25_000,) * 3}
    minis = await store.library.mini_bests(here)
    assert minis.session == minis.overall == MINIS
    before = await store.library.mini_bests(here, before_lap=1)
    assert before.session == ()


async def test_figures_are_made_anew_when_what_they_are_made_of_changes(
    store: SqliteStore, path: Path
) -> None:
    session_id = await begin(store)
    await record_laps(store, session_id, 2, 30)
    waiting = await store.library.laps_to_measure(session_id, 9)
    assert [lap.lap_number for lap in waiting] == [1, 2]
    assert len(await store.library.laps_to_measure(session_id, 1)) == 1
    made = [figures(1, 2, 3), figures(1, 2, 3, lines=GAME_LINES)]
    await measure(store, session_id, *made)
    assert await store.library.laps_to_measure(session_id, 9) == []
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE laps SET lap_time_ms = 1 WHERE lap_number = 2")
        connection.commit()
    (late,) = await store.library.laps_to_measure(session_id, 9)
    assert late.lap_number == 2
    assert (await store.library.lap_rows(session_id))[1].figures is None


async def test_a_lap_is_measured_as_soon_as_it_has_ended(
    store: SqliteStore, path: Path
) -> None:
    session_id = await begin(store)
    await record_laps(store, session_id, 2, 30)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE laps SET state = 'closed' WHERE lap_number = 1")
        connection.execute("UPDATE laps SET state = 'open' WHERE lap_number = 2")
        connection.commit()
    waiting = await store.library.laps_to_measure(session_id, 9)
    assert [lap.lap_number for lap in waiting] == [1]


async def test_moved_lines_have_laps_measured_but_not_those_of_the_game(
    store: SqliteStore, path: Path, clock: ManualClock
) -> None:
    other = await session_with(store, path, [FLYING, (1, "out", 1, None)])
    await measure(store, other, figures(1, 2, 3), figures(1, 2, 3))
    clock.advance(5)
    session_id = await session_with(store, path, [FLYING, FLYING])
    made = [figures(1, 2, 3), figures(1, 2, 3, lines=GAME_LINES)]
    await measure(store, session_id, *made)
    assert await store.library.sector_lines("Monza", None) == THIRDS
    await store.library.move_sector_lines("Monza", None, (0.25, 0.8))
    await store.library.move_sector_lines("Monza", None, (0.3, 0.8))
    assert await store.library.sector_lines("Monza", None) == (0.3, 0.8)
    assert await store.library.sector_lines("Monza", "GP") == THIRDS
    assert await store.library.sector_lines(None, None) == THIRDS
    waiting = await store.library.laps_to_measure(session_id, 9)
    # The out lap of the other session makes no best: nobody waits for it.
    assert [(lap.session_id, lap.lap_number) for lap in waiting] == [
        (session_id, 1),
        (other, 1),
    ]


async def test_lines_have_to_rise_and_a_track_a_name(store: SqliteStore) -> None:
    with pytest.raises(UsageError, match="between 0 and 1"):
        await store.library.move_sector_lines("Monza", None, (0.8, 0.3))
    with pytest.raises(UsageError, match="track"):
        await store.library.move_sector_lines(None, None, (0.3, 0.8))


@pytest.mark.parametrize(
    ("changes", "grade"),
    [
        ({}, "A"),
        ({"rate_hz": 20.0}, "B"),
        ({"longest_gap_ms": 900.0}, "C"),
        ({"drift_ms": -600.0}, "D"),
        ({"drift_ms": None}, "A"),
        ({"rate_hz": None}, "D"),
    ],
)
def test_the_worst_of_rate_gaps_and_drift_grades_the_data(
    changes: dict[str, float | None], grade: str
) -> None:
    assert msgspec.structs.replace(figures(1, 2, 3), **changes).quality == grade


def test_the_least_of_two_rows_of_times() -> None:
    assert least((1, None, 5), (2, 3)) == (1, 3, 5)
    assert least((), (None,)) == (None,)
