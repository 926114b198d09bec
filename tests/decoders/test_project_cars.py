"""Both Project CARS protocols against recordings, and against packets by offset."""

from __future__ import annotations

import struct
from functools import lru_cache
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ps_tui.decoders.project_cars import CHANNELS, ProjectCarsDecoder
from ps_tui.domain.channel import CHANNELS as TABLE
from ps_tui.domain.frame import Decoded, Frame, Identity, Rejected, Skipped
from ps_tui.domain.lap_detector import LapDetector
from ps_tui.domain.laps import LapCompleted
from ps_tui.domain.models import LapKind
from tests.support.captures import capture
from tests.support.decoded import assert_sound, extra_of, mangled, turning_agreement
from tests.support.pcap import datagrams
from tests.support.project_cars_packets import (
    game,
    header,
    old_names,
    old_telemetry,
    participants,
    race,
    telemetry,
    time_stats,
    timings,
    vehicles,
)

DUBAI = "project_cars/pc1_protocol_dubai_race_lap1.pcap.gz"
START_US = 1_760_000_000_000_000
TICK_US = 16_667
WHEELS = ("fl", "fr", "rl", "rr")


def feed(*packets: bytes, step_us: int = TICK_US) -> list[Decoded]:
    decoder = ProjectCarsDecoder()
    return [
        decoder.decode(packet, START_US + index * step_us)
        for index, packet in enumerate(packets)
    ]


def frames_of(*packets: bytes, step_us: int = TICK_US) -> list[Frame]:
    decoded = feed(*packets, step_us=step_us)
    return [frame for frame in decoded if isinstance(frame, Frame)]


def values_of(frame: Frame) -> dict[str, float]:
    return extra_of(ProjectCarsDecoder(), frame)


def wheels(values: dict[str, float], stem: str) -> list[float]:
    return [values[f"{stem}_{wheel}"] for wheel in WHEELS]


@lru_cache
def recorded(name: str) -> list[tuple[int, bytes]]:
    return list(datagrams(capture(name)))


@lru_cache
def driven() -> tuple[ProjectCarsDecoder, list[tuple[bytes, Frame]]]:
    decoder = ProjectCarsDecoder()
    pairs = [
        (packet, decoded)
        for at_us, packet in recorded(DUBAI)
        if isinstance(decoded := decoder.decode(packet, at_us), Frame)
    ]
    return decoder, pairs


def dubai_frames() -> list[Frame]:
    return [frame for _, frame in driven()[1]]


# The recorded race, in the older protocol


@pytest.mark.parametrize("pick", [0, 300, 700, 1351, 2000, -1])
def test_recorded_frames_equal_the_bytes_they_came_from(pick: int) -> None:
    packet, frame = driven()[1][pick]
    extra = values_of(frame)

    def read(code: str, offset: int) -> Any:
        values = struct.unpack_from("<" + code, packet, offset)
        return values[0] if len(values) == 1 else values

    assert frame.throttle == read("B", 113) / 255
    assert frame.brake == read("B", 112) / 255
    assert extra["clutch"] == read("B", 114) / 255
    assert frame.steering == pytest.approx(read("b", 115) / 127)
    assert frame.speed_kmh == pytest.approx(read("f", 120) * 3.6)
    gear = read("B", 128) & 15
    assert frame.gear == {15: -1}.get(gear, gear)
    assert (frame.rpm, extra["max_rpm"]) == (read("H", 124), 6800)
    assert extra["fuel"] == pytest.approx(read("f", 116) * 45)
    assert extra["fuel_fraction"] == read("f", 116)
    clock_s = read("f", 20)
    assert frame.lap_time_ms == (round(clock_s * 1000) if clock_s >= 0 else None)
    assert (frame.last_lap_ms, frame.in_pit, frame.lap_number) == (None, False, 1)
    left, up, back = read("3f", 184)
    assert extra["g_lateral"] == pytest.approx(left / 9.80665)
    assert extra["g_vertical"] == pytest.approx(up / 9.80665)
    assert extra["g_longitudinal"] == pytest.approx(-back / 9.80665)
    assert wheels(extra, "wheel_speed") == [-value for value in read("4f", 244)]
    assert wheels(extra, "tyre_temperature") == list(read("4B", 276))
    assert wheels(extra, "tyre_wear") == [value / 255 for value in read("4B", 316)]
    assert wheels(extra, "brake_temperature") == list(read("4h", 328))
    assert wheels(extra, "tyre_inner_temperature") == pytest.approx(
        [kelvin - 273.15 for kelvin in read("4H", 352)]
    )
    assert wheels(extra, "suspension_travel") == list(read("4f", 408))
    assert wheels(extra, "tyre_pressure") == list(read("4H", 440))
    assert extra["engine_torque"] == read("f", 452)
    assert extra["oil_temperature"] == read("h", 100)
    assert extra["engine_temperature"] == read("h", 104)
    assert (extra["air_temperature"], extra["track_temperature"]) == (22, 31)
    x, y, z, distance_m = read("3hH", 464)
    quarters = read("B", 475)
    assert extra["world_x"] == x + (quarters >> 6) * 0.25
    assert extra["world_y"] == y
    assert extra["world_z"] == -(z + (quarters >> 4 & 3) * 0.25)
    assert extra["lap_distance"] == distance_m
    assert frame.normalized_position == pytest.approx(distance_m / read("f", 1360))
    assert extra["track_position"] == read("B", 472) & 127
    assert extra["sector"] == quarters & 7
    assert extra["session_type"] == 2.0
    assert "best_lap_time" not in extra
    assert "brake_bias" not in extra


