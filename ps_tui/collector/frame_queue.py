"""The bounded queue between the datagram path and the database."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ps_tui.collector.filing import LapFiling
from ps_tui.domain.frame import Frame, Identity
from ps_tui.domain.laps import LapCompleted, LapEvent
from ps_tui.domain.recording import FeedCounters, RecordingBatch


class FrameQueue:
    """Holds what is not committed yet; full, it refuses the newest and counts them.

    ``wake`` is set when ``flush_frames`` wait, and again when nothing more fits.
    ``counters`` gets ``dropped`` and ``laps``.
    """

    def __init__(
        self,
        counters: FeedCounters,
        wake: asyncio.Event,
        *,
        capacity: int,
        flush_frames: int,
    ) -> None:
        self._counters = counters
        self._wake = wake
        self._flush_frames = flush_frames
        self._frames: list[Frame] = []
        self._late: list[Frame] = []
        self._events: list[LapEvent] = []
        self._unsaved_identity: Identity | None = None
        self._dropped = 0
        self._in_flight = 0
        self._alarm_at = min(flush_frames, capacity)
        self.capacity = capacity
        self.filing = LapFiling()
        self.identity = Identity()

    @property
    def depth(self) -> int:
        """Return how many frames are not committed."""
        return len(self._frames) + len(self._late) + self._in_flight

    @property
    def is_empty(self) -> bool:
        """Say whether there is nothing for another batch."""
        return not (self._frames or self._late or self._events)

    @property
    def first_us(self) -> int | None:
        """Return when the oldest frame that waits was received."""
        return self._frames[0].received_us if self._frames else None

    def put(self, frame: Frame, events: Sequence[LapEvent], is_late: bool) -> None:
        """Queue a frame and the lap events that it caused. Never blocks."""
        frames = self._frames
        if len(frames) >= self._alarm_at and not self._has_room():
            self._dropped += 1
            self._counters.dropped += 1
        elif is_late:
            self._late.append(frame)
        else:
            frames.append(frame)
        if events:
            self.put_events(events)

    def put_events(self, events: Sequence[LapEvent]) -> None:
        """Queue lap events that no frame caused, as at the end of a recording."""
        self._events.extend(events)
        for event in events:
            if type(event) is LapCompleted:
                self._counters.laps += 1

    def put_identity(self, identity: Identity) -> None:
        """Store who drives what with the next batch of frames."""
        self.identity = self._unsaved_identity = identity

    def take(self) -> RecordingBatch | None:
        """Turn what waits into one batch, None where there is nothing.

        It counts for the depth until :meth:`settle`.
        """
        if self.is_empty:
            return None
        frames, late, events = self._frames, self._late, self._events
        self._frames, self._late, self._events = [], [], []
        batch = self.filing.batch(frames, late, events)
        batch.identity, self._unsaved_identity = self._unsaved_identity, None
        batch.dropped_frames, self._dropped = self._dropped, 0
        self._in_flight = len(batch.frames)
        self._alarm_at = min(self._flush_frames, self.capacity - self.depth)
        return batch

    def settle(self) -> None:
        """Forget the batch that was taken: it is kept elsewhere now."""
        self._in_flight = 0
        self._alarm_at = self._flush_frames

    def arm(self, limit: int) -> None:
        """Set ``wake`` once ``limit`` frames are not committed."""
        self._alarm_at = limit - (self.depth - len(self._frames))

    def clear(self) -> int:
        """Give up everything; return how many frames that were."""
        depth = self.depth
        self._frames, self._late, self._in_flight = [], [], 0
        return depth

    def _has_room(self) -> bool:
        """Wake the writer for a full batch; say whether another frame fits."""
        self._wake.set()
        room = self.capacity - (self.depth - len(self._frames))
        self._alarm_at = room
        return len(self._frames) < room
