import pytest

from ps_tui.tui.widgets.bar import absent_bar, bar_cells, centred_bar


@pytest.mark.parametrize(
    ("share", "filled"),
    [
        (0.0, ""),
        (0.5, "████"),
        (1.0, "████████"),
        (0.3, "██▍"),
        (-1.0, ""),
        (7.0, "█" * 8),
    ],
)
def test_bars_fill_from_the_left_to_an_eighth(share: float, filled: str) -> None:
    assert bar_cells(share, 8) == (filled, " " * (8 - len(filled)))


def test_plain_bars_use_plain_characters() -> None:
    assert bar_cells(0.5, 8, is_ascii=True) == ("####", "....")


@pytest.mark.parametrize(
    ("value", "bar"),
    [
        (0.0, "    ┃    "),
        (-0.5, "  ██┃    "),
        (1.0, "    ┃████"),
        (-9.0, "████┃    "),
    ],
)
def test_steering_grows_from_the_centre(value: float, bar: str) -> None:
    assert centred_bar(value, 9) == bar


def test_plain_steering() -> None:
    assert centred_bar(0.5, 9, is_ascii=True) == "....|##.."


def test_an_unknown_value_is_no_empty_bar() -> None:
    assert absent_bar(5) == "┄┄┄┄┄"
    assert absent_bar(5, is_ascii=True) == "- - "
    assert absent_bar(8) != "".join(bar_cells(0.0, 8))
