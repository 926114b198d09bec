"""OutGauge, OutSim and MotionSim against recorded packets and ones built by offset."""

from __future__ import annotations

import struct
from functools import lru_cache
from math import cos, degrees, inf, nan, pi, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ps_tui.decoders.outgauge import (
    BEAMNG_CHANNELS,
    LFS_CHANNELS,
    BeamNgDecoder,
    LfsDecoder,
)
from ps_tui.domain.channel import CHANNELS as TABLE
from ps_tui.domain.frame import Decoded, Frame, Rejected, Skipped
from tests.support.captures import capture
from tests.support.decoded import assert_sound, extra_of, mangled
from tests.support.outgauge_packets import gauge, motion_sim, out_sim
from tests.support.pcap import datagrams

START_US = 1_760_000_000_000_000
JOINED = Skipped("motion, joined to the next OutGauge")
GRAVITY = 9.80665


@lru_cache
def recorded(name: str) -> list[bytes]:
    path = capture(f"lfs_beamng/{name}.pcap.gz")
    return [packet for _, packet in datagrams(path)]


def frame_of(decoded: Decoded) -> Frame:
    assert isinstance(decoded, Frame), decoded
    return decoded


def assert_golden_gauge(packet: bytes, frame: Frame, extra: dict[str, float]) -> None:
    fields = struct.unpack_from("<I4sHBBfffffffIIfff", packet)
    assert frame.gear == fields[3] - 1
    assert frame.speed_kmh == pytest.approx(fields[5] * 3.6)
    assert frame.rpm == max(fields[6], 0.0)
    assert (frame.throttle, frame.brake) == fields[14:16]
    assert extra["clutch"] == fields[16]
    assert extra["fuel_fraction"] == fields[9]
    assert extra.get("engine_temperature", 0.0) == fields[8]
    assert extra.get("oil_temperature", 0.0) == fields[11]
    turbo = fields[7] * 100 if fields[2] & 0x2000 else None
    assert extra.get("boost_pressure") == (
        turbo if turbo is None else pytest.approx(turbo)
    )
    for bit, key in ((4, "handbrake"), (8, "speed_limiter")):
        lamp = float(fields[13] & bit != 0) if fields[12] & bit else None
        assert extra.get(key) == lamp
    assert (frame.lap_number, frame.lap_time_ms, frame.last_lap_ms) == (
        None,
        None,
        None,
    )
    assert (frame.normalized_position, frame.steering) == (None, None)
    assert not [key for key in extra if key.startswith(("world", "g_", "max_rpm"))]


@pytest.mark.parametrize(
    ("name", "car"), [("lfs_outgauge_92_x4", "DBF12E"), ("lfs_outgauge_92_xrt", "XRT")]
)
def test_recorded_live_for_speed_panel(name: str, car: str) -> None:
    decoder = LfsDecoder()
    for index, packet in enumerate(recorded(name)):
        frame = frame_of(decoder.decode(packet, START_US + index * 3_000_000))
        assert_golden_gauge(packet, frame, extra_of(decoder, frame))
    assert decoder.identity is not None
    assert decoder.identity.car == car


def test_recorded_beamng_panel() -> None:
    decoder = BeamNgDecoder()
    packets = recorded("beamng_outgauge_92_x18000")
    frames = [
        frame_of(decoder.decode(packet, START_US + index * 16_667))
        for index, packet in enumerate(packets)
    ]
    for pick in (0, 4500, 9000, 13_500, -1):
        frame = frames[pick]
        assert_golden_gauge(packets[pick], frame, extra_of(decoder, frame))
        assert frame.timestamp_ms == frame.received_us // 1000
    assert {frame.gear for frame in frames} == set(range(-1, 7))