def test_recorded_race_is_one_lap_that_was_not_finished() -> None:
    detector = LapDetector()
    events = [event for frame in dubai_frames() for event in detector.feed(frame)]
    events += detector.finish()
    laps = [event for event in events if isinstance(event, LapCompleted)]
    assert [(lap.kind, lap.lap_time_ms, lap.valid) for lap in laps] == [
        (LapKind.PARTIAL, None, True)
    ]


def test_recorded_first_sector_is_told_from_its_end_on() -> None:
    frames = dubai_frames()
    times = {
        (extra := values_of(frame))["sector"]: extra.get("sector1_time")
        for frame in frames[452:]
    }
    assert times[1] is None
    assert times[2] == pytest.approx(43_912, abs=0.1)
    assert "sector2_time" not in values_of(frames[-1])


def test_recorded_grid_is_neither_valid_nor_invalid() -> None:
    frames = dubai_frames()
    assert [frame.lap_valid for frame in frames[:453]].count(None) >= 450
    assert {frame.lap_valid for frame in frames[453:]} == {True}
    assert frames[0].lap_time_ms is None


def test_recorded_race_tells_names_and_loses_what_the_network_lost() -> None:
    decoder, _ = driven()
    assert decoder.identity == Identity(
        car="Audi A1 quattro",
        driver="Player-001",
        track="Dubai Autodrome",
        layout="International",
        track_length_m=pytest.approx(4290.958, abs=0.001),  # type: ignore[arg-type]
        max_rpm=6800.0,
    )
    frames = dubai_frames()
    assert len(frames) == 2702
    assert (frames[-1].sequence or 0) - (frames[0].sequence or 0) == 2701 + 12
    assert {frame.session_uid for frame in frames} == {1}


def test_recorded_menu_has_no_frames() -> None:
    decoder = ProjectCarsDecoder()
    at_us, packet = recorded(DUBAI)[-1]
    assert decoder.decode(packet, at_us) == Skipped("menu")


def test_recorded_bends_agree_with_lateral_g_and_the_map() -> None:
    assert turning_agreement(driven()[0], dubai_frames()) > 0.85


@pytest.mark.parametrize(
    ("name", "kind"),
    [("pc1_packet0", Decoded), ("pc1_packet1", Identity), ("pc1_packet2", Identity)],
)
def test_recorded_single_packets_of_the_older_protocol(name: str, kind: Any) -> None:
    ((at_us, packet),) = recorded(f"project_cars/{name}.pcap.gz")
    decoder = ProjectCarsDecoder()
    decoded = decoder.decode(packet, at_us)
    assert isinstance(decoded, kind)
    assert not isinstance(decoded, Rejected)
    if name == "pc1_packet1":
        assert decoder.identity is not None
        assert decoder.identity.track == "Brands Hatch"
        assert decoder.identity.car == "RWD P30 LMP1"


