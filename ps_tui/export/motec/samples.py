"""Values of one channel at the samples of a timeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ps_tui.domain.models import LapTrace
from ps_tui.export.motec.pieces import Piece
from ps_tui.export.motec.timeline import Segment, Timeline

Samples = NDArray[np.float32]


class Sampler:
    """Reads channels of many laps off one timeline, into arrays of its length."""

    def __init__(self, line: Timeline, traces: Sequence[LapTrace]) -> None:
        self._laps = [
            (segment, trace.columns, _frames(segment))
            for segment, trace in zip(line.segments, traces, strict=True)
        ]

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
        for segment, _columns, _frames_of in self._laps:
            values[segment.first_sample : segment.end_sample] = segment.lap.lap_number

    def _read(
        self, key: str, values: Samples, *, is_held: bool, is_bridged: bool
    ) -> None:
        parts: list[NDArray[Any]] = []
        for segment, columns, as_they_are in self._laps:
            column = columns.get(key)
            if column is None:
                count = segment.end_sample - segment.first_sample
                parts.append(np.zeros(count, np.float32))
            elif as_they_are is not None and not is_bridged:
                parts.append(column[as_they_are])
            else:
                frames = np.asarray(column)
                if is_bridged:
                    frames = without_gaps(frames)
                parts += [
                    _samples(piece, frames, is_held=is_held) for piece in segment.pieces
                ]
        # In one go: laps whose frames are the samples cost a copy and no more.
        np.concatenate(parts, out=values, casting="same_kind")


def _frames(segment: Segment) -> slice | None:
    """Return the frames that are the samples of a whole lap, ``None`` if none are."""
    if len(segment.pieces) != 1 or segment.pieces[0].share is not None:
        return None
    (piece,) = segment.pieces
    frames, count = piece.before, piece.end - piece.first
    is_each = isinstance(frames, slice) and frames.stop - frames.start == count
    return frames if is_each and isinstance(frames, slice) else None


def _samples(piece: Piece, frames: NDArray[Any], *, is_held: bool) -> NDArray[Any]:
    """Return the samples of a piece of a lap, where they can be frames as they are."""
    before = frames[piece.before]
    if is_held or piece.share is None:
        count = piece.end - piece.first
        return before if before.size == count else np.broadcast_to(before, count)
    samples = np.empty(piece.share.size, np.float32)
    np.subtract(frames[piece.after], before, out=samples, casting="same_kind")
    np.multiply(samples, piece.share, out=samples)
    np.add(before, samples, out=samples, casting="same_kind")
    return samples


def without_gaps(frames: NDArray[Any]) -> Samples:
    """Return frames with missing ones as the one before, 0 where there is none."""
    good = np.isfinite(frames)
    newest = np.maximum.accumulate(np.where(good, np.arange(frames.size), 0))
    return np.where(good[newest], frames[newest], 0.0).astype(np.float32)
