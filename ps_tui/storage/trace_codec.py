"""The frames of one lap as one blob: columns, compressed, checked.

Layout of ``Trace.data``: for each key of ``channels_json``, in its order, one byte
with the kind of the column, its compressed length as a little-endian uint32, and
that many bytes of zlib (level 1: within 4 % of slower codecs on telemetry).

- ``FLOAT``: float32; each value XORed with the one before, the four bytes of all
  values gathered in planes. Lossless, NaN included.
- ``EXACT``: int64; differences, gathered in eight byte planes.
- ``SPARSE``: a bit per frame (1: present), then as EXACT, missing values repeating
  the last one.

``received_us`` is stored as its distance from ``t0_us``. Columns without any value
are left out. The checksum covers the header too, so that no flipped bit goes unseen.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ps_tui.domain.errors import DatabaseError

try:  # The same checksum, four times as fast where there is a build of it.
    from isal.isal_zlib import crc32
except ImportError:
    from zlib import crc32

CODEC = 1
EXACT_KEYS = ("received_us", "timestamp", "gear", "lap_time", "lap_number", "sequence")
"""Columns kept as integers: clocks and counters lose their meaning in float32."""

_FLOAT, _EXACT, _SPARSE = 0, 1, 2
_HEAD = struct.Struct("<BI")


class Exact(NamedTuple):
    """A column of integers; ``present`` is ``None`` where none is missing."""

    values: NDArray[np.int64]
    present: NDArray[np.bool_] | None = None

    def as_array(self) -> NDArray[Any]:
        """Return int64, or float64 with NaN where values are missing."""
        if self.present is None:
            return self.values
        return np.where(self.present, self.values.astype(np.float64), np.nan)

    def take(self, order: NDArray[np.int64]) -> Exact:
        present = None if self.present is None else self.present[order]
        return Exact(self.values[order], present)


TraceColumn = Exact | NDArray[np.float32]


class Trace(NamedTuple):
    """One row of ``lap_traces`` without its lap."""

    frame_count: int
    codec: int
    channels_json: str
    t0_us: int
    crc32: int
    data: bytes

    def checksum(self) -> int:
        """Return what ``crc32`` has to be."""
        head = f"{self.frame_count} {self.codec} {self.channels_json} {self.t0_us}"
        return crc32(self.data, crc32(head.encode()))


def damaged(detail: str) -> DatabaseError:
    """Return the error of a trace that cannot be read."""
    return DatabaseError(
        f"The stored telemetry of this lap is damaged ({detail}).",
        "Run `ps-tui db check`, then restore a backup that still has the lap.",
    )


def exact_column(values: Sequence[int | None]) -> Exact:
    """Return integers as a column; ``None`` marks a missing one."""
    if None not in values:
        return Exact(np.array(values, dtype=np.int64))
    present = np.array([value is not None for value in values], dtype=np.bool_)
    filled = np.array([value or 0 for value in values], dtype=np.int64)
    return Exact(filled, present)


def float_column(values: Sequence[float | None]) -> NDArray[np.float32]:
    """Return numbers as a float32 column; ``None`` becomes NaN."""
    with np.errstate(over="ignore"):
        return np.array(values, dtype=np.float64).astype(np.float32)


def encode(columns: Mapping[str, TraceColumn]) -> Trace:
    """Pack the columns of a lap. Raises DatabaseError if they do not come back."""
    frame_count = _length(columns["received_us"])
    t0_us = int(_exact(columns["received_us"]).values[0]) if frame_count else 0
    keys: list[str] = []
    parts: list[bytes] = []
    for key, column in columns.items():
        if _is_empty(column):
            continue
        if key == "received_us":
            column = Exact(_exact(column).values - t0_us)
        kind, raw = _pack(column)
        packed = zlib.compress(raw, 1)
        keys.append(key)
        parts += (_HEAD.pack(kind, len(packed)), packed)
    channels_json = json.dumps(keys, separators=(",", ":"))
    trace = Trace(frame_count, CODEC, channels_json, t0_us, 0, b"".join(parts))
    trace = trace._replace(crc32=trace.checksum())
    _verify(trace, columns)
    return trace


def decode(trace: Trace, only: Collection[str] | None = None) -> dict[str, TraceColumn]:
    """Unpack a lap, or just the columns in ``only``.

    Raises DatabaseError where the checksum or the layout is wrong.
    """
    if trace.codec != CODEC:
        raise damaged(f"unknown codec {trace.codec}")
    if trace.checksum() != trace.crc32:
        raise damaged("its checksum is wrong")
    columns: dict[str, TraceColumn] = {}
    data = memoryview(trace.data)
    offset = 0
    try:
        for key in json.loads(trace.channels_json):
            kind, size = _HEAD.unpack_from(data, offset)
            offset += _HEAD.size
            if only is None or key in only:
                raw = zlib.decompress(data[offset : offset + size])
                columns[key] = _unpack(kind, raw, trace.frame_count)
            offset += size
    except (ValueError, struct.error, zlib.error) as error:
        raise damaged(str(error)) from error
    if "received_us" in columns:
        received = _exact(columns["received_us"])
        columns["received_us"] = Exact(received.values + trace.t0_us)
    return columns


def _exact(column: TraceColumn) -> Exact:
    if not isinstance(column, Exact):
        raise damaged("a clock is not stored as an integer")
    return column


def _length(column: TraceColumn) -> int:
    return len(column.values) if isinstance(column, Exact) else len(column)


def _is_empty(column: TraceColumn) -> bool:
    if isinstance(column, Exact):
        return column.present is not None and not column.present.any()
    return bool(np.isnan(column).all()) if len(column) else False


def _pack(column: TraceColumn) -> tuple[int, bytes]:
    if not isinstance(column, Exact):
        bits = np.ascontiguousarray(column, dtype="<f4").view("<u4")
        mixed = bits.copy()
        mixed[1:] ^= bits[:-1]
        return _FLOAT, _planes(mixed.view(np.uint8), 4)
    if column.present is None:
        return _EXACT, _differences(column.values)
    present = column.present
    newest = np.maximum.accumulate(np.where(present, np.arange(len(present)), 0))
    filled = np.where(present[newest], column.values[newest], 0)
    return _SPARSE, np.packbits(present).tobytes() + _differences(filled)


def _unpack(kind: int, raw: bytes, count: int) -> TraceColumn:
    if kind == _FLOAT:
        mixed = _from_planes(raw, 4, count).view("<u4")
        return np.bitwise_xor.accumulate(mixed).astype("<u4").view("<f4")
    if kind == _EXACT:
        return Exact(np.cumsum(_from_planes(raw, 8, count).view("<i8")))
    if kind != _SPARSE:
        raise ValueError(f"unknown column kind {kind}")
    split = (count + 7) // 8
    mask = np.unpackbits(np.frombuffer(raw[:split], np.uint8), count=count)
    values = np.cumsum(_from_planes(raw[split:], 8, count).view("<i8"))
    return Exact(values, mask.astype(np.bool_))


def _differences(values: NDArray[np.int64]) -> bytes:
    # int64 wraps round on overflow, and wraps back when summed.
    steps = values.astype("<i8", copy=True)
    steps[1:] -= values[:-1]
    return _planes(steps.view(np.uint8), 8)


def _planes(octets: NDArray[np.uint8], width: int) -> bytes:
    return octets.reshape(-1, width).T.tobytes()


def _from_planes(raw: bytes, width: int, count: int) -> NDArray[np.uint8]:
    if len(raw) != width * count:
        raise ValueError(f"{len(raw)} bytes for {count} frames")
    planes = np.frombuffer(raw, np.uint8).reshape(width, count)
    return np.ascontiguousarray(planes.T).reshape(-1)


def _verify(trace: Trace, columns: Mapping[str, TraceColumn]) -> None:
    decoded = decode(trace)
    for key, column in columns.items():
        if key not in decoded and _is_empty(column):
            continue
        if not _is_equal(column, decoded.get(key)):
            raise damaged(f"column {key} does not survive packing")


def _is_equal(column: TraceColumn, decoded: TraceColumn | None) -> bool:
    if isinstance(column, Exact):
        if not isinstance(decoded, Exact):
            return False
        if column.present is None or decoded.present is None:
            return column.present is decoded.present and bool(
                np.array_equal(column.values, decoded.values)
            )
        return bool(
            np.array_equal(column.present, decoded.present)
            and np.array_equal(
                column.values[column.present], decoded.values[column.present]
            )
        )
    if decoded is None or isinstance(decoded, Exact):
        return False
    return np.asarray(column, "<f4").tobytes() == decoded.tobytes()