def test_recorded_single_telemetry_of_the_older_protocol() -> None:
    ((at_us, packet),) = recorded("project_cars/pc1_packet0.pcap.gz")
    frame = ProjectCarsDecoder().decode(packet, at_us)
    assert isinstance(frame, Frame)
    extra = values_of(frame)

    def read(code: str, offset: int) -> Any:
        return struct.unpack_from("<" + code, packet, offset)[0]

    assert frame.throttle == read("B", 113) / 255
    assert frame.brake == read("B", 112) / 255
    assert frame.speed_kmh == pytest.approx(read("f", 120) * 3.6)
    assert frame.rpm == read("H", 124)
    assert extra["max_rpm"] == read("H", 126)
    assert extra["engine_torque"] == read("f", 452)
    viewed = 464 + 16 * read("b", 4)
    assert extra["lap_distance"] == read("H", viewed + 6)
    assert frame.lap_number == read("B", viewed + 10)
    assert extra["world_y"] == read("h", viewed + 2)


# Single recorded packets of version 2


def test_recorded_car_in_the_garage() -> None:
    """All four are of the first patch; its front left tyre is overwritten."""
    decoder = ProjectCarsDecoder()
    decoded = [
        decoder.decode(packet, START_US)
        for kind in (4, 0, 3, 7)
        for _, packet in recorded(f"project_cars/pc2_v2_type{kind}.pcap.gz")
    ]
    (frame,) = [part for part in decoded if isinstance(part, Frame)]
    assert not [part for part in decoded if isinstance(part, Rejected)]
    ((_, packet),) = recorded("project_cars/pc2_v2_type0.pcap.gz")
    ((_, timing),) = recorded("project_cars/pc2_v2_type3.pcap.gz")
    extra = extra_of(decoder, frame)
    assert (frame.throttle, frame.brake, frame.gear) == (0.0, 1.0, 0)
    assert frame.rpm == struct.unpack_from("<H", packet, 40)[0] == 960
    assert (frame.lap_number, frame.lap_time_ms, frame.in_pit) == (timing[54], None, 1)
    assert (frame.lap_valid, frame.last_lap_ms) == (None, None)
    assert frame.sequence == struct.unpack_from("<I", packet, 4)[0]
    x, y, z = struct.unpack_from("<3f", packet, 542)
    assert [extra[f"world_{axis}"] for axis in "xyz"] == [x, y, -z]
    assert extra["clutch"] == 1.0
    assert extra["fuel"] == pytest.approx(66 * 0.97946, abs=0.01)
    assert extra["brake_bias"] == 114 / 255
    assert (extra["oil_temperature"], extra["engine_temperature"]) == (62, 61)
    assert (extra["air_temperature"], extra["track_temperature"]) == (31, 44)
    assert extra["tyre_inner_temperature_rr"] == pytest.approx(309 - 273.15)
    assert [extra.get(f"tyre_pressure_{wheel}") for wheel in WHEELS] == [
        None, 186, 186, 186,
    ]  # fmt: skip
    assert [extra.get(f"brake_temperature_{wheel}") for wheel in WHEELS] == [
        None, 36, 37, 37,
    ]  # fmt: skip
    assert not [key for key in extra if key.startswith("tyre_wear")]
    assert extra["track_position"] == 1


# The older protocol by offset


def test_old_fields() -> None:
    (frame,) = frames_of(
        old_telemetry(
            last=80.25, best=79.5, current=12.345, throttle=255, brake=51, clutch=102,
            steer=-127, speed=50.0, rpm=6000, gear=0x6F, fuel=0.5, capacity=60,
            accel_x=9.80665, accel_z=-9.80665, rotation_rr=-90.0, tyre_fl=85,
            wear_fl=51, brake_fl=400, carcass_fl=350, travel_fl=0.05, pressure_rr=180,
            flag=6, pit=2, car_flags=8 | 32, place=0x85, sector=3, sector1=25.5,
            sector2=26.25, ahead=1.5, behind=2.25, air=-3, track=8,
        )
    )  # fmt: skip
    extra = values_of(frame)
    assert (frame.throttle, frame.brake, frame.steering) == (1.0, 0.2, -1.0)
    assert (frame.gear, frame.lap_number, frame.lap_time_ms) == (-1, 2, 12_345)
    assert (frame.last_lap_ms, extra["best_lap_time"]) == (80_250, 79_500)
    assert (frame.in_pit, frame.lap_valid) == (True, True)
    assert frame.normalized_position == 0.25
    assert (extra["fuel"], extra["fuel_fraction"]) == (30.0, 0.5)
    assert extra["g_lateral"] == pytest.approx(1.0)
    assert extra["g_longitudinal"] == pytest.approx(1.0)
    assert (extra["wheel_speed_rr"], extra["tyre_pressure_rr"]) == (90.0, 180)
    assert (extra["tyre_temperature_fl"], extra["tyre_wear_fl"]) == (85, 0.2)
    assert extra["tyre_inner_temperature_fl"] == pytest.approx(76.85)
    assert (extra["brake_temperature_fl"], extra["flag"]) == (400, 3.0)
    assert extra["suspension_travel_fl"] == pytest.approx(0.05)
    assert (extra["handbrake"], extra["speed_limiter"]) == (1.0, 1.0)
    assert (extra["sector1_time"], extra["sector2_time"]) == (25_500, 26_250)
    assert (extra["gap_ahead"], extra["gap_behind"]) == (1500, 2250)
    assert (extra["track_position"], extra["sector"]) == (5, 3)
    assert (extra["air_temperature"], extra["track_temperature"]) == (-3, 8)


