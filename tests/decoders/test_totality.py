"""No bytes make a decoder raise, or give a value that no drive produces."""

from __future__ import annotations

from math import isfinite, isinf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ps_tui.decoders.assetto_corsa import CAR_INFO_MARK
from ps_tui.decoders.native_encoder import encode_native
from ps_tui.decoders.registry import SOURCES, describe, detect
from ps_tui.demo.driver import DEMO_CHANNELS, Driver
from ps_tui.domain.frame import CarLap, Frame, Identity, Rejected, Skipped
from tests.support.packets import any_lap, car_info, handshake_reply

RECEIVED_US = 1_760_000_000_000_000
DRIVER = Driver()
REAL = {
    "native": [
        encode_native(DRIVER.step(), DEMO_CHANNELS, DRIVER.identity),
        encode_native(DRIVER.step(), ()),
    ],
    "assetto-corsa": [
        car_info(speed_kmh=200.0, rpm=7000.0, raw_gear=5, wheel_load=(1.0,) * 4),
        handshake_reply(),
        any_lap(),
    ],
}
NAMES = list(REAL)


def feed(name: str, datagram: bytes) -> None:
    decoder = SOURCES[name].make_decoder()
    result = decoder.decode(datagram, RECEIVED_US)
    if isinstance(result, Frame):
        check_frame(result, len(decoder.channels))
    else:
        assert isinstance(result, Identity | CarLap | Skipped | Rejected)
    if decoder.identity is not None:
        for text in (decoder.identity.car, decoder.identity.track):
            assert text is None or (text.isprintable() and text.strip() == text != "")


def check_frame(frame: Frame, channel_count: int) -> None:
    bounds = {
        "throttle": (0, 1),
        "brake": (0, 1),
        "steering": (-1, 1),
        "speed_kmh": (-1000, 1000),
        "gear": (-1, 20),
        "rpm": (0, 50_000),
        "lap_time_ms": (0, 2**31),
        "lap_number": (0, 100_000),
        "normalized_position": (0, 1),
        "timestamp_ms": (0, 2**53),
        "last_lap_ms": (1, 2**31),
    }
    for field, (low, high) in bounds.items():
        value = getattr(frame, field)
        assert value is None or (isfinite(value) and low <= value <= high), field
    assert len(frame.extra) <= channel_count
    assert not any(isinf(value) or abs(value) > 1e8 for value in frame.extra)


def test_every_source_has_its_real_packets_here() -> None:
    assert set(SOURCES) >= set(REAL)


@pytest.mark.parametrize("name", NAMES)
@given(datagram=st.binary(max_size=4096))
def test_any_bytes(name: str, datagram: bytes) -> None:
    feed(name, datagram)
    assert describe(datagram)
    assert detect(datagram) in {None, *SOURCES}


@given(body=st.binary(min_size=320, max_size=320))
def test_any_car_info(body: bytes) -> None:
    feed("assetto-corsa", CAR_INFO_MARK + body)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_damaged_packets(name: str, data: st.DataObject) -> None:
    packet = bytearray(data.draw(st.sampled_from(REAL[name])))
    for _ in range(data.draw(st.integers(0, 8))):
        bit = data.draw(st.integers(0, len(packet) * 8 - 1))
        packet[bit // 8] ^= 1 << bit % 8
    end = data.draw(st.integers(0, len(packet)))
    feed(name, bytes(packet))
    feed(name, bytes(packet[:end]))
    feed(name, bytes(packet) + data.draw(st.binary(max_size=64)))


@given(st.binary(max_size=64))
def test_random_bytes_are_practically_never_a_native_frame(datagram: bytes) -> None:
    result = SOURCES["native"].make_decoder().decode(datagram, RECEIVED_US)
    if isinstance(result, Frame):
        # Whatever passes has at least three fields of a frame, all within bounds.
        assert sum(bool(value) for value in list_core(result)) >= 2


def list_core(frame: Frame) -> list[float | None]:
    return [
        frame.throttle,
        frame.brake,
        frame.steering,
        frame.speed_kmh,
        frame.gear,
        frame.rpm,
        frame.lap_time_ms,
        frame.lap_number,
        frame.normalized_position,
    ]
