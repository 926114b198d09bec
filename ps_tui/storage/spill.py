"""A side file for frames that the database does not take just now.

Layout: eight bytes of magic, then records of a little-endian uint32 length, a uint32
crc32 of the payload, and the payload in MessagePack. The first record is the header,
every other one a batch as the recorder made it. A record that was cut off or damaged
ends the file; what stands before it is good.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec

from ps_tui.domain.errors import DatabaseError, StorageFullError
from ps_tui.domain.models import RecorderInfo
from ps_tui.domain.recording import RecordingBatch, StoredFrame
from ps_tui.storage.spill_place import SUFFIX

_MAGIC = b"PSSPILL1"
_HEAD = struct.Struct("<II")
_INT64 = 1 << 63
_NEW = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)


class SpillHeader(msgspec.Struct):
    """Whose frames these are, and where they belong."""

    session_id: str
    name: str
    source: str
    recorder: RecorderInfo
    channels: tuple[str, ...]
    lap_keys: dict[int, int]


class Spilled(NamedTuple):
    """What a side file holds; ``is_whole`` unless its end was cut off or damaged."""

    header: SpillHeader
    batches: list[RecordingBatch]
    is_whole: bool


class SpillFile:
    """Appends batches, each on the disk before :meth:`append` returns."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self._file = file
        self.frame_count = 0
        self.batch_count = 0

    @classmethod
    def create(
        cls, folders: Sequence[Path], name: str, header: SpillHeader
    ) -> SpillFile:
        """Begin a file in the first folder that takes it. Raises StorageFullError."""
        for folder in folders:
            path = folder / f"{name}{SUFFIX}"
            try:
                folder.mkdir(parents=True, exist_ok=True)
                flags = (
                    os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
                )
                file = os.fdopen(os.open(path, flags, 0o600), "wb", buffering=0)
            except OSError:
                continue
            made = cls(path, file)
            try:
                made._write(_MAGIC + _record(msgspec.msgpack.encode(header)))
            except OSError:
                made.remove()
                continue
            return made
        raise StorageFullError(
            "Neither the database nor a side file takes what is recorded.",
            "Free some disk space now; the recording goes on in memory.",
        )

    def append(self, batch: RecordingBatch) -> None:
        """Write a batch. Raises StorageFullError with the file as it was before."""
        end = self._file.tell()
        try:
            self._write(_record(_packed(batch)))
        except OSError as error:
            os.ftruncate(self._file.fileno(), end)
            self._file.seek(end)
            raise StorageFullError(
                f"{self.path} cannot grow: {error.strerror}.",
                "Free some disk space now; the recording goes on in memory.",
            ) from error
        self.batch_count += 1
        self.frame_count += len(batch.frames)

    def close(self) -> None:
        """Leave the file for the next start."""
        self._file.close()

    def remove(self) -> None:
        """Delete the file: everything in it is in the database."""
        self._file.close()
        self.path.unlink(missing_ok=True)

    def _write(self, content: bytes) -> None:
        view = memoryview(content)
        while view:
            view = view[self._file.write(view) :]
        os.fsync(self._file.fileno())


def read_spill(path: Path) -> Spilled:
    """Return what a side file holds. Raises DatabaseError without a good header."""
    content = path.read_bytes()
    records, is_whole = _records(content)
    if not content.startswith(_MAGIC) or not records:
        raise DatabaseError(f"{path} is no side file of ps-tui.", "Move it away.")
    try:
        header = msgspec.msgpack.decode(records[0], type=SpillHeader)
        decoder = msgspec.msgpack.Decoder(RecordingBatch)
        batches = [decoder.decode(record) for record in records[1:]]
    except msgspec.MsgspecError as error:
        raise DatabaseError(f"{path} cannot be read: {error}.", "Keep it.") from error
    return Spilled(header, batches, is_whole)


def _record(payload: bytes) -> bytes:
    return _HEAD.pack(len(payload), zlib.crc32(payload)) + payload


def _records(content: bytes) -> tuple[list[bytes], bool]:
    records: list[bytes] = []
    offset = len(_MAGIC)
    while offset < len(content):
        if offset + _HEAD.size > len(content):
            return records, False
        length, crc32 = _HEAD.unpack_from(content, offset)
        offset += _HEAD.size
        payload = content[offset : offset + length]
        if len(payload) != length or zlib.crc32(payload) != crc32:
            return records, False
        records.append(payload)
        offset += length
    return records, True


def _packed(batch: RecordingBatch) -> bytes:
    try:
        return msgspec.msgpack.encode(batch)
    except OverflowError:
        # A counter beyond 64 bits: the database would refuse that frame too.
        kept = [stored for stored in batch.frames if _fits(stored)]
        return msgspec.msgpack.encode(msgspec.structs.replace(batch, frames=kept))


def _fits(stored: StoredFrame) -> bool:
    values = (getattr(stored.frame, name) for name in stored.frame.__struct_fields__)
    return all(abs(value) < _INT64 for value in values if isinstance(value, int))
