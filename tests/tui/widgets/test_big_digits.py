import pytest

from ps_tui.tui.widgets.big_digits import big_rows, small_rows


def test_small_digits() -> None:
    assert "\n".join(small_rows("1:2.R")) == (
        "▄█  ▄ ▀▀█   █▀▄\n █  ▄ █▀▀   █▀▄\n▀▀▀   ▀▀▀ ▀ ▀ ▀"
    )


def test_big_digits() -> None:
    assert "\n".join(row.rstrip() for row in big_rows("7")) == (
        "██████\n    ██\n    ██\n    ██\n    ██"
    )


def test_plain_digits() -> None:
    assert "\n".join(small_rows("49", is_ascii=True)) == ("     _ \n|_| |_|\n  |  _|")


@pytest.mark.parametrize("sign", "0123456789RN- ")
def test_digits_are_equally_wide(sign: str) -> None:
    assert {len(row) for row in big_rows(sign)} == {6}
    assert {len(row) for row in small_rows(sign)} == {3}
    assert {len(row) for row in small_rows(sign, is_ascii=True)} == {3}
