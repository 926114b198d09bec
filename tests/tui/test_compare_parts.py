"""What the Compare screen is made of: the view, panels, words, pictures."""

from __future__ import annotations

import numpy as np
import pytest

from ps_tui.analysis.losses import LossRow, Part, PartFigures
from ps_tui.analysis.maths.channels import Formula, usable
from ps_tui.analysis.maths.errors import FormulaError
from ps_tui.domain.garage import PlotLayout
from ps_tui.tui.compare import formulas, picture
from ps_tui.tui.compare.axis import Shown
from ps_tui.tui.compare.chosen import ChosenLaps
from ps_tui.tui.compare.drawn import Drawn, Plot, plot_of
from ps_tui.tui.compare.panels import (
    DEFAULT_PANELS,
    MOST_PANELS,
    PEDALS,
    Panel,
    channel_of,
    from_configs,
    joined,
    keys_of,
    to_configs,
    toggled,
    written,
)
from ps_tui.tui.compare.scales import short
from ps_tui.tui.compare.study import Study, study
from ps_tui.tui.compare.view import LEAST_SPAN, View, following
from ps_tui.tui.compare.words import reasons, verdict
from ps_tui.tui.widgets.compare_axis import AXIS, CURSOR, Tick, axis_row
from tests.support.compared_laps import driven_trace
from tests.support.fixed_data import fixed_laps

WHOLE = (0.0, 1.0)


def two_laps(*keys: str) -> Study:
    laps = {lap.id: lap for lap in fixed_laps()}
    traces = [driven_trace(laps[key]) for key in ("s-quali-l4", "s-quali-l5")]
    return study(traces, keys)


def test_the_view_follows_the_cursor_and_stays_on_the_lap() -> None:
    view = View(0.2, 0.4, 0.3)
    assert view.at(0.5).window == pytest.approx((0.3, 0.5))
    assert view.at(-1.0).start == view.at(-1.0).cursor == 0.0
    assert view.panned(-9.0).start == 0.0
    assert view.panned(9.0).end == pytest.approx(1.0)
    assert View().panned(1.0) == View()


def test_zoom_keeps_the_cursor_in_its_place() -> None:
    view = View(0.0, 1.0, 0.25).zoomed(2.0)
    assert (view.start, view.end, view.cursor) == (0.125, 0.625, 0.25)
    for _ in range(40):
        view = view.zoomed(2.0)
    assert view.span == pytest.approx(LEAST_SPAN)
    assert view.start <= view.cursor <= view.end
    assert view.zoomed(1e-6).is_whole


def test_following_places() -> None:
    places = [0.1, 0.5, 0.9]
    assert following(places, 0.5, 1) == 0.9
    assert following(places, 0.5, -1) == 0.1
    assert following(places, 0.9, 1) is None
    assert following([], 0.5, -1) is None


def test_chosen_laps_have_four_letters() -> None:
    chosen = ChosenLaps()
    assert [chosen.add(key) for key in "abcda"] == [True] * 5
    assert not chosen.add("e")
    assert [chosen.letter(key) for key in "abde"] == ["A", "B", "D", ""]
    chosen.make_reference("e")
    assert chosen.ids == ["e", "a", "b", "c"]
    chosen.make_reference("b")
    assert chosen.ids == ["b", "e", "a", "c"]
    chosen.remove("nobody")
    assert chosen.reference_id == "b"


def test_panels_are_toggled_and_joined() -> None:
    assert toggled(DEFAULT_PANELS, "gear")[-1] == Panel(("gear",))
    without = toggled(DEFAULT_PANELS, "brake")
    assert Panel(("throttle",)) in without
    assert Panel(PEDALS) in toggled(without, "brake")
    assert toggled([Panel(("speed",))], "speed") == (Panel(("speed",)),)
    many = tuple(Panel((f"c{index}",)) for index in range(MOST_PANELS))
    assert toggled(many, "gear") == many
    together = joined([Panel(("speed",)), Panel(("rpm",))], "rpm")
    assert together == (Panel(("speed", "rpm")),)
    assert joined(together, "rpm") == (Panel(("speed",)), Panel(("rpm",)))
    assert joined(together, "absent") == together