def test_old_lap_that_is_invalid_and_times_that_are_none() -> None:
    (frame,) = frames_of(old_telemetry(race=2 | 8, last=-123.0, current=-1.0))
    assert (frame.lap_valid, frame.last_lap_ms, frame.lap_time_ms) == (
        False,
        None,
        None,
    )


def test_old_sequence_runs_on_beyond_six_bits() -> None:
    frames = frames_of(*(old_telemetry(n) for n in (62, 63, 64, 67, 66, 68)))
    numbers = [frame.sequence or 0 for frame in frames]
    assert [number - numbers[0] for number in numbers] == [0, 1, 2, 5, 4, 6]


@pytest.mark.parametrize(
    ("state", "reason"),
    [(0, "menu"), (1, "menu"), (3, "paused"), (5, "restarting"), (6, "replay")],
)
def test_old_states_without_frames_lose_nothing(state: int, reason: str) -> None:
    decoded = feed(
        old_telemetry(1), old_telemetry(2, state=state | 5 << 4), old_telemetry(3)
    )
    assert decoded[1] == Skipped(reason)
    frames = [frame for frame in decoded if isinstance(frame, Frame)]
    assert [frame.sequence for frame in frames] == [1, 2]
    sessions = [1, 2] if reason == "restarting" else [1, 1]
    assert [frame.session_uid for frame in frames] == sessions


@pytest.mark.parametrize(
    "fields", [{"lap": 1}, {"state": 2 | 3 << 4}, {"viewed": 4}, {"length": 5000.0}]
)
def test_old_session_changes(fields: dict[str, float]) -> None:
    frames = frames_of(old_telemetry(1), old_telemetry(2, **fields))
    assert [frame.session_uid for frame in frames] == [1, 2]


def test_old_view_is_of_the_participant_that_the_packet_names() -> None:
    def viewing(sequence: int, viewed: int, **fields: float) -> bytes:
        packet = bytearray(old_telemetry(sequence, viewed=viewed, **fields))
        for participant, distance_m in ((0, 1000), (4, 1500)):
            struct.pack_into("<H", packet, 464 + 16 * participant + 6, distance_m)
        return bytes(packet)

    frames = frames_of(
        viewing(1, 0), viewing(2, 4, speed=nan), viewing(3, 0), viewing(4, 4)
    )
    distances = [values_of(frame)["lap_distance"] for frame in frames]
    assert distances == [1000, 1000, 1500]


def test_old_tyres_are_told_anew_when_they_change() -> None:
    frames = frames_of(
        old_telemetry(1, wear_fl=51, carcass_fl=350, pressure_rr=180),
        old_telemetry(2, wear_fl=102, carcass_fl=0, pressure_rr=0),
    )
    first, second = map(values_of, frames)
    assert (first["tyre_wear_fl"], second["tyre_wear_fl"]) == (0.2, 0.4)
    assert first["tyre_inner_temperature_fl"] == pytest.approx(76.85)
    assert first["tyre_pressure_rr"] == 180
    assert "tyre_inner_temperature_fl" not in second
    assert "tyre_pressure_rr" not in second


