"""Captures of made-up drives."""

from __future__ import annotations

from pathlib import Path

from ps_tui.collector.link import Address
from ps_tui.collector.pcap import Datagram, PcapWriter


def write_capture(path: Path, datagrams: list[tuple[int, Address, bytes]]) -> None:
    """Write time (µs), sender and payload of each datagram."""
    with PcapWriter(path) as writer:
        for time_us, source, payload in datagrams:
            here = ("192.0.2.1", 20777)
            writer.write(Datagram(time_us, source, here, payload))
