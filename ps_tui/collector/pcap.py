"""UDP datagrams out of packet captures, and into them.

Reads classic pcap (micro- and nanoseconds, either byte order) and pcapng, also
gzipped (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng). A file may be cut off
anywhere or hold damaged packets: what cannot be read is counted, never raised.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

import msgspec

from ps_tui.collector.link import Address, NoDatagram, udp_datagram, udp_packet
from ps_tui.domain.errors import NotFoundError, PsError, UsageError

_CLASSIC: dict[bytes, tuple[str, int]] = {
    b"\xd4\xc3\xb2\xa1": ("<", 1_000_000),
    b"\xa1\xb2\xc3\xd4": (">", 1_000_000),
    b"\x4d\x3c\xb2\xa1": ("<", 1_000_000_000),
    b"\xa1\xb2\x3c\x4d": (">", 1_000_000_000),
}
_SECTION = 0x0A0D0D0A
_SECTION_MARK = b"\x0a\x0d\x0d\x0a"
_BYTE_ORDERS = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_INTERFACE, _OLD_PACKET, _SIMPLE_PACKET, _PACKET = 1, 2, 3, 6
_OPTION_RESOLUTION, _OPTION_OFFSET = 9, 14
_BLOCK_LIMIT = 64 << 20
"""A longer record is damage: no link carries it."""
_DAMAGED_GZIP = (EOFError, zlib.error, gzip.BadGzipFile)
_LINK_ETHERNET = 1
_SNAPSHOT_LENGTH = 262_144


class Datagram(msgspec.Struct, frozen=True, gc=False):
    """One UDP datagram of a capture. ``time_us`` counts from 1970 UTC."""

    time_us: int
    source: Address
    destination: Address
    payload: bytes


class PcapReader:
    """Iterates over the UDP datagrams of a capture file, in its order.

    The counters are complete once the iteration has ended. Raises NotFoundError
    where there is no file, UsageError where it is no capture, PsError where it
    cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.datagram_count = 0
        self.fragment_count = 0
        """Pieces of datagrams that IP split; they are left out."""
        self.other_count = 0
        """Packets that are no complete UDP datagram."""
        self.is_truncated = False
        """The file ends within a record, or a record is damaged."""

    def __iter__(self) -> Iterator[Datagram]:
        self.datagram_count = self.fragment_count = self.other_count = 0
        self.is_truncated = False
        try:
            with ExitStack() as stack:
                stream, mark = self._open(stack)
                if mark in _CLASSIC:
                    records = self._classic(stream, mark)
                elif mark == _SECTION_MARK:
                    records = self._blocks(stream)
                else:
                    raise UsageError(
                        f"{self.path} is no packet capture.",
                        "Give a .pcap or .pcapng file, plain or gzipped.",
                    )
                for time_us, link_type, packet in records:
                    datagram = self._datagram(time_us, link_type, packet)
                    if datagram is not None:
                        yield datagram
        except _DAMAGED_GZIP:
            self.is_truncated = True
        except FileNotFoundError as error:
            raise NotFoundError(
                f"There is no file {self.path}.", "Check its name."
            ) from error
        except OSError as error:
            raise PsError(
                f"{self.path} cannot be read: {error.strerror or error}.",
                "Check that it is a file that you may read.",
            ) from error

    def _open(self, stack: ExitStack) -> tuple[BinaryIO, bytes]:
        """Return the file behind its first four bytes, and those."""
        stream: BinaryIO = stack.enter_context(self.path.open("rb"))
        is_gzipped = stream.read(2) == b"\x1f\x8b"
        stream.seek(0)
        if is_gzipped:
            unzipped = stack.enter_context(gzip.GzipFile(fileobj=stream))
            stream = cast("BinaryIO", unzipped)
        try:
            return stream, stream.read(4)
        except _DAMAGED_GZIP:
            return stream, b""

    def _datagram(self, time_us: int, link_type: int, packet: bytes) -> Datagram | None:
        found = udp_datagram(link_type, packet)
        if isinstance(found, NoDatagram):
            if found is NoDatagram.FRAGMENT:
                self.fragment_count += 1
            else:
                self.other_count += 1
            return None
        self.datagram_count += 1
        source, destination, payload = found
        return Datagram(time_us, source, destination, payload)

    def _take(self, stream: BinaryIO, size: int) -> bytes | None:
        """Read ``size`` bytes; ``None``, and a note, where the file ends before."""
        if size > _BLOCK_LIMIT:
            self.is_truncated = True
            return None
        data = stream.read(size)
        if len(data) == size:
            return data
        self.is_truncated = True
        return None

    def _classic(
        self, stream: BinaryIO, mark: bytes
    ) -> Iterator[tuple[int, int, bytes]]:
        order, per_second = _CLASSIC[mark]
        head = self._take(stream, 20)
        if head is None:
            return
        link_type = struct.unpack_from(order + "I", head, 16)[0] & 0x0FFF_FFFF
        record = struct.Struct(order + "IIII")
        while raw := stream.read(record.size):
            if len(raw) < record.size:
                self.is_truncated = True
                return
            seconds, fraction, size, _ = record.unpack(raw)
            packet = self._take(stream, size)
            if packet is None:
                return
            yield (
                seconds * 1_000_000 + fraction * 1_000_000 // per_second,
                link_type,
                packet,
            )

    def _blocks(self, stream: BinaryIO) -> Iterator[tuple[int, int, bytes]]:
        """Walk the blocks of a pcapng file whose first block type is read."""
        order = "<"
        interfaces: list[_Interface] = []
        kind_bytes = _SECTION_MARK
        last_us = 0
        while kind_bytes:
            head = self._take(stream, 4) if len(kind_bytes) == 4 else None
            if head is None:
                self.is_truncated = True
                return
            if kind_bytes == _SECTION_MARK:
                mark = self._take(stream, 4) or b""
                if mark not in _BYTE_ORDERS:
                    self.is_truncated = True
                    return
                order, interfaces, read = _BYTE_ORDERS[mark], [], 12
            else:
                read = 8
            kind, size = struct.unpack(order + "II", kind_bytes + head)
            if size < read + 4 or size % 4:
                self.is_truncated = True
                return
            body = self._take(stream, size - read)
            if body is None:
                return
            if kind == _INTERFACE:
                interfaces.append(_Interface.parse(order, body))
            elif kind in {_PACKET, _OLD_PACKET, _SIMPLE_PACKET}:
                packet = _packet_of(kind, order, body[:-4], interfaces, last_us)
                if packet is None:
                    self.other_count += 1
                else:
                    last_us = packet[0]
                    yield packet
            kind_bytes = stream.read(4)


