from hypothesis import given
from hypothesis import strategies as st

from ps_tui.tui.widgets.canvas import Canvas
from ps_tui.tui.widgets.rolling_trace import (
    FIRST_TRACE_LAYER,
    GAP_LAYER,
    GAP_US,
    MARK_LAYER,
    RollingTrace,
)

START_US = 1_700_000_000_000_000
STEP_US = 100_000


def make(
    width: int = 8, height: int = 2, *, filled: tuple[bool, ...] = (False,)
) -> tuple[Canvas, RollingTrace]:
    """Return a trace with one dot column to each tenth of a second."""
    canvas = Canvas(width, height, FIRST_TRACE_LAYER + len(filled))
    window_us = canvas.dot_columns * STEP_US
    trace = RollingTrace(canvas, window_us=window_us, bounds=(0.0, 1.0), filled=filled)
    return canvas, trace


def text(canvas: Canvas) -> str:
    return "\n".join(canvas.row(y) for y in range(canvas.height))


def test_a_line_at_rest_is_level_and_the_newest_is_at_the_right() -> None:
    canvas, trace = make()
    for index in range(6):
        trace.add(0, START_US + index * STEP_US, 0.0)
    assert text(canvas) == "        \n     ⣀⣀⣀"


def test_a_step_is_joined_upright() -> None:
    canvas, trace = make()
    for index in range(12):
        trace.add(0, START_US + index * STEP_US, 1.0 if index >= 6 else 0.0)
    assert text(canvas) == "     ⡏⠉⠉\n  ⣀⣀⣀⠇  "


def test_a_spike_of_one_sample_within_a_column_is_kept() -> None:
    canvas, trace = make()
    for index in range(40):
        value = 1.0 if index == 31 else 0.0
        trace.add(0, START_US + index * STEP_US // 10, value)
    assert text(canvas) == "       ⢸\n      ⣀⣸"


def test_a_missing_value_is_a_gap_and_a_silence_is_dotted() -> None:
    canvas, trace = make()
    trace.add(0, START_US, 0.0)
    trace.add(0, START_US + STEP_US, None)
    trace.add(0, START_US + 2 * STEP_US, 1.0)
    late_us = START_US + 3 * STEP_US + GAP_US
    trace.add(0, late_us, 0.0)
    trace.add(0, late_us + STEP_US, 0.0)
    assert text(canvas) == "    ⠁⠂  \n   ⡀ ⠂ ⣀"


def test_an_area_without_a_value_is_no_area_at_zero() -> None:
    canvas, trace = make(filled=(True, False))
    for index in range(16):
        value = 0.0 if index < 8 else None
        trace.add(0, START_US + index * STEP_US, 1.0 if index < 2 else value)
    assert canvas.runs(1) == [(FIRST_TRACE_LAYER, "⣿⡇  "), (GAP_LAYER, "⠂ ⠂ ")]


def test_slow_samples_are_led_from_one_to_the_next() -> None:
    canvas, trace = make()
    trace.add(0, START_US, 0.0)
    trace.add(0, START_US + 4 * STEP_US, 1.0)
    assert text(canvas) == "      ⡠⠃\n     ⡰⠁ "


def test_samples_that_come_late_change_nothing() -> None:
    canvas, trace = make()
    for index in range(6):
        trace.add(0, START_US + index * STEP_US, 0.5)
    before = text(canvas)
    trace.add(0, START_US, 1.0)
    trace.add(0, START_US - 3600 * 1_000_000, 1.0)
    assert text(canvas) == before


def test_a_filled_trace_reaches_the_bottom_behind_a_line() -> None:
    canvas, trace = make(filled=(True, False))
    for index in range(6):
        trace.add(0, START_US + index * STEP_US, 0.5)
        trace.add(1, START_US + index * STEP_US, 1.0)
    assert text(canvas) == "     ⣉⣉⣉\n     ⣿⣿⣿"
    assert [owner for owner, _ in canvas.runs(1)] == [FIRST_TRACE_LAYER]
    assert [owner for owner, _ in canvas.runs(0)] == [FIRST_TRACE_LAYER + 1]


def test_a_line_at_rest_does_not_recolour_the_foot_of_an_area() -> None:
    canvas, trace = make(filled=(True, False))
    for index in range(6):
        trace.add(0, START_US + index * STEP_US, 1.0 if index < 3 else 0.0)
        trace.add(1, START_US + index * STEP_US, 0.0)
    assert canvas.runs(1) == [
        (FIRST_TRACE_LAYER, "     ⣿⣿"),
        (FIRST_TRACE_LAYER + 1, "⣀"),
    ]


def test_a_mark_is_an_upright_dotted_line_and_scrolls() -> None:
    canvas, trace = make()
    trace.add(0, START_US, None)
    trace.mark(START_US)
    assert canvas.runs(0) == [(MARK_LAYER, "       ⡂")]
    trace.add(0, START_US + 4 * STEP_US, None)
    assert canvas.runs(0) == [(MARK_LAYER, "     ⡂  ")]


def test_the_guide_stays_where_it_is() -> None:
    canvas, trace = make()
    trace.guide(0.5)
    before = text(canvas)
    trace.add(0, START_US, None)
    trace.add(0, START_US + 90 * STEP_US, None)
    assert text(canvas) == before
    assert "⡀" in before


@given(
    st.lists(
        st.tuples(
            st.integers(0, 3_000_000),
            st.one_of(st.none(), st.floats(-2, 3, allow_nan=False)),
        ),
        max_size=60,
    )
)
def test_any_samples_leave_rows_of_the_right_width(
    samples: list[tuple[int, float | None]],
) -> None:
    canvas, trace = make()
    for offset_us, value in samples:
        trace.add(0, START_US + offset_us, value)
    assert all(len(canvas.row(y)) == canvas.width for y in range(canvas.height))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_a_column_shows_the_least_and_the_greatest_of_its_time(
    values: list[float],
) -> None:
    canvas, trace = make(width=1, height=1)
    for value in values:
        trace.add(0, START_US, value)
    levels = [int(value * 3 + 0.5) for value in values]
    expected = Canvas(1, 1)
    column = START_US // STEP_US % 2
    low, high = min(levels), max(levels)
    expected.set_column(0, column, (1 << high + 1) - (1 << low))
    assert text(canvas) == text(expected)
