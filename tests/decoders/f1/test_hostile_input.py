"""Whatever arrives is a frame, nothing, or a reason: never an exception."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ps_tui.decoders.f1 import F1Decoder, describe, detect
from ps_tui.decoders.registry import SOURCES
from ps_tui.decoders.registry import describe as describe_any
from ps_tui.decoders.registry import detect as detect_any
from ps_tui.domain.frame import Frame, Rejected, Skipped
from tests.support.captures import CAPTURES
from tests.support.decoded import assert_sound, mangled
from tests.support.f1_packets import FORMATS, PARTS, SIZES, build, tick
from tests.support.pcap import datagrams


@lru_cache(maxsize=1)
def samples() -> list[bytes]:
    """Return a packet of every kind and format, all of one session and frame."""
    return [
        build(packet_format, kind, 7)
        for kind, sizes in SIZES.items()
        for packet_format, size in zip(FORMATS, sizes, strict=True)
        if size is not None
    ]


@given(st.lists(st.binary(max_size=4096), max_size=4))
def test_any_bytes_are_survived(data: list[bytes]) -> None:
    decoder = F1Decoder()
    for one in data:
        decoded = decoder.decode(one, 1)
        assert_sound(decoder, decoded)
        assert detect(one) != isinstance(decoded, Rejected)
        describe(one)


@given(
    st.sampled_from(FORMATS),
    st.lists(
        st.tuples(
            st.sampled_from(sorted(SIZES)),
            st.integers(0, 5),
            st.integers(0, 2),
            st.sampled_from([0, 3, 255]),
            st.binary(min_size=64, max_size=2048),
        ),
        max_size=12,
    ),
)
def test_any_content_behind_a_good_header_is_survived(
    packet_format: int, drawn: list[tuple[int, int, int, int, bytes]]
) -> None:
    decoder = F1Decoder()
    for kind, overall, uid, player, body in drawn:
        if SIZES[kind][FORMATS.index(packet_format)] is None:
            continue
        good = build(packet_format, kind, overall, uid=uid, player=player)
        filled = (body * (len(good) // len(body) + 1))[: len(good) - 29]
        assert_sound(decoder, decoder.decode(good[:29] + filled, 1))


@given(st.data())
def test_any_change_to_a_frames_packets_is_survived(data: st.DataObject) -> None:
    packet_format = data.draw(st.sampled_from(FORMATS))
    decoder = F1Decoder()
    opening = build(packet_format, 1, 6, track_length=5000, track_id=3)
    changed = mangled([opening, *samples()])
    for packet in (
        opening,
        *tick(packet_format, 7)[:4],
        *data.draw(st.lists(changed, min_size=1, max_size=6)),
        *tick(packet_format, 8),
    ):
        assert_sound(decoder, decoder.decode(packet, 1))


@given(st.data())
def test_changed_bytes_of_recorded_packets_are_survived(data: st.DataObject) -> None:
    packets = recorded("f1/one_of_each_2024.pcap.gz")
    decoder = F1Decoder()
    for packet in data.draw(st.lists(mangled(packets), max_size=8)):
        assert_sound(decoder, decoder.decode(packet, 1))


@lru_cache(maxsize=4)
def recorded(name: str) -> list[bytes]:
    path = CAPTURES / name
    if not path.exists():
        pytest.skip(f"no capture {name}: set PS_TUI_CAPTURES to the recordings")
    return [packet for _, packet in datagrams(path)]


@pytest.mark.parametrize("packet_format", FORMATS)
def test_every_kind_has_its_exact_size(packet_format: int) -> None:
    for packet in samples():
        if struct.unpack_from("<H", packet)[0] != packet_format:
            continue
        assert detect(packet)
        assert not isinstance(F1Decoder().decode(packet, 0), Rejected)
        for other in (packet[:-1], packet + b"\0", packet[:29]):
            assert not detect(other)
            refused = F1Decoder().decode(other, 0)
            assert isinstance(refused, Rejected)
            assert "bytes" in refused.reason or "format" in refused.reason


def changed(packet: bytes, at: int, code: str, value: float) -> bytes:
    copy = bytearray(packet)
    struct.pack_into("<" + code, copy, at, value)
    return bytes(copy)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: b"", "shorter"),
        (lambda: b"\xe8\x07", "shorter"),
        (lambda: bytes(1352), "no header"),
        (lambda: changed(build(2024, 6), 5, "B", 2), "packet version 2"),
        (lambda: changed(build(2024, 6), 6, "B", 15), "no packet kind 15"),
        (lambda: changed(build(2025, 6), 6, "B", 16), "no packet kind 16"),
        (lambda: changed(build(2024, 6), 0, "H", 2025 - 900), "no header"),
        (lambda: changed(build(2024, 6), 15, "f", float("nan")), "out of range"),
        (lambda: old(2022, 5, 24), "F1 22, format 2022"),
        (lambda: old(2021, 5, 24), "F1 2021, format 2021"),
        (lambda: old(2020, 5, 24), "F1 2020, format 2020"),
        (lambda: old(2019, 5, 23), "F1 2019, format 2019"),
        (lambda: old(2018, 3, 21), "F1 2018, format 2018"),
        (lambda: changed(build(2026, 6), 0, "H", 2027), "format 2027, newer"),
    ],
)
def test_a_refusal_says_why(make: Callable[[], bytes], words: str) -> None:
    decoded = F1Decoder().decode(make(), 0)
    assert isinstance(decoded, Rejected)
    assert words in decoded.reason


def old(packet_format: int, kind_offset: int, header_size: int) -> bytes:
    """Return a telemetry packet of a format of the years before 2023."""
    packet = bytearray(header_size + 1300)
    struct.pack_into("<H", packet, 0, packet_format)
    packet[kind_offset - 1] = 1
    packet[kind_offset] = 6
    return bytes(packet)


def test_descriptions_name_game_and_format() -> None:
    assert describe(build(2024, 2)) == "an F1 game, format 2024 (lap data)"
    named = describe_any(old(2022, 5, 24))
    assert "F1 22" in named
    assert "UDP Format" in named
    assert describe(bytes(100)) is None


def test_the_game_is_in_the_table_of_sources() -> None:
    spec = SOURCES["f1"]
    assert (spec.port, spec.asking) == (20777, None)
    assert "UDP Telemetry" in spec.settings_hint
    assert isinstance(spec.make_decoder(), F1Decoder)


@pytest.mark.parametrize("packet", samples(), ids=lambda packet: str(len(packet)))
def test_samples_are_told_from_all_other_games(packet: bytes) -> None:
    assert detect_any(packet) == "f1"
    assert describe_any(packet).startswith("looks like an F1 game")


@pytest.mark.parametrize(
    "path",
    sorted(CAPTURES.glob("*/*.pcap.gz")),
    ids=lambda path: f"{path.parent.name}/{path.name}",
)
def test_only_f1_recordings_are_claimed(path: Any) -> None:
    is_f1 = path.parent.name == "f1" and "2022" not in path.name
    for index, (_, packet) in enumerate(datagrams(path)):
        if index < 3000:
            assert detect(packet) is is_f1


def test_random_datagrams_between_do_not_cost_a_frame() -> None:
    decoder = F1Decoder()
    count = 0
    for overall in range(1, 50):
        for packet in tick(2025, overall):
            decoder.decode(bytes(range(overall)), 0)
            decoder.decode(packet[:-1], 0)
            decoder.decode(old(2022, 5, 24), 0)
            count += isinstance(decoder.decode(packet, 0), Frame)
    assert count == 49
    assert len(PARTS) == 5


def test_kinds_without_a_part_are_skipped() -> None:
    for kind in (3, 5, 8, 9, 12, 14, 15, 16):
        assert isinstance(F1Decoder().decode(build(2026, kind), 0), Skipped)
