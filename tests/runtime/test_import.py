"""Captures into sessions and laps, without a socket."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ps_tui.collector.pcap import PcapReader
from ps_tui.config import Settings
from ps_tui.domain.errors import UsageError
from ps_tui.domain.models import Lap, Session
from ps_tui.runtime import RecordInto, open_import
from tests.support.captures import CAPTURES, capture
from tests.support.command import ps_tui, ps_tui_json
from tests.support.telemetry import native_frame
from tests.support.written_capture import write_capture

LAPS: dict[str, list[tuple[str, int | None]]] = {
    "assetto_corsa/monza_r8lms_rtcarinfo": [("out", 344_684), ("partial", None)],
    "dirt_rally/dr2_full_stage_1": [("flying", 202_525)],
    "forza/fm7_dash311_race": [("flying", 64_298), ("partial", None)],
}
"""What SOURCES.md says of the drives; the stage is timed at its last packet."""

RECORDED = sorted(
    str(path.relative_to(CAPTURES)).removesuffix(".pcap.gz")
    for path in CAPTURES.glob("*/*.pcap.gz")
    if not re.search("one_of_each|opts050", path.name)
)


async def imported(
    path: Path, database: Path
) -> tuple[dict[str, object], list[tuple[Session, list[Lap]]]]:
    settings = Settings(db=database)
    async with open_import(settings, RecordInto()) as (runtime, clock):
        await runtime.import_capture(path, clock)
        library = runtime.services.library
        sessions = await library.sessions()
        laps = [(each, await library.laps(each.id)) for each in sessions]
        return runtime.summary(), laps


@pytest.mark.parametrize("name", RECORDED)
async def test_every_recorded_drive_gives_a_plausible_lap_table(
    name: str, tmp_path: Path
) -> None:
    path = capture(f"{name}.pcap.gz")
    times_us = [datagram.time_us for datagram in PcapReader(path)]
    summary, sessions = await imported(path, tmp_path / "crew.db")
    assert summary["packets"] == len(times_us)
    assert summary["rejected"] == summary["dropped"] == 0
    stored = 0
    for session, laps in sessions:
        assert session.source != "auto"
        assert session.started_us is not None
        assert times_us[0] <= session.started_us <= times_us[-1] + 1
        numbers = [lap.lap_number for lap in laps]
        assert numbers == sorted(set(numbers))
        for lap in laps:
            assert lap.lap_time_ms is None or 20_000 < lap.lap_time_ms < 600_000
            stored += lap.frame_count
    assert stored == summary["frames"]
    expected = LAPS.get(name)
    if expected is not None:
        ((_, laps),) = sessions
        assert [(lap.kind.value, lap.lap_time_ms) for lap in laps] == expected


async def test_two_games_in_one_file_are_two_sessions(tmp_path: Path) -> None:
    rally = list(PcapReader(capture("dirt_rally/dr2_full_stage_1.pcap.gz")))[:2000]
    start_us = rally[0].time_us
    mixed = [(each.time_us, ("192.0.2.10", 7), each.payload) for each in rally]
    mixed += [
        (start_us + n * 20_000, ("192.0.2.11", 8), native_frame(n)) for n in range(900)
    ]
    path = tmp_path / "both.pcap"
    write_capture(path, sorted(mixed, key=lambda each: each[0]))
    summary, sessions = await imported(path, tmp_path / "crew.db")
    frames = {session.source: session.frame_count for session, _ in sessions}
    assert frames == {"native": 900, "dirt-rally": 2000}
    assert summary["packets"] == 2900
    assert summary["rejected"] == 0


async def test_further_channels_are_stored_under_their_names(tmp_path: Path) -> None:
    sender = ("192.0.2.10", 5)
    values = {"fuel": 40.5, "clutch": 0.25, "in_pit": True, "last_lap_time": 91_000}
    drive = [
        (1_760_000_000_000_000 + n * 20_000, sender, native_frame(n, **values))
        for n in range(50)
    ]
    write_capture(tmp_path / "drive.pcap", drive)
    async with open_import(Settings(db=tmp_path / "crew.db"), RecordInto()) as opened:
        runtime, clock = opened
        await runtime.import_capture(tmp_path / "drive.pcap", clock)
        library = runtime.services.library
        (session,) = await library.sessions()
        (lap,) = await library.laps(session.id)
        columns = (await library.load_trace(lap.id)).columns
    for key, value in values.items():
        assert set(columns[key].tolist()) == {float(value)}, key
    assert not {"world_x", "best_lap_time"} & set(columns)


async def test_a_file_without_datagrams_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.pcap"
    write_capture(path, [])
    with pytest.raises(UsageError, match="holds no UDP datagram"):
        await imported(path, tmp_path / "crew.db")


def test_the_command_imports_into_an_event(tmp_path: Path) -> None:
    path = tmp_path / "drive.pcap"
    sender = ("192.0.2.10", 5)
    drive = [
        (1_760_000_000_000_000 + n * 20_000, sender, native_frame(n, lap_ms=20_000))
        for n in range(2500)
    ]
    write_capture(path, drive)
    database = tmp_path / "crew.db"
    summary = ps_tui_json(
        *("--db", database, "import", path, "--event", "Old days", "--json")
    )
    assert (summary["packets"], summary["frames"], summary["laps"]) == (2500, 2500, 3)
    (session,) = ps_tui_json("--db", database, "sessions", "list", "--json")
    (event,) = ps_tui_json("--db", database, "events", "list", "--json")
    assert (event["name"], session["event_id"]) == ("Old days", event["id"])
    assert session["id"] == summary["session_id"]
    assert session["best_lap_time_ms"] == 20_000


def test_a_capture_that_ends_in_mid_packet_is_imported_and_said(
    tmp_path: Path,
) -> None:
    path = tmp_path / "drive.pcap"
    start_us = 1_760_000_000_000_000
    sender = ("192.0.2.10", 5)
    drive = [(start_us + n * 20_000, sender, native_frame(n)) for n in range(100)]
    write_capture(path, drive)
    database = tmp_path / "crew.db"
    whole = ps_tui("--db", database, "import", path, "--json")
    assert json.loads(whole.stdout)["is_truncated"] is False
    assert "ends in the middle" not in whole.stderr
    path.write_bytes(path.read_bytes()[:-5])
    cut = ps_tui("--db", database, "import", path, "--json")
    assert cut.returncode == 0
    summary = json.loads(cut.stdout)
    assert (summary["frames"], summary["is_truncated"]) == (99, True)
    assert "drive.pcap ends in the middle of a packet" in cut.stderr
