"""Assetto Corsa packets: a real drive, and packets built field by field."""

from __future__ import annotations

import struct
from itertools import pairwise
from math import isnan, nan

import pytest

from ps_tui.collector.pcap import PcapReader
from ps_tui.decoders.assetto_corsa import (
    CHANNELS,
    AssettoCorsaDecoder,
    Operation,
    request,
)
from ps_tui.decoders.registry import detect
from ps_tui.domain import channel
from ps_tui.domain.frame import CarLap, Frame, Identity, Rejected, Skipped
from tests.support.captures import capture
from tests.support.packets import any_lap, car_info, handshake_reply, read_car_info

RECEIVED_US = 1_700_000_000_123_456
MONZA = "assetto_corsa/monza_r8lms_rtcarinfo.pcap.gz"


def decoded(**fields: float | tuple[float, ...]) -> Frame:
    frame = AssettoCorsaDecoder().decode(car_info(**fields), RECEIVED_US)
    assert isinstance(frame, Frame)
    return frame


def extra(frame: Frame, key: str) -> float | None:
    return frame.extra_value(CHANNELS.index(key))


@pytest.fixture(scope="module")
def monza() -> list[bytes]:
    return [datagram.payload for datagram in PcapReader(capture(MONZA))]


def test_whole_drive_decodes_and_repeats_are_byte_identical(monza: list[bytes]) -> None:
    decoder = AssettoCorsaDecoder()
    frames = [decoder.decode(packet, RECEIVED_US) for packet in monza]
    assert len(frames) == 8641
    assert all(isinstance(frame, Frame) for frame in frames)
    repeats = sum(a == b for a, b in pairwise(monza))
    assert repeats == 479


@pytest.mark.parametrize("index", [0, 4320, 8640], ids=["first", "middle", "last"])
def test_real_packet_against_its_offsets(monza: list[bytes], index: int) -> None:
    packet = monza[index]

    def at(offset: int, layout: str) -> float:
        value: float = struct.unpack_from("<" + layout, packet, offset)[0]
        return value

    frame = AssettoCorsaDecoder().decode(packet, RECEIVED_US)

    assert isinstance(frame, Frame)
    assert frame.speed_kmh == at(8, "f")
    assert frame.speed_kmh == pytest.approx(at(16, "f") * 3.6, abs=1e-3)
    assert (frame.throttle, frame.brake) == (at(56, "f"), at(60, "f"))
    assert frame.steering == pytest.approx(at(72, "f") / 450)
    assert frame.gear == at(76, "i") - 1
    assert frame.rpm == at(68, "f")
    assert frame.lap_time_ms == at(40, "i")
    assert frame.lap_number == at(52, "i") + 1
    assert frame.normalized_position == at(308, "f")
    assert frame.in_pit == bool(packet[24])
    assert frame.last_lap_ms == (at(44, "i") or None)
    assert frame.lap_valid is None
    assert frame.timestamp_ms == RECEIVED_US // 1000
    assert extra(frame, "clutch") == pytest.approx(1 - at(64, "f"))
    assert extra(frame, "g_lateral") == at(28, "f")
    assert extra(frame, "g_vertical") == at(32, "f")
    assert extra(frame, "g_longitudinal") == at(36, "f")
    assert extra(frame, "abs_enabled") == packet[20]
    assert extra(frame, "abs_active") == packet[21]
    assert extra(frame, "tc_active") == packet[22]
    assert extra(frame, "tc_enabled") == packet[23]
    assert extra(frame, "wheel_speed_fr") == at(88, "f")
    assert extra(frame, "suspension_travel_rr") == at(304, "f")
    assert extra(frame, "world_z") == at(324, "f")


def test_drive_starts_in_the_pits_and_ends_its_out_lap(monza: list[bytes]) -> None:
    decoder = AssettoCorsaDecoder()
    frames = [decoder.decode(packet, RECEIVED_US) for packet in monza]
    in_pit = [isinstance(frame, Frame) and frame.in_pit for frame in frames]
    assert in_pit.index(False) == 320
    last = frames[-1]
    assert isinstance(last, Frame)
    assert (last.lap_number, last.last_lap_ms) == (2, 344_684)


