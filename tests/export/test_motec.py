"""What a MoTeC log says, read by a reader that shares no code with the writer."""

from __future__ import annotations

import gzip
import io
from datetime import datetime
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest

from ps_tui.domain.channel import CHANNELS
from ps_tui.domain.errors import NotFoundError, UsageError
from ps_tui.domain.markers import Marker
from ps_tui.domain.models import LapKind, LapTrace
from ps_tui.export.motec import gps, layout
from ps_tui.export.motec.channels import LEFT_OUT, motec_name
from ps_tui.export.motec.exporter import MotecExporter
from ps_tui.export.motec.ld import LdChannel, LdHeader, write_ld
from ps_tui.export.motec.timeline import LEAD_MS
from ps_tui.export.selection import LapSelection, Outing
from tests.support import ld_reader
from tests.support.captures import capture
from tests.support.export_laps import (
    START_US,
    changed,
    event_of,
    selected,
    selection_of,
    session_of,
    traces_of,
    without,
)


def _written(laps: LapSelection, **options: int) -> tuple[ld_reader.LogFile, bytes]:
    out = io.BytesIO()
    beside = MotecExporter(**options).write_laps(laps, out)
    return ld_reader.read(out.getvalue()), beside[".ldx"]


def _beacons_ms(ldx: bytes) -> list[float]:
    root = ElementTree.fromstring(ldx)
    beacons = root.iterfind(".//*[@Name='Beacons']/Marker")
    return [float(one.attrib["Time"]) / 1000 for one in beacons]


def _game_log() -> bytes:
    with gzip.open(capture("acc/kyalami_audi_motec.ld.gz")) as file:
        return file.read()


def test_the_second_reader_reads_the_log_of_a_game() -> None:
    log = ld_reader.read(_game_log())
    assert len(log.channels) == log.channel_count == 37
    assert (log.venue, log.event, log.venue_vehicle) == (
        "Kyalami",
        "Kyalami",
        "R8 LMS EVO",
    )
    assert (log.date, log.time) == ("07/12/2021", "17:59:12")
    rates = {channel.name: channel.rate_hz for channel in log.channels}
    assert (rates["SPEED"], rates["GEAR"], rates["SUS_TRAVEL_LF"]) == (60, 20, 200)
    assert {len(one.values) / one.rate_hz for one in log.channels} == {163.1, 163.095}
    assert 60 < max(log["SPEED"].values) < 70
    assert log["SPEED"].unit == "m/s"


def test_our_constants_and_blocks_are_those_of_the_game() -> None:
    out = io.BytesIO()
    MotecExporter().write_laps(selected((session_of(), traces_of([1000]))), out)
    ours, game = out.getvalue(), _game_log()
    assert ld_reader.read(ours).constants == ld_reader.read(game).constants
    for address in (0, 8, 0x24, layout.EVENT_AT + 1152, layout.VENUE_AT + 1098):
        assert ours[address : address + 2] == game[address : address + 2]


def test_header_says_who_drove_what_where_in_plain_letters() -> None:
    session = session_of("Quali")
    log, _ = _written(selected((session, traces_of([1000])), event=event_of()))
    assert (log.event, log.session) == ("Track day", "Quali")
    assert log.venue == log.event_venue == "Nurburgring GP"
    assert log.vehicle == log.venue_vehicle == "R8 LMS"
    assert log.driver == "Ann Driver"


def test_channels_have_names_units_and_one_rate() -> None:
    log, _ = _written(selected((session_of(), traces_of([2000]))))
    names = {channel.name: channel.unit for channel in log.channels}
    assert log.channel_count == len(log.channels) == len(names)
    expected = {
        "Throttle Pos": "%",
        "Ground Speed": "km/h",
        "Engine RPM": "rpm",
        "Gear": "",
        "Lap Time Running": "s",
        "World X": "m",
        "GPS Latitude": "deg",
    }
    assert expected.items() <= names.items()
    assert {channel.rate_hz for channel in log.channels} == {60}
    assert len({len(channel.values) for channel in log.channels}) == 1
    assert "Received" not in names


def test_every_channel_has_a_name_of_its_own_that_fits() -> None:
    names = [
        motec_name(channel) for key, channel in CHANNELS.items() if key not in LEFT_OUT
    ]
    assert len({one.name.lower() for one in names}) == len(names)
    assert all(len(one.name) < 32 and len(one.unit) < 12 for one in names)


