"""Reading the recorded packets of a capture."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Iterator
from pathlib import Path


def datagrams(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield time (µs) and UDP payload of a gzipped classic pcap of Ethernet, IPv4."""
    data = gzip.decompress(path.read_bytes())
    offset = 24
    while offset < len(data):
        seconds, micros, length, _ = struct.unpack_from("<IIII", data, offset)
        packet = data[offset + 16 : offset + 16 + length]
        offset += 16 + length
        udp = 14 + (packet[14] & 15) * 4
        (size,) = struct.unpack_from(">H", packet, udp + 4)
        yield seconds * 1_000_000 + micros, packet[udp + 8 : udp + size]
