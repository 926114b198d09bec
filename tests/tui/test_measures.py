"""Speeds and temperatures in the unit that a person reads; what is stored stays."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from ps_tui.domain.channel import CHANNELS, Channel
from ps_tui.settings_file import SettingsFile
from ps_tui.tui import measures
from ps_tui.tui.compare.panels import title, written
from ps_tui.tui.compare.scales import scale_of
from ps_tui.tui.compare.words import speed
from ps_tui.tui.lap_plot import plot_lap
from ps_tui.tui.lap_rows import columns_for
from tests.support.compared_laps import driven_trace
from tests.support.fake_services import FakeServices
from tests.support.fixed_data import car_and_race, fixed_laps, fixed_trace
from tests.tui.conftest import NO_FILE, Start


@pytest.fixture(autouse=True)
def _as_stored() -> Iterator[None]:
    yield
    measures.use()


def test_values_are_converted_by_the_definitions() -> None:
    measures.use("mph", "°F")
    assert measures.amount(160.9344, "km/h") == pytest.approx(100.0)
    assert measures.amount(100.0, "°C") == pytest.approx(212.0)
    assert measures.amount(-40.0, "°C") == pytest.approx(-40.0)
    assert measures.change(10.0, "°C") == pytest.approx(18.0)
    assert measures.stored(212.0, "°C") == pytest.approx(100.0)
    assert (measures.amount(2.0, "kPa"), measures.label("kPa")) == (2.0, "kPa")


def test_what_is_stored_is_shown_unless_asked_otherwise() -> None:
    measures.use("km/h", "°C")
    assert (measures.amount(88.0, "km/h"), measures.label("km/h")) == (88.0, "km/h")


def test_a_chart_has_round_ends_in_the_shown_unit() -> None:
    lines = [np.array([96.6, 289.7])]
    assert (scale_of("speed", lines).top, title(CHANNELS["speed"])) == (
        "300",
        "Speed km/h",
    )
    measures.use("mph")
    scale = scale_of("speed", lines)
    assert scale.top == "200"
    assert scale.high == pytest.approx(200 * measures.KMH_PER_MPH)
    assert title(CHANNELS["speed"]) == "Speed mph"
    assert written(CHANNELS["speed"], 160.9344) == "100"
    assert (speed(160.9344), speed(-16.09344, is_change=True)) == ("100", "-10")


def test_the_unit_of_a_formula_is_its_own() -> None:
    measures.use("mph")
    twice = Channel("twice", "twice", "km/h", 2, 0.0, 0.0)
    assert (title(twice), written(twice, 100.0)) == ("twice km/h", "100.00")


def test_lap_table_and_lap_chart() -> None:
    measures.use("mph")
    assert [one.label for one in columns_for([]) if one.key == "top"] == ["mph"]
    text = plot_lap(fixed_trace(fixed_laps()[0]), 60, 20, is_ascii=True).plain
    assert "speed mph" in text


async def test_live_and_compare(desk_of: Start) -> None:
    fake = FakeServices()
    fake.live.extra.update(car_and_race())
    fake.library.make_trace = driven_trace
    units = {"speed_unit": "mph", "temperature_unit": "°F"}
    file = SettingsFile(units, path=NO_FILE, environment={})
    async with desk_of(fake, size=(120, 36), settings_file=file) as desk:
        await desk.press("3")
        desk.app.screen.tick()  # type: ignore[attr-defined]
        await desk.settle()
        assert "SPEED mph" in desk.text
        assert "°F" in desk.text
        assert "km/h" not in desk.text
        desk.app.workspace.compared.ids = ["s-quali-l4", "s-quali-l8"]
        await desk.press("5")
        assert "mph" in desk.text
        assert "km/h" not in desk.text
