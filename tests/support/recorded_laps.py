"""A database with a few laps of a known drive in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ps_tui.collector.clock import SystemClock
from ps_tui.domain.channel import stored_channels
from ps_tui.domain.frame import Frame, Identity
from ps_tui.domain.laps import LapCompleted, LapStarted
from ps_tui.domain.models import Lap, LapKind, SessionDraft
from ps_tui.domain.recording import RecordingBatch, StoredFrame
from ps_tui.storage.process import own_recorder
from ps_tui.storage.sqlite.store import open_store

START_US = 1_780_000_000_000_000
LENGTH_M = 3000.0
HZ = 20
APEXES = (0.3, 0.7)
DRIVE = (
    # lap time, kind, valid, how much later the driver brakes, m
    (60_000, LapKind.FLYING, True, 0.0),
    (61_234, LapKind.FLYING, True, 15.0),
    (60_500, LapKind.FLYING, False, -10.0),
)


def driven_frames(
    number: int, lap_time_ms: int, later_m: float, began_us: int
) -> list[Frame]:
    """Sample a lap at an even pace with two corners, braked for 100 m each."""
    frames = []
    for clock_ms in np.arange(7.0, lap_time_ms, 1000 / HZ).tolist():
        place = clock_ms / lap_time_ms
        gap_m = min((place - apex for apex in APEXES), key=abs) * LENGTH_M
        brakes = -100.0 + later_m <= gap_m < -10.0
        frames.append(
            Frame(
                received_us=began_us + round(clock_ms * 1000),
                timestamp_ms=(began_us + round(clock_ms * 1000)) // 1000,
                throttle=1.0 if gap_m > 20.0 or gap_m < -110.0 else 0.0,
                brake=0.8 if brakes else 0.0,
                steering=float(np.sin(place * 6.28)),
                speed_kmh=220.0 - 120.0 * float(np.exp(-((gap_m / 60.0) ** 2))),
                gear=4,
                rpm=6000.0,
                lap_time_ms=int(clock_ms),
                lap_number=number,
                normalized_position=place,
                extra=(place * LENGTH_M,),
            )
        )
    return frames


async def record_drive(path: Path, track_length_m: float | None = None) -> list[Lap]:
    """Make the database and return its laps in driving order; the game may tell how
    long the track is."""
    store = await open_store(path, SystemClock())
    try:
        draft = SessionDraft("Practice", source="native")
        session = await store.library.create_session(draft)
        channels = stored_channels(("lap_distance",))
        await store.recording.begin_recording(session.id, own_recorder(), channels)
        began_us = START_US
        for number, (lap_time_ms, kind, valid, later_m) in enumerate(DRIVE, start=1):
            ended_us = began_us + lap_time_ms * 1000
            frames = driven_frames(number, lap_time_ms, later_m, began_us)
            batch = RecordingBatch(
                opened=[LapStarted(number, began_us)],
                frames=[StoredFrame(number, frame) for frame in frames],
                closed=[
                    LapCompleted(number, kind, valid, began_us, ended_us, lap_time_ms)
                ],
                identity=Identity(track_length_m=track_length_m),
            )
            await store.recording.write(session.id, batch)
            await store.recording.seal_lap(session.id, number)
            began_us = ended_us
        await store.recording.finish_recording(session.id)
        return await store.library.laps(session.id)
    finally:
        await store.close()
