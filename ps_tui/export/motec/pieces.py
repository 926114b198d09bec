"""Which frames the samples of a lap lie at or between.

Games step evenly. Where the log has their rate and their phase, frames are samples as
they are, to the last bit. Where only the rate is the same, a slice says between which
frames the samples lie. Where frames are lost or jitter, an array of indices says it.
Which of the three it is decides how quickly a channel is read, by a factor of ten.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Picked = slice | NDArray[np.intp]

_LATE_MS = 1.0
"""Clocks count whole milliseconds: a frame so near a sample is at the sample."""

_SHORTEST = 48


class Piece(NamedTuple):
    """Samples ``first`` to ``end`` of a lap.

    ``share`` is the way from the frames ``before`` to those ``after``, 0 to 1;
    ``None`` where the samples are the frames ``before``.
    """

    first: int
    end: int
    before: Picked
    after: Picked
    share: NDArray[np.float32] | None = None


def pieces_of(times_ms: Floats, sampled_ms: Floats) -> list[Piece]:
    """Return all samples in order; both times rise. Outer samples hold a frame."""
    first = int(np.searchsorted(sampled_ms, times_ms[0] - _LATE_MS))
    end = int(np.searchsorted(sampled_ms, times_ms[-1] + _LATE_MS, side="right"))
    pieces: list[Piece] = []
    if first:
        pieces.append(_held(0, first, 0))
    _split(times_ms, sampled_ms, first, end, pieces)
    if max(first, end) < sampled_ms.size:
        pieces.append(_held(max(first, end), sampled_ms.size, times_ms.size - 1))
    return pieces


def _held(first: int, end: int, frame: int) -> Piece:
    """Return samples that all are one frame: a slice of one spreads over them."""
    same = slice(frame, frame + 1)
    return Piece(first, end, same, same)


def _split(
    times_ms: Floats,
    sampled_ms: Floats,
    first: int,
    end: int,
    pieces: list[Piece],
) -> None:
    if first >= end:
        return
    piece = _at_frames(times_ms, sampled_ms, first, end) or _behind_frames(
        times_ms, sampled_ms, first, end
    )
    if piece is None and end - first > _SHORTEST:
        middle = (first + end) // 2
        _split(times_ms, sampled_ms, first, middle, pieces)
        _split(times_ms, sampled_ms, middle, end, pieces)
        return
    pieces.append(piece or _one_by_one(times_ms, sampled_ms, first, end))


def _at_frames(
    times_ms: Floats, sampled_ms: Floats, first: int, end: int
) -> Piece | None:
    """Return samples that are one frame after the other, or ``None``."""
    middle = (end - first) // 2
    near = sampled_ms[first + middle] - _LATE_MS
    start = int(np.searchsorted(times_ms, near)) - middle
    frames = slice(start, start + end - first)
    if start < 0 or frames.stop > times_ms.size:
        return None
    late_ms = times_ms[frames] - sampled_ms[first:end]
    if late_ms.min() < -_LATE_MS or late_ms.max() > _LATE_MS:
        return None
    return Piece(first, end, frames, frames)


def _behind_frames(
    times_ms: Floats, sampled_ms: Floats, first: int, end: int
) -> Piece | None:
    """Return samples that lie each behind the next frame, or ``None``."""
    count = end - first
    middle = count // 2
    behind = int(np.searchsorted(times_ms, sampled_ms[first + middle], side="right"))
    start = behind - 1 - middle
    if start < 0 or start + count >= times_ms.size:
        return None
    before, after = slice(start, start + count), slice(start + 1, start + 1 + count)
    gone_ms = sampled_ms[first:end] - times_ms[before]
    steps_ms = times_ms[after] - times_ms[before]
    if gone_ms.min() < -_LATE_MS or (gone_ms - steps_ms).max() > _LATE_MS:
        return None
    return Piece(first, end, before, after, _share(gone_ms, steps_ms))


def _one_by_one(times_ms: Floats, sampled_ms: Floats, first: int, end: int) -> Piece:
    wanted = sampled_ms[first:end]
    before = np.searchsorted(times_ms, wanted, side="right") - 1
    np.clip(before, 0, times_ms.size - 1, out=before)
    after = np.minimum(before + 1, times_ms.size - 1)
    steps_ms = times_ms[after] - times_ms[before]
    share = _share(wanted - times_ms[before], steps_ms)
    return Piece(first, end, before, after, share)


def _share(gone_ms: Floats, steps_ms: Floats) -> NDArray[np.float32]:
    share = gone_ms / np.maximum(steps_ms, 1e-6)
    np.clip(share, 0.0, 1.0, out=share)
    return share.astype(np.float32)
