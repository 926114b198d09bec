"""From datagrams on the wire to a lap table and a CSV file, by the commands alone."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

from ps_tui.wire.telemetry_pb2 import TelemetryFrame
from tests.support.command import free_udp_port, ps_tui, ps_tui_json, running

STARTED_MS = 1_760_000_000_000
STEP_MS = 50
LAP_TIMES_MS = (90_000, 88_500, 91_250)

needs_sigint = pytest.mark.skipif(os.name == "nt", reason="no SIGINT to a child")


def drive() -> list[TelemetryFrame]:
    """Three laps from the line to the line and the beginning of a fourth."""
    frames = []
    clock_ms = 0
    starts = np.cumsum([0, *LAP_TIMES_MS]).tolist()
    while clock_ms < starts[-1] + 2_000:
        lap = sum(start <= clock_ms for start in starts)
        lap_time_ms = clock_ms - starts[lap - 1]
        length_ms = LAP_TIMES_MS[lap - 1] if lap <= len(LAP_TIMES_MS) else 90_000
        share = lap_time_ms / length_ms
        frames.append(
            TelemetryFrame(
                timestamp=STARTED_MS + clock_ms,
                speed=120 + 80 * share,
                throttle=share,
                brake=1 - share,
                steering=share - 0.5,
                gear=1 + int(5 * share),
                rpm=4000 + int(3000 * share),
                normalized_position=share,
                lap_number=lap,
                lap_time=lap_time_ms,
            )
        )
        clock_ms += STEP_MS
    return frames


def send(frames: list[TelemetryFrame], port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for number, frame in enumerate(frames):
            sender.sendto(frame.SerializeToString(), ("127.0.0.1", port))
            if number % 50 == 49:
                time.sleep(0.005)


def finish(process: subprocess.Popen[str]) -> dict[str, object]:
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    summary: dict[str, object] = json.loads(out)
    return summary


def wait_for_frames(database: Path, expected: int) -> None:
    """Wait until a second process sees that many committed frames."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        sessions = ps_tui_json("--db", database, "sessions", "list", "--json")
        if sessions and sessions[0]["frame_count"] >= expected:
            return
    raise AssertionError(f"no {expected} frames within 30 s: {sessions}")


@needs_sigint
def test_three_laps_become_three_laps(tmp_path: Path) -> None:
    database = tmp_path / "crew.db"
    port = free_udp_port()
    frames = drive()
    with running(
        *("--db", database, "collect", "--source", "native", "--port", str(port)),
        *("--event", "Test day", "--session", "Morning", "--json"),
    ) as process:
        send(frames, port)
        wait_for_frames(database, len(frames))
        summary = finish(process)

    assert summary["packets"] == summary["frames"] == len(frames)
    assert summary["repeated"] == summary["rejected"] == summary["lost"] == 0

    (event,) = ps_tui_json("--db", database, "events", "list", "--json")
    assert (event["name"], event["session_count"]) == ("Test day", 1)
    (session,) = ps_tui_json("--db", database, "sessions", "list", "--json")
    assert session["id"] == summary["session_id"]
    assert session["event_id"] == event["id"]
    assert (session["name"], session["source"]) == ("Morning", "native")
    assert session["status"] == "completed"
    assert session["frame_count"] == len(frames)
    assert session["best_lap_time_ms"] == pytest.approx(min(LAP_TIMES_MS), abs=2)

    laps = ps_tui_json(
        "--db", database, "laps", "list", "--session", session["id"], "--json"
    )
    assert [lap["lap_number"] for lap in laps] == [1, 2, 3, 4]
    assert [lap["kind"] for lap in laps] == ["flying"] * 3 + ["partial"]
    for lap, expected_ms in zip(laps, LAP_TIMES_MS, strict=False):
        assert lap["lap_time_ms"] == pytest.approx(expected_ms, abs=2)
    assert sum(lap["frame_count"] for lap in laps) == len(frames)

    exported = ps_tui(
        *("--db", database, "laps", "export", laps[1]["id"]),
        *("--format", "csv", "-o", "-"),
    )
    rows = list(csv.DictReader(io.StringIO(exported.stdout)))
    sent = [frame for frame in frames if frame.lap_number == 2]
    assert [int(row["timestamp"]) for row in rows] == [f.timestamp for f in sent]
    assert [int(row["lap_time"]) for row in rows] == [f.lap_time for f in sent]
    for key in ("throttle", "brake", "steering", "speed", "normalized_position"):
        back = np.array([row[key] for row in rows], dtype=np.float32)
        assert back.tolist() == [getattr(frame, key) for frame in sent]
    assert [int(row["gear"]) for row in rows] == [frame.gear for frame in sent]
    assert [float(row["rpm"]) for row in rows] == [frame.rpm for frame in sent]

    report = ps_tui_json("--db", database, "db", "check", "--json")
    assert report["ok"]
    assert {check["status"] for check in report["checks"]} <= {"ok", "warning"}


