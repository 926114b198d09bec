"""Native messages: what is a frame, what is refused, and the way there and back."""

from __future__ import annotations

import struct
from itertools import islice
from math import inf, isnan, nan

import msgspec
import pytest
from google.protobuf.descriptor import FieldDescriptor
from hypothesis import given
from hypothesis import strategies as st

from ps_tui.decoders.native import (
    CHANNELS,
    QUADRUPLES,
    SCALARS,
    NativeDecoder,
)
from ps_tui.decoders.native_encoder import encode_native
from ps_tui.demo.driver import DEMO_CHANNELS, demo_frames
from ps_tui.domain import channel
from ps_tui.domain.frame import Decoded, Frame, Identity, Rejected
from ps_tui.wire.telemetry_pb2 import TelemetryFrame

NOW_MS = 1_760_000_000_000
RECEIVED_US = NOW_MS * 1000 + 456


def message(**fields: object) -> bytes:
    values: dict[str, object] = {
        "timestamp": NOW_MS,
        "speed": 180.5,
        "throttle": 0.75,
        "brake": 0.125,
        "steering": -0.25,
        "gear": 4,
        "rpm": 7200,
        "normalized_position": 0.5,
        "lap_number": 3,
        "lap_time": 45_678,
    }
    return TelemetryFrame(**(values | fields)).SerializeToString()  # type: ignore[arg-type]


def decode(datagram: bytes) -> Decoded:
    return NativeDecoder().decode(datagram, RECEIVED_US)


def frame_of(**fields: object) -> Frame:
    frame = decode(message(**fields))
    assert isinstance(frame, Frame)
    return frame


def extra(frame: Frame, key: str) -> float | None:
    return frame.extra_value(CHANNELS.index(key))


def test_core_fields_alone() -> None:
    assert decode(message()) == Frame(
        received_us=RECEIVED_US,
        timestamp_ms=NOW_MS,
        throttle=0.75,
        brake=0.125,
        steering=-0.25,
        speed_kmh=180.5,
        gear=4,
        rpm=7200,
        lap_time_ms=45_678,
        lap_number=3,
        normalized_position=0.5,
    )


def test_a_car_at_rest_is_a_frame() -> None:
    datagram = TelemetryFrame(timestamp=NOW_MS).SerializeToString()
    assert decode(datagram) == Frame(
        RECEIVED_US, NOW_MS, 0.0, 0.0, 0.0, 0.0, 0, 0, 0, 0, 0.0
    )


def test_without_timestamp_reception_counts() -> None:
    assert frame_of(timestamp=0).timestamp_ms == RECEIVED_US // 1000


def test_a_clock_that_is_no_date_is_kept() -> None:
    assert frame_of(timestamp=123_456).timestamp_ms == 123_456


def test_facts_become_fields() -> None:
    frame = frame_of(sequence=9, in_pit=True, lap_valid=False, last_lap_time=90_123)
    assert frame.sequence == 9
    assert frame.in_pit is True
    assert frame.lap_valid is False
    assert frame.last_lap_ms == 90_123
    assert frame.extra == ()


def test_absent_facts_differ_from_zero() -> None:
    absent = frame_of(clutch=0.0)
    assert (absent.sequence, absent.in_pit, absent.lap_valid) == (None, None, None)
    zero = frame_of(sequence=0, in_pit=False, lap_valid=False, last_lap_time=0)
    assert (zero.sequence, zero.in_pit, zero.lap_valid) == (0, False, False)
    assert zero.last_lap_ms is None


def test_absent_channels_differ_from_zero() -> None:
    frame = frame_of(clutch=0.0, world_z=-3.0)
    assert extra(frame, "clutch") == 0.0
    assert extra(frame, "world_x") is None
    assert extra(frame, "world_z") == -3.0
    assert len(frame.extra) == CHANNELS.index("world_z") + 1