@pytest.mark.parametrize(
    "stem",
    [
        "wheel_speed",
        "slip_angle",
        "slip_angle_contact",
        "wheel_slip",
        "tyre_slip",
        "tyre_slip_normalized",
        "wheel_load",
        "tyre_friction",
        "self_aligning_torque",
        "tyre_dirt",
        "camber",
        "tyre_radius",
        "tyre_radius_loaded",
        "suspension_travel",
    ],
)
def test_wheel_channels_lie_where_the_packet_has_them(stem: str) -> None:
    packet = car_info(**{stem: (1.0, 2.0, 3.0, 4.0)})
    frame = AssettoCorsaDecoder().decode(packet, RECEIVED_US)
    assert isinstance(frame, Frame)
    values = tuple(extra(frame, key) for key in channel.wheel_keys(stem))
    assert values == read_car_info(packet, stem) == (1.0, 2.0, 3.0, 4.0)


def test_channels_are_in_the_table_and_beside_no_frame_field() -> None:
    assert set(CHANNELS) <= channel.CHANNELS.keys()
    assert len(set(CHANNELS)) == len(CHANNELS)
    assert not set(CHANNELS) & set(channel.LAP_FACTS)
    assert len(decoded().extra) == len(CHANNELS)


@pytest.mark.parametrize(("raw", "gear"), [(0, -1), (1, 0), (2, 1), (7, 6)])
def test_gear_counts_from_reverse(raw: int, gear: int) -> None:
    assert decoded(raw_gear=raw).gear == gear


@pytest.mark.parametrize(
    ("angle", "lock", "steering"),
    [
        (450, 900, 1.0),
        (-225, 900, -0.5),
        (600, 900, 1.0),
        (-900, 900, -1.0),
        (90, 360, 0.5),
    ],
)
def test_steering_is_a_share_of_the_lock(
    angle: float, lock: float, steering: float
) -> None:
    decoder = AssettoCorsaDecoder(steering_lock_deg=lock)
    frame = decoder.decode(car_info(steering_deg=angle), RECEIVED_US)
    assert isinstance(frame, Frame)
    assert frame.steering == pytest.approx(steering)
    assert extra(frame, "steering_angle") == angle


def test_clutch_is_turned_round() -> None:
    assert extra(decoded(clutch_released=1.0), "clutch") == 0.0
    assert extra(decoded(clutch_released=0.25), "clutch") == 0.75


def test_zero_lap_times_are_no_times() -> None:
    frame = decoded(last_lap_ms=0, best_lap_ms=0)
    assert frame.last_lap_ms is None
    assert extra(frame, "best_lap_time") is None
    frame = decoded(last_lap_ms=91_234, best_lap_ms=90_001)
    assert frame.last_lap_ms == 91_234
    assert extra(frame, "best_lap_time") == 90_001.0


def test_rounding_beyond_the_range_is_forgiven() -> None:
    frame = decoded(throttle=1.001, brake=-0.001, position=1.0001)
    assert (frame.throttle, frame.brake, frame.normalized_position) == (1.0, 0.0, 1.0)


@pytest.mark.parametrize(
    "fields",
    [
        {"throttle": nan},
        {"brake": 1.5},
        {"speed_kmh": float("inf")},
        {"speed_kmh": -2000.0},
        {"rpm": 1e9},
        {"position": -0.5},
        {"raw_gear": -1},
        {"raw_gear": 99},
        {"completed_laps": -1},
        {"lap_time_ms": -5},
        {"steering_deg": nan},
    ],
    ids=str,
)
def test_core_values_out_of_range_are_refused(fields: dict[str, float]) -> None:
    result = AssettoCorsaDecoder().decode(car_info(**fields), RECEIVED_US)
    assert result == Rejected("RTCarInfo with a value out of range")


def test_absurd_further_values_are_left_out_alone() -> None:
    frame = decoded(
        wheel_load=(1000.0, nan, float("inf"), 1e30), g_lateral=nan, g_vertical=0.5
    )
    loads = [extra(frame, key) for key in channel.wheel_keys("wheel_load")]
    assert loads == [1000.0, None, None, None]
    assert extra(frame, "g_lateral") is None
    assert extra(frame, "g_vertical") == 0.5


def test_handshake_reply_names_car_driver_track_and_layout() -> None:
    decoder = AssettoCorsaDecoder()
    assert decoder.identity is None
    reply = handshake_reply("ks_audi_r8_lms", "Jürgen Ω", "monza", "gp")
    identity = decoder.decode(reply, RECEIVED_US)
    assert identity == Identity("ks_audi_r8_lms", "Jürgen Ω", "monza", "gp")
    assert decoder.identity is identity


