"""Forza against its recordings, and against packets built by offset."""

from __future__ import annotations

import struct
from functools import lru_cache
from math import isnan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ps_tui.decoders.forza import ForzaDecoder
from ps_tui.decoders.forza_packet import CHANNELS, SIZES
from ps_tui.domain.channel import CHANNELS as TABLE
from ps_tui.domain.frame import Frame, Rejected, Skipped
from ps_tui.domain.lap_detector import LapDetector
from ps_tui.domain.laps import LapCompleted
from ps_tui.domain.models import LapKind
from tests.support.captures import capture
from tests.support.decoded import assert_sound, extra_of, mangled, turning_agreement
from tests.support.forza_packets import forza
from tests.support.pcap import datagrams

RACE = "forza/fm7_dash311_race.pcap.gz"
FREE_ROAM = "forza/fh5_dash324_free_roam.pcap.gz"
RACE_END = "forza/fm2023_dash331_race_end.pcap.gz"
START_US = 1_760_000_000_000_000


def read(packet: bytes, code: str, offset: int) -> Any:
    values = struct.unpack_from("<" + code, packet, offset)
    return values[0] if len(values) == 1 else values


@lru_cache
def recorded(name: str) -> list[tuple[int, bytes]]:
    return list(datagrams(capture(name)))


def decoded_pairs(decoder: ForzaDecoder, name: str) -> list[tuple[bytes, Frame]]:
    return [
        (packet, decoded)
        for received_us, packet in recorded(name)
        if isinstance(decoded := decoder.decode(packet, received_us), Frame)
    ]


def frame_of(packet: bytes) -> Frame:
    decoded = ForzaDecoder().decode(packet, START_US)
    assert isinstance(decoded, Frame)
    return decoded


def values_of(packet: bytes) -> dict[str, float]:
    return extra_of(ForzaDecoder(), frame_of(packet))


def assert_golden(packet: bytes, frame: Frame, extra: dict[str, float]) -> None:
    """Compare all that does not depend on the packets before."""
    dash = 244 if len(packet) == 324 else 232
    assert frame.speed_kmh == pytest.approx(read(packet, "f", dash + 12) * 3.6)
    assert frame.throttle == read(packet, "B", dash + 71) / 255
    assert frame.brake == read(packet, "B", dash + 72) / 255
    assert extra["clutch"] == read(packet, "B", dash + 73) / 255
    assert extra["handbrake"] == read(packet, "B", dash + 74) / 255
    gear = read(packet, "B", dash + 75)
    assert frame.gear == {0: -1, 11: 0}.get(gear, gear)
    assert frame.steering == pytest.approx(read(packet, "b", dash + 76) / 127)
    assert frame.rpm == read(packet, "f", 16)
    assert extra["max_rpm"] == read(packet, "f", 8)
    right, up, ahead = read(packet, "3f", 20)
    assert extra["g_lateral"] == pytest.approx(-right / 9.80665)
    assert extra["g_vertical"] == pytest.approx(up / 9.80665)
    assert extra["g_longitudinal"] == pytest.approx(ahead / 9.80665)
    x, y, z = read(packet, "3f", dash)
    assert (extra["world_x"], extra["world_y"], extra["world_z"]) == (x, y, -z)
    assert extra["engine_power"] == pytest.approx(read(packet, "f", dash + 16) / 1000)
    assert extra["engine_torque"] == read(packet, "f", dash + 20)
    assert extra["boost_pressure"] == pytest.approx(
        read(packet, "f", dash + 40) * 6.894757, abs=1e-4
    )
    assert extra["fuel_fraction"] == pytest.approx(read(packet, "f", dash + 44))
    assert extra["session_time"] == read(packet, "f", dash + 64)
    for stem, offset in (
        ("slip_ratio_normalized", 84),
        ("wheel_speed", 100),
        ("slip_angle_normalized", 164),
        ("tyre_slip_normalized", 180),
        ("suspension_travel", 196),
    ):
        wheels = tuple(extra[f"{stem}_{wheel}"] for wheel in ("fl", "fr", "rl", "rr"))
        assert wheels == read(packet, "4f", offset), stem
    for wheel, fahrenheit in zip(
        ("fl", "fr", "rl", "rr"), read(packet, "4f", dash + 24), strict=True
    ):
        assert extra[f"tyre_temperature_{wheel}"] == pytest.approx(
            (fahrenheit - 32) * 5 / 9
        )