def test_wheels_of_four_and_of_another_number() -> None:
    frame = frame_of(tyre_pressure=[1, 2, 3, 4], brake_temperature=[5, 6], fuel=7)
    keys = channel.wheel_keys("tyre_pressure")
    assert [extra(frame, key) for key in keys] == [1, 2, 3, 4]
    assert extra(frame, "tyre_temperature_fl") is None
    assert extra(frame, "brake_temperature_fl") is None
    assert len(frame.extra) == CHANNELS.index("tyre_pressure_rr") + 1


def test_wear_is_a_share() -> None:
    frame = frame_of(tyre_wear=[0.25, 1.005, 1.566, nan], wheel_slip=[2, -2, 2, 2])
    worn = [extra(frame, key) for key in channel.wheel_keys("tyre_wear")]
    assert worn == [0.25, 1.0, None, None]
    assert extra(frame, "wheel_slip_fr") == -2.0


def test_optional_fields_may_come_and_go_within_a_stream() -> None:
    decoder = NativeDecoder()
    plain, rich = message(), message(sequence=1, fuel=20.0)
    for datagram, fuel in ((plain, None), (rich, 20.0), (plain, None), (rich, 20.0)):
        frame = decoder.decode(datagram, RECEIVED_US)
        assert isinstance(frame, Frame)
        assert extra(frame, "fuel") == fuel


def test_fields_out_of_order_lose_nothing() -> None:
    rich = TelemetryFrame(fuel=20.0).SerializeToString()
    frame = decode(rich + message())
    assert isinstance(frame, Frame)
    assert extra(frame, "fuel") == 20.0


CORE_FIELDS = 10
OPTIONS = [
    field
    for field in TelemetryFrame.DESCRIPTOR.fields
    if field.number > CORE_FIELDS and field.name != "sequence"
]


def decode_with_every_option(datagram: bytes) -> Decoded:
    """Decode as one that has just seen options, and so looks for them."""
    decoder = NativeDecoder()
    decoder.decode(message(fuel=20.0), RECEIVED_US)
    return decoder.decode(datagram, RECEIVED_US)


@pytest.mark.parametrize("field", OPTIONS, ids=lambda field: str(field.name))
@pytest.mark.parametrize("brake", [0.0, 0.125], ids=["short", "long"])
def test_no_option_is_overlooked(field: FieldDescriptor, brake: float) -> None:
    value: object = "x" if field.cpp_type == field.CPPTYPE_STRING else 1
    if field.is_repeated:
        value = [1, 1, 1, 1]
    seen = message(brake=brake, **{field.name: value})
    bare = message(brake=brake)
    assert decode(seen) == decode_with_every_option(seen)
    decoder = NativeDecoder()
    frame = decoder.decode(seen, RECEIVED_US)
    assert decoder.identity is not None or frame != decode(bare)


@given(
    core=st.fixed_dictionaries(
        {
            "timestamp": st.integers(NOW_MS, 7_258_118_399_999),
            "throttle": st.sampled_from([0.0, -0.0, 0.5, 1.0]),
            "steering": st.sampled_from([-1.0, 0.0, 0.25]),
            "gear": st.integers(-1, 20),
            "rpm": st.integers(0, 50_000),
            "lap_number": st.integers(0, 100_000),
            "lap_time": st.integers(0, (1 << 31) - 1),
        }
    ),
    sequence=st.none() | st.integers(0, (1 << 32) - 1),
    option=st.sampled_from(
        [{}, {"fuel": 0.0}, {"in_pit": False}, {"lap_valid": True}, {"car": "F"}]
    ),
    padding=st.sampled_from([b"", b"\x1d\x00\x00\x00\x00", b"\x48\x83\x80\x00"]),
)
def test_the_short_way_finds_what_the_long_way_finds(
    core: dict[str, object],
    sequence: int | None,
    option: dict[str, object],
    padding: bytes,
) -> None:
    datagram = padding + message(**core, sequence=sequence, **option)
    assert decode(datagram) == decode_with_every_option(datagram)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"speed": nan}, "speed"),
        ({"speed": -inf}, "speed"),
        ({"speed": 1001.0}, "speed"),
        ({"throttle": 1.02}, "throttle"),
        ({"throttle": nan}, "throttle"),
        ({"brake": -0.02}, "brake"),
        ({"steering": 1.5}, "steering"),
        ({"gear": -2}, "gear"),
        ({"gear": 21}, "gear"),
        ({"rpm": 60_000}, "rpm"),
        ({"normalized_position": inf}, "normalized_position"),
        ({"lap_number": -1}, "lap_number"),
        ({"lap_time": -1}, "lap_time"),
        ({"timestamp": -5}, "timestamp"),
    ],
    ids=str,
)
def test_core_values_out_of_range_are_refused(
    fields: dict[str, float], name: str
) -> None:
    assert decode(message(**fields)) == Rejected(f"{name} out of range")


