"""Captures in every container and link that people's tools write."""

from __future__ import annotations

import gzip
import socket
import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ps_tui.collector.link import NoDatagram, udp_datagram, udp_packet
from ps_tui.collector.pcap import Datagram, PcapReader, PcapWriter
from ps_tui.domain.errors import NotFoundError, UsageError
from tests.support.captures import capture

ETHERNET, RAW, NULL, LOOP, COOKED, COOKED_2 = 1, 101, 0, 108, 113, 276
V4 = (("192.0.2.1", 9996), ("192.0.2.2", 50_000))
V6 = (("2001:db8::1", 9996), ("2001:db8::2", 50_000))
TIME_US = 1_700_000_000_123_456


def ip_packet(ends: tuple[tuple[str, int], tuple[str, int]], payload: bytes) -> bytes:
    return udp_packet(ends[0], ends[1], payload)[14:]


def ethertype(packet: bytes) -> bytes:
    return b"\x08\x00" if packet[0] >> 4 == 4 else b"\x86\xdd"


def on_link(link_type: int, packet: bytes) -> bytes:
    """Put the header of a link before an IP packet."""
    heads = {
        ETHERNET: b"\1" * 12 + ethertype(packet),
        RAW: b"",
        NULL: struct.pack("<I", 2 if packet[0] >> 4 == 4 else 30),
        LOOP: struct.pack(">I", 2),
        COOKED: b"\0" * 14 + ethertype(packet),
        COOKED_2: ethertype(packet) + b"\0" * 18,
    }
    return heads[link_type] + packet


def classic(
    packets: list[bytes],
    *,
    link_type: int = ETHERNET,
    order: str = "<",
    nanoseconds: bool = False,
) -> bytes:
    magic = 0xA1B23C4D if nanoseconds else 0xA1B2C3D4
    data = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65_535, link_type)
    fraction = 123_456_789 if nanoseconds else 123_456
    for packet in packets:
        size = len(packet)
        data += struct.pack(order + "IIII", 1_700_000_000, fraction, size, size)
        data += packet
    return data


def block(order: str, kind: int, body: bytes) -> bytes:
    body += b"\0" * (-len(body) % 4)
    size = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + size + body + size


def section(order: str) -> bytes:
    return block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))


def interface(order: str, link_type: int = ETHERNET, options: bytes = b"") -> bytes:
    return block(order, 1, struct.pack(order + "HHI", link_type, 0, 0) + options)


def enhanced(order: str, ticks: int, packet: bytes, index: int = 0) -> bytes:
    head = struct.pack(
        order + "IIIII",
        index,
        ticks >> 32,
        ticks & 0xFFFFFFFF,
        len(packet),
        len(packet),
    )
    return block(order, 6, head + packet)


def read(tmp_path: Path, data: bytes) -> tuple[list[Datagram], PcapReader]:
    path = tmp_path / "capture.pcap"
    path.write_bytes(data)
    reader = PcapReader(path)
    return list(reader), reader


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("nanoseconds", [False, True], ids=["us", "ns"])
def test_classic_in_both_orders_and_resolutions(
    tmp_path: Path, order: str, *, nanoseconds: bool
) -> None:
    packet = on_link(ETHERNET, ip_packet(V4, b"hello"))
    data = classic([packet], order=order, nanoseconds=nanoseconds)
    found, reader = read(tmp_path, data)
    assert found == [Datagram(TIME_US, *V4, b"hello")]
    assert not reader.is_truncated


@pytest.mark.parametrize("link_type", [ETHERNET, RAW, NULL, LOOP, COOKED, COOKED_2])
@pytest.mark.parametrize("ends", [V4, V6], ids=["IPv4", "IPv6"])
def test_links(
    tmp_path: Path, link_type: int, ends: tuple[tuple[str, int], tuple[str, int]]
) -> None:
    packet = on_link(link_type, ip_packet(ends, b"payload"))
    found, _ = read(tmp_path, classic([packet], link_type=link_type))
    assert found == [Datagram(TIME_US, *ends, b"payload")]


@pytest.mark.parametrize("tags", [b"\x81\0\0\5", b"\x88\xa8\0\1\x81\0\0\5"])
def test_vlan_tags_are_stepped_over(tmp_path: Path, tags: bytes) -> None:
    packet = ip_packet(V4, b"x")
    found, _ = read(tmp_path, classic([b"\1" * 12 + tags + b"\x08\0" + packet]))
    assert [datagram.payload for datagram in found] == [b"x"]