@pytest.mark.parametrize("lap_times_ms", [[2000], [2000, 1513, 1999, 2750]])
def test_beacons_are_as_far_apart_as_the_lap_times(lap_times_ms: list[int]) -> None:
    log, ldx = _written(selected((session_of(), traces_of(lap_times_ms))))
    beacons_ms = _beacons_ms(ldx)
    laps_ms = [after - before for before, after in pairwise(beacons_ms)]
    assert laps_ms == pytest.approx(lap_times_ms, abs=1e-6)
    assert beacons_ms[0] > 0
    length_ms = len(log["Gear"].values) * 1000 / 60
    assert beacons_ms[-1] + LEAD_MS == pytest.approx(length_ms, abs=17)


def test_markers_are_where_their_frames_are_and_cut_no_lap() -> None:
    session = session_of()
    traces = traces_of([2000, 1500], session)
    lap = traces[1].lap
    marker = Marker(
        "m", session.id, lap.started_us + 403_000, START_US, lap.id, 2, note='"<kerb>'
    )
    loaded = {one.lap.id: one for one in traces}
    laps = LapSelection(
        [Outing(session, [one.lap for one in traces], [marker])],
        lambda lap: loaded[lap.id],
    )
    log, ldx = _written(laps)
    beacons_ms = _beacons_ms(ldx)
    assert len(beacons_ms) == 3
    (mark,) = ElementTree.fromstring(ldx).iterfind(".//*[@Name='Markers']/Marker")
    at_ms = float(mark.attrib["Time"]) / 1000
    assert at_ms == pytest.approx(beacons_ms[1] + 403, abs=3)
    assert mark.attrib["Name"] == '"<kerb>'
    assert log["Lap Time Running"].values[round(at_ms * 0.06)] == pytest.approx(
        0.403, abs=0.017
    )


def test_details_name_the_fastest_lap_that_counts() -> None:
    first, second, third = traces_of([2000, 1000, 1500])
    laps = [first, changed(second, valid=False), third]
    _, ldx = _written(selected((session_of(), laps)))
    details = {
        one.attrib["Id"]: one.attrib["Value"]
        for one in ElementTree.fromstring(ldx).iter("String")
    }
    assert details["Total Laps"] == "5"
    assert (details["Fastest Lap"], details["Fastest Time"]) == ("3", "0:01.500")


def test_frames_of_an_even_game_are_samples_to_the_last_bit() -> None:
    traces = traces_of([2000, 1500, 1750])
    log, ldx = _written(selected((session_of(), traces)))
    start = round(_beacons_ms(ldx)[0] * 60 / 1000)
    frames = np.concatenate([trace.columns["speed"] for trace in traces])
    samples = np.array(log["Ground Speed"].values, np.float32)
    offset = int(np.flatnonzero(samples[: start + 10] == frames[0])[-1])
    assert abs(offset - start) <= 1
    assert samples[offset : offset + frames.size].tobytes() == frames.tobytes()


def test_uneven_frames_are_read_between_by_straight_lines() -> None:
    (trace,) = traces_of([4000])
    random = np.random.default_rng(5)
    keep = np.sort(random.choice(240, 170, replace=False))
    columns = {key: np.asarray(one)[keep] for key, one in trace.columns.items()}
    log, ldx = _written(selection_of(LapTrace(trace.lap, columns)), rate_hz=100)
    since_ms = np.arange(len(log["Ground Speed"].values)) * 10 - _beacons_ms(ldx)[0]
    times_ms = columns["lap_time"].astype(np.float64)
    expected = np.interp(since_ms, times_ms, columns["speed"])
    # 100 + 10 per second: within a millisecond of its time.
    assert log["Ground Speed"].values == pytest.approx(expected, abs=0.011)
    gears = np.array(log["Gear"].values)
    assert set(gears) <= {1.0, 2.0, 3.0}


def test_a_lap_without_a_clock_is_stretched_to_its_official_time() -> None:
    (trace,) = traces_of([2000])
    columns = dict(trace.columns)
    columns["lap_time"] = np.full(120, np.nan, np.float32)
    trace = LapTrace(trace.lap, columns)
    slow = changed(trace, ended_us=trace.lap.started_us + 2_100_000)
    log, ldx = _written(selection_of(slow))
    assert np.diff(_beacons_ms(ldx)).tolist() == pytest.approx([2000])
    middle = round((_beacons_ms(ldx)[0] + 1000) * 60 / 1000)
    # Half of the official time is 1050 ms of reception.
    assert log["Ground Speed"].values[middle] == pytest.approx(110.5, abs=0.2)