def test_panels_survive_being_saved() -> None:
    assert from_configs(to_configs(DEFAULT_PANELS)) == DEFAULT_PANELS
    strange = [{}, {"channels": None}, {"channels": [1, "rpm", "a", "b"]}]
    assert from_configs(strange) == (Panel(("rpm", "a")),)
    assert from_configs([]) == DEFAULT_PANELS
    assert keys_of(DEFAULT_PANELS) == ("speed", "throttle", "brake", "steering")


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("throttle", 0.5, "50"),
        ("gear", 0.0, "N"),
        ("gear", -1.0, "R"),
        ("gear", 4.0, "4"),
        ("speed", 123.4, "123"),
        ("mine", 1.5, "1.50"),
        ("speed", None, "–"),
        ("speed", float("nan"), "–"),
    ],
)
def test_values_are_written(key: str, value: float | None, text: str) -> None:
    assert written(channel_of(key, {}), value) == text


def test_reasons_name_what_was_different() -> None:
    lap = PartFigures(
        brake_place=812.0,
        min_speed_kmh=92.0,
        throttle_place=950.0,
        coasting_ms=400.0,
        overlap_ms=0.0,
        exit_speed_kmh=150.0,
    )
    reference = PartFigures(
        brake_place=800.0,
        min_speed_kmh=96.0,
        throttle_place=930.0,
        coasting_ms=100.0,
        overlap_ms=10.0,
        exit_speed_kmh=158.0,
    )
    row = LossRow(Part("T3", 0.1, 0.2, 0.12), 123.4, lap, reference)
    assert verdict(row, "B") == "T3: B loses 0.123 s"
    assert reasons(row, "m") == [
        "brakes 12 m later",
        "4 km/h slower at its slowest",
        "throttle 20 m later",
        "leaves 8 km/h slower",
        "coasts +0.30 s",
    ]
    equal = LossRow(row.part, None, PartFigures(), PartFigures())
    assert verdict(equal, "B") == "T3: not driven by both"
    assert reasons(equal, "m") == ["no difference worth a word"]
    unbraked = LossRow(row.part, -5.0, PartFigures(), reference)
    assert reasons(unbraked, "m") == ["does not brake"]


def test_a_picture_has_the_size_that_was_asked_for() -> None:
    found = two_laps()
    for size in ((40, 8), (78, 14), (120, 40)):
        drawn = picture.draw(
            found, Shown(found.axis(), WHOLE), DEFAULT_PANELS, size, {}
        )
        assert sum(1 + len(panel.rows) for panel in drawn.panels) == size[1]
        for panel in drawn.panels:
            for row in panel.rows:
                assert sum(len(text) for _, text in row) == drawn.width
    small = picture.draw(found, Shown(found.axis(), WHOLE), DEFAULT_PANELS, (40, 8), {})
    assert small.left_out == 2


def test_lines_keep_a_spike_of_one_place() -> None:
    found = two_laps()
    speed = found.values[0]["speed"]
    speed[:] = 100.0
    speed[777] = 250.0
    found.values[1]["speed"][:] = 100.0
    drawn = picture.draw(
        found, Shown(found.axis(), WHOLE), [Panel(("speed",))], (60, 12), {}
    )
    top = "".join(text for _, text in drawn.panels[0].rows[0])
    assert len(top.strip()) == 1


def test_the_delta_of_two_laps_is_an_area_of_gains_and_losses() -> None:
    found = two_laps()
    delta = found.comparison.deltas_ms[1]
    delta[:] = np.linspace(-100.0, 100.0, delta.size)
    drawn = picture.draw(found, Shown(found.axis(), WHOLE), [], (66, 9), {})
    (panel,) = drawn.panels
    top, bottom = panel.rows[0], panel.rows[-1]
    assert [panel.owners[owner] for owner, _ in top if owner >= 0] == ["loss"]
    assert panel.owners[bottom[0][0]] == "gain"


def test_the_same_lap_twice_is_drawn_and_so_is_a_channel_without_a_value() -> None:
    lap = driven_trace(next(lap for lap in fixed_laps() if lap.id == "s-quali-l4"))
    twice = study([lap, lap], ["never"], [Formula("never", "speed / 0")])
    panels = (Panel(("speed", "never")), Panel(("never",)))
    shown = Shown(twice.axis(), WHOLE)
    drawn = picture.draw(twice, shown, panels, (60, 24), {})
    assert drawn.panels[-1].left[0] == "+0.01"
    assert drawn.panels[-1].left[-1] == "-0.01"
    assert len(drawn.panels) == 3


def test_ascii_pictures_have_no_braille() -> None:
    found = two_laps()
    drawn = picture.draw(
        found, Shown(found.axis(), WHOLE), DEFAULT_PANELS, (60, 20), {}, is_ascii=True
    )
    text = "".join(t for panel in drawn.panels for row in panel.rows for _, t in row)
    assert text.isascii()


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (12.5, "12.5"), (250.0, "250"), (12_000.0, "12k"), (0.125, "0.125")],
)
def test_ends_of_scales_fit(value: float, text: str) -> None:
    assert short(value) == text