def test_padding_of_short_ethernet_frames_is_no_payload(tmp_path: Path) -> None:
    packet = on_link(ETHERNET, ip_packet(V4, b"abc")) + b"\0" * 15
    found, _ = read(tmp_path, classic([packet]))
    assert found[0].payload == b"abc"


def test_fragments_and_others_are_counted(tmp_path: Path) -> None:
    first = bytearray(ip_packet(V4, b"abc"))
    first[6:8] = b"\x20\0"
    later = bytearray(ip_packet(V4, b"abc"))
    later[6:8] = b"\0\x10"
    six = bytearray(ip_packet(V6, b"\x11\0\0\1\0\0\0\0" + b"abc"))
    six[6] = 44
    tcp = bytearray(ip_packet(V4, b"abc"))
    tcp[9] = 6
    packets = [bytes(packet) for packet in (first, later, six, tcp)]
    packets += [b"", b"\x40", b"\x45" * 10, ip_packet(V4, b"good")]
    found, reader = read(tmp_path, classic(packets, link_type=RAW))
    assert [datagram.payload for datagram in found] == [b"good"]
    assert reader.datagram_count == 1
    assert reader.fragment_count == 3
    assert reader.other_count == 4


def test_ipv6_extension_headers_are_stepped_over() -> None:
    plain = ip_packet(V6, b"abc")
    size = struct.pack(">H", len(plain) - 40 + 8)
    hop_by_hop = b"\x11\0" + b"\1\4\0\0\0\0"
    packet = plain[:4] + size + b"\0" + plain[7:40] + hop_by_hop + plain[40:]
    assert udp_datagram(RAW, packet) == (*V6, b"abc")


@pytest.mark.parametrize("order", "<>")
def test_pcapng_with_two_interfaces(tmp_path: Path, order: str) -> None:
    nanoseconds = struct.pack(order + "HHBxxx", 9, 1, 9) + b"\0\0\0\0"
    binary = struct.pack(order + "HHBxxx", 9, 1, 0x80 | 10)
    offset = struct.pack(order + "HHq", 14, 8, 1_000_000_000) + b"\0\0\0\0"
    data = section(order)
    data += interface(order, ETHERNET, nanoseconds)
    data += interface(order, RAW, binary + offset)
    data += block(order, 5, b"statistics..")
    packet = on_link(ETHERNET, ip_packet(V4, b"one"))
    data += enhanced(order, TIME_US * 1000 + 7, packet)
    data += enhanced(order, 700_000_000 * 1024 + 512, ip_packet(V6, b"two"), 1)
    found, reader = read(tmp_path, data)
    assert found == [
        Datagram(TIME_US, *V4, b"one"),
        Datagram(1_700_000_000_500_000, *V6, b"two"),
    ]
    assert not reader.is_truncated


def test_pcapng_old_and_simple_packets_and_a_second_section(tmp_path: Path) -> None:
    packet = ip_packet(V4, b"old")
    size = len(packet)
    old = struct.pack("<HHIIII", 0, 0, TIME_US >> 32, TIME_US & 0xFFFFFFFF, size, size)
    simple = ip_packet(V4, b"simple")
    data = section("<") + interface("<", RAW) + block("<", 2, old + packet)
    data += block("<", 3, struct.pack("<I", len(simple)) + simple)
    data += section(">") + interface(">", RAW) + enhanced(">", TIME_US + 5, packet)
    found, _ = read(tmp_path, data)
    assert [(datagram.time_us, datagram.payload) for datagram in found] == [
        (TIME_US, b"old"),
        (TIME_US, b"simple"),
        (TIME_US + 5, b"old"),
    ]


def test_pcapng_packets_of_no_interface_are_counted(tmp_path: Path) -> None:
    packet = ip_packet(V4, b"x")
    data = section("<") + enhanced("<", 1, packet, 3) + block("<", 3, b"\1\0\0\0")
    found, reader = read(tmp_path, data)
    assert (found, reader.other_count) == ([], 2)


