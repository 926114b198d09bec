from __future__ import annotations

import numpy as np
import pytest

from ps_tui.analysis.driven_lap import drive
from ps_tui.analysis.maths.channels import (
    Formula,
    MathChannels,
    check_name,
    lap_values,
)
from ps_tui.analysis.maths.errors import FormulaError
from ps_tui.domain.models import LapTrace

TIME_S = np.arange(10.0)
SPEED = np.linspace(100.0, 190.0, 10)


def test_channels_read_each_other_in_any_order() -> None:
    channels = MathChannels(
        [
            Formula("energy", "0.5 * mass * speed_ms ^ 2", "J"),
            Formula("speed_ms", "speed / 3.6", "m/s"),
            Formula("mass", "1000", "kg"),
        ]
    )
    got = channels.values(["energy", "mass"], {"speed": SPEED}, TIME_S)
    assert list(got) == ["energy", "mass"]
    assert got["energy"] == pytest.approx(500 * (SPEED / 3.6) ** 2)
    assert channels.needed(["energy"]) == {"speed"}
    assert channels.needed(["mass"]) == set()
    assert "energy" in channels
    assert "speed" not in channels
    assert channels.formulas["energy"].unit == "J"


def test_what_is_not_asked_for_is_not_evaluated() -> None:
    channels = MathChannels([Formula("a", "fuel * 2"), Formula("b", "speed * 2")])
    assert channels.values(["b"], {"speed": SPEED}, TIME_S)["b"][0] == 200.0
    with pytest.raises(FormulaError, match="no channel “fuel”"):
        channels.values(["a"], {"speed": SPEED}, TIME_S)


def test_circles_are_named() -> None:
    with pytest.raises(FormulaError, match="a → b → c → a") as raised:
        MathChannels([Formula("a", "b"), Formula("b", "1 + c"), Formula("c", "a * 2")])
    assert "“a”" in raised.value.remedy
    with pytest.raises(FormulaError, match="x → x"):
        MathChannels([Formula("x", "x + 1")])


def test_a_circle_behind_a_straight_is_found() -> None:
    with pytest.raises(FormulaError, match="b → c → b") as raised:
        MathChannels([Formula("a", "b"), Formula("b", "10 * c"), Formula("c", "-b")])
    assert raised.value.position == 1


def test_long_and_wide_chains_are_evaluated_once_each() -> None:
    formulas = [
        Formula(f"c{n}", f"c{n + 1} * 0.5 + c{n + 1} * 0.5") for n in range(500)
    ]
    channels = MathChannels([*formulas, Formula("c500", "speed")])
    got = channels.values(["c0"], {"speed": SPEED}, TIME_S)["c0"]
    assert got == pytest.approx(SPEED)


@pytest.mark.parametrize(
    "name", ["", "1st", "a b", "a.b", "größe", "x" * 65, "speed", "sin", "pi", "a\n"]
)
def test_names_that_cannot_be_used(name: str) -> None:
    with pytest.raises(FormulaError):
        check_name(name)
    with pytest.raises(FormulaError):
        MathChannels([Formula(name, "1")])


def test_only_listed_channels_may_be_read() -> None:
    with pytest.raises(FormulaError, match="no channel “brake”"):
        MathChannels([Formula("a", "brake")], channels=["speed"])


def test_on_a_lap(demo_traces: list[LapTrace]) -> None:
    driven = drive(demo_traces[3])
    channels = MathChannels([Formula("g_long", "derivative(speed / 3.6) / 9.81", "g")])
    got = lap_values(channels, ["g_long"], driven)["g_long"]
    sent = driven.channel("g_longitudinal")
    assert sent is not None
    assert got.shape == driven.progress.shape
    assert np.nanmedian(np.abs(got - sent)) < 0.05
