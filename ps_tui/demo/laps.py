"""Laps of the built-in driver for a seed, the same every time."""

from __future__ import annotations

import msgspec

from ps_tui.demo.driver import DEMO_CHANNELS, Driver
from ps_tui.domain.channel import stored_channels
from ps_tui.domain.frame import Frame
from ps_tui.domain.lap_detector import LapDetector
from ps_tui.domain.laps import LapCompleted, LapEvent, LapRevised
from ps_tui.domain.upkeep import DemoDrive

LAPS = 4
_FRAME_LIMIT = 60 * 60 * 15
"""A quarter of an hour: a drive that has not ended by then never does."""


def driven_laps(count: int = LAPS) -> DemoDrive:
    """Drive until ``count`` laps are done; return them with their frames."""
    driver, detector = Driver(), LapDetector()
    frames: list[Frame] = []
    laps: dict[int, LapCompleted] = {}
    while len(laps) < count and len(frames) < _FRAME_LIMIT:
        frame = driver.step()
        frames.append(frame)
        for event in detector.feed(frame):
            _take(laps, event)
    return DemoDrive(
        driver.identity,
        stored_channels(DEMO_CHANNELS),
        [
            (
                lap,
                [f for f in frames if lap.started_us <= f.received_us < lap.ended_us],
            )
            for lap in laps.values()
        ],
    )


def _take(laps: dict[int, LapCompleted], event: LapEvent) -> None:
    if isinstance(event, LapCompleted):
        laps[event.lap_number] = event
    elif isinstance(event, LapRevised) and event.lap_number in laps:
        laps[event.lap_number] = msgspec.structs.replace(
            laps[event.lap_number], lap_time_ms=event.lap_time_ms, is_official=True
        )
