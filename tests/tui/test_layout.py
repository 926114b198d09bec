"""What fits into a width, and how things are written: pure functions."""

from __future__ import annotations

import numpy as np
import pytest

from ps_tui.tui.lap_plot import decimate, plot_lap
from ps_tui.tui.widgets.key_bar import MOST_KEYS, Shown, fit_keys
from ps_tui.tui.widgets.record_table import PADDING, Column, fit_columns
from ps_tui.tui.widgets.status_line import Part, fit_parts
from ps_tui.tui.words import counted, days
from tests.support.fixed_data import fixed_laps, fixed_trace

COLUMNS = (
    Column("name", "Name", 10, is_flexible=True),
    Column("track", "Track", 8, rank=2),
    Column("laps", "Laps", 4, rank=1),
    Column("best", "Best", 8),
)


@pytest.mark.parametrize(
    ("width", "keys"),
    [
        (100, ["name", "track", "laps", "best"]),
        (37, ["name", "laps", "best"]),
        (24, ["name", "best"]),
        (5, ["name", "best"]),
    ],
)
def test_columns_of_the_highest_rank_go_first(width: int, keys: list[str]) -> None:
    fitted = fit_columns(COLUMNS, width)
    assert [column.key for column, _width in fitted] == keys


def test_a_flexible_column_takes_what_is_left() -> None:
    fitted = fit_columns(COLUMNS, 100)
    assert sum(width + PADDING for _column, width in fitted) == 100


def test_the_least_important_parts_go_first() -> None:
    parts = [Part(0, "REC"), Part(9, "lost 0"), Part(1, "healthy", is_right=True)]
    assert fit_parts(parts, 80) == parts
    assert [part.text for part in fit_parts(parts, 16)] == ["REC", "healthy"]
    assert [part.text for part in fit_parts(parts, 3)] == ["REC"]


def test_the_key_bar_keeps_record_and_help() -> None:
    keys = [Shown(rank, f"events.k{rank}", "k", "k", "Label") for rank in range(9)]
    keys += [Shown(50, "screen.record", "R", "R", "Record")]
    keys += [Shown(80, "app.help", "?", "?", "Help")]
    wide = fit_keys(keys, 200)
    assert len(wide) == MOST_KEYS
    narrow = fit_keys(keys, 24)
    assert [key.id for key in narrow] == ["screen.record", "app.help"]


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (None, None, ""),
        ("2026-11-14", None, "14 Nov 2026"),
        ("2026-11-14", "2026-11-16", "14–16 Nov 2026"),
        ("2026-10-30", "2026-11-01", "30 Oct–1 Nov 2026"),
        ("some day", None, "some day"),
    ],
)
def test_days(start: str | None, end: str | None, words: str) -> None:
    assert days(start, end) == words


def test_counted() -> None:
    assert counted(1, "lap") == "1 lap"
    assert counted(41, "lap") == "41 laps"


def test_decimation_keeps_a_spike_of_one_sample() -> None:
    x, y = np.arange(5000.0), np.zeros(5000)
    y[3210] = 1.0
    few_x, few_y = decimate(x, y, 100)
    assert few_x.size <= 202
    assert few_y.max() == 1.0
    assert (few_x[0], few_x[-1]) == (0.0, 4999.0)


def test_decimation_leaves_gaps_out() -> None:
    x, y = np.arange(4.0), np.array([1.0, np.nan, 2.0, np.inf])
    assert decimate(x, y, 10)[1].tolist() == [1.0, 2.0]


@pytest.mark.parametrize("size", [(40, 8), (56, 30), (300, 90)])
def test_a_chart_has_the_size_that_was_asked_for(size: tuple[int, int]) -> None:
    width, height = size
    lines = plot_lap(
        fixed_trace(fixed_laps()[0]), width, height, is_ascii=False
    ).plain.splitlines()
    assert len(lines) == height
    assert max(len(line) for line in lines) <= width


def test_a_chart_in_ascii_draws_no_braille() -> None:
    text = plot_lap(fixed_trace(fixed_laps()[0]), 60, 20, is_ascii=True).plain
    assert "*" in text
    assert not any("\u2800" <= sign <= "\u28ff" for sign in text)
