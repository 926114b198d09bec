"""Math channels on a lap that is still being driven."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from ps_tui.analysis.maths import running
from ps_tui.analysis.maths.channels import Formula, MathChannels
from ps_tui.analysis.maths.running import Reading, RunningChannels
from ps_tui.domain.frame import Frame

RATE_HZ = 50
STEP_US = 1_000_000 // RATE_HZ
START_US = 1_700_000_000_000_000


def frame(index: int, **values: Any) -> Frame:
    """Return the frame of a lap of 100 frames, and so on for the laps after it."""
    at_us = START_US + index * STEP_US
    given: dict[str, Any] = {
        "lap_number": 1 + index // 100,
        "lap_time_ms": index % 100 * STEP_US // 1000,
        "speed_kmh": float(index),
    }
    return Frame(at_us, at_us // 1000, **(given | values))


def fed(
    frames: Iterable[Frame], *formulas: tuple[str, str], extra: tuple[str, ...] = ()
) -> RunningChannels:
    known = [Formula(name, text) for name, text in formulas]
    channels = RunningChannels(known, [one.name for one in known], extra)
    channels.add(frames)
    return channels


def values_of(channels: RunningChannels) -> dict[str, float | None]:
    return {name: reading.value for name, reading in channels.readings().items()}


def test_figures_of_the_lap_are_of_the_lap_so_far() -> None:
    formulas = ("most", "max(speed)"), ("least", "min(speed)"), ("m", "mean(speed)")
    channels = fed((frame(index) for index in range(61)), *formulas)
    assert values_of(channels) == {"most": 60.0, "least": 0.0, "m": 30.0}
    channels.add(frame(index) for index in range(61, 103))
    assert values_of(channels) == {"most": 102.0, "least": 100.0, "m": 101.0}


def test_functions_over_time_give_what_the_whole_lap_gives() -> None:
    formulas = (
        ("rate", "derivative(speed)"),
        ("way", "integral(speed / 3.6)"),
        ("even", "smooth(speed, 0.2)"),
    )
    channels = RunningChannels([Formula(*one) for one in formulas], ["rate"], ())
    channels = fed((), *formulas)
    for index in range(80):
        channels.add([frame(index, speed_kmh=float(index**2))])
    whole = MathChannels([Formula(*one) for one in formulas]).values(
        [name for name, _ in formulas],
        {"speed": np.arange(80.0) ** 2},
        np.arange(80) / RATE_HZ,
    )
    for name, value in values_of(channels).items():
        assert value == pytest.approx(whole[name][-1]), name


def test_further_channels_are_found_by_their_place_in_the_frame() -> None:
    frames = [frame(index, extra=(1.0, float(index))) for index in range(3)]
    channels = fed(frames, ("x", "fuel + 1"), extra=("clutch", "fuel"))
    assert channels.readings() == {"x": Reading(3.0)}


def test_a_channel_that_the_game_does_not_send_is_named() -> None:
    frames = [frame(index, extra=(np.nan,)) for index in range(3)]
    formulas = ("hot", "brake_temperature_fl"), ("both", "hot + 0 * speed"), ("g", "1")
    channels = fed(frames, *formulas, extra=("brake_temperature_fl",))
    lacks = Reading(None, "brake_temperature_fl")
    assert channels.readings() == {"hot": lacks, "both": lacks, "g": Reading(1.0)}
    assert channels.series("hot", 1_000_000, 10).values == []
    channels.add([frame(3, extra=(250.0,)), frame(4)])
    assert channels.readings()["hot"] == Reading(None), "sent, but not just now"


def test_what_is_undefined_has_no_value() -> None:
    channels = fed([frame(0), frame(1)], ("ratio", "speed / (speed - speed)"))
    assert channels.readings() == {"ratio": Reading(None)}


def test_a_wrong_formula_spoils_no_others() -> None:
    channels = fed([frame(1)], ("bad", "gone + 1"), ("good", "speed * 2"))
    assert channels.readings() == {
        "bad": Reading(None, is_wrong=True),
        "good": Reading(2.0),
    }
    assert channels.series("bad", 1_000_000, 10).at_us == []


def test_before_the_first_frame_nothing_is_known() -> None:
    channels = fed([], ("most", "max(speed)"))
    assert channels.readings() == {"most": Reading(None)}
    assert channels.series("most", 1_000_000, 10).at_us == []


def test_the_past_and_a_lap_that_is_begun_anew_start_afresh() -> None:
    channels = fed((frame(index) for index in range(50)), ("most", "max(speed)"))
    channels.add([frame(20)])
    assert values_of(channels) == {"most": 20.0}
    channels.add([frame(60, lap_time_ms=40, speed_kmh=5.0)])
    assert values_of(channels) == {"most": 5.0}


def test_a_lap_without_an_end_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "MOST_FRAMES", 40)
    endless = (frame(index, lap_number=None, lap_time_ms=None) for index in range(95))
    channels = fed(endless, ("least", "min(speed)"), ("now", "speed"))
    least = values_of(channels)["least"]
    assert least is not None
    assert 55.0 <= least <= 65.0
    assert values_of(channels)["now"] == 94.0


def test_a_series_keeps_what_an_earlier_lap_came_to() -> None:
    channels = fed((frame(index) for index in range(150)), ("most", "max(speed)"))
    series = channels.series("most", 2_000_000, 40)
    found = dict(zip(series.at_us, series.values, strict=True))
    line_us = START_US + 100 * STEP_US
    assert series.lines_us == [line_us]
    assert {value for at_us, value in found.items() if at_us < line_us} == {99.0}
    assert {value for at_us, value in found.items() if at_us >= line_us} == {149.0}
    assert min(series.at_us) == START_US + 49 * STEP_US


def test_a_series_is_no_longer_than_what_is_drawn_and_keeps_spikes_and_gaps() -> None:
    frames = [frame(index, lap_number=1, lap_time_ms=None) for index in range(3000)]
    frames[1234] = frame(1234, lap_number=1, lap_time_ms=None, speed_kmh=9999.0)
    for index in range(2000, 2100):
        frames[index] = frame(index, lap_number=1, lap_time_ms=None, speed_kmh=None)
    channels = fed(frames, ("same", "speed"))
    series = channels.series("same", 60_000_000, 100)
    assert len(series.at_us) <= 4 * 102
    assert 9999.0 in series.values
    assert None in series.values
    assert series.at_us == sorted(set(series.at_us))
    assert series.values[-1] == 2999.0