@pytest.mark.parametrize("terminator", ["%", "\0", "%\0", "\0%"])
def test_names_end_at_percent_or_nul(terminator: str) -> None:
    reply = handshake_reply("car", " ", "track", "", terminator=terminator)
    identity = AssettoCorsaDecoder().decode(reply, RECEIVED_US)
    assert identity == Identity(car="car", driver=None, track="track", layout=None)


def test_undecodable_and_unprintable_units_are_dropped() -> None:
    reply = bytearray(handshake_reply())
    reply[:100] = ("a\x07b".encode("utf-16-le") + b"\x00\xd8" + b"c\0%\0").ljust(
        100, b"\0"
    )
    identity = AssettoCorsaDecoder().decode(bytes(reply), RECEIVED_US)
    assert isinstance(identity, Identity)
    assert identity.car == "abc"


def decoder_of_player() -> AssettoCorsaDecoder:
    decoder = AssettoCorsaDecoder()
    decoder.decode(handshake_reply("ks_audi_r8_lms", "Player 01"), RECEIVED_US)
    return decoder


def test_a_lap_is_read_from_its_offsets() -> None:
    packet = bytearray(212)
    struct.pack_into("<i", packet, 0, 7)
    struct.pack_into("<i", packet, 4, 12)
    packet[8:26] = "Player 02%".encode("utf-16-le")[:18]
    packet[26:28] = b"%\0"
    packet[108:134] = "ks_ferrari_5%".encode("utf-16-le")
    packet[134:138] = b"\x41\x30\x41\x30"  # old memory
    struct.pack_into("<i", packet, 208, 107_123)
    assert decoder_of_player().decode(bytes(packet), RECEIVED_US) == CarLap(
        car_id=7,
        lap_time_ms=107_123,
        lap_number=12,
        driver="Player 02",
        car="ks_ferrari_5",
        is_own=False,
    )


@pytest.mark.parametrize(
    ("driver", "car", "is_own"),
    [
        ("Player 01", "ks_audi_r8_lms", True),
        ("Player 02", "ks_audi_r8_lms", False),
        ("Player 01", "ks_ferrari_488", False),
    ],
)
def test_the_players_laps_are_those_of_driver_and_car(
    driver: str, car: str, is_own: bool
) -> None:
    lap = decoder_of_player().decode(any_lap(driver=driver, car=car), RECEIVED_US)
    assert isinstance(lap, CarLap)
    assert lap.is_own is is_own


def test_before_the_handshake_a_lap_is_nobodys() -> None:
    lap = AssettoCorsaDecoder().decode(any_lap(), RECEIVED_US)
    assert isinstance(lap, CarLap)
    assert not lap.is_own


@pytest.mark.parametrize(
    "packet",
    [
        any_lap(-1),
        any_lap(86_400_000),
        any_lap(car_id=-1),
        any_lap(car_id=70_000),
        any_lap(lap_number=-1),
        any_lap(car=""),
        bytes(range(212)),
    ],
)
def test_laps_that_cannot_be_are_refused(packet: bytes) -> None:
    assert isinstance(decoder_of_player().decode(packet, RECEIVED_US), Rejected)


def test_a_lap_without_a_time_tells_nothing() -> None:
    assert isinstance(decoder_of_player().decode(any_lap(0), RECEIVED_US), Skipped)


def test_the_registry_knows_laps_by_their_content() -> None:
    assert detect(any_lap()) == "assetto-corsa"
    assert detect(bytes(212)) != "assetto-corsa"


@pytest.mark.parametrize("size", [0, 1, 327, 329, 407, 409, 1500])
def test_wrong_sizes_are_refused_by_name(size: int) -> None:
    result = AssettoCorsaDecoder().decode(b"a" * size, RECEIVED_US)
    assert isinstance(result, Rejected)
    assert str(size) in result.reason


def test_a_packet_without_its_mark_is_refused() -> None:
    result = AssettoCorsaDecoder().decode(b"b" + car_info()[1:], RECEIVED_US)
    assert result == Rejected("328 bytes without the mark of an RTCarInfo")


@pytest.mark.parametrize("operation", list(Operation))
def test_requests_are_three_little_endian_integers(operation: Operation) -> None:
    message = request(operation)
    assert struct.unpack("<iii", message)[1:] == (1, int(operation))
    assert [int(op) for op in Operation] == [0, 1, 2, 3]


def test_missing_values_are_nan_inside_extra() -> None:
    assert isnan(decoded().extra[CHANNELS.index("best_lap_time")])