@pytest.mark.parametrize("cut", [1, 10, 30])
def test_truncated_last_record_is_reported(tmp_path: Path, cut: int) -> None:
    packet = on_link(ETHERNET, ip_packet(V4, b"hello"))
    for whole in (
        classic([packet, packet]),
        section("<") + interface("<") + enhanced("<", 1, packet) * 2,
    ):
        found, reader = read(tmp_path, whole[:-cut])
        assert len(found) == 1
        assert reader.is_truncated


def test_gzipped_and_cut_off_gzip(tmp_path: Path) -> None:
    packets = [
        on_link(ETHERNET, ip_packet(V4, index.to_bytes(4, "big") * 99))
        for index in range(2000)
    ]
    data = gzip.compress(classic(packets))
    found, reader = read(tmp_path, data)
    assert (len(found), reader.is_truncated) == (2000, False)
    found, reader = read(tmp_path, data[: len(data) // 2])
    assert 0 < len(found) < 2000
    assert reader.is_truncated


def test_a_reader_may_be_read_twice(tmp_path: Path) -> None:
    _, reader = read(tmp_path, classic([on_link(ETHERNET, ip_packet(V4, b"x"))]))
    assert len(list(reader)) == 1
    assert reader.datagram_count == 1


@pytest.mark.parametrize(
    "data", [b"", b"abc", b"PK\3\4 and so on", b"\x1f\x8bnot gzip"]
)
def test_files_that_are_no_capture(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(data)
    with pytest.raises(UsageError, match=r"is no packet capture.*\.pcapng"):
        list(PcapReader(path))


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="There is no file"):
        list(PcapReader(tmp_path / "none.pcap"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damaged_files_never_raise(tmp_path: Path, data: st.DataObject) -> None:
    packet = on_link(ETHERNET, ip_packet(V4, b"hello"))
    whole = data.draw(
        st.sampled_from(
            [
                classic([packet] * 3),
                section("<") + interface("<") + enhanced("<", 1, packet) * 3,
            ]
        )
    )
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 6))):
        bit = data.draw(st.integers(32, len(damaged) * 8 - 1))
        damaged[bit // 8] ^= 1 << bit % 8
    found, _ = read(tmp_path, bytes(damaged))
    assert len(found) <= 3


@given(
    st.sampled_from([ETHERNET, RAW, NULL, LOOP, COOKED, COOKED_2, 147]),
    st.binary(max_size=120),
)
def test_any_packet_is_a_datagram_or_none(link_type: int, packet: bytes) -> None:
    found = udp_datagram(link_type, packet)
    assert isinstance(found, NoDatagram | tuple)


def checksum_is_right(data: bytes) -> bool:
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return bool(total == 0xFFFF)


@given(st.binary(max_size=200))
def test_written_checksums_are_right(payload: bytes) -> None:
    four = ip_packet(V4, payload)
    assert checksum_is_right(four[:20])
    size = struct.pack(">H", len(four) - 20)
    assert checksum_is_right(four[12:20] + b"\0\x11" + size + four[20:])
    six = ip_packet(V6, payload)
    size = struct.pack(">I", len(six) - 40)
    assert checksum_is_right(six[8:40] + size + b"\0\0\0\x11" + six[40:])


def test_written_captures_read_back(tmp_path: Path) -> None:
    path = tmp_path / "own.pcap"
    datagrams = [
        Datagram(TIME_US + index, *ends, bytes([index]) * index)
        for index, ends in enumerate([V4, V6, V4])
    ]
    with PcapWriter(path) as writer:
        for datagram in datagrams:
            writer.write(datagram)
    assert list(PcapReader(path)) == datagrams


def test_what_no_datagram_holds_is_refused() -> None:
    with pytest.raises(ValueError, match="differ in IP version"):
        udp_packet(V4[0], V6[0], b"")
    with pytest.raises(ValueError, match="do not fit"):
        udp_packet(*V4, b"\0" * 65_530)


def test_real_capture() -> None:
    reader = PcapReader(capture("assetto_corsa/monza_r8lms_rtcarinfo.pcap.gz"))
    datagrams = list(reader)
    assert len(datagrams) == 8641
    assert {len(datagram.payload) for datagram in datagrams} == {328}
    assert {datagram.source[1] for datagram in datagrams} == {9996}
    assert datagrams[-1].time_us - datagrams[0].time_us == 148_733_443
    assert socket.inet_aton(datagrams[0].source[0])
