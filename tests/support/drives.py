"""Drives made of frames, for lap detection: known laps, then what networks do."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from ps_tui.domain.frame import Frame
from ps_tui.domain.lap_detector import LapDetector
from ps_tui.domain.laps import LapCompleted, LapEvent, LapRevised, LapStarted

START_US = 1_700_000_000_000_000


class Drive:
    """A car on a circuit, sampled. Keeps what the game would show at each moment."""

    def __init__(self, *, hz: float = 60.0, phase_ms: float = 0.0) -> None:
        self.step_ms = 1000 / hz
        self.time_ms = phase_ms
        """Since the start of the drive, pauses included."""
        self.clock_ms = phase_ms
        self.lap_number = 1
        self.position = 0.0
        self.last_lap_ms: int | None = None
        self.frames: list[Frame] = []
        self.fixed: dict[str, object] = {}
        """Fields that every frame shows, over what the drive makes of them."""

    def sample(self, **shown: object) -> Frame:
        frame = Frame(
            received_us=START_US + round(self.time_ms * 1000),
            timestamp_ms=START_US // 1000 + int(self.time_ms),
            speed_kmh=180.0,
            lap_time_ms=int(self.clock_ms),
            lap_number=self.lap_number,
            normalized_position=self.position,
            last_lap_ms=self.last_lap_ms,
        )
        if self.fixed or shown:
            frame = msgspec.structs.replace(frame, **{**self.fixed, **shown})
        self.frames.append(frame)
        return frame

    def advance(self, milliseconds: float) -> None:
        self.time_ms += milliseconds
        self.clock_ms += milliseconds

    def lap(
        self, lap_ms: float, *, until: float = 1.0, official: bool = False
    ) -> Drive:
        """Drive to the line (or to ``until``) at a pace that varies along the lap."""
        while True:
            share = self.clock_ms / lap_ms
            if until < 1.0 and share >= until:
                self.position = varied(share)
                return self
            if share >= 1.0:
                break
            self.position = varied(share)
            self.sample()
            self.advance(self.step_ms)
        self.clock_ms -= lap_ms
        self.lap_number += 1
        self.position = 0.0
        if official:
            self.last_lap_ms = round(lap_ms)
        return self

    def stand(self, milliseconds: float, **shown: object) -> Drive:
        """Stay in place for a while, the session's clock running on."""
        end_ms = self.time_ms + milliseconds
        while self.time_ms < end_ms:
            self.sample(**{"speed_kmh": 0.0, **shown})
            self.advance(self.step_ms)
        return self

    def pause(self, milliseconds: float) -> Drive:
        """Let time pass in which the game stands still and sends nothing."""
        self.time_ms += milliseconds
        return self

    def restart(self) -> Drive:
        """Put the car on the start line of a new session."""
        self.clock_ms, self.lap_number, self.position = 0.0, 1, 0.0
        return self


def varied(share: float) -> float:
    """Return the position at a share of the lap time: 30 % faster and slower."""
    return share + 0.3 * math.sin(2 * math.pi * share) / (2 * math.pi)


def without(frames: Iterable[Frame], *fields: str) -> list[Frame]:
    """Return the frames of a game that does not send these fields."""
    absent = dict.fromkeys(fields)
    return [msgspec.structs.replace(frame, **absent) for frame in frames]


def shown(
    frames: Iterable[Frame], change: Callable[[Frame], dict[str, object]]
) -> list[Frame]:
    """Return the frames with some fields changed."""
    return [msgspec.structs.replace(frame, **change(frame)) for frame in frames]


def events_of(
    frames: Iterable[Frame], detector: LapDetector | None = None
) -> list[LapEvent]:
    """Run a detector over the frames, to the end."""
    detector = detector or LapDetector()
    events: list[LapEvent] = []
    for frame in frames:
        events.extend(detector.feed(frame))
    events.extend(detector.finish())
    return events


def laps_of(frames: Iterable[Frame]) -> list[LapCompleted]:
    """Return the laps with revised times put in, as a store would have them."""
    return revised(events_of(frames))


def revised(events: Sequence[LapEvent]) -> list[LapCompleted]:
    laps: dict[int, LapCompleted] = {}
    for event in events:
        match event:
            case LapCompleted():
                laps[event.lap_number] = event
            case LapRevised():
                laps[event.lap_number] = msgspec.structs.replace(
                    laps[event.lap_number],
                    lap_time_ms=event.lap_time_ms,
                    is_official=True,
                )
            case LapStarted():
                pass
    return list(laps.values())


def filed(
    frames: Sequence[Frame], events: Sequence[LapEvent]
) -> Iterator[tuple[LapCompleted, list[Frame]]]:
    """Yield each lap with the frames that its boundaries give it."""
    for lap in revised(events):
        yield (
            lap,
            [
                frame
                for frame in frames
                if lap.started_us <= frame.received_us < lap.ended_us
            ],
        )
