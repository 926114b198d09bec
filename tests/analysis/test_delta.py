from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ps_tui.analysis.delta import (
    GridMismatchError,
    agrees_at_line,
    at_line_ms,
    delta_ms,
    gains_ms,
    trend_ms,
)
from ps_tui.analysis.driven_lap import drive
from ps_tui.analysis.grid import GriddedLap, make_grid, resample
from ps_tui.decoders.assetto_corsa import AssettoCorsaDecoder
from ps_tui.decoders.f1 import CHANNELS as F1_CHANNELS
from ps_tui.decoders.f1 import F1Decoder
from ps_tui.domain.frame import Frame
from ps_tui.domain.models import LapTrace
from tests.support.captures import capture
from tests.support.pcap import datagrams
from tests.support.synthetic_laps import timed_lap, traces_of

GRID = make_grid()
SHARES = np.linspace(0.0, 1.0, 100_001)
bends = st.floats(-0.6, 0.6)
times = st.integers(60_000, 120_000)
phases = st.floats(0.0, 16.6)


def varied(bend: float, share: np.ndarray) -> np.ndarray:
    return share + bend * np.sin(2 * np.pi * share) / (2 * np.pi)


def lap_with(bend: float, lap_time_ms: int, phase_ms: float = 5.0) -> LapTrace:
    return timed_lap(lambda s: varied(bend, s), lap_time_ms, phase_ms=phase_ms)


def on_grid(trace: LapTrace) -> GriddedLap:
    return resample(drive(trace), GRID)


@given(bends, bends, times, times, phases, phases)
def test_delta_of_known_time_profiles(
    bend: float,
    other_bend: float,
    time_ms: int,
    other_ms: int,
    phase_ms: float,
    other_phase_ms: float,
) -> None:
    delta = delta_ms(
        on_grid(lap_with(bend, time_ms, phase_ms)),
        on_grid(lap_with(other_bend, other_ms, other_phase_ms)),
    )
    known = np.interp(GRID.places, varied(bend, SHARES), SHARES * time_ms)
    known -= np.interp(GRID.places, varied(other_bend, SHARES), SHARES * other_ms)
    assert np.abs(delta - known).max() < 1.0
    assert at_line_ms(delta) == pytest.approx(time_ms - other_ms, abs=1e-6)


@given(bends, times, phases)
def test_delta_to_itself_is_zero(bend: float, time_ms: int, phase_ms: float) -> None:
    trace = lap_with(bend, time_ms, phase_ms)
    assert (delta_ms(on_grid(trace), on_grid(trace)) == 0.0).all()


def test_time_lost_in_one_place_is_lost_there() -> None:
    """The lap stands for 1.5 s at 40 % and else drives as its reference."""
    reference = lap_with(0.2, 80_000)
    clock = np.asarray(reference.columns["lap_time"]).astype(float)
    places = np.asarray(reference.columns["normalized_position"])
    slower = timed_lap(lambda s: varied(0.2, s), 80_000)
    lap = LapTrace(
        timed_lap(lambda s: s, 81_500).lap,
        {**slower.columns, "lap_time": clock + 1500.0 * (places > 0.4)},
    )
    delta = delta_ms(on_grid(lap), on_grid(reference))
    assert delta[:398] == pytest.approx(0.0, abs=1)
    assert delta[403:] == pytest.approx(1500.0, abs=1)
    losses = gains_ms(drive(lap), drive(reference), (0.0, 0.35, 0.45, 1.0))
    assert losses == pytest.approx([0, 1500, 0], abs=1)
    assert trend_ms(delta, 405, 20) == pytest.approx(1500, abs=2)
    assert trend_ms(delta, 700, 20) == pytest.approx(0, abs=1)


def test_laps_on_different_grids_are_refused() -> None:
    trace = lap_with(0.0, 80_000)
    with pytest.raises(GridMismatchError):
        delta_ms(on_grid(trace), resample(drive(trace), make_grid(bins=1500)))


def test_demo_laps_end_at_the_difference_of_their_official_times(
    demo_traces: list[LapTrace],
) -> None:
    laps = [on_grid(trace) for trace in demo_traces[1:]]
    for lap in laps:
        for reference in laps:
            official = (lap.lap.lap_time_ms or 0) - (reference.lap.lap_time_ms or 0)
            at_line = at_line_ms(delta_ms(lap, reference))
            assert at_line == pytest.approx(official, abs=0.01)
            assert agrees_at_line(lap, reference)


def test_demo_clock_hardly_needs_the_correction(demo_traces: list[LapTrace]) -> None:
    """Independent of the anchoring: the clock agrees with the time by itself."""
    drifts = [drive(trace).drift_ms for trace in demo_traces[1:]]
    assert drifts == pytest.approx([0.0, 0.0, 0.0], abs=1.5)


def recorded(name: str, decoder: AssettoCorsaDecoder | F1Decoder) -> list[Frame]:
    frames = []
    before = b""
    for received_us, packet in datagrams(capture(name)):
        decoded = decoder.decode(packet, received_us)
        if packet != before and isinstance(decoded, Frame):
            frames.append(decoded)
        before = packet
    return frames


def test_monza_out_lap_ends_at_its_official_time() -> None:
    frames = recorded(
        "assetto_corsa/monza_r8lms_rtcarinfo.pcap.gz", AssettoCorsaDecoder()
    )
    out, rest = traces_of(frames, ())
    driven = drive(out)
    assert driven.time_at((1.0,)).tolist() == [344_684.0]
    assert driven.drift_ms == pytest.approx(0, abs=30)
    # The speed of a car that waits in the pits for minutes still adds up.
    assert driven.length_m == pytest.approx(5793, rel=0.02)
    assert drive(rest).time_at((0.0,)) == pytest.approx([0.0], abs=1)


@pytest.mark.parametrize(
    "name",
    [
        "f1/f1_24_full_lap_160501.pcap.gz",
        "f1/f1_24_heavy_braking_160906.pcap.gz",
        "f1/f1_25_format2026_bahrain_practice1.pcap.gz",
    ],
)
def test_f1_laps_joined_late_keep_the_time_of_their_clock(name: str) -> None:
    *_, trace = traces_of(recorded(name, F1Decoder()), F1_CHANNELS)
    driven = drive(trace)
    shown = driven.channel("lap_time")
    assert shown is not None
    assert driven.time_ms == pytest.approx(shown, abs=1)
    assert driven.drift_ms is None
