"""A side file for frames that the database does not take just now.

Layout: eight bytes of magic, then records of a little-endian uint32 length, a uint32
crc32 of the payload, and the payload in MessagePack. The first record is the header,
every other one a batch as the recorder made it. A record that was cut off or damaged
ends the file; what stands before it is good.
"""

from __future__ import annotations

import os
import shutil
import struct
import zlib
from collections.abc import Iterator, Sequence
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
_NEW = os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_BINARY", 0)
_ENOUGH_BYTES = 64 << 20
"""A folder with less room is taken only where no other has more."""
_COPIED_BYTES = 1 << 20


class SpillHeader(msgspec.Struct):
    """Whose frames these are, and where they belong."""

    session_id: str
    name: str
    source: str
    recorder: RecorderInfo
    channels: tuple[str, ...]
    lap_keys: dict[int, int]
    database: str = ""
    """The path of the database, for folders that several of them share."""


class Spilled(NamedTuple):
    """What a side file holds; ``is_whole`` unless its end was cut off or damaged."""

    header: SpillHeader
    batches: list[RecordingBatch]
    is_whole: bool


class SpillFile:
    """Appends batches, each on the disk before :meth:`append` returns."""

    def __init__(self, path: Path, file: BinaryIO, header: SpillHeader) -> None:
        self.path = path
        self._file = file
        self._header = header
        self._begin = 0
        self._end = 0
        self._frame_total = 0
        self.frame_count = 0
        """How many frames are not brought home yet."""
        self.batch_count = 0

    @classmethod
    def create(
        cls, folders: Sequence[Path], name: str, header: SpillHeader
    ) -> SpillFile:
        """Begin a file in the first folder that takes it. Raises StorageFullError."""
        for folder in by_room(folders):
            path = folder / f"{name}{SUFFIX}"
            try:
                folder.mkdir(parents=True, exist_ok=True)
                file = os.fdopen(os.open(path, _NEW, 0o600), "w+b", buffering=0)
            except OSError:
                continue
            made = cls(path, file, header)
            try:
                made._write(_MAGIC + _record(msgspec.msgpack.encode(header)))
            except OSError:
                made.remove()
                continue
            made._begin = made._end
            return made
        raise StorageFullError(
            "Neither the database nor a side file takes what is recorded.",
            "Free some disk space now; the recording goes on in memory.",
        )

    def append(self, batch: RecordingBatch) -> None:
        """Write a batch. Raises StorageFullError with the file as it was before."""
        try:
            self._write(_record(_packed(batch)))
        except OSError as error:
            raise StorageFullError(
                f"{self.path} cannot grow: {error.strerror}.",
                "Free some disk space now; the recording goes on in memory.",
            ) from error
        self.batch_count += 1
        self.frame_count += len(batch.frames)
        self._frame_total += len(batch.frames)

    def batches(self) -> Iterator[RecordingBatch]:
        """Read what was appended, oldest first, one batch in memory at a time."""
        decoder = msgspec.msgpack.Decoder(RecordingBatch)
        for payload, _ in _payloads(self._file, self._begin):
            yield decoder.decode(payload)

    def moved(self, folders: Sequence[Path]) -> SpillFile:
        """Carry everything to one of ``folders``, this file being gone then.

        Raises StorageFullError where none takes it. Of two files of one name, left
        by a crash meanwhile, the longer one is good.
        """
        others = [folder for folder in folders if folder != self.path.parent]
        copy = SpillFile.create(
            others, self.path.name.removesuffix(SUFFIX), self._header
        )
        try:
            self._file.seek(self._begin)
            while content := self._file.read(_COPIED_BYTES):
                copy._write(content)
        except OSError as error:
            copy.remove()
            raise StorageFullError(
                f"{self.path} cannot grow, and there is no room elsewhere.",
                "Free some disk space now; the recording goes on in memory.",
            ) from error
        copy.batch_count, copy.frame_count = self.batch_count, self.frame_count
        copy._frame_total = self._frame_total
        self.remove()
        return copy

    def frame_bytes(self, otherwise: int) -> int:
        """Return how long a frame is in here on average."""
        if not self._frame_total:
            return otherwise
        return max(1, (self._end - self._begin) // self._frame_total)

    def close(self) -> None:
        """Leave the file for the next start."""
        self._file.close()

    def remove(self) -> bool:
        """Delete the file, for it is of no more use; say whether it is gone."""
        self._file.close()
        try:
            self.path.unlink(missing_ok=True)
        except OSError:
            return False
        return True

    def _write(self, content: bytes) -> None:
        """Put ``content`` at the end, on the disk; or leave the file as it was."""
        try:
            self._file.seek(self._end)
            view = memoryview(content)
            while view:
                view = view[self._file.write(view) :]
            os.fsync(self._file.fileno())
        except OSError:
            os.ftruncate(self._file.fileno(), self._end)
            raise
        self._end += len(content)


def by_room(folders: Sequence[Path]) -> list[Path]:
    """Return the folders, those on a nearly full disk last."""
    return sorted(folders, key=lambda folder: free_bytes(folder) < _ENOUGH_BYTES)


def free_bytes(folder: Path) -> int:
    """Return the room on the disk of a folder that may not exist yet."""
    for place in (folder, *folder.parents):
        try:
            return shutil.disk_usage(place).free
        except OSError:
            continue
    return 0


def read_header(path: Path) -> SpillHeader:
    """Return whose frames a side file holds. Raises DatabaseError."""
    with path.open("rb") as file:
        return _header(path, file)


def read_batches(path: Path) -> Iterator[RecordingBatch]:
    """Read a side file one batch at a time. Raises DatabaseError."""
    decoder = msgspec.msgpack.Decoder(RecordingBatch)
    with path.open("rb") as file:
        _header(path, file)
        for payload, _ in _payloads(file, file.tell()):
            try:
                yield decoder.decode(payload)
            except msgspec.MsgspecError as error:
                raise _unreadable(path, error) from error


def read_spill(path: Path) -> Spilled:
    """Return what a side file holds. Raises DatabaseError without a good header."""
    header, batches = read_header(path), list(read_batches(path))
    with path.open("rb") as file:
        *_, end = (end for _, end in _payloads(file, len(_MAGIC)))
    return Spilled(header, batches, end == path.stat().st_size)


def _header(path: Path, file: BinaryIO) -> SpillHeader:
    """Read the header and leave ``file`` behind it."""
    is_ours = file.read(len(_MAGIC)) == _MAGIC
    first = next(_payloads(file, len(_MAGIC)), None) if is_ours else None
    if first is None:
        raise DatabaseError(f"{path} is no side file of ps-tui.", "Move it away.")
    payload, end = first
    file.seek(end)
    try:
        return msgspec.msgpack.decode(payload, type=SpillHeader)
    except msgspec.MsgspecError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> DatabaseError:
    return DatabaseError(f"{path} cannot be read: {error}.", "Keep it.")


def _record(payload: bytes) -> bytes:
    return _HEAD.pack(len(payload), zlib.crc32(payload)) + payload


def _payloads(file: BinaryIO, offset: int) -> Iterator[tuple[bytes, int]]:
    """Yield each good record from ``offset`` on, and where it ends."""
    while True:
        file.seek(offset)
        head = file.read(_HEAD.size)
        if len(head) != _HEAD.size:
            return
        length, crc32 = _HEAD.unpack(head)
        payload = file.read(length)
        if len(payload) != length or zlib.crc32(payload) != crc32:
            return
        offset += _HEAD.size + length
        yield payload, offset


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