def test_old_names_end_at_the_first_nul() -> None:
    decoder = ProjectCarsDecoder()
    decoder.decode(old_telemetry(viewed=1), START_US)
    names = old_names(b"Car", b"GT3", b"Spa", b"", "Zoë".encode(), "Jürgen".encode())
    decoder.decode(names, START_US)
    identity = decoder.identity
    assert identity is not None
    assert (identity.car, identity.track, identity.layout) == ("Car", "Spa", None)
    assert (identity.driver, identity.track_length_m) == ("Jürgen", 4000.0)
    decoder.decode(old_telemetry(1, viewed=1), START_US)
    assert decoder.identity is identity


def test_old_additional_names() -> None:
    packet = bytearray(1028)
    packet[2], packet[3] = 2, 16
    packet[4 + 64 : 4 + 64 + 5] = b"Later"
    decoder = ProjectCarsDecoder()
    decoder.decode(old_telemetry(viewed=17), START_US)
    assert isinstance(decoder.decode(bytes(packet), START_US), Identity)
    assert decoder.identity is not None
    assert decoder.identity.driver == "Later"


def test_packet_of_f1_2022_is_no_list_of_names() -> None:
    """Its telemetry has the size of the older protocol's names, and the same mark."""
    packets = [packet for _, packet in recorded("f1/one_of_each_2022.pcap.gz")]
    assert 1347 in {len(packet) for packet in packets}
    assert all(isinstance(part, Rejected) for part in feed(*packets))


def test_single_sample_of_impossible_speed_is_left_out() -> None:
    decoded = feed(
        old_telemetry(1, speed=20.0),
        old_telemetry(2, speed=160.0),
        old_telemetry(3, speed=20.5),
        old_telemetry(4, speed=90.0),
        old_telemetry(5, speed=90.0),
    )
    assert [isinstance(part, Frame) for part in decoded] == [
        True, False, True, False, True,
    ]  # fmt: skip


# Version 2 by offset


def test_new_sample_is_joined_from_its_parts() -> None:
    decoded = feed(
        race(best_s=79.5),
        game(2),
        telemetry(
            number=7, throttle=255, brake=51, clutch=102, steer=127, speed=50.0,
            rpm=6000, gear=0x74, fuel=0.5, capacity=60, accel_x=9.80665, accel_y=0.0,
            accel_z=9.80665, rotation_fl=-90.0, tyre_rr=85, wear_rl=51, brake_fr=400,
            carcass_fl=0, carcass_rr=350, travel_rl=0.05, pressure_fl=180,
            torque=300.0, handbrake=255, x=1.0, y=2.0, z=3.0, bias=51, oil=90, water=80,
            car_flags=8,
        ),
        timings(distance=3000, sector=2, current=70.0, sector_time=10.0, flag=2, pit=1),
    )  # fmt: skip
    assert [type(part) for part in decoded] == [Identity, Skipped, Skipped, Frame]
    frame = decoded[3]
    assert isinstance(frame, Frame)
    extra = values_of(frame)
    assert (frame.throttle, frame.brake, frame.steering) == (1.0, 0.2, 1.0)
    assert (frame.gear, frame.speed_kmh, frame.rpm) == (4, pytest.approx(180.0), 6000)
    assert (frame.lap_number, frame.lap_time_ms) == (2, 70_000)
    assert (frame.normalized_position, frame.in_pit) == (0.75, True)
    assert (frame.lap_valid, frame.sequence) == (True, 7)
    assert frame.received_us == START_US + 2 * TICK_US
    assert (extra["fuel"], extra["fuel_fraction"]) == (30.0, 0.5)
    assert extra["g_lateral"] == pytest.approx(1.0)
    assert extra["g_longitudinal"] == pytest.approx(-1.0)
    assert (extra["wheel_speed_fl"], extra["tyre_temperature_rr"]) == (90.0, 85)
    assert (extra["tyre_wear_rl"], extra["brake_temperature_fr"]) == (0.2, 400)
    assert "tyre_inner_temperature_fl" not in extra
    assert extra["tyre_inner_temperature_rr"] == pytest.approx(76.85)
    assert (extra["tyre_pressure_fl"], extra["engine_torque"]) == (180, 300.0)
    assert [extra[f"world_{axis}"] for axis in "xyz"] == [1.0, 2.0, -3.0]
    assert (extra["brake_bias"], extra["handbrake"]) == (0.2, 1.0)
    assert (extra["lap_distance"], extra["track_position"]) == (3000, 3)
    assert (extra["sector"], extra["flag"]) == (3, 2.0)
    assert extra["gap_ahead"] == 1500
    assert "gap_behind" not in extra
    assert (extra["session_type"], extra["best_lap_time"]) == (2.0, 79_500)
    assert (extra["air_temperature"], extra["track_temperature"]) == (20, 30)
    assert extra["speed_limiter"] == 1.0