def test_formulas_that_cannot_be_worked_out_spoil_no_others() -> None:
    good, later = Formula("good", "speed + 1"), Formula("later", "last * 2")
    last, bad = Formula("last", "good / 2"), Formula("bad", "nothing")
    assert set(usable([later, bad, last, good])) == {good, later, last}
    formulas.verify(later, [last, good, bad])
    with pytest.raises(FormulaError):
        formulas.verify(Formula("loop", "loop + 1"), [good])


def test_a_math_channel_is_read_like_any_other() -> None:
    laps = {lap.id: lap for lap in fixed_laps()}
    traces = [driven_trace(laps[key]) for key in ("s-quali-l4", "s-quali-l5")]
    found = study(traces, ("half",), (Formula("half", "speed / 2"),))
    for half, speed in zip(
        found.read("half", (0.4, 0.4)), found.read("speed", (0.4, 0.4)), strict=True
    ):
        assert half == pytest.approx((speed or 0.0) / 2.0)


def test_over_time_each_lap_has_its_own_clock() -> None:
    found = two_laps()
    axis = found.axis(is_over_time=True)
    times = [lap.time_ms for lap in found.comparison.laps]
    place = found.corners[1].apex
    for lap, own in enumerate(times):
        at_ms = float(np.interp(place, found.comparison.grid.places, own))
        x = axis.x_of(place, lap)
        assert x == pytest.approx(at_ms / max(float(one[-1]) for one in times))
        assert axis.places_at(x)[lap] == pytest.approx(place)
    quick = int(np.argmin([one[-1] for one in times]))
    at_end = axis.places_at(1.0)
    assert at_end[1 - quick] == pytest.approx(1.0)
    assert np.isnan(at_end[quick])
    assert axis.label(1.0) == f"{max(float(one[-1]) for one in times) / 1000:.1f} s"


def test_over_time_the_columns_show_what_was_driven_then() -> None:
    found = two_laps()
    axis = found.axis(is_over_time=True)
    own, other = axis.edges((0.2, 0.4), 100)
    last = found.comparison.grid.places.size - 1
    for index in (0, 50, 100):
        x = 0.2 + 0.2 * index / 100
        assert [own[index] / last, other[index] / last] == pytest.approx(
            axis.places_at(x)
        )
    drawn = picture.draw(found, Shown(axis, WHOLE), DEFAULT_PANELS, (60, 20), {})
    assert all(panel.rows for panel in drawn.panels)


def test_without_a_clock_the_axis_stays_the_place() -> None:
    found = two_laps()
    for lap in found.comparison.laps:
        lap.time_ms[:] = np.nan
    axis = found.axis(is_over_time=True)
    assert not axis.is_over_time
    assert axis.x_of(0.3) == 0.3


def test_a_moment_leads_to_its_place_and_back() -> None:
    found = two_laps()
    moment = found.moment_at(1, 0.37)
    assert found.place_of(1, moment) == pytest.approx(0.37, abs=1e-6)
    assert found.place_of(1, moment - 10**12) is None


def test_a_layout_is_modified_until_it_is_drawn_again() -> None:
    drawn = Drawn()
    assert drawn.title == ""
    drawn.plot = Plot(DEFAULT_PANELS, is_over_time=True)
    assert drawn.title == "Default (modified)"
    layout = PlotLayout("1", "Mine", 0, configs=drawn.plot.configs())
    drawn.layout = layout
    assert (drawn.is_modified, drawn.title) == (False, "Mine")
    drawn.plot = Plot((Panel(("rpm",)),))
    assert drawn.title == "Mine (modified)"
    drawn.load(layout)
    assert drawn.plot == plot_of(layout.configs) == Plot(DEFAULT_PANELS, True)


def test_the_axis_row_tells_the_marker_under_the_cursor() -> None:
    ticks = [(10, Tick(0.25, 0, "bump")), (30, Tick(0.75, 1, ""))]
    row = axis_row(
        (0.0, 1.0), (0.25, 10), ticks, 40, lambda x: f"{x:.2f}", is_ascii=True
    )
    assert (
        "".join(text for text, _ in row) == "0.00    0.25 bump             ^     1.00"
    )
    assert [lap for text, lap in row if text.strip()] == [AXIS, CURSOR, 1, AXIS]