@pytest.mark.parametrize("name", [RACE, FREE_ROAM, RACE_END])
def test_recorded_frames_equal_the_bytes_they_came_from(name: str) -> None:
    decoder = ForzaDecoder()
    pairs: list[tuple[bytes, Frame]] = []
    for received_us, packet in recorded(name):
        decoded = decoder.decode(packet, received_us)
        if read(packet, "i", 0):
            assert isinstance(decoded, Frame)
            pairs.append((packet, decoded))
        else:
            assert decoded == Skipped("menu or pause")
    picks = [0, len(pairs) // 4, len(pairs) // 2, 3 * len(pairs) // 4, len(pairs) - 1]
    for pick in picks:
        packet, frame = pairs[pick]
        assert_golden(packet, frame, extra_of(decoder, frame))


def test_race_numbers_its_laps_from_one_and_cuts_them_at_the_line() -> None:
    decoder, detector = ForzaDecoder(), LapDetector()
    laps: list[LapCompleted] = []
    last = None
    for received_us, packet in recorded(RACE):
        decoded = decoder.decode(packet, received_us)
        if isinstance(decoded, Frame):
            last = decoded
            laps += [e for e in detector.feed(decoded) if isinstance(e, LapCompleted)]
    laps += [e for e in detector.finish() if isinstance(e, LapCompleted)]
    assert [(lap.kind, lap.lap_time_ms, lap.is_official) for lap in laps] == [
        (LapKind.FLYING, 64_298, True),
        (LapKind.PARTIAL, None, False),
    ]
    assert last is not None
    assert (last.lap_number, last.last_lap_ms, last.lap_time_ms) == (2, 64_298, 8941)
    extra = extra_of(decoder, last)
    assert extra["best_lap_time"] == pytest.approx(64_298, abs=0.1)
    assert extra["lap_distance"] == pytest.approx(3101.16 - 2794.98, abs=0.5)
    assert last.normalized_position == pytest.approx(306.2 / 2795.0, abs=0.001)


def test_free_roam_has_no_laps() -> None:
    decoder = ForzaDecoder()
    frames = [frame for _, frame in decoded_pairs(decoder, FREE_ROAM)]
    assert len(frames) == 1938
    assert {(f.lap_number, f.lap_time_ms, f.last_lap_ms) for f in frames} == {
        (None, None, None)
    }
    assert {f.normalized_position for f in frames} == {None}
    assert "lap_distance" not in extra_of(decoder, frames[-1])
    assert "best_lap_time" not in extra_of(decoder, frames[-1])
    assert "track_position" not in extra_of(decoder, frames[-1])


def test_motorsport_2023_tells_wear_and_the_number_of_the_track() -> None:
    decoder = ForzaDecoder()
    received_us, packet = recorded(RACE_END)[0]
    frame = decoder.decode(packet, received_us)
    assert isinstance(frame, Frame)
    extra = extra_of(decoder, frame)
    worn = tuple(extra[f"tyre_wear_{wheel}"] for wheel in ("fl", "fr", "rl", "rr"))
    assert worn == read(packet, "4f", 311)
    assert decoder.identity is not None
    assert (decoder.identity.car, decoder.identity.track) == (
        "Forza car 3545",
        "Forza track 113",
    )


@pytest.mark.parametrize("name", [RACE, FREE_ROAM])
def test_recorded_bends_agree_with_lateral_g_and_the_map(name: str) -> None:
    decoder = ForzaDecoder()
    frames = [frame for _, frame in decoded_pairs(decoder, name)]
    assert turning_agreement(decoder, frames) > 0.9


@pytest.mark.parametrize("size", [311, 323, 324, 331])
def test_dash_sizes_read_the_same_values(size: int) -> None:
    packet = forza(
        size,
        speed=50.0,
        rpm=6000.0,
        lap=2,
        current=12.5,
        distance=9000.0,
        last=80.25,
        best=79.5,
        throttle=255,
        brake=51,
        clutch=102,
        handbrake=255,
        steer=-127,
        gear=4,
        place=3,
        temperature_rr=212.0,
        z=100.0,
        right=9.80665,
    )
    frame = frame_of(packet)
    assert frame.speed_kmh == pytest.approx(180.0)
    assert (frame.throttle, frame.brake, frame.steering) == (1.0, 0.2, -1.0)
    assert (frame.gear, frame.lap_number, frame.lap_time_ms) == (4, 3, 12_500)
    assert frame.last_lap_ms == 80_250
    extra = values_of(packet)
    assert extra["clutch"] == 0.4
    assert extra["handbrake"] == 1.0
    assert extra["best_lap_time"] == 79_500
    assert extra["track_position"] == 3.0
    assert extra["tyre_temperature_rr"] == pytest.approx(100.0)
    assert extra["world_z"] == -100.0
    assert extra["g_lateral"] == pytest.approx(-1.0)


def test_sled_has_motion_and_no_dash() -> None:
    frame = frame_of(forza(232, velocity_z=10.0, rpm=3000.0, ahead=9.80665))
    assert frame.speed_kmh == pytest.approx(36.0)
    assert frame.rpm == 3000.0
    assert (frame.throttle, frame.gear, frame.lap_number) == (None, None, None)
    assert len(frame.extra) == CHANNELS.index("world_x")
    assert frame.extra_value(CHANNELS.index("g_longitudinal")) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("raw", "gear"), [(0, -1), (1, 1), (10, 10), (11, 0)], ids=["R", "1", "10", "N"]
)
def test_gears(raw: int, gear: int) -> None:
    assert frame_of(forza(gear=raw)).gear == gear