def test_a_lap_without_a_time_takes_as_long_as_its_frames() -> None:
    traces = traces_of([2000], kind=LapKind.PARTIAL)
    _, ldx = _written(selection_of(*traces))
    (length_ms,) = np.diff(_beacons_ms(ldx))
    assert length_ms == pytest.approx(2000, abs=17)


def test_what_was_not_recorded_of_a_lap_is_not_in_the_log() -> None:
    (trace,) = traces_of([9000])
    # Joined after 3 s, left 2 s before the line.
    cut = {key: np.asarray(one)[180:420] for key, one in trace.columns.items()}
    log, ldx = _written(selection_of(LapTrace(trace.lap, cut)))
    (length_ms,) = np.diff(_beacons_ms(ldx))
    assert length_ms == pytest.approx(4000, abs=17)
    assert max(log["Ground Speed"].values) == max(cut["speed"])
    assert log["Lap Time Running"].values[0] == pytest.approx(3.0, abs=0.02)


def test_missing_values_are_what_was_there_before() -> None:
    (trace,) = traces_of([1000])
    columns = dict(trace.columns)
    fuel = np.full(60, 40.0, np.float32)
    fuel[:5] = np.nan
    fuel[30:40] = np.nan
    columns["fuel"] = fuel
    columns["clutch"] = np.full(60, np.nan, np.float32)
    log, _ = _written(selection_of(LapTrace(trace.lap, columns)))
    assert set(log["Fuel Level"].values) == {0.0, 40.0}
    assert "Clutch Pos" not in {channel.name for channel in log.channels}


def test_a_channel_that_some_laps_lack_is_zero_there() -> None:
    first, second = traces_of([1000, 1000])
    log, ldx = _written(selected((session_of(), [first, without(second, "rpm")])))
    line = round(_beacons_ms(ldx)[1] * 60 / 1000)
    assert set(log["Engine RPM"].values[line + 1 :]) == {0.0}
    assert log["Lap Number"].values[line - 2] == 1.0
    assert log["Lap Number"].values[line + 2] == 2.0


def test_gps_leads_back_to_the_world() -> None:
    (trace,) = traces_of([2000])
    log, _ = _written(selection_of(trace))
    north_m = np.array(log["GPS Latitude"].values) - gps.ORIGIN_LATITUDE
    north_m *= gps.METRES_PER_LATITUDE
    east_m = np.array(log["GPS Longitude"].values) - gps.ORIGIN_LONGITUDE
    east_m *= gps.METRES_PER_LONGITUDE
    assert north_m == pytest.approx(-np.array(log["World Z"].values), abs=0.01)
    assert east_m == pytest.approx(np.array(log["World X"].values), abs=0.01)


def test_a_degree_is_as_long_as_on_earth() -> None:
    assert pytest.approx(111_132, abs=50) == gps.METRES_PER_LATITUDE
    assert pytest.approx(78_847, abs=50) == gps.METRES_PER_LONGITUDE


def test_sessions_of_an_event_lie_one_behind_the_other() -> None:
    first, second = session_of(), session_of("Race", 2)
    laps = selected(
        (first, traces_of([2000, 1500], first)),
        (second, traces_of([1000, 1250], second)),
        event=event_of(),
    )
    log, ldx = _written(laps)
    assert np.diff(_beacons_ms(ldx)).tolist() == pytest.approx([2000, 1500, 1000, 1250])
    assert (log.event, log.session) == ("Track day", "")


def test_laps_without_a_frame_make_no_log() -> None:
    (trace,) = traces_of([1000])
    empty = {key: np.asarray(one)[:0] for key, one in trace.columns.items()}
    with pytest.raises(NotFoundError):
        MotecExporter().write_laps(
            selection_of(LapTrace(trace.lap, empty)), io.BytesIO()
        )


def test_more_than_the_format_holds_is_refused() -> None:
    channels = [LdChannel(f"C{n}", "", 60) for n in range(2)]
    with pytest.raises(UsageError):
        write_ld(
            LdHeader(datetime.fromtimestamp(0).astimezone()),
            channels,
            2**29,
            lambda number, values: values,
            io.BytesIO(),
        )


def test_a_selection_tells_how_far_it_is() -> None:
    traces = traces_of([1000, 1000])
    loaded = {trace.lap.id: trace for trace in traces}
    told: list[tuple[int, int]] = []
    laps = LapSelection(
        [Outing(None, [trace.lap for trace in traces])],
        lambda lap: loaded[lap.id],
        on_lap=lambda done, of: told.append((done, of)),
    )
    MotecExporter().write_laps(laps, io.BytesIO())
    assert told == [(0, 2), (1, 2), (2, 2)]
