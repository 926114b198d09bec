"""Which backups stay, and that no rotation ever takes the last good one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ps_tui.storage.sqlite.retention import ALWAYS, LAST, Copy, kept

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def at(age: timedelta, **facts: object) -> Copy:
    created_us = round((NOON - age).timestamp() * 1_000_000)
    return Copy(created_us, **facts)  # type: ignore[arg-type]


def test_a_year_of_quarter_hours_thins_out_to_the_rule() -> None:
    copies = [at(timedelta(minutes=15 * n)) for n in range(4 * 24 * 365)]
    stay = kept(copies)
    ages = sorted(15 * index for index in stay)
    assert ages[:LAST] == [15 * n for n in range(LAST)]
    moments = [NOON - timedelta(minutes=age) for age in ages]
    assert (
        len({moment.hour for moment in moments if moment.date() == NOON.date()}) >= 12
    )
    days = {moment.date() for moment in moments}
    assert {NOON.date() - timedelta(days=n) for n in range(7)} <= days
    months = {(day.year, day.month) for day in days}
    assert len(months) == 6
    assert len(stay) <= 8 + 12 + 7 + 4 + 6


def test_pinned_copies_and_the_one_before_a_migration_stay() -> None:
    old = timedelta(days=900)
    copies = [at(timedelta(minutes=n)) for n in range(40)]
    copies += [at(old, is_pinned=True), at(old, reason="before migration from 1")]
    copies += [at(timedelta(days=30 * number)) for number in range(1, 13)]
    copies += [at(old * 2, reason="before migration from 0")]
    stay = kept(copies)
    assert {40, 41} <= stay
    assert len(copies) - 1 not in stay


def test_an_unverified_copy_goes_once_a_newer_verified_one_exists() -> None:
    bad = at(timedelta(minutes=1), is_verified=False)
    assert kept([bad]) == {0}
    assert kept([bad, at(timedelta(minutes=2))]) == {0, 1}
    assert kept([bad, at(timedelta())]) == {1}


@given(
    st.lists(
        st.builds(
            Copy,
            st.integers(0, 2_000_000_000_000_000),
            st.booleans(),
            st.booleans(),
            st.sampled_from(["manual", "before migration from 1"]),
        ),
        max_size=80,
    )
)
def test_something_good_always_stays(copies: list[Copy]) -> None:
    stay = kept(copies)
    good = [copy for copy in copies if copy.is_verified]
    assert sum(copies[index].is_verified for index in stay) >= min(ALWAYS, len(good))
    assert all(index in stay for index, copy in enumerate(copies) if copy.is_pinned)
    assert kept([copies[index] for index in sorted(stay)]) == set(range(len(stay)))
