"""MoTeC logs of a game and of our own become laps; broken ones are refused."""

from __future__ import annotations

import gzip
import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ps_tui.domain.errors import UsageError
from ps_tui.domain.models import LapTrace
from ps_tui.export.motec.exporter import MotecExporter
from ps_tui.export.read.files import read_laps
from ps_tui.export.read.laps import ReadSession, UnreadableFileError
from ps_tui.export.read.ld import parse_log
from ps_tui.export.read.ldx import read_extra
from tests.support import ld_reader
from tests.support.captures import capture
from tests.support.export_laps import (
    START_US,
    changed,
    event_of,
    selected,
    session_of,
    traces_of,
)

NOW_US = START_US + 10**12


def _log_bytes() -> tuple[bytes, bytes]:
    out = io.BytesIO()
    laps = selected((session_of(), traces_of([1000, 1000])))
    beside = MotecExporter().write_laps(laps, out)
    return beside[".ldx"], out.getvalue()


LDX, LD = _log_bytes()


@pytest.fixture
def game_log(tmp_path: Path) -> Path:
    path = tmp_path / "kyalami.ld"
    with gzip.open(capture("acc/kyalami_audi_motec.ld.gz")) as source:
        path.write_bytes(source.read())
    return path


def _times(session: ReadSession) -> list[int | None]:
    return [lap.facts.lap_time_ms for lap in session.laps if lap.facts is not None]


def test_both_readers_read_the_same_of_the_log_of_a_game(game_log: Path) -> None:
    data = game_log.read_bytes()
    ours, second = parse_log(data), ld_reader.read(data)
    assert (ours.venue, ours.vehicle) == (second.venue, second.venue_vehicle)
    for one, other in zip(ours.channels, second.channels, strict=True):
        assert (one.name, one.unit, one.rate_hz) == (
            other.name,
            other.unit,
            other.rate_hz,
        )
        assert np.array_equal(one.values, other.values)


def test_the_log_of_a_game_is_a_lap_in_our_units(game_log: Path) -> None:
    (session,) = read_laps(game_log, NOW_US)
    assert (session.facts.name, session.facts.car) == ("Kyalami", "R8 LMS EVO")
    (lap,) = session.laps
    columns = lap.columns
    assert lap.frame_count == 9786
    assert columns["speed"].max() == pytest.approx(64.45955 * 3.6, abs=1e-3)
    assert (columns["throttle"].max(), columns["brake"].max()) == (1.0, 1.0)
    assert 180 < columns["tyre_pressure_fl"].mean() < 190
    assert 0.0 < columns["suspension_travel_fl"].mean() < 0.05
    assert columns["gear"].max() == 5
    assert np.diff(columns["received_us"]).min() > 0
    assert "LAP_BEACON" in session.passed_over


def test_beacons_of_a_game_cut_its_log_into_laps(game_log: Path) -> None:
    beacons = capture("acc/laguna_18.ldx")
    extra = read_extra(beacons)
    assert len(extra.beacons_ms) == 18
    assert extra.details["Fastest Time"] == "1:22.690"
    shutil.copyfile(beacons, game_log.with_suffix(".ldx"))
    (session,) = read_laps(game_log, NOW_US)
    # The log is of another drive and ends before the second beacon.
    assert _times(session) == [None, None]
    assert [lap.frame_count for lap in session.laps] == [5599, 4187]


def test_our_own_log_gives_its_laps_back(tmp_path: Path) -> None:
    first, second = session_of(), session_of("Race", 2)
    traces = traces_of([2000, 1513], first)
    traces[1] = changed(traces[1], notes="late", excluded_us=5, excluded_reason="rain")
    laps = selected(
        (first, traces), (second, traces_of([1000], second)), event=event_of()
    )
    path = tmp_path / "event.ld"
    with path.open("wb") as file:
        beside = MotecExporter().write_laps(laps, file)
    path.with_suffix(".ldx").write_bytes(beside[".ldx"])
    practice, race = read_laps(path, NOW_US)
    assert (practice.facts.name, race.facts.name) == ("Practice", "Race")
    assert (_times(practice), _times(race)) == ([2000, 1513], [1000])
    told = practice.laps[1].facts
    assert told is not None
    assert (told.notes, told.excluded_reason) == ("late", "rain")
    columns = practice.laps[0].columns
    expected = 100 + columns["lap_time"] / 100
    assert columns["speed"][2:] == pytest.approx(expected[2:], abs=0.02)
    shown = columns["lap_time"] / 2000
    assert columns["normalized_position"][2:] == pytest.approx(shown[2:], abs=1e-3)


