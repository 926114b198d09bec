"""No bytes make a decoder raise, work long, or give a value that no drive produces."""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ps_tui.decoders.assetto_corsa import CAR_INFO_MARK
from ps_tui.decoders.registry import SOURCES, describe, detect
from ps_tui.domain.frame import Frame
from tests.support import acc
from tests.support.decoded import assert_sound, mangled
from tests.support.gran_turismo_7_packets import encrypted
from tests.support.samples import SAMPLES

RECEIVED_US = 1_760_000_000_000_000
NAMES = list(SOURCES)
MOST_CALLS = 12_000
"""Python makes more than ten of them in a microsecond: so many fit in 1 ms."""
MOST_BYTES = 4096


def feed(name: str, *datagrams: bytes) -> None:
    """Decode datagrams one behind the other, as one stream."""
    decoder = SOURCES[name].make_decoder()
    for number, datagram in enumerate(datagrams):
        decoded = decoder.decode(datagram, RECEIVED_US + number * 16_667)
        assert_sound(decoder, decoded)
        if decoder.identity is not None:
            for text in (decoder.identity.car, decoder.identity.track):
                assert text is None or (text.isprintable() and text.strip() == text)
                assert text != ""


def calls_of(work: Callable[[], object]) -> int:
    """Count the calls that a piece of work makes, of Python and of C functions."""
    count = 0

    def note(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def test_every_source_has_its_packets_here() -> None:
    assert set(SOURCES) == set(SAMPLES)


@pytest.mark.parametrize("name", NAMES)
@given(datagram=st.binary(max_size=MOST_BYTES))
def test_any_bytes(name: str, datagram: bytes) -> None:
    feed(name, datagram)
    assert describe(datagram)
    assert detect(datagram) in {None, *SOURCES}


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_any_content_of_a_size_that_the_game_sends(
    name: str, data: st.DataObject
) -> None:
    sample = data.draw(st.sampled_from(SAMPLES[name]))
    body = data.draw(st.binary(min_size=len(sample), max_size=len(sample)))
    kept = data.draw(st.integers(0, 32))
    feed(name, sample[:kept] + body[kept:])


@given(body=st.binary(min_size=292, max_size=364))
def test_any_content_that_decrypts(body: bytes) -> None:
    sizes = [size for size in (296, 316, 344, 368) if size <= len(body) + 4]
    for size in sizes:
        feed("gran-turismo-7", encrypted((b"0S7G" + body)[:size]))


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_damaged_packets_between_good_ones(name: str, data: st.DataObject) -> None:
    samples = SAMPLES[name]
    damaged = data.draw(st.lists(mangled(list(samples)), min_size=1, max_size=3))
    feed(name, samples[0], *damaged, *samples[-2:], *damaged)


@given(body=st.binary(min_size=320, max_size=320))
def test_any_car_info(body: bytes) -> None:
    feed("assetto-corsa", CAR_INFO_MARK + body)


@pytest.mark.parametrize("name", NAMES)
def test_no_datagram_costs_more_than_bounded_work(name: str) -> None:
    """Long lists, lists that promise more than follows, nothing but names."""
    longest = MOST_BYTES // 2 - 4
    hostile = [
        *SAMPLES[name],
        *(bytes((byte,)) * MOST_BYTES for byte in (0, 1, 2, 3, 4, 5, 6, 7, 8, 255)),
        *(
            sample + sample[-1:] * (MOST_BYTES - len(sample))
            for sample in SAMPLES[name]
        ),
        acc.entry_list(*range(longest)),
        struct.pack("<BiH", 4, 7, 0xFFFF) + bytes(MOST_BYTES - 7),
        acc.track_data("x" * 2000)[:-1] + b"\xff" + bytes(1500),
        acc.entry(drivers=("A B",) * 200),
    ]
    for datagram in hostile:
        if len(datagram) <= MOST_BYTES:
            decoder = SOURCES[name].make_decoder()
            calls = calls_of(lambda d=decoder, p=datagram: d.decode(p, RECEIVED_US))  # type: ignore[misc]
            assert calls <= MOST_CALLS, datagram[:16]


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