def test_recorded_motion_of_beamng() -> None:
    decoder = BeamNgDecoder()
    for index, packet in enumerate(recorded("beamng_motionsim_88_x5")):
        now_us = START_US + index * 1_000_000
        assert decoder.decode(gauge(car=b"beam"), now_us - 10_000)
        assert decoder.decode(packet, now_us) == JOINED
        frame = frame_of(decoder.decode(gauge(car=b"beam"), now_us + 10_000))
        extra = extra_of(decoder, frame)
        raw = struct.unpack_from("<21f", packet, 4)
        assert (extra["world_x"], extra["world_y"], extra["world_z"]) == (
            raw[0], raw[2], -raw[1],
        )  # fmt: skip
        assert extra["g_lateral"] == pytest.approx(-raw[6] / GRAVITY)
        assert extra["g_longitudinal"] == pytest.approx(raw[7] / GRAVITY)
        assert extra["heading"] == pytest.approx(degrees(raw[14]) % 360)


def test_recorded_fast_motion_of_beamng_heads_where_it_moves() -> None:
    _, _, turning, braking, _ = recorded("beamng_motionsim_88_x5")
    for packet in (turning, braking):
        raw = struct.unpack_from("<21f", packet, 4)
        speed = (raw[3] ** 2 + raw[4] ** 2) ** 0.5
        assert (raw[3] / speed, raw[4] / speed) == pytest.approx(
            (sin(raw[14]), cos(raw[14])), abs=0.05
        )


def test_recorded_legacy_out_sim() -> None:
    (packet,) = recorded("lfs_outsim_legacy64")
    decoder = LfsDecoder()
    decoder.decode(gauge(time=13_030), START_US)
    assert decoder.decode(packet, START_US + 10_000) == JOINED
    frame = frame_of(decoder.decode(gauge(time=13_050), START_US + 20_000))
    extra = extra_of(decoder, frame)
    x, y, z = struct.unpack_from("<3i", packet, 52)
    assert (extra["world_x"], extra["world_y"], extra["world_z"]) == (
        x / 65536, z / 65536, -y / 65536,
    )  # fmt: skip
    (heading,) = struct.unpack_from("<f", packet, 16)
    assert extra["heading"] == pytest.approx(360 - degrees(heading))
    ax, ay = struct.unpack_from("<2f", packet, 28)
    vx, vy = struct.unpack_from("<2f", packet, 40)
    along = (ax * vx + ay * vy) / (vx**2 + vy**2) ** 0.5
    assert extra["g_longitudinal"] == pytest.approx(along / GRAVITY, abs=0.01)
    assert (frame.lap_number, frame.steering) == (None, None)


@pytest.mark.parametrize("number", [0, 1])
def test_recorded_full_out_sim(number: int) -> None:
    (packet,) = recorded(f"lfs_outsim_opts1ff_280_{number}")
    decoder = LfsDecoder()
    assert decoder.decode(packet, START_US) == JOINED
    frame = frame_of(decoder.decode(packet, START_US + 600_000))
    extra = extra_of(decoder, frame)
    throttle, brake, steer, clutch, handbrake = struct.unpack_from("<5f", packet, 72)
    assert (frame.throttle, frame.brake) == (throttle, brake)
    assert (extra["clutch"], extra["handbrake"]) == (clutch, handbrake)
    assert frame.steering == pytest.approx(-degrees(steer) / 36)
    assert frame.gear == packet[92] - 1
    assert frame.rpm == pytest.approx(struct.unpack_from("<f", packet, 96)[0] * 30 / pi)
    assert extra["lap_distance"] == struct.unpack_from("<f", packet, 104)[0]
    for at, wheel in enumerate(("rl", "rr", "fl", "fr")):
        base = 112 + 40 * at
        assert (
            extra[f"suspension_travel_{wheel}"]
            == struct.unpack_from("<f", packet, base)[0]
        )
        assert (
            extra[f"wheel_load_{wheel}"]
            == struct.unpack_from("<f", packet, base + 16)[0]
        )
        assert (
            extra[f"wheel_speed_{wheel}"]
            == struct.unpack_from("<f", packet, base + 20)[0]
        )
        assert (
            extra[f"wheel_slip_{wheel}"]
            == struct.unpack_from("<f", packet, base + 32)[0]
        )