def test_tiny_overshoots_are_clamped() -> None:
    frame = frame_of(
        throttle=1.005, brake=-0.005, steering=-1.002, normalized_position=1.001
    )
    assert (frame.throttle, frame.brake) == (1.0, 0.0)
    assert (frame.steering, frame.normalized_position) == (-1.0, 1.0)


def test_absurd_channels_are_left_out_alone() -> None:
    frame = frame_of(
        clutch=1.004,
        fuel=-3.0,
        world_x=inf,
        world_y=nan,
        g_lateral=1e20,
        wheel_slip=[0.1, nan, inf, 1e30],
        best_lap_time=0,
    )
    assert extra(frame, "clutch") == 1.0
    for key in ("fuel", "world_x", "world_y", "g_lateral", "best_lap_time"):
        assert extra(frame, key) is None
    slips = [extra(frame, key) for key in channel.wheel_keys("wheel_slip")]
    assert slips == [pytest.approx(0.1), None, None, None]


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        b"\x08\x05",
        b"\x30\x01\x38\x01",
        b"\xa0\x06\x01",
        b"\xff" * 20,
        b"a\0\0\0",
        TelemetryFrame(fuel=3.0).SerializeToString(),
    ],
    ids=["empty", "clock", "two fields", "unknown", "broken", "text", "channel only"],
)
def test_what_is_no_frame_is_refused(datagram: bytes) -> None:
    assert isinstance(decode(datagram), Rejected)


def test_names_are_learnt_beside_the_frames() -> None:
    decoder = NativeDecoder()
    decoder.decode(message(), RECEIVED_US)
    assert decoder.identity is None
    named = message(car=" Lotus 49 ", track="Spa", track_length=14_100.0)
    assert isinstance(decoder.decode(named, RECEIVED_US), Frame)
    first = decoder.identity
    assert first == Identity(car="Lotus 49", track="Spa", track_length_m=14_100.0)
    decoder.decode(message(), RECEIVED_US)
    decoder.decode(named, RECEIVED_US)
    assert decoder.identity is first
    decoder.decode(message(driver="Jim", car="\x07"), RECEIVED_US)
    assert decoder.identity == Identity(
        car="Lotus 49", driver="Jim", track="Spa", track_length_m=14_100.0
    )


def test_names_alone_are_an_identity() -> None:
    datagram = TelemetryFrame(car="Lotus 49").SerializeToString()
    assert decode(datagram) == Identity(car="Lotus 49")


def test_channels_are_in_the_table_and_beside_no_frame_field() -> None:
    assert set(CHANNELS) <= channel.CHANNELS.keys()
    assert len(CHANNELS) == len(SCALARS) + 4 * len(QUADRUPLES)
    assert not set(CHANNELS) & set(channel.LAP_FACTS)


def single(value: float) -> float:
    """Round to what a float field holds."""
    rounded: float = struct.unpack("<f", struct.pack("<f", value))[0]
    return rounded


shares = st.floats(0, 1, width=32)
reals = st.floats(-1e6, 1e6, width=32)
CHANNEL_VALUES = {
    "clutch": shares,
    "ers_charge": shares,
    "fuel": st.floats(0, 500, width=32),
    "max_rpm": st.integers(1, 20_000),
    "best_lap_time": st.integers(1, 10**7),
    "sector1_time": st.integers(1, 10**7),
    "sector2_time": st.integers(1, 10**7),
    "delta": st.integers(-(10**6), 10**6),
    "track_position": st.integers(0, 60),
    "session_type": st.integers(0, 20),
    "flag": st.integers(0, 4),
    "drs_open": st.integers(0, 1),
}


