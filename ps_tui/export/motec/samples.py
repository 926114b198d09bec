"""Values of one channel at the samples of a timeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ps_tui.domain.models import LapTrace
from ps_tui.export.motec.timeline import Timeline

Samples = NDArray[np.float32]


class Sampler:
    """Reads channels of many laps off one timeline, without a copy per lap.

    The arrays are made once and used for each channel in turn: what a method returns
    is good until the next call.
    """

    def __init__(self, line: Timeline, traces: Sequence[LapTrace]) -> None:
        self._line = line
        self._traces = traces
        longest = max((len(t.columns["received_us"]) for t in traces), default=0)
        most = max(
            (one.end_sample - one.first_sample for one in line.segments), default=0
        )
        self._rise = np.zeros(longest, np.float32)
        self._scratch = np.empty(most, np.float32)
        self._values = np.empty(line.sample_count, np.float32)

    def sloped(self, key: str) -> Samples:
        """Return straight lines between the frames."""
        return self._read(key, is_held=False)

    def held(self, key: str) -> Samples:
        """Return at each sample the frame before it."""
        return self._read(key, is_held=True)

    def lap_numbers(self) -> Samples:
        """Return at each sample the number of the lap in its session."""
        for segment in self._line.segments:
            where = slice(segment.first_sample, segment.end_sample)
            self._values[where] = segment.lap.lap_number
        return self._values

    def _read(self, key: str, *, is_held: bool) -> Samples:
        values = self._values
        for segment, trace in zip(self._line.segments, self._traces, strict=True):
            into = values[segment.first_sample : segment.end_sample]
            column = trace.columns.get(key)
            if column is None:
                into[:] = 0.0
                continue
            frames = np.asarray(column, np.float32)
            self._fill(frames, segment.before, segment.share, into, is_held=is_held)
            # A sum is the quickest test for NaN; i2 has no missing samples.
            if np.isnan(into.sum()):
                frames = without_gaps(frames)
                self._fill(frames, segment.before, segment.share, into, is_held=is_held)
        return values

    def _fill(
        self,
        frames: Samples,
        before: NDArray[np.intp],
        share: Samples,
        into: Samples,
        *,
        is_held: bool,
    ) -> None:
        frames.take(before, out=into, mode="clip")
        if is_held:
            return
        rise = self._rise[: frames.size]
        np.subtract(frames[1:], frames[:-1], out=rise[:-1])
        rise[-1] = 0.0
        onward = self._scratch[: into.size]
        rise.take(before, out=onward, mode="clip")
        onward *= share
        into += onward


def without_gaps(frames: NDArray[Any]) -> Samples:
    """Return frames with missing ones as the one before, 0 where there is none."""
    good = np.isfinite(frames)
    newest = np.maximum.accumulate(np.where(good, np.arange(frames.size), 0))
    return np.where(good[newest], frames[newest], np.float32(0.0)).astype(np.float32)
