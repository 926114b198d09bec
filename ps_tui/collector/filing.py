"""Which lap of the session a received frame belongs to."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from operator import attrgetter

from ps_tui.domain.frame import Frame
from ps_tui.domain.laps import LapCompleted, LapEvent, LapStarted
from ps_tui.domain.recording import RecordingBatch, StoredFrame

_REMEMBERED_LAPS = 8
_FIRST_LAP_NUMBER = 1
_received_us = attrgetter("received_us")
_filed_received_us = attrgetter("frame.received_us")


class LapFiling:
    """Files frames by time of reception: a lap begins at its ``started_us``.

    A late frame whose game still counted the lap before goes to that lap, unless
    it is sealed already.
    """

    def __init__(self) -> None:
        self._laps: list[LapStarted] = []
        self._sealed_up_to = 0

    def sealed(self, lap_number: int) -> None:
        """Take no more frames for ``lap_number`` and the laps before it."""
        self._sealed_up_to = max(self._sealed_up_to, lap_number)

    def batch(
        self, frames: list[Frame], late: list[Frame], events: Sequence[LapEvent]
    ) -> RecordingBatch:
        """Return what to commit; ``frames`` are in the order of reception."""
        batch = RecordingBatch(opened=[], frames=[], closed=[], revised=[])
        for event in events:
            if isinstance(event, LapStarted):
                batch.opened.append(event)
            elif isinstance(event, LapCompleted):
                batch.closed.append(event)
            else:
                batch.revised.append(event)
        self._laps += batch.opened
        batch.frames = self._file(frames)
        if late:
            batch.frames += [self._file_late(frame) for frame in late]
            batch.frames.sort(key=_filed_received_us)
        del self._laps[:-_REMEMBERED_LAPS]
        return batch

    def _file(self, frames: list[Frame]) -> list[StoredFrame]:
        if not self._laps:
            return [StoredFrame(_FIRST_LAP_NUMBER, frame) for frame in frames]
        filed: list[StoredFrame] = []
        begin = 0
        number = self._laps[0].lap_number
        for following in self._laps[1:]:
            end = bisect_left(frames, following.started_us, begin, key=_received_us)
            filed += [StoredFrame(number, frame) for frame in frames[begin:end]]
            begin, number = end, following.lap_number
        filed += [StoredFrame(number, frame) for frame in frames[begin:]]
        return filed

    def _file_late(self, frame: Frame) -> StoredFrame:
        if not self._laps:
            return StoredFrame(_FIRST_LAP_NUMBER, frame)
        starts_us = [lap.started_us for lap in self._laps]
        index = max(bisect_right(starts_us, frame.received_us) - 1, 0)
        lap = self._laps[index]
        if index and frame.lap_number not in (None, lap.game_lap_number):
            before = self._laps[index - 1]
            is_sealed = before.lap_number <= self._sealed_up_to
            if before.game_lap_number == frame.lap_number and not is_sealed:
                lap = before
        return StoredFrame(lap.lap_number, frame)