def test_new_parts_of_one_tick_join_in_either_order() -> None:
    (frame,) = frames_of(telemetry(), timings(), step_us=100)
    assert frame.lap_number == 2
    first, second = frames_of(
        telemetry(1000, number=1),
        timings(1016, distance=2000),
        telemetry(1016, number=2),
        timings(1033),
    )
    assert [values_of(frame)["lap_distance"] for frame in (first, second)] == [2000] * 2


def test_new_lost_timings_leave_the_last_ones_for_a_second() -> None:
    packets = [
        telemetry(0, number=1), timings(0), telemetry(500, number=2),
        telemetry(990, number=3), telemetry(2000, number=4), timings(2000),
    ]  # fmt: skip
    frames = frames_of(*packets, step_us=450_000)
    assert [frame.sequence for frame in frames] == [1, 2, 3, 4]
    assert [frame.lap_number for frame in frames] == [2, 2, 2, 2]
    frames = frames_of(*packets[:4], packets[4], packets[4], step_us=600_000)
    assert [frame.lap_number for frame in frames] == [2, 2, None, None]
    assert frames[-1].normalized_position is None


def test_new_first_patch_has_no_ticks_and_no_wear() -> None:
    (frame,) = frames_of(telemetry(None, wear_rl=51, tyre_rr=80), timings(None))
    assert "tyre_wear_rl" not in values_of(frame)
    assert values_of(frame)["tyre_temperature_rr"] == 80


def test_new_sector_times_are_the_lap_less_the_sector() -> None:
    def at(tick: int, **fields: float) -> tuple[bytes, bytes]:
        return telemetry(tick), timings(tick, **fields)

    frames = frames_of(
        *at(1, sector=0, current=20.0, sector_time=20.0),
        *at(2, sector=1, current=40.25, sector_time=0.125),
        *at(3, sector=1, current=41.0, sector_time=0.875),
        *at(4, sector=2, current=80.5, sector_time=0.25),
        *at(5, sector=0, lap=3, current=0.5, sector_time=0.5),
    )
    times = [
        (values.get("sector1_time"), values.get("sector2_time"))
        for values in map(values_of, frames)
    ]
    assert times == [
        (None, None),
        (40_125, None),
        (40_125, None),
        (40_125, 40_125),
        (None, None),
    ]


def test_new_time_stats_give_last_and_best_lap_of_the_car_in_view() -> None:
    (_, frame) = frames_of(
        telemetry(1, viewed=3), timings(1, viewed=3), time_stats(79.5, 80.25, viewed=3),
        time_stats(1.0, 1.0, viewed=0)[:-1], telemetry(2, viewed=3),
        timings(2, viewed=3),
    )  # fmt: skip
    assert frame.last_lap_ms == 80_250
    assert values_of(frame)["best_lap_time"] == 79_500
    (_, none) = frames_of(
        telemetry(1), timings(1), time_stats(-123.0, -1.0), telemetry(2), timings(2)
    )
    assert none.last_lap_ms is None
    assert "best_lap_time" not in values_of(none)


def test_a_last_lap_that_rounds_to_nought_is_none() -> None:
    (frame,) = frames_of(old_telemetry(last=0.0004))
    assert frame.last_lap_ms is None


@pytest.mark.parametrize(
    ("state", "reason"),
    [(1, "menu"), (3, "paused"), (5, "restarting"), (6, "replay"), (7, "replay")],
)
def test_new_states_without_frames_lose_nothing(state: int, reason: str) -> None:
    decoded = feed(
        telemetry(1, number=1), timings(1), game(state), telemetry(2, number=2),
        game(2), telemetry(3, number=3), timings(3),
    )  # fmt: skip
    assert decoded[3] == Skipped(reason)
    frames = [frame for frame in decoded if isinstance(frame, Frame)]
    assert [frame.sequence for frame in frames] == [1, 2]


