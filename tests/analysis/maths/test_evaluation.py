from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ps_tui.analysis.maths.errors import FormulaError
from ps_tui.analysis.maths.evaluation import evaluate
from ps_tui.analysis.maths.functions import FUNCTIONS
from ps_tui.analysis.maths.parser import parse

TIME_S = np.linspace(0.0, 90.0, 5400)


def values(text: str, **columns: object) -> np.ndarray:
    return evaluate(parse(text), columns, TIME_S)


def value(text: str) -> float:
    return float(values(text)[0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3 - 4 / 2", 5.0),
        ("-2 ^ 2", -4.0),
        ("2 ^ 3 ^ 2", 512.0),
        ("7 % 3", 1.0),
        ("-7 % 3", 2.0),
        ("3 > 2", 1.0),
        ("3 <= 2", 0.0),
        ("2 == 2", 1.0),
        ("2 != 2", 0.0),
        ("abs(-3)", 3.0),
        ("atan2(1, 1)", math.pi / 4),
        ("cbrt(-27)", -3.0),
        ("ceil(1.2) + floor(1.8)", 3.0),
        ("round(2.5)", 3.0),
        ("round(-2.5)", -3.0),
        ("round(3.14159, 2)", 3.14),
        ("exp(1)", math.e),
        ("hypot(3, 4)", 5.0),
        ("hypot(2, 3, 6)", 7.0),
        ("log(e)", 1.0),
        ("log(8, 2)", 3.0),
        ("log10(1000) + log2(8)", 6.0),
        ("max(1, 3, 2) + min(1, 3, 2)", 4.0),
        ("mean(1, 2, 6)", 3.0),
        ("pow(2, 10)", 1024.0),
        ("sign(-4)", -1.0),
        ("sqrt(2) ^ 2", 2.0),
        ("sin(pi / 2) + cos(0) + tan(0)", 2.0),
        ("asin(1) + acos(1) + atan(0)", math.pi / 2),
        ("sinh(0) + cosh(0) + tanh(0)", 1.0),
        ("asinh(0) + acosh(1) + atanh(0)", 0.0),
        ("if(2 > 1, 10, 20)", 10.0),
        ("if(0, 10, 20)", 20.0),
        ("Infinity > 1", 1.0),
    ],
)
def test_numbers(text: str, expected: float) -> None:
    assert value(text) == pytest.approx(expected)


@pytest.mark.parametrize(
    "text",
    [
        "1 / 0",
        "0 / 0",
        "sqrt(-1)",
        "log(0)",
        "Infinity",
        "exp(1000)",
        "5 % 0",
        "(0 / 0) > 1",
        "if(0 / 0, 1, 2)",
    ],
)
def test_what_is_undefined_or_infinite_is_missing(text: str) -> None:
    assert np.isnan(values(text)).all()


@pytest.mark.parametrize(
    ("speed_kmh", "power"), [(10.0, "speed ^ 400"), (-8.0, "speed ^ 0.5")]
)
def test_a_power_of_a_channel_is_missing_where_it_has_no_value(
    speed_kmh: float, power: str
) -> None:
    assert np.isnan(values(power, speed=np.full(5400, speed_kmh))).all()
    assert values(power, speed=np.ones(5400)) == pytest.approx(1.0)


def test_channels_value_by_value() -> None:
    speed = np.linspace(0, 300, 5400).astype(np.float32)
    assert values("speed / 3.6", speed=speed) == pytest.approx(speed / 3.6, rel=1e-6)
    flags = values("speed > 150", speed=speed)
    assert flags.tolist() == (speed > 150).astype(float).tolist()
    gear = np.arange(5400) % 7
    assert values("gear + 1", gear=gear).dtype == np.float64


def test_whole_lap() -> None:
    x = np.sin(TIME_S)
    x[10] = np.nan
    assert values("max(x)", x=x) == pytest.approx(np.full(5400, np.nanmax(x)))
    assert values("min(x)", x=x)[7] == np.nanmin(x)
    assert values("mean(x)", x=x)[7] == pytest.approx(np.nanmean(x))
    share = values("(x - min(x)) / (max(x) - min(x))", x=x)
    assert (np.nanmin(share), np.nanmax(share)) == (0.0, 1.0)
    assert np.isnan(values("max(x)", x=x * np.nan)).all()


def test_derivative_and_integral_are_over_time() -> None:
    x = np.sin(TIME_S)
    assert values("derivative(x)", x=x) == pytest.approx(np.cos(TIME_S), abs=0.01)
    assert values("integral(x)", x=x) == pytest.approx(1 - np.cos(TIME_S), abs=1e-3)
    assert values("derivative(integral(x)) - x", x=x) == pytest.approx(0.0, abs=0.01)
    assert values("integral(1)")[-1] == pytest.approx(90.0)


def test_a_missing_value_adds_nothing_to_an_integral() -> None:
    x = np.ones(5400)
    x[100] = np.nan
    assert values("integral(x)", x=x)[-1] == pytest.approx(90.0, abs=0.05)


def test_smoothing() -> None:
    noise = np.random.default_rng(1).normal(0, 1, 5400)
    smooth = values("smooth(x, 1)", x=noise)
    assert smooth[100:-100].std() == pytest.approx(noise.std() / np.sqrt(61), rel=0.25)
    assert values("smooth(x)", x=TIME_S) == pytest.approx(TIME_S)
    for same in ("smooth(x, 0)", "smooth(x, -1)", "smooth(x, 0/0)"):
        assert (values(same, x=noise) == noise).all()
    assert values("smooth(x, 1e300)", x=noise)[2700] == pytest.approx(
        noise.mean(), abs=0.01
    )


def test_noise_stands_still() -> None:
    first, second = values("random()"), values("random()")
    assert (first == second).all()
    assert 0 <= first.min() < first.max() < 1


def test_a_channel_that_was_not_sent_is_named() -> None:
    with pytest.raises(FormulaError, match="no channel “fuel”") as raised:
        values("1 + fuel")
    assert (raised.value.position, raised.value.length) == (4, 4)


@pytest.mark.parametrize("size", [0, 1, 2])
@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_functions_on_hardly_any_frames(name: str, size: int) -> None:
    function = FUNCTIONS[name]
    arguments = ", ".join(["x"] * function.least)
    time_s = np.arange(float(size))
    got = evaluate(parse(f"{name}({arguments})"), {"x": time_s}, time_s)
    assert got.shape == (size,)


@given(
    st.recursive(
        st.sampled_from(["x", "1", "0", "2.5", "1e300", "pi"]),
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from("+-*/%^<"), inner).map(
                lambda t: f"({t[0]} {t[1]} {t[2]})"
            ),
            st.tuples(
                st.sampled_from(
                    ["derivative", "integral", "smooth", "mean", "sqrt", "exp", "abs"]
                ),
                inner,
            ).map(lambda t: f"{t[0]}({t[1]})"),
        ),
        max_leaves=12,
    )
)
def test_never_infinite_never_a_warning(text: str) -> None:
    x = np.array([0.0, -1.0, np.nan, 1e300, 5.0, -0.0])
    try:
        tree = parse(text)
    except FormulaError:
        return  # two comparisons in a row
    assert not np.isinf(evaluate(tree, {"x": x}, np.arange(6.0))).any()