def test_times_of_zero_are_no_times() -> None:
    frame = frame_of(forza(current=5.0, distance=100.0))
    assert frame.last_lap_ms is None
    assert "best_lap_time" not in values_of(forza(current=5.0, distance=100.0))


def drive(*packets: bytes) -> list[Frame]:
    decoder = ForzaDecoder()
    frames = [
        decoder.decode(packet, START_US + index * 16_667)
        for index, packet in enumerate(packets)
    ]
    return [frame for frame in frames if isinstance(frame, Frame)]


def test_position_is_known_once_a_lap_was_seen_from_line_to_line() -> None:
    frames = drive(
        forza(timestamp_ms=10, distance=-5.0, current=1.0, race_time=1.0),
        forza(timestamp_ms=20, distance=4000.0, current=90.0, race_time=91.0),
        forza(timestamp_ms=30, distance=5000.0, lap=1, race_time=111.0),
        forza(timestamp_ms=40, distance=7500.0, lap=1, current=60.0, race_time=171.0),
    )
    assert [frame.normalized_position for frame in frames] == [None, None, 0.0, 0.5]
    at = CHANNELS.index("lap_distance")
    assert [frame.extra[at] for frame in frames] == [-5.0, 4000.0, 0.0, 2500.0]


def test_lap_joined_halfway_has_no_distance() -> None:
    frames = drive(
        forza(timestamp_ms=10, distance=9000.0, lap=3, current=20.0, race_time=300.0),
        forza(timestamp_ms=20, distance=9500.0, lap=4, current=0.0, race_time=320.0),
        forza(timestamp_ms=30, distance=9600.0, lap=4, current=2.0, race_time=322.0),
    )
    at = CHANNELS.index("lap_distance")
    assert isnan(frames[0].extra[at])
    assert [frame.extra[at] for frame in frames[1:]] == [0.0, 100.0]
    assert {frame.normalized_position for frame in frames} == {None}


def test_race_begun_anew_is_another_session_and_an_overtaken_packet_is_not() -> None:
    first = forza(timestamp_ms=5000, distance=500.0, current=30.0, race_time=30.0)
    late = forza(timestamp_ms=4990, distance=-1.0, current=0.0, race_time=0.5)
    again = forza(timestamp_ms=9000, distance=-5.0, current=0.1, race_time=0.1)
    frames = drive(first, late, first, again)
    assert [frame.session_uid for frame in frames] == [1, 1, 1, 2]


def test_packets_of_one_timestamp_may_overtake_each_other_at_the_start() -> None:
    early = forza(timestamp_ms=5000, distance=0.4, current=0.5, race_time=0.5)
    later = forza(timestamp_ms=5000, distance=0.5, current=0.516, race_time=0.516)
    frames = drive(later, early)
    assert frames[0].session_uid == frames[1].session_uid


def test_timestamp_that_wraps_keeps_time_running() -> None:
    frames = drive(forza(timestamp_ms=2**32 - 10), forza(timestamp_ms=6))
    assert frames[0].timestamp_ms == START_US // 1000
    assert 0 <= frames[1].timestamp_ms - frames[0].timestamp_ms <= 20


@pytest.mark.parametrize(
    "packet",
    [
        forza(race_on=2),
        forza(speed=float("nan")),
        forza(speed=float("inf")),
        forza(rpm=1e9),
        forza(gear=12),
        forza(last=-1.0),
        forza(232)[:-1],
        forza() + b"\0",
        b"",
    ],
)
def test_impossible_packets_are_rejected(packet: bytes) -> None:
    assert isinstance(ForzaDecoder().decode(packet, START_US), Rejected)


def test_absurd_extra_is_absent_and_the_rest_is_kept() -> None:
    extra = values_of(forza(slip_fl=float("nan"), fuel=0.5, x=float("inf")))
    assert "slip_ratio_normalized_fl" not in extra
    assert "world_x" not in extra
    assert extra["fuel_fraction"] == 0.5


def test_menu_is_skipped() -> None:
    packet = forza(race_on=0, car=0, timestamp_ms=123)
    assert ForzaDecoder().decode(packet, START_US) == Skipped("menu or pause")


def test_every_channel_is_in_the_table_once() -> None:
    assert set(CHANNELS) <= set(TABLE)
    assert len(set(CHANNELS)) == len(CHANNELS)


@given(
    packet=st.one_of(
        st.binary(max_size=4096),
        st.sampled_from(SIZES).flatmap(lambda n: st.binary(min_size=n, max_size=n)),
        mangled(
            [
                forza(size, speed=40.0, distance=9.0, lap=1)
                for size in SIZES
                if size != 232
            ]
        ),
        mangled([forza(232, velocity_z=30.0)]),
    )
)
def test_any_bytes_are_a_sound_frame_or_a_reason_for_none(packet: bytes) -> None:
    decoder = ForzaDecoder()
    assert_sound(decoder, decoder.decode(forza(timestamp_ms=1), START_US))
    assert_sound(decoder, decoder.decode(packet, START_US + 16_000))
