"""Values of one channel at the samples of a timeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ps_tui.domain.models import LapTrace
from ps_tui.export.motec.timeline import Segment, Timeline

Samples = NDArray[np.float32]


class Sampler:
    """Reads channels of many laps off one timeline, into arrays of its length."""

    def __init__(self, line: Timeline, traces: Sequence[LapTrace]) -> None:
        sizes = [one.end_sample - one.first_sample for one in line.segments]
        self._segments = list(zip(line.segments, traces, strict=True))
        self._rise = np.empty(max(sizes, default=0), np.float32)

    def read(self, key: str, values: Samples, *, is_held: bool = False) -> None:
        """Fill ``values`` with a channel, on straight lines between the frames.

        What is held is at each sample as the frame before has it. Logs know no
        missing samples: where the game sent nothing, its last value stands.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            self._read(key, values, is_held=is_held, is_bridged=False)
            # A product is the quickest test that a whole array is finite.
            if not np.isfinite(np.dot(values, values)):
                self._read(key, values, is_held=is_held, is_bridged=True)

    def lap_numbers(self, values: Samples) -> None:
        """Fill ``values`` with the number of the lap in its session."""
        for segment, _ in self._segments:
            values[segment.first_sample : segment.end_sample] = segment.lap.lap_number

    def _read(
        self, key: str, values: Samples, *, is_held: bool, is_bridged: bool
    ) -> None:
        for segment, trace in self._segments:
            into = values[segment.first_sample : segment.end_sample]
            column = trace.columns.get(key)
            if column is None:
                into[:] = 0.0
                continue
            frames: NDArray[Any] = np.asarray(column)
            if is_bridged:
                frames = without_gaps(frames)
            self._read_lap(segment, frames, into, is_held=is_held)

    def _read_lap(
        self, segment: Segment, frames: NDArray[Any], into: Samples, *, is_held: bool
    ) -> None:
        for piece in segment.pieces:
            part = into[piece.first : piece.end]
            if is_held or piece.share is None:
                part[:] = frames[piece.before]
                continue
            rise = self._rise[: part.size]
            before = frames[piece.before]
            np.subtract(frames[piece.after], before, out=rise, casting="same_kind")
            np.multiply(rise, piece.share, out=rise)
            np.add(before, rise, out=part, casting="same_kind")


def without_gaps(frames: NDArray[Any]) -> Samples:
    """Return frames with missing ones as the one before, 0 where there is none."""
    good = np.isfinite(frames)
    newest = np.maximum.accumulate(np.where(good, np.arange(frames.size), 0))
    return np.where(good[newest], frames[newest], 0.0).astype(np.float32)