@needs_sigint
@pytest.mark.parametrize("names", [(), ("--session", "Second")])
def test_a_second_recorder_is_told_who_records(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    database = tmp_path / "crew.db"
    arguments = ("--db", database, "collect", "--port", str(free_udp_port()))
    with running(*arguments, "--session", "First") as process:
        second = ps_tui("--db", database, "collect", "--duration", "5", *names)
        assert second.returncode == 6
        assert "First" in second.stderr
        assert str(process.pid) in second.stderr


@needs_sigint
def test_of_two_that_wait_the_later_one_ends_when_it_cannot_record(
    tmp_path: Path,
) -> None:
    database = tmp_path / "crew.db"
    ports = free_udp_port(), free_udp_port()
    collect = ("--db", database, "collect", "--source", "native", "--json", "--port")
    frames = drive()[:200]
    with (
        running(*collect, str(ports[0])) as first,
        running(*collect, str(ports[1])) as second,
    ):
        send(frames, ports[0])
        wait_for_frames(database, len(frames))
        send(frames, ports[1])
        out, err = second.communicate(timeout=30)
        summary = json.loads(out)
        assert second.returncode == 6, err
        assert str(first.pid) in err
        assert summary["session_id"] is None
        assert 0 < summary["unrecorded"] <= summary["frames"]
        assert finish(first)["frames"] == len(frames)
    (session,) = ps_tui_json("--db", database, "sessions", "list", "--json")
    assert session["frame_count"] == len(frames)


@needs_sigint
def test_a_refused_collect_leaves_nothing_behind(tmp_path: Path) -> None:
    database, port = tmp_path / "crew.db", free_udp_port()
    names = ("--event", "Test day", "--session", "Second")
    with running("--db", database, "collect", "--port", str(port), "--session", "One"):
        busy = ps_tui("--db", database, "collect", "--duration", "5", *names)
        assert busy.returncode == 6
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as holder:
        holder.bind(("::", 0))
        taken = str(holder.getsockname()[1])
        refused = ps_tui("--db", database, "collect", "--port", taken, *names)
        assert refused.returncode == 4
    sessions = ps_tui_json("--db", database, "sessions", "list", "--json")
    assert [session["name"] for session in sessions] == ["One"]


@needs_sigint
def test_what_records_is_not_deleted_by_another_command(tmp_path: Path) -> None:
    database, port = tmp_path / "crew.db", free_udp_port()
    collect = ("--db", database, "collect", "--port", str(port), "--source", "native")
    with running(*collect, "--event", "Test day", "--json") as process:
        send(drive()[:100], port)
        wait_for_frames(database, 100)
        (session,) = ps_tui_json("--db", database, "sessions", "list", "--json")
        for noun, key in (("sessions", "id"), ("events", "event_id")):
            refused = ps_tui("--db", database, noun, "delete", session[key], "--yes")
            assert refused.returncode == 6
            assert f"(pid {process.pid})" in refused.stderr
            assert "Stop the recording" in refused.stderr
        send(drive()[100:200], port)
        wait_for_frames(database, 200)
        assert finish(process)["frames"] == 200
    gone = ps_tui("--db", database, "events", "delete", session["event_id"], "--yes")
    assert gone.returncode == 0
    assert ps_tui_json("--db", database, "sessions", "list", "--json") == []


@needs_sigint
def test_a_second_sender_is_named_in_the_summary(tmp_path: Path) -> None:
    port = free_udp_port()
    frames = drive()
    collect = ("--db", tmp_path / "crew.db", "collect", "--port", str(port), "--json")
    with (
        running(*collect, "--source", "native") as process,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as two,
    ):
        for sent, late in zip(frames[:100], frames[100:200], strict=True):
            one.sendto(sent.SerializeToString(), ("127.0.0.1", port))
            two.sendto(late.SerializeToString(), ("127.0.0.1", port))
            time.sleep(0.002)
        wait_for_frames(tmp_path / "crew.db", 50)
        second = two.getsockname()[1]
        summary = finish(process)
    (refused,) = summary["refused"]  # type: ignore[misc]
    assert refused["sender"] == f"127.0.0.1:{second}"
    assert refused["looks_like"] == "a second sender of native"
    assert refused["count"] == summary["rejected"] == 100


@needs_sigint
def test_a_taken_port_names_its_holder(tmp_path: Path) -> None:
    port = free_udp_port()
    with running("--db", tmp_path / "a.db", "collect", "--port", str(port)) as holder:
        second = ps_tui("--db", tmp_path / "b.db", "collect", "--port", str(port))
        assert second.returncode == 4
        assert f"UDP port {port}" in second.stderr
        assert str(holder.pid) in second.stderr
