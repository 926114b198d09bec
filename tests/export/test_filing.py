"""Laps that were read are recorded laps: exported again they are the same."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from ps_tui.domain.errors import DatabaseError, RecorderBusyError
from ps_tui.domain.health import Verdict
from ps_tui.domain.markers import MarkerDraft
from ps_tui.domain.models import EventDraft, LapTrace, SessionStatus
from ps_tui.export.csv import CsvExporter
from ps_tui.export.files import export_laps
from ps_tui.export.formats import FORMATS, writer_of
from ps_tui.export.read.csv import read_csv
from ps_tui.export.read.files import read_laps
from ps_tui.export.read.filing import LapFiling
from ps_tui.export.read.laps import ReadSession
from ps_tui.export.selection import find_event, find_lap, find_session
from ps_tui.storage.process import own_recorder
from ps_tui.storage.sqlite import SqliteStore, open_store
from tests.support.export_laps import (
    START_US,
    changed,
    selected,
    session_of,
    traces_of,
)
from tests.support.recordings import ManualClock, begin


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    opened = await open_store(tmp_path / "laps.db", ManualClock())
    yield opened
    await opened.close()


def _filing(store: SqliteStore) -> LapFiling:
    return LapFiling(store.recording, store.library, own_recorder())


def _read(folder: Path, traces: list[LapTrace]) -> ReadSession:
    path = folder / "laps.csv"
    with path.open("wb") as file:
        laps = selected((session_of(), traces))
        beside = CsvExporter().write_laps(laps, file)
    path.with_suffix(".meta.json").write_bytes(beside[".meta.json"])
    (session,) = read_csv(path, START_US)
    return session


async def test_imported_laps_are_recorded_ones(
    store: SqliteStore, tmp_path: Path
) -> None:
    traces = traces_of([2000, 1500, 1750])
    traces[1] = changed(traces[1], valid=False, notes="cut", driver="Bea", stint=2)
    traces[2] = changed(traces[2], excluded_us=1, excluded_reason="rain")
    told: list[tuple[int, int]] = []
    session = await _filing(store).file(
        _read(tmp_path, traces), on_lap=lambda done, of: told.append((done, of))
    )
    assert (session.source, session.status) == ("import", SessionStatus.COMPLETED)
    assert (session.car, session.track) == ("R8 LMS", "Nürburgring")
    assert (session.layout, session.lap_count) == ("GP", 3)
    assert told == [(1, 3), (2, 3), (3, 3)]
    laps = await store.library.laps(session.id)
    assert [lap.lap_time_ms for lap in laps] == [2000, 1500, 1750]
    assert [lap.is_official for lap in laps] == [True] * 3
    assert (laps[1].valid, laps[1].notes, laps[1].driver) == (False, "cut", "Bea")
    assert (laps[2].excluded_reason, laps[2].counts_as_best) == ("rain", False)
    for lap, trace in zip(laps, traces, strict=True):
        stored = await store.library.load_trace(lap.id)
        for key, expected in trace.columns.items():
            assert np.array_equal(stored.columns[key], expected), key
    report = await store.care.check(deep=True)
    assert {one.name for one in report.checks if one.status is Verdict.ERROR} == set()


@pytest.mark.parametrize("suffix", [".csv", ".json", ".parquet", ".ld"])
async def test_markers_travel_with_their_laps(
    store: SqliteStore, tmp_path: Path, suffix: str
) -> None:
    library = store.library
    session = await _filing(store).file(_read(tmp_path, traces_of([2000, 1500])))
    one, two = await library.laps(session.id)
    for lap, at_ms, place, note in ((one, 700, 0.35, "bump"), (two, 150, 0.1, "")):
        at_us = lap.started_us + at_ms * 1000
        await library.add_marker(MarkerDraft(session.id, at_us, lap.id, place, note))
    path = tmp_path / f"out{suffix}"
    names = {known.suffix: name for name, known in FORMATS.items()}
    found = await find_session(library, session.id)
    await export_laps(library, found, writer_of(names[suffix]), path)
    (read,) = read_laps(path, START_US)
    again = await _filing(store).file(read)
    told = [
        (one.lap_number, one.since_line_ms, one.position, one.note)
        for one in await library.markers(again.id)
    ]
    assert told == [(1, 700, 0.35, "bump"), (2, 150, 0.1, "")]
    _, (outing,) = await find_lap(library, two.id)
    assert [marker.position for marker in outing.markers] == [0.1]


async def test_laps_that_overlap_or_share_a_number_stay_apart(
    store: SqliteStore, tmp_path: Path
) -> None:
    read = _read(tmp_path, traces_of([1000, 1000]))
    first, second = read.laps
    assert second.facts is not None
    second.facts.lap_number = 1
    second.columns["received_us"] = first.columns["received_us"].copy()
    session = await _filing(store).file(read)
    laps = await store.library.laps(session.id)
    assert [lap.lap_number for lap in laps] == [1, 2]
    assert [lap.frame_count for lap in laps] == [60, 60]


async def test_nothing_is_left_where_another_window_records(
    store: SqliteStore, tmp_path: Path
) -> None:
    await begin(store, "Live")
    other = await open_store(store.path, ManualClock())
    try:
        with pytest.raises(RecorderBusyError):
            await _filing(other).file(_read(tmp_path, traces_of([1000])))
        assert [one.name for one in await other.library.sessions()] == ["Live"]
    finally:
        await other.close()


async def test_a_selection_leaves_out_excluded_laps_unless_asked(
    store: SqliteStore, tmp_path: Path
) -> None:
    traces = traces_of([1000, 1500])
    traces[0] = changed(traces[0], excluded_us=1, excluded_reason="traffic")
    session = await _filing(store).file(_read(tmp_path, traces))
    _, (outing,) = await find_session(store.library, session.id)
    assert [lap.lap_time_ms for lap in outing.laps] == [1500]
    _, (outing,) = await find_session(store.library, session.id, with_excluded=True)
    assert [lap.lap_time_ms for lap in outing.laps] == [1000, 1500]
    # A lap that is named is wanted.
    _, (outing,) = await find_lap(store.library, outing.laps[0].id)
    assert [lap.lap_time_ms for lap in outing.laps] == [1000]


async def test_an_event_is_written_oldest_session_first(
    store: SqliteStore, tmp_path: Path
) -> None:
    event = await store.library.create_event(EventDraft("Track day"))
    late, early = traces_of([1000, 1500, 1250]), traces_of([1000])
    filing = _filing(store)
    later = _read(tmp_path, late)
    for lap in later.laps:
        lap.columns["received_us"] += 3_600_000_000
    await filing.file(later, name="Later", event_id=event.id)
    await filing.file(_read(tmp_path, early), name="Earlier", event_id=event.id)
    found = await find_event(store.library, event.id)
    assert [len(outing.laps) for outing in found[1]] == [1, 3]
    target = tmp_path / "event.ld"
    written = await export_laps(store.library, found, writer_of("motec"), target)
    assert written == [target, tmp_path / "event.ldx"]
    assert _unfinished(tmp_path) == []


def _unfinished(folder: Path) -> list[Path]:
    return list(folder.glob("*.part"))


async def test_a_failed_export_leaves_the_older_file(
    store: SqliteStore, tmp_path: Path
) -> None:
    session = await _filing(store).file(_read(tmp_path, traces_of([1000, 1500])))
    found = await find_session(store.library, session.id)
    target = tmp_path / "session.csv"
    target.write_text("older")

    class Failing:
        async def load_trace(self, lap_id: str) -> LapTrace:
            raise DatabaseError("The trace is damaged.")

    with pytest.raises(DatabaseError):
        await export_laps(Failing(), found, writer_of("csv"), target)  # type: ignore[arg-type]
    assert target.read_text() == "older"
    assert _unfinished(tmp_path) == []


async def test_a_stream_takes_the_main_file_alone(
    store: SqliteStore, tmp_path: Path
) -> None:
    session = await _filing(store).file(_read(tmp_path, traces_of([1000])))
    found = await find_session(store.library, session.id)
    out = io.BytesIO()
    assert await export_laps(store.library, found, writer_of("csv"), out) == []
    assert out.getvalue().startswith(b"timestamp,throttle,")