@pytest.mark.parametrize(
    "between",
    [game(2, session=3), game(5), race(5000.0)],
    ids=["session", "restart", "track"],
)
def test_new_session_changes(between: bytes) -> None:
    frames = frames_of(
        race(), game(2, session=5), telemetry(1), timings(1), between, game(2, 3),
        telemetry(2), timings(2),
    )  # fmt: skip
    assert len({frame.session_uid for frame in frames}) == 2


def test_new_session_does_not_change_when_it_is_first_told() -> None:
    frames = frames_of(
        telemetry(1), timings(1), game(2), race(), telemetry(2), timings(2)
    )
    assert [frame.session_uid for frame in frames] == [1, 1]


@pytest.mark.parametrize("fields", [{"lap": 1}, {"viewed": 5}])
def test_new_lap_that_falls_or_another_car_is_another_session(
    fields: dict[str, int],
) -> None:
    viewed = fields.get("viewed", 0)
    frames = frames_of(
        telemetry(1), timings(1), telemetry(2, viewed=viewed), timings(2, **fields)
    )
    assert [frame.session_uid for frame in frames] == [1, 2]


def test_new_names_of_car_driver_and_track() -> None:
    decoder = ProjectCarsDecoder()
    packets = [
        participants({7: b"Somebody", 9: b"Player\0One"}),
        vehicles({3: b"Formula Rookie", 4: b"Other"}),
        header(1452, 8),
        race(),
        telemetry(),
        timings(car=0x8003, participant=9),
    ]
    for packet in packets:
        decoder.decode(bytes(packet), START_US)
    assert decoder.identity == Identity(
        car="Formula Rookie",
        driver="Player",
        track="Spa",
        layout="Grand Prix",
        track_length_m=4000.0,
        max_rpm=8000.0,
    )
    known = decoder.identity
    decoder.decode(race(), START_US)
    assert decoder.identity is known


def test_no_car_in_view() -> None:
    assert feed(telemetry(viewed=-1), timings()) == [
        Skipped("no car in view"),
        Skipped("part of a sample"),
    ]
    assert feed(old_telemetry(viewed=-1)) == [Skipped("no car in view")]


@pytest.mark.parametrize(
    "packet",
    [
        telemetry(speed=nan),
        telemetry(speed=inf),
        telemetry(rpm=60_000),
        telemetry(viewed=32),
        old_telemetry(speed=nan),
        old_telemetry(length=inf),
        old_telemetry(rpm=60_000),
        old_telemetry(mark=1),
        telemetry()[:-1],
        bytes(header(559, 3)),
        bytes(header(24, 4, part=0)),
        bytes(header(24, 4, part=2)),
        b"",
    ],
)
def test_impossible_packets_are_rejected(packet: bytes) -> None:
    assert isinstance(feed(packet)[0], Rejected)


def test_absurd_extra_is_absent_and_the_rest_is_kept() -> None:
    (frame,) = frames_of(telemetry(x=nan, y=2.0, torque=1e30), timings(current=nan))
    extra = values_of(frame)
    assert extra["world_y"] == 2.0
    assert "world_x" not in extra
    assert "engine_torque" not in extra
    assert frame.lap_time_ms is None


def test_every_channel_is_in_the_table_once() -> None:
    assert set(CHANNELS) <= set(TABLE)
    assert len(set(CHANNELS)) == len(CHANNELS)
    frames = frames_of(old_telemetry(), telemetry(), timings())
    assert {len(frame.extra) for frame in frames} == {len(CHANNELS)}


SIZES = (559, 555, 308, 1136, 1063, 1059, 24, 1040, 1164, 1452, 1367, 1347, 1028)
REAL = [
    old_telemetry(), old_names(b"Car", b"C", b"Track"), telemetry(), telemetry(None),
    timings(), timings(None), game(2), race(), time_stats(80.0, 81.0),
    participants({1: b"A"}), vehicles({1: b"B"}),
]  # fmt: skip


@given(
    packet=st.one_of(
        st.binary(max_size=4096),
        st.sampled_from(SIZES).flatmap(lambda n: st.binary(min_size=n, max_size=n)),
        mangled(REAL),
    )
)
def test_any_bytes_are_a_sound_frame_or_a_reason_for_none(packet: bytes) -> None:
    decoder = ProjectCarsDecoder()
    for at, datagram in enumerate(
        (telemetry(1), packet, timings(1), packet, telemetry(2), timings(2))
    ):
        assert_sound(decoder, decoder.decode(datagram, START_US + at * TICK_US))