def test_recorded_right_turn_steers_right_and_pulls_right() -> None:
    (packet,) = recorded("lfs_outsim_opts1ff_280_1")
    decoder = LfsDecoder()
    decoder.decode(packet, START_US)
    frame = frame_of(decoder.decode(packet, START_US + 600_000))
    (yaw_rate,) = struct.unpack_from("<f", packet, 20)
    assert yaw_rate < 0
    assert frame.steering is not None
    assert frame.steering > 0
    extra = extra_of(decoder, frame)
    assert extra["g_lateral"] < -1.0
    assert extra["g_longitudinal"] < -0.3


def test_out_sim_of_chosen_options_is_read_only_when_they_are_given() -> None:
    (packet,) = recorded("lfs_outsim_opts050_28_2")
    assert isinstance(LfsDecoder().decode(packet, START_US), Rejected)
    decoder = LfsDecoder(outsim_options=0x50)
    assert decoder.decode(packet, START_US) == JOINED
    frame = frame_of(decoder.decode(gauge(), START_US + 50_000))
    assert frame.steering == pytest.approx(degrees(0.08247064799) / 36)
    extra = extra_of(decoder, frame)
    assert extra["lap_distance"] == pytest.approx(2070.01123)
    assert "world_x" not in extra


@pytest.mark.parametrize("size", [92, 96])
def test_panel_of_both_sizes(size: int) -> None:
    packet = gauge(
        size, gear=4, speed=50.0, rpm=6000.0, turbo=0.5, flags=0x2000, fuel=0.25,
        throttle=0.5, brake=0.25, clutch=1.0, lamps=12, lit=4,
    )  # fmt: skip
    decoder = LfsDecoder()
    frame = frame_of(decoder.decode(packet, START_US))
    assert (frame.gear, frame.rpm, frame.speed_kmh) == (3, 6000.0, 180.0)
    assert extra_of(decoder, frame) == {
        "clutch": 1.0,
        "boost_pressure": 50.0,
        "fuel_fraction": 0.25,
        "handbrake": 1.0,
        "speed_limiter": 0.0,
    }


@pytest.mark.parametrize(
    ("raw", "gear"), [(0, -1), (1, 0), (2, 1), (255, -1), (ord("D"), None)]
)
def test_gears_of_beamng(raw: int, gear: int | None) -> None:
    packet = gauge(car=b"beam", gear=raw)
    assert frame_of(BeamNgDecoder().decode(packet, START_US)).gear == gear


def test_engine_that_turns_backwards_stands() -> None:
    packet = gauge(car=b"beam", rpm=-200.0)
    assert frame_of(BeamNgDecoder().decode(packet, START_US)).rpm == 0.0


def test_each_game_refuses_the_panel_of_the_other() -> None:
    assert isinstance(LfsDecoder().decode(gauge(car=b"beam"), START_US), Rejected)
    assert isinstance(BeamNgDecoder().decode(gauge(), START_US), Rejected)


@pytest.mark.parametrize(("age_us", "is_joined"), [(90_000, True), (110_000, False)])
def test_motion_of_beamng_is_joined_while_it_is_fresh(
    age_us: int, is_joined: bool
) -> None:
    decoder = BeamNgDecoder()
    decoder.decode(motion_sim(x=5.0), START_US)
    frame = frame_of(decoder.decode(gauge(car=b"beam"), START_US + age_us))
    assert ("world_x" in extra_of(decoder, frame)) is is_joined


@pytest.mark.parametrize(("time_ms", "is_joined"), [(1090, True), (1110, False)])
def test_out_sim_is_joined_by_the_clock_of_the_game(
    time_ms: int, is_joined: bool
) -> None:
    decoder = LfsDecoder()
    decoder.decode(out_sim(1000, position=(65536, 0, 0)), START_US)
    frame = frame_of(decoder.decode(gauge(time=time_ms), START_US + 1000))
    assert ("world_x" in extra_of(decoder, frame)) is is_joined