def test_a_lap_that_was_joined_late_keeps_its_clock(tmp_path: Path) -> None:
    (trace,) = traces_of([9000])
    cut = {key: np.asarray(one)[180:] for key, one in trace.columns.items()}
    path = tmp_path / "late.ld"
    with path.open("wb") as file:
        laps = selected((session_of(), [LapTrace(trace.lap, cut)]))
        beside = MotecExporter().write_laps(laps, file)
    path.with_suffix(".ldx").write_bytes(beside[".ldx"])
    (session,) = read_laps(path, NOW_US)
    assert _times(session) == [9000]
    assert session.laps[0].columns["lap_time"][0] == pytest.approx(3000, abs=20)


def test_without_beacons_the_lap_channel_cuts(tmp_path: Path) -> None:
    path = tmp_path / "bare.ld"
    path.write_bytes(LD)
    (session,) = read_laps(path, NOW_US)
    assert _times(session) == [None, None]
    assert session.facts.name == "Practice"


def test_distance_stands_for_a_position_that_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "speed.ld"
    # The position goes under a name that nobody knows.
    path.write_bytes(LD.replace(b"Lap Position", b"Lap Unknown\0"))
    path.with_suffix(".ldx").write_bytes(LDX)
    (session,) = read_laps(path, NOW_US)
    columns = session.laps[0].columns
    share = columns["normalized_position"]
    time_s = columns["lap_time"] / 1000
    # 100 km/h, rising by 10 each second, for one second.
    driven = 100 * time_s + 5 * time_s**2
    assert share[3:] == pytest.approx(driven[3:] / 105, abs=2e-3)
    assert columns["lap_distance"][-1] == pytest.approx(105 / 3.6, rel=0.03)


@settings(max_examples=150, deadline=None)
@given(
    changes=st.lists(
        st.tuples(st.integers(0, 15_000), st.integers(0, 255)), max_size=6
    ),
    end=st.integers(0, len(LD)),
)
def test_broken_logs_are_read_or_refused(
    changes: list[tuple[int, int]], end: int
) -> None:
    data = bytearray(LD)
    for at, value in changes:
        data[at] = value
    for damaged in (bytes(data), bytes(data[:end])):
        try:
            log = parse_log(damaged)
        except UnreadableFileError:
            continue
        assert sum(channel.values.size for channel in log.channels) <= len(damaged)


def test_channels_in_a_circle_are_refused() -> None:
    data = bytearray(LD)
    first = int.from_bytes(data[8:12], "little")
    data[first + 4 : first + 8] = data[8:12]
    with pytest.raises(UnreadableFileError, match="circle"):
        parse_log(bytes(data))


@pytest.mark.parametrize(
    "content",
    [
        b"<LDXFile>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><LDXFile/>',
        b'<LDXFile><Marker ClassName="BCN" Time="soon"/></LDXFile>',
    ],
)
def test_broken_beacons_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.ldx"
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError):
        read_extra(path)


def test_a_log_without_a_known_channel_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "strange.ld"
    data = bytearray(LD)
    here = int.from_bytes(data[8:12], "little")
    while here:
        data[here + 32 : here + 36] = b"????"
        here = int.from_bytes(data[here + 4 : here + 8], "little")
    path.write_bytes(bytes(data))
    with pytest.raises(UnreadableFileError, match="no channel"):
        read_laps(path, NOW_US)


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        read_laps(tmp_path / "laps.xlsx", NOW_US)
    with pytest.raises(UnreadableFileError):
        read_laps(tmp_path / "missing.ld", NOW_US)