class _Interface(msgspec.Struct, frozen=True):
    """How the packets of one interface of a pcapng section are to be read."""

    link_type: int
    ticks_per_second: int = 1_000_000
    offset_s: int = 0
    snapshot_length: int = 0

    @classmethod
    def parse(cls, order: str, body: bytes) -> _Interface:
        if len(body) < 12:
            return cls(-1)
        link_type, _, snapshot_length = struct.unpack_from(order + "HHI", body)
        ticks, offset_s, at = 1_000_000, 0, 8
        while at + 4 <= len(body) - 4:
            code, length = struct.unpack_from(order + "HH", body, at)
            value = body[at + 4 : at + 4 + length]
            if code == 0:
                break
            if code == _OPTION_RESOLUTION and length == 1:
                power = value[0] & 0x7F
                ticks = 2**power if value[0] & 0x80 else 10**power
            elif code == _OPTION_OFFSET and len(value) == 8:
                (offset_s,) = struct.unpack(order + "q", value)
            at += 4 + (length + 3) // 4 * 4
        return cls(link_type, ticks, offset_s, snapshot_length)


def _packet_of(
    kind: int, order: str, body: bytes, interfaces: list[_Interface], last_us: int
) -> tuple[int, int, bytes] | None:
    """Return time, link type and bytes of a packet block.

    Simple packets carry no time: they get that of the packet before, ``last_us``.
    """
    if kind == _SIMPLE_PACKET:
        if len(body) < 4 or not interfaces:
            return None
        interface = interfaces[0]
        (size,) = struct.unpack_from(order + "I", body)
        size = min(size, interface.snapshot_length or size)
        return last_us, interface.link_type, body[4 : 4 + size]
    if len(body) < 20:
        return None
    layout = "IIIII" if kind == _PACKET else "HxxIIII"
    index, high, low, size, _ = struct.unpack_from(order + layout, body)
    if index >= len(interfaces) or size > len(body) - 20:
        return None
    interface = interfaces[index]
    ticks = high << 32 | low
    time_us = ticks * 1_000_000 // interface.ticks_per_second
    return (
        time_us + interface.offset_s * 1_000_000,
        interface.link_type,
        body[20 : 20 + size],
    )


def pcap_header() -> bytes:
    """Return what a classic pcap of Ethernet frames begins with."""
    return struct.pack(
        "<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, _SNAPSHOT_LENGTH, _LINK_ETHERNET
    )


class PcapWriter:
    """Writes datagrams as a classic pcap of Ethernet frames, with checksums."""

    def __init__(self, path: Path) -> None:
        self._stream = path.open("wb")
        self._stream.write(pcap_header())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def write(self, datagram: Datagram) -> None:
        """Append one datagram. Raises ValueError for addresses of two families."""
        packet = udp_packet(datagram.source, datagram.destination, datagram.payload)
        seconds, fraction = divmod(datagram.time_us, 1_000_000)
        size = len(packet)
        self._stream.write(struct.pack("<IIII", seconds, fraction, size, size) + packet)

    def close(self) -> None:
        self._stream.close()
