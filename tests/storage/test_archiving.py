"""An archive can be read by anybody, and gives everything back."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest

from ps_tui.domain.errors import DatabaseError, UsageError
from ps_tui.domain.garage import Parameter, SetupDraft, VehicleDraft
from ps_tui.domain.models import EventDraft, SessionDraft
from ps_tui.domain.recording import RecordingBatch
from ps_tui.storage.archive import trace_from_csv
from ps_tui.storage.sqlite import SqliteStore, open_store
from tests.support.recordings import (
    ManualClock,
    begin,
    frames_of,
    lap_started,
    record_laps,
)


@pytest.fixture
async def filled(store: SqliteStore) -> SqliteStore:
    event = await store.library.create_event(EventDraft("Monza", location="Italy"))
    session_id = await begin(store)
    await store.library.edit_session(session_id, SessionDraft("Q", event.id, tags="a"))
    await record_laps(store, session_id, 2, 60)
    await store.recording.write(
        session_id,
        RecordingBatch(
            opened=[lap_started(3, 120)], frames=frames_of(3, range(120, 140))
        ),
    )
    car = await store.garage.create_vehicle(VehicleDraft("Merlin", tags=("gt",)))
    setup = await store.garage.create_setup(
        car.id, SetupDraft("Dry", parameters=(Parameter("wing", 5, "clicks"),))
    )
    await store.garage.assign(session_id, car.id, setup_id=setup.id)
    await store.content.seed()
    return store


async def traces(store: SqliteStore) -> dict[str, dict[str, list[float]]]:
    found = {}
    for session in await store.library.sessions():
        for lap in await store.library.laps(session.id):
            trace = await store.library.load_trace(lap.id)
            found[lap.id] = {
                key: list(map(repr, column.tolist()))
                for key, column in trace.columns.items()
            }
    return found


async def test_an_archive_comes_back_in_another_database(
    filled: SqliteStore, tmp_path: Path, clock: ManualClock
) -> None:
    running = await filled.recording.active_recorder()
    assert running is not None
    target = tmp_path / "season.zip"
    exported = await filled.content.export_all(target)
    assert exported.traces == 3
    await filled.recording.finish_recording(running.session_id)
    other = await open_store(tmp_path / "other.db", clock)
    try:
        imported = await other.content.import_all(target)
        assert imported.traces == 3
        assert imported.rows["laps"] == 3
        again = await other.content.import_all(target)
        assert (again.rows, again.traces) == ({}, 0)
        expected = await traces(filled)
        found = await traces(other)
        assert found | expected == found
        for mine, theirs in (
            (await filled.library.events(), await other.library.events()),
            (await filled.garage.vehicles(), await other.garage.vehicles()),
            (await filled.workbench.layouts(), await other.workbench.layouts()),
        ):
            assert {one.id for one in mine} == {one.id for one in theirs}
        (session,) = await other.library.sessions()
        (source,) = await filled.library.sessions()
        assert (session.vehicle_id, session.setup_id, session.event_id) == (
            source.vehicle_id,
            source.setup_id,
            source.event_id,
        )
        assert session.status == "interrupted"
        assert (await other.care.check(deep=True)).is_ok
    finally:
        await other.close()


async def test_an_archive_is_json_and_csv(filled: SqliteStore, tmp_path: Path) -> None:
    target = tmp_path / "season.zip"
    await filled.content.export_all(target)
    with zipfile.ZipFile(target) as content:
        assert content.testzip() is None
        manifest = json.loads(content.read("manifest.json"))
        sessions = json.loads(content.read("tables/sessions.json"))
        events = {row["id"] for row in json.loads(content.read("tables/events.json"))}
        assert sessions[0]["event"] in events
        assert manifest["rows"]["sessions"] == len(sessions)
        laps = json.loads(content.read("tables/laps.json"))
        rows = list(
            csv.DictReader(
                io.StringIO(content.read(f"traces/{laps[0]['id']}.csv").decode())
            )
        )
    assert len(rows) == laps[0]["frame_count"] == 60
    assert {"received_us", "timestamp", "speed", "sequence", "fuel"} <= set(rows[0])
    with pytest.raises(UsageError, match="exists already"):
        await filled.content.export_all(target)


def changed_archive(whole: Path, target: Path, changed: dict[str, bytes]) -> None:
    """Copy an archive with other bytes in some of its files."""
    with zipfile.ZipFile(whole) as origin, zipfile.ZipFile(target, "w") as copy:
        for name in origin.namelist():
            copy.writestr(name, changed.get(name, origin.read(name)))


@pytest.mark.parametrize(
    "events",
    [
        b'[{"id": "\xff"}]',
        b'[{"id": "a", "x\\" = \\"": 1}]',
        b'[{"name": "no id"}]',
        b"[7]",
        b"[",
    ],
)
async def test_a_changed_archive_is_refused_and_changes_nothing(
    filled: SqliteStore, store: SqliteStore, tmp_path: Path, events: bytes
) -> None:
    whole, changed = tmp_path / "whole.zip", tmp_path / "changed.zip"
    await filled.content.export_all(whole)
    changed_archive(whole, changed, {"tables/events.json": events})
    before = len(await store.library.events())
    with pytest.raises(DatabaseError, match="no archive of ps-tui"):
        await store.content.import_all(changed)
    assert len(await store.library.events()) == before


def test_a_trace_cut_within_a_letter_is_refused() -> None:
    with pytest.raises(DatabaseError, match="damaged or cut off"):
        trace_from_csv(b"speed\n1\n\xc3")


@pytest.mark.parametrize("content", [b"", b"no zip at all", None])
async def test_something_else_is_refused_and_changes_nothing(
    store: SqliteStore, tmp_path: Path, content: bytes | None
) -> None:
    source = tmp_path / "x.zip"
    if content is None:
        with zipfile.ZipFile(source, "w") as made:
            made.writestr("manifest.json", "{}")
    else:
        source.write_bytes(content)
    with pytest.raises(DatabaseError, match="no archive of ps-tui"):
        await store.content.import_all(source)
    assert await store.library.events() == []