def four_of(stem: str) -> st.SearchStrategy[tuple[float, ...]]:
    """Values of four wheels."""
    return st.tuples(*[shares if stem == "tyre_wear" else reals] * 4)


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    scalars = [
        draw(st.just(nan) | CHANNEL_VALUES.get(name, reals)) + 0.0 for name in SCALARS
    ]
    wheels = [
        value
        for stem in QUADRUPLES
        for value in draw(st.just((nan,) * 4) | four_of(stem))
    ]
    values = scalars + wheels
    while values and isnan(values[-1]):
        values.pop()
    return Frame(
        received_us=RECEIVED_US,
        timestamp_ms=draw(st.integers(NOW_MS, NOW_MS + 10**9)),
        throttle=draw(shares),
        brake=draw(shares),
        steering=draw(st.floats(-1, 1, width=32)),
        speed_kmh=draw(st.floats(-500, 500, width=32)),
        gear=draw(st.integers(-1, 12)),
        rpm=draw(st.integers(0, 20_000)),
        lap_time_ms=draw(st.integers(0, 10**7)),
        lap_number=draw(st.integers(0, 500)),
        normalized_position=draw(shares),
        in_pit=draw(st.none() | st.booleans()),
        lap_valid=draw(st.none() | st.booleans()),
        last_lap_ms=draw(st.none() | st.integers(1, 10**7)),
        sequence=draw(st.none() | st.integers(0, 2**32 - 1)),
        extra=tuple(values),
    )


def same(a: Frame, b: Frame) -> bool:
    """Compare with NaN equal to NaN."""
    return msgspec.structs.replace(a, extra=()) == msgspec.structs.replace(
        b, extra=()
    ) and [str(value + 0.0) for value in a.extra] == [
        str(value + 0.0) for value in b.extra
    ]


@given(frames())
def test_encoded_frames_decode_to_themselves(frame: Frame) -> None:
    result = decode(encode_native(frame, CHANNELS))
    assert isinstance(result, Frame)
    assert same(result, frame)


def test_demo_frames_survive_the_wire_to_float32() -> None:
    identity = Identity("car", "driver", "track", "layout", 3641.0, 8200.0)
    decoder = NativeDecoder()
    for sent in islice(demo_frames(), 0, 600, 50):
        datagram = encode_native(sent, DEMO_CHANNELS, identity, sequence=77)
        got = decoder.decode(datagram, sent.received_us)
        assert isinstance(got, Frame)
        assert got.sequence == 77
        assert got.timestamp_ms == sent.timestamp_ms
        assert got.lap_time_ms == sent.lap_time_ms
        assert sent.speed_kmh is not None
        assert got.speed_kmh == single(sent.speed_kmh)
        for key in ("world_x", "tyre_temperature_rr", "wheel_slip_fl"):
            value = sent.extra_value(DEMO_CHANNELS.index(key))
            assert value is not None
            assert extra(got, key) == single(value)
    assert decoder.identity == identity


def test_channels_the_message_does_not_know_are_left_out() -> None:
    frame = Frame(1, NOW_MS, 0.5, 0.0, 0.0, 100.0, 3, 5000.4, extra=(12.0, 0.5))
    got = decode(encode_native(frame, ("steering_angle", "clutch")))
    assert isinstance(got, Frame)
    assert got.extra == (0.5,)
    assert got.rpm == 5000
    assert got.lap_number == 1


@pytest.mark.parametrize("sequence", [0, 1, 127, 128, 0xFFFF_FFFF])
def test_a_sequence_behind_the_core_is_read(sequence: int) -> None:
    decoder = NativeDecoder()
    message = TelemetryFrame(
        timestamp=1_760_000_000_000, speed=120.0, gear=3, rpm=6000, sequence=sequence
    )
    frame = decoder.decode(message.SerializeToString(), 1)
    assert isinstance(frame, Frame)
    assert frame.sequence == sequence
    assert (frame.in_pit, frame.lap_valid, frame.last_lap_ms) == (None, None, None)
    assert frame.extra == ()
