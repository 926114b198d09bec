"""How values of setups are read, written and compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ps_tui.domain.garage import Parameter, Setup
from ps_tui.domain.setups import (
    change_text,
    compare_setups,
    parameter_text,
    parse_value,
    value_text,
)


def setup(*parameters: Parameter) -> Setup:
    return Setup("u", "v", "Any", 0, parameters=parameters)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7.0),
        ("7,5", 7.5),
        ("-2", -2.0),
        ("soft", "soft"),
        ("nan", "nan"),
        ("1e999", "1e999"),
        ("1_0", "1_0"),
        ("", ""),
    ],
)
def test_what_is_a_number_is_one(text: str, value: float | str) -> None:
    assert parse_value(text) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_written_so_that_they_come_back(value: float) -> None:
    assert parse_value(value_text(value)) == value


def test_every_parameter_of_either_setup_is_compared() -> None:
    left = setup(
        Parameter("wing", 4.0, "clicks"),
        Parameter("bias", 56.5, "%"),
        Parameter("pads", "soft"),
        Parameter("pressure", 26.0, "psi"),
    )
    right = setup(
        Parameter("tc", 3.0),
        Parameter("wing", 4.0, "clicks"),
        Parameter("bias", 55.2, "%"),
        Parameter("pads", "hard"),
        Parameter("pressure", 1.8, "bar"),
    )
    pairs = compare_setups(left, right)
    assert [(pair.key, pair.differs, change_text(pair)) for pair in pairs] == [
        ("wing", False, ""),
        ("bias", True, "-1.3"),
        ("pads", True, ""),
        ("pressure", True, ""),
        ("tc", True, "only right"),
    ]
    assert change_text(compare_setups(right, left)[0]) == "only left"
    assert parameter_text(pairs[1].left) == "56.5 %"
    assert parameter_text(None) == ""