def test_motion_alone_makes_frames_after_a_while() -> None:
    decoder = BeamNgDecoder()
    packet = motion_sim(vx=10.0, ahead=GRAVITY)
    assert decoder.decode(packet, START_US) == JOINED
    frame = frame_of(decoder.decode(packet, START_US + 600_000))
    assert frame.speed_kmh == pytest.approx(36.0)
    assert (frame.throttle, frame.gear, frame.rpm) == (None, None, None)
    assert set(extra_of(decoder, frame)) == {
        "world_x", "world_y", "world_z", "heading",
        "g_lateral", "g_longitudinal", "g_vertical",
    }  # fmt: skip


def test_distance_falling_to_zero_is_a_lap_unless_the_car_was_moved() -> None:
    decoder = LfsDecoder()
    seen = []
    steps = [(900.0, 0), (1000.0, 1), (2.0, 2), (1000.0, 40), (2.0, 30_000)]
    for index, (distance, x_m) in enumerate(steps):
        now_us, time_ms = START_US + index * 10_000, 1000 + index * 10
        position = (x_m * 65536, 0, 0)
        decoder.decode(out_sim(time_ms, distance=distance, position=position), now_us)
        frame = frame_of(decoder.decode(gauge(time=time_ms), now_us))
        seen.append((frame.lap_number, frame.session_uid))
    assert seen == [(1, 1), (1, 1), (2, 1), (2, 1), (1, 2)]


def test_clock_that_goes_back_is_another_session() -> None:
    decoder = LfsDecoder()
    frames = [
        frame_of(decoder.decode(gauge(time=time_ms), START_US + index * 10_000))
        for index, time_ms in enumerate((60_000, 59_990, 100))
    ]
    assert [frame.session_uid for frame in frames] == [1, 1, 2]


@pytest.mark.parametrize(
    "packet",
    [
        gauge(speed=nan),
        gauge(rpm=inf),
        gauge(throttle=2.0),
        gauge(fuel=-1.0),
        gauge(car=b"\0\0\0\0"),
        gauge(car=b"XRTX"),
        gauge()[:-1],
        out_sim(heading=nan),
        out_sim(inputs=(3.0, 0.0, 0.0, 0.0, 0.0)),
        b"XXXX" + out_sim()[4:],
        b"",
    ],
)
def test_impossible_packets_of_live_for_speed_are_rejected(packet: bytes) -> None:
    assert isinstance(LfsDecoder().decode(packet, START_US), Rejected)


@pytest.mark.parametrize(
    "packet",
    [
        gauge(car=b"beam", brake=nan),
        motion_sim(vx=inf),
        motion_sim(yaw=100.0),
        b"BNG2" + motion_sim()[4:],
        b"",
    ],
)
def test_impossible_packets_of_beamng_are_rejected(packet: bytes) -> None:
    assert isinstance(BeamNgDecoder().decode(packet, START_US), Rejected)


@pytest.mark.parametrize("channels", [LFS_CHANNELS, BEAMNG_CHANNELS])
def test_every_channel_is_in_the_table_once(channels: tuple[str, ...]) -> None:
    assert set(channels) <= set(TABLE)
    assert len(set(channels)) == len(channels)


@given(
    packets=st.lists(
        st.one_of(
            st.binary(max_size=4096),
            mangled(
                [
                    gauge(speed=30.0),
                    gauge(96, car=b"beam"),
                    out_sim(distance=500.0),
                    out_sim()[12:76],
                    motion_sim(vx=20.0),
                ]
            ),
        ),
        max_size=4,
    )
)
def test_any_bytes_are_a_sound_frame_or_a_reason_for_none(packets: list[bytes]) -> None:
    for decoder in (LfsDecoder(), LfsDecoder(outsim_options=0x50), BeamNgDecoder()):
        for index, packet in enumerate(packets):
            assert_sound(decoder, decoder.decode(packet, START_US + index * 600_000))
