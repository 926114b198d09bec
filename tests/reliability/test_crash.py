"""A recorder that is killed loses nothing it has committed."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from ps_tui.domain.errors import RecorderBusyError
from ps_tui.domain.models import LapKind, SessionDraft, SessionStatus
from ps_tui.storage.process import own_recorder
from ps_tui.storage.sqlite import open_store
from tests.bench.crash import killed
from tests.support.recordings import ManualClock

ROOT = Path(__file__).parents[2]
CHILD = ROOT / "tests" / "support" / "recorder_child.py"


async def start_child(path: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, str(CHILD), str(path), stdout=asyncio.subprocess.PIPE
    )


async def committed(
    child: asyncio.subprocess.Process, at_least: int
) -> tuple[str, int]:
    """Return session and frames once the child has committed ``at_least`` frames."""
    assert child.stdout is not None
    while True:
        session_id, frames = (await child.stdout.readline()).decode().split()
        if int(frames) >= at_least:
            return session_id, int(frames)


async def rest_of(child: asyncio.subprocess.Process, frames: int) -> int:
    """Return the last number of frames that the killed child reported."""
    assert child.stdout is not None
    lines = (await child.stdout.read()).decode().splitlines(keepends=True)
    whole = [line for line in lines if line.endswith("\n")]
    return int(whole[-1].split()[1]) if whole else frames


@pytest.mark.parametrize("at_least", [30, 240, 600])
async def test_a_killed_recorder_loses_no_committed_frame(
    path: Path, clock: ManualClock, at_least: int
) -> None:
    child = await start_child(path)
    session_id, frames = await committed(child, at_least)
    child.kill()
    frames = await rest_of(child, frames)
    await child.wait()

    store = await open_store(path, clock)
    try:
        assert store.recovered == ("To be killed",)
        session = await store.library.session(session_id)
        assert session.status is SessionStatus.INTERRUPTED
        stored: list[int] = []
        laps = await store.library.laps(session_id)
        for lap in laps:
            trace = await store.library.load_trace(lap.id)
            stored += trace.columns["timestamp"].tolist()
        assert len(stored) >= frames
        assert stored == sorted(set(stored))
        assert session.frame_count == len(stored)
        if laps[-1].kind is LapKind.PARTIAL:
            assert laps[-1].reason == "recorder died"
            assert not laps[-1].counts_as_best
        assert (await store.care.check(deep=True)).is_ok
    finally:
        await store.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT * FROM telemetry_frames").fetchall() == []


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_a_hundred_kills_cost_no_committed_frame(path: Path) -> None:
    path.parent.mkdir()
    found = await killed(path, 100)
    assert found.frames > 100
    assert (found.lost, found.damaged, found.interrupted) == (0, 0, 100)


async def test_a_second_process_is_refused_and_does_not_disturb(
    path: Path, clock: ManualClock
) -> None:
    child = await start_child(path)
    try:
        session_id, _ = await committed(child, 30)
        store = await open_store(path, clock)
        try:
            assert store.recovered == ()
            active = await store.recording.active_recorder()
            assert active is not None
            assert (active.recorder.pid, active.is_own) == (child.pid, False)
            session = await store.library.create_session(SessionDraft("Mine"))
            with pytest.raises(RecorderBusyError) as caught:
                await store.recording.begin_recording(session.id, own_recorder(), ())
            assert str(child.pid) in caught.value.cause
            assert "To be killed" in caught.value.cause
            with pytest.raises(RecorderBusyError):
                await store.library.delete_session(session_id)
            _, frames = await store.recording.tail(session_id, -1)
            assert len(frames) <= 1
            report = await store.care.check()
            assert report.is_ok
            child.kill()
            await child.wait()
            # The recorder dies while this window is open: it takes over.
            await store.recording.begin_recording(session.id, own_recorder(), ())
            left = await store.library.session(session_id)
            assert left.status is SessionStatus.INTERRUPTED
        finally:
            await store.close()
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
