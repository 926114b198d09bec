"""Writes what arrives as a pcap that Wireshark opens, while it arrives.

The datagram path only appends to a bounded queue; a thread turns datagrams into
packets and hands them to the system in whole records, so that the file is valid up
to the last of them whatever happens to the process.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections import deque
from pathlib import Path
from typing import BinaryIO

from ps_tui.collector.binding import Address
from ps_tui.collector.link import udp_packet
from ps_tui.collector.pcap import pcap_header
from ps_tui.domain.errors import PsError
from ps_tui.domain.recording import CaptureStatus

FLUSH_S = 0.25
QUEUE_DATAGRAMS = 50_000
"""Some seconds of a storm; a disk that stands still for longer costs packets."""
_RECORD = struct.Struct("<IIII")
_BATCH = 4096

_Item = tuple[int, Address, int, bytes]


class Capture:
    """A capture under way.

    Raises PsError where the file cannot be made, or holds something already: what
    was captured once is not written over.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            if path.is_file() and path.stat().st_size:
                raise PsError(
                    f"{path} exists already, and a capture writes over nothing.",
                    "Choose another file for the capture, or move this one.",
                )
            self._file: BinaryIO = path.open("wb", buffering=0)
            self._file.write(pcap_header())
        except OSError as error:
            raise PsError(
                f"{path} cannot be written: {error.strerror or error}.",
                "Choose another file for the capture.",
            ) from error
        self._queue: deque[_Item] = deque()
        self._own_hosts: dict[str, str] = {}
        self._closing = threading.Event()
        self._datagram_count = 0
        self._dropped_count = 0
        self._size_bytes = len(pcap_header())
        self._problem = ""
        self._thread = threading.Thread(target=self._run, name="capture", daemon=True)
        self._thread.start()

    def put(
        self, datagram: bytes, sender: Address | None, received_us: int, port: int
    ) -> None:
        """Queue a datagram that came to ``port`` of ours. Never blocks."""
        if sender is None or len(self._queue) >= QUEUE_DATAGRAMS:
            self._dropped_count += 1
            return
        self._queue.append((received_us, sender, port, datagram))

    def status(self) -> CaptureStatus:
        """Return the counters."""
        return CaptureStatus(
            path=str(self.path),
            datagrams=self._datagram_count,
            size_bytes=self._size_bytes,
            dropped=self._dropped_count,
            problem=self._problem,
        )

    def close(self) -> None:
        """Write what waits and close the file; call it off the event loop.

        Safe to call twice.
        """
        self._closing.set()
        self._thread.join()
        self._file.close()

    def _run(self) -> None:
        while True:
            is_last = self._closing.wait(FLUSH_S)
            while self._queue and not self._problem:
                self._write_some()
            if self._problem:
                self._dropped_count += len(self._queue)
                self._queue.clear()
            if is_last:
                return

    def _write_some(self) -> None:
        records = bytearray()
        count = 0
        while self._queue and count < _BATCH:
            received_us, sender, port, datagram = self._queue.popleft()
            host = plain_host(sender)
            try:
                packet = udp_packet(
                    (host, sender[1]), (self._own_host(host), port), datagram
                )
            except ValueError:
                self._dropped_count += 1
                continue
            seconds, fraction = divmod(received_us, 1_000_000)
            records += _RECORD.pack(seconds, fraction, len(packet), len(packet))
            records += packet
            count += 1
        try:
            self._file.write(records)
        except OSError as error:
            self._problem = f"The capture ended: {error.strerror or error}."
            self._dropped_count += count
            with contextlib.suppress(OSError):
                self._file.truncate(self._size_bytes)
            return
        self._datagram_count += count
        self._size_bytes += len(records)

    def _own_host(self, host: str) -> str:
        """Return our address towards a sender: a wildcard socket does not know it."""
        own = self._own_hosts.get(host)
        if own is None:
            if len(self._own_hosts) >= 256:
                self._own_hosts.clear()
            own = self._own_hosts[host] = _own_address_towards(host)
        return own


def plain_host(address: Address) -> str:
    """Return the host of an address without IPv6's wrapping of IPv4 and its zone."""
    return str(address[0]).removeprefix("::ffff:").partition("%")[0]


def _own_address_towards(host: str) -> str:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((host, 9))  # sends nothing
            return plain_host(probe.getsockname())
    except OSError:
        return "::" if family == socket.AF_INET6 else "0.0.0.0"
