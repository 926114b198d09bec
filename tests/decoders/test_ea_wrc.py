"""EA SPORTS WRC by packets built by offset: no recorded packet is public."""

from __future__ import annotations

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ps_tui.decoders.ea_wrc import CHANNELS, SIZE, EaWrcDecoder
from ps_tui.domain.channel import CHANNELS as TABLE
from ps_tui.domain.frame import Decoded, Frame, Rejected, Skipped
from ps_tui.domain.lap_detector import LapDetector
from ps_tui.domain.laps import LapCompleted
from ps_tui.domain.models import LapKind
from tests.support.decoded import assert_sound, extra_of, mangled
from tests.support.ea_wrc_packets import wrc

START_US = 1_760_000_000_000_000


def decode(*packets: bytes) -> list[Decoded]:
    decoder = EaWrcDecoder()
    return [
        decoder.decode(packet, START_US + index * 16_667)
        for index, packet in enumerate(packets)
    ]


def frame_of(packet: bytes) -> Frame:
    (decoded,) = decode(packet)
    assert isinstance(decoded, Frame)
    return decoded


def test_every_field_lands_in_its_channel() -> None:
    decoder = EaWrcDecoder()
    frame = decoder.decode(
        wrc(
            gear=3, speed=30.0, x=1.0, y=2.0, z=3.0,
            acceleration=(-9.80665, 4.903325, 0.0),
            hubs=(0.1, 0.2, 0.3, 0.4), rims=(5.0, 6.0, 7.0, 8.0),
            brakes=(100.0, 200.0, 300.0, 400.0), max_rpm=8000.0, rpm=5000.0,
            throttle=1.0, brake=0.5, clutch=0.25, steering=-0.5, handbrake=0.75,
            time=33.25, distance=500.0,
        ),
        START_US,
    )  # fmt: skip
    assert isinstance(frame, Frame)
    assert (frame.throttle, frame.brake, frame.steering) == (1.0, 0.5, -0.5)
    assert (frame.gear, frame.rpm) == (3, 5000.0)
    assert frame.speed_kmh == pytest.approx(108.0)
    assert (frame.lap_number, frame.lap_time_ms) == (1, 33_250)
    assert frame.normalized_position == 0.05
    assert extra_of(decoder, frame) == pytest.approx(
        {
            "world_x": 1.0, "world_y": 2.0, "world_z": 3.0, "lap_distance": 500.0,
            "session_time": 100.0, "clutch": 0.25, "handbrake": 0.75,
            "g_lateral": 1.0, "g_longitudinal": 0.0, "g_vertical": 0.5,
            "heading": 0.0,
            "max_rpm": 8000.0,
            "suspension_travel_fl": 0.3, "suspension_travel_fr": 0.4,
            "suspension_travel_rl": 0.1, "suspension_travel_rr": 0.2,
            "wheel_rim_speed_fl": 7.0, "wheel_rim_speed_fr": 8.0,
            "wheel_rim_speed_rl": 5.0, "wheel_rim_speed_rr": 6.0,
            "brake_temperature_fl": 300.0, "brake_temperature_fr": 400.0,
            "brake_temperature_rl": 100.0, "brake_temperature_rr": 200.0,
        }
    )  # fmt: skip
    assert decoder.identity is not None
    assert decoder.identity.track == "stage 10000.00 m"
    assert decoder.identity.car is None


def test_speeding_up_is_positive_whichever_way_the_car_faces() -> None:
    packet = wrc(ahead=(1.0, 0.0, 0.0), acceleration=(9.80665, 0.0, 0.0))
    extra = extra_of(EaWrcDecoder(), frame_of(packet))
    assert extra["g_longitudinal"] == pytest.approx(1.0)
    assert extra["heading"] == pytest.approx(90.0)


@pytest.mark.parametrize(("raw", "gear"), [(0, 0), (10, -1), (4, 4)])
def test_gear_indexes(raw: int, gear: int) -> None:
    assert frame_of(wrc(gear=raw)).gear == gear


def stage(count: int = 400) -> list[bytes]:
    """Return a stage of 10 km in 200 s, and a roll behind the finish."""
    return [
        wrc(
            game_time=50.0 + 0.5 * step,
            time=0.5 * step,
            distance=25.0 * step,
            speed=50.0,
        )
        for step in range(count + 5)
    ]


def test_stage_is_one_lap_and_the_roll_behind_it_is_left_out() -> None:
    decoder, detector = EaWrcDecoder(), LapDetector()
    decoded = [
        decoder.decode(packet, START_US + step * 500_000)
        for step, packet in enumerate(stage())
    ]
    assert decoded[-4:] == [Skipped("stage finished")] * 4
    frames = [frame for frame in decoded if isinstance(frame, Frame)]
    assert frames[-1].normalized_position == 1.0
    events = [event for frame in frames for event in detector.feed(frame)]
    laps = [e for e in [*events, *detector.finish()] if isinstance(e, LapCompleted)]
    assert [(lap.kind, lap.lap_time_ms) for lap in laps] == [(LapKind.FLYING, 200_000)]


@pytest.mark.parametrize("fields", [{"time": 0.0}, {"time": 41.0, "distance": 100.0}])
def test_restart_is_another_session(fields: dict[str, float]) -> None:
    frames = decode(wrc(time=40.0, distance=1000.0), wrc(game_time=103.0, **fields))
    assert [f.session_uid for f in frames if isinstance(f, Frame)] == [1, 2]


def test_before_the_start_the_position_is_zero() -> None:
    frame = frame_of(wrc(distance=-20.0))
    assert (frame.normalized_position, frame.lap_time_ms) == (0.0, 0)


def test_empty_packet_is_no_stage() -> None:
    assert decode(bytes(SIZE)) == [Skipped("no stage")]


@pytest.mark.parametrize(
    "packet",
    [
        wrc(throttle=1.5),
        wrc(brake=nan),
        wrc(gear=77),
        wrc(speed=inf),
        wrc(left=(5.0, 0.0, 0.0)),
        wrc(acceleration=(nan, 0.0, 0.0)),
        wrc(distance=50_000.0),
        wrc(length=nan),
        wrc()[:-1],
        wrc() + b"\0",
        b"",
    ],
)
def test_impossible_packets_are_rejected(packet: bytes) -> None:
    assert isinstance(decode(packet)[0], Rejected)


def test_absurd_extra_is_absent_and_the_rest_is_kept() -> None:
    extra = extra_of(EaWrcDecoder(), frame_of(wrc(x=nan, y=2.0)))
    assert extra["world_y"] == 2.0
    assert "world_x" not in extra


def test_every_channel_is_in_the_table_once() -> None:
    assert set(CHANNELS) <= set(TABLE)
    assert len(set(CHANNELS)) == len(CHANNELS)


@given(
    packet=st.one_of(
        st.binary(max_size=4096),
        st.binary(min_size=SIZE, max_size=SIZE),
        mangled([wrc(distance=100.0, speed=20.0), wrc(distance=10_000.0)]),
    )
)
def test_any_bytes_are_a_sound_frame_or_a_reason_for_none(packet: bytes) -> None:
    decoder = EaWrcDecoder()
    assert_sound(decoder, decoder.decode(wrc(), START_US))
    assert_sound(decoder, decoder.decode(packet, START_US + 16_000))
