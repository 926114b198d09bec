"""The delta of laps that games really sent.

No capture holds two whole laps on one track: four hold one (an out lap in Assetto
Corsa, a race lap from the grid in Forza Motorsport 7, a lap of Gran Turismo 7, a
stage of DiRT Rally 2), the others parts of laps. So each whole lap is laid beside one
that is made of it: sampled between its frames, later everywhere by a known amount.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from ps_tui.analysis.arrays import Floats
from ps_tui.analysis.delta import agrees_at_line, at_line_ms, delta_ms
from ps_tui.analysis.driven_lap import drive
from ps_tui.analysis.grid import make_grid, resample
from ps_tui.decoders.registry import SOURCES
from ps_tui.domain.frame import Frame
from ps_tui.domain.models import Lap, LapTrace
from tests.support.captures import capture
from tests.support.pcap import datagrams
from tests.support.synthetic_laps import traces_of

WHOLE = {
    "assetto-corsa": "assetto_corsa/monza_r8lms_rtcarinfo.pcap.gz",
    "forza": "forza/fm7_dash311_race.pcap.gz",
    "gran-turismo-7": "gran_turismo_7/replay_1lap_C368.pcap.gz",
    "dirt-rally": "dirt_rally/dr2_full_stage_1.pcap.gz",
}
LOST_MS = 1234.0
SWING_MS = 800.0
KEYS = ("normalized_position", "lap_distance", "lap_time", "speed")


@cache
def whole_lap(source: str) -> LapTrace:
    """Return the only lap of a capture that was driven from line to line."""
    decoder = SOURCES[source].make_decoder()
    frames = []
    for received_us, packet in datagrams(capture(WHOLE[source])):
        decoded = decoder.decode(packet, received_us)
        if isinstance(decoded, Frame):
            frames.append(decoded)
    (lap,) = (
        trace
        for trace in traces_of(frames, decoder.channels)
        if trace.lap.lap_time_ms is not None
    )
    return lap


def lost_ms(time_ms: Floats, lap_time_ms: float) -> Floats:
    """Return what was lost by a time of the lap: to and fro, and more and more."""
    share = np.clip(time_ms / lap_time_ms, 0.0, 1.0)
    return SWING_MS * np.sin(2.0 * np.pi * share) + LOST_MS * share


def driven_later(trace: LapTrace) -> LapTrace:
    """Return the same drive with other frames, each later by what was lost there."""
    driven = drive(trace)
    whole_ms = float(trace.lap.lap_time_ms or 0)
    rows = driven.rows
    columns = {
        key: np.asarray(trace.columns[key])[rows].astype(np.float64)
        for key in ("received_us", *KEYS)
        if key in trace.columns
    }
    middle = {key: (one[:-1] + one[1:]) / 2.0 for key, one in columns.items()}
    middle = {key: one[1:-1] for key, one in middle.items()}
    time_ms = ((driven.time_ms[:-1] + driven.time_ms[1:]) / 2.0)[1:-1]
    later_ms = lost_ms(time_ms, whole_ms)
    middle["received_us"] = np.rint(middle["received_us"] + later_ms * 1000.0)
    middle["lap_time"] = np.floor(middle["lap_time"] + later_ms)
    lap = trace.lap
    other = Lap(
        id="later",
        session_id=lap.session_id,
        lap_number=lap.lap_number + 1,
        lap_time_ms=round(whole_ms + LOST_MS),
        kind=lap.kind,
        valid=True,
        started_us=lap.started_us,
    )
    whole = {key: one.astype(np.int64) for key, one in middle.items() if "_us" in key}
    whole["lap_time"] = middle["lap_time"].astype(np.int64)
    return LapTrace(other, middle | whole)


@pytest.mark.parametrize("source", WHOLE)
def test_a_real_lap_driven_later_is_later_by_as_much(source: str) -> None:
    trace = whole_lap(source)
    later = driven_later(trace)
    reference = drive(trace)
    grid = make_grid(reference.length_m)
    lap, other = (resample(drive(one), grid) for one in (later, trace))
    delta = delta_ms(lap, other)
    known = lost_ms(reference.time_at(grid.places), float(trace.lap.lap_time_ms or 0))
    both = np.isfinite(delta) & np.isfinite(known)
    # A car that waits for its start is on the line for a while.
    both[0] = False
    assert both.mean() > 0.9
    assert np.abs(delta - known)[both].max() < 10.0
    assert float(np.median(np.abs(delta - known)[both])) < 2.0
    assert at_line_ms(delta) == pytest.approx(LOST_MS, abs=10.0)
    assert agrees_at_line(lap, other)
