"""UDP datagrams within the frames that links carry: IPv4 and IPv6, both ways."""

from __future__ import annotations

import ipaddress
import struct
from enum import Enum
from functools import lru_cache

Address = tuple[str, int]
"""Host and port."""

_ETHERTYPE_IPV4, _ETHERTYPE_IPV6 = 0x0800, 0x86DD
_ETHERTYPES_VLAN = frozenset({0x8100, 0x88A8, 0x9100})
_UDP = 17
_IPV6_FRAGMENT = 44
_IPV6_EXTENSIONS = frozenset({0, 43, 60, 135, 139, 140})
_ETHERNET_HEADER = b"\x02\0\0\0\0\x02" + b"\x02\0\0\0\0\x01"

_NULL, _ETHERNET, _LOOP, _LINUX_COOKED, _LINUX_COOKED_2 = 0, 1, 108, 113, 276
_RAW = frozenset({12, 14, 101, 228, 229})
"""Raw IP under the numbers that systems give it; the version is in the packet."""


class NoDatagram(Enum):
    """Why a packet gave no datagram."""

    FRAGMENT = "fragment"
    OTHER = "other"


Found = tuple[Address, Address, bytes] | NoDatagram


def udp_datagram(link_type: int, packet: bytes) -> Found:
    """Return source, destination and payload of the UDP datagram in ``packet``.

    ``link_type`` is the LINKTYPE value of https://www.tcpdump.org/linktypes.html.
    """
    offset = _ip_offset(link_type, packet)
    if offset is None or offset >= len(packet):
        return NoDatagram.OTHER
    version = packet[offset] >> 4
    if version == 4:
        return _from_ipv4(packet, offset)
    if version == 6:
        return _from_ipv6(packet, offset)
    return NoDatagram.OTHER


def _ip_offset(link_type: int, packet: bytes) -> int | None:
    """Return where the IP header begins, ``None`` where there is none."""
    if link_type == _ETHERNET:
        return _behind_ethertype(packet, 12)
    if link_type == _LINUX_COOKED:
        return _behind_ethertype(packet, 14)
    if link_type == _LINUX_COOKED_2:
        ethertype = int.from_bytes(packet[:2], "big")
        return 20 if ethertype in {_ETHERTYPE_IPV4, _ETHERTYPE_IPV6} else None
    if link_type in {_NULL, _LOOP}:
        return 4
    return 0 if link_type in _RAW else None


def _behind_ethertype(packet: bytes, offset: int) -> int | None:
    ethertype = int.from_bytes(packet[offset : offset + 2], "big")
    while ethertype in _ETHERTYPES_VLAN:
        offset += 4
        ethertype = int.from_bytes(packet[offset : offset + 2], "big")
    return offset + 2 if ethertype in {_ETHERTYPE_IPV4, _ETHERTYPE_IPV6} else None


def _from_ipv4(packet: bytes, offset: int) -> Found:
    if len(packet) < offset + 20:
        return NoDatagram.OTHER
    header_size = (packet[offset] & 0x0F) * 4
    size, _, fragment = struct.unpack_from(">HHH", packet, offset + 2)
    if header_size < 20 or packet[offset + 9] != _UDP:
        return NoDatagram.OTHER
    if fragment & 0x3FFF:
        return NoDatagram.FRAGMENT
    # A size of 0 is left by network cards that split packets themselves.
    end = offset + size if size else len(packet)
    hosts = [_host(packet[at : at + 4]) for at in (offset + 12, offset + 16)]
    return _from_udp(packet, offset + header_size, end, hosts)


def _from_ipv6(packet: bytes, offset: int) -> Found:
    if len(packet) < offset + 40:
        return NoDatagram.OTHER
    (size,) = struct.unpack_from(">H", packet, offset + 4)
    end = offset + 40 + size if size else len(packet)
    next_header = packet[offset + 6]
    hosts = [_host(packet[at : at + 16]) for at in (offset + 8, offset + 24)]
    at = offset + 40
    while next_header in _IPV6_EXTENSIONS and at + 2 <= len(packet):
        next_header, length = packet[at], packet[at + 1]
        at += (length + 1) * 8
    if next_header == _IPV6_FRAGMENT:
        return NoDatagram.FRAGMENT
    if next_header != _UDP:
        return NoDatagram.OTHER
    return _from_udp(packet, at, end, hosts)


@lru_cache(maxsize=256)
def _host(packed: bytes) -> str:
    return str(ipaddress.ip_address(packed))


def _from_udp(packet: bytes, offset: int, end: int, hosts: list[str]) -> Found:
    if len(packet) < offset + 8:
        return NoDatagram.OTHER
    source_port, destination_port, size = struct.unpack_from(">HHH", packet, offset)
    stop = offset + size if size else end
    if stop < offset + 8 or stop > min(end, len(packet)):
        return NoDatagram.OTHER
    return (
        (hosts[0], source_port),
        (hosts[1], destination_port),
        packet[offset + 8 : stop],
    )


def udp_packet(source: Address, destination: Address, payload: bytes) -> bytes:
    """Return an Ethernet frame that carries ``payload``, checksums included.

    Raises ValueError for a host that is no address, for addresses of two families
    and for more than one packet holds.
    """
    from_host = ipaddress.ip_address(source[0])
    to_host = ipaddress.ip_address(destination[0])
    if from_host.version != to_host.version:
        raise ValueError("source and destination differ in IP version")
    size = 8 + len(payload)
    if size > 0xFFFF - 20:
        raise ValueError(f"{len(payload)} bytes do not fit into one datagram")
    addresses = from_host.packed + to_host.packed
    ports = struct.pack(">HHH", source[1], destination[1], size)
    if from_host.version == 4:
        pseudo = addresses + struct.pack(">BBH", 0, _UDP, size)
    else:
        pseudo = addresses + struct.pack(">IHBB", size, 0, 0, _UDP)
    checksum = _checksum(pseudo + ports + b"\0\0" + payload) or 0xFFFF
    udp = ports + struct.pack(">H", checksum) + payload
    if from_host.version == 6:
        head = struct.pack(">IHBB", 0x6000_0000, size, _UDP, 64) + addresses
        return _ETHERNET_HEADER + struct.pack(">H", _ETHERTYPE_IPV6) + head + udp
    head = struct.pack(">BBHHHBB", 0x45, 0, 20 + size, 0, 0x4000, 64, _UDP)
    head += struct.pack(">H", _checksum(head + b"\0\0" + addresses)) + addresses
    return _ETHERNET_HEADER + struct.pack(">H", _ETHERTYPE_IPV4) + head + udp


def _checksum(data: bytes) -> int:
    """Return the Internet checksum of ``data`` (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total: int = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
