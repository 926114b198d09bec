"""Markers are stored while laps are driven, and find their lap by the time."""

from __future__ import annotations

import pytest

from ps_tui.domain.errors import NotFoundError
from ps_tui.domain.markers import MarkerDraft
from ps_tui.domain.recording import RecordingBatch
from ps_tui.storage.sqlite import SqliteStore
from tests.support.recordings import (
    PERIOD_US,
    START_US,
    begin,
    frames_of,
    lap_completed,
    lap_started,
    record_laps,
)


def at(index: int) -> int:
    """Return when the ``index``-th frame was received."""
    return START_US + index * PERIOD_US


async def test_a_marker_on_a_lap_that_is_not_written_yet_finds_it_later(
    store: SqliteStore,
) -> None:
    session_id = await begin(store)
    library = store.library
    first = RecordingBatch(opened=[lap_started(1, 0)], frames=frames_of(1, range(300)))
    await store.recording.write(session_id, first)
    over_the_line = await library.add_marker(
        MarkerDraft(session_id, at(310), position=0.01, note=" locked up ")
    )
    assert over_the_line.note == "locked up"
    second = RecordingBatch(
        closed=[lap_completed(1, 0, 305)], opened=[lap_started(2, 305)]
    )
    await store.recording.write(session_id, second)
    (marker,) = await library.markers(session_id)
    assert (marker.lap_number, marker.position) == (2, 0.01)
    assert marker.since_line_ms == 5 * PERIOD_US // 1000
    assert (marker.name, marker.place) == ("locked up", "lap 2 at 1.0 %")


async def test_markers_come_in_driving_order_and_go_with_their_lap(
    store: SqliteStore,
) -> None:
    session_id = await begin(store)
    await record_laps(store, session_id, 2, 300)
    await store.recording.finish_recording(session_id)
    library = store.library
    one, two = await library.laps(session_id)
    for lap, index in ((two, 400), (one, 20)):
        await library.add_marker(MarkerDraft(session_id, at(index), lap.id, 1.2))
    before = await library.add_marker(MarkerDraft(session_id, START_US - 1))
    found = await library.markers(session_id)
    assert [marker.lap_number for marker in found] == [None, 1, 2]
    assert [marker.position for marker in found] == [None, 1.0, 1.0]
    assert before.place == "between laps"
    await library.delete_lap(one.id)
    assert [m.lap_number for m in await library.markers(session_id)] == [None, 2]
    await library.restore_lap(one.id)
    assert len(await library.markers(session_id)) == 3


async def test_words_are_changed_and_a_deletion_is_undone(store: SqliteStore) -> None:
    session_id = await begin(store)
    library = store.library
    marker = await library.add_marker(MarkerDraft(session_id, START_US))
    assert (await library.note_marker(marker.id, "bump")).note == "bump"
    gone = await library.delete_marker(marker.id)
    assert (gone.id, gone.name) == (marker.id, "bump")
    assert await library.markers(session_id) == []
    await library.restore_marker(marker.id)
    assert [one.note for one in await library.markers(session_id)] == ["bump"]
    with pytest.raises(NotFoundError, match="marker 00000000 is no longer there"):
        await library.delete_marker("0" * 36)
