"""Packets built in code: what makes a frame, and what must not break one."""

from __future__ import annotations

import random
from math import isnan
from typing import Any

import pytest

from ps_tui.decoders.f1 import F1Decoder
from ps_tui.domain.frame import Decoded, Frame, Identity, Rejected, Skipped
from tests.support.decoded import extra_of
from tests.support.f1_packets import FORMATS, PARTS, SIZES, build, tick

LENGTH_M = 5000


def session(packet_format: int, overall: int = 0, **fields: Any) -> bytes:
    """Return a session packet of a time trial at Monza."""
    time_trial = 13 if packet_format == 2023 else 18
    defaults = {"track_length": LENGTH_M, "track_id": 11, "session_type": time_trial}
    return build(packet_format, 1, overall, **(defaults | fields))


def feed(decoder: F1Decoder, *packets: bytes) -> list[Decoded]:
    return [decoder.decode(packet, 1_000_000 + n) for n, packet in enumerate(packets)]


def frames(decoder: F1Decoder, *packets: bytes) -> list[Frame]:
    return [one for one in feed(decoder, *packets) if isinstance(one, Frame)]


@pytest.mark.parametrize("packet_format", FORMATS)
def test_every_field_of_every_format(packet_format: int) -> None:
    decoder = F1Decoder()
    minutes = {} if packet_format == 2023 else {"ahead_min": 1, "leader_min": 2}
    unit = 1000 if packet_format == 2026 else 1
    common: dict[str, Any] = {"overall": 10, "player": 21, "uid": 2**64 - 1}
    parts = [
        session(
            packet_format,
            **common,
            weather=4,
            track_temperature=-3,
            air_temperature=19,
            safety_car=2,
        ),
        build(packet_format, 10, **common, wear=[10.0, 20.0, 30.0, 40.0]),
        build(packet_format, 11, **common, whose=21, laps=3, best_lap=2, lap_2=81_234),
        build(
            packet_format,
            2,
            **common,
            **minutes,
            last_lap=91_000,
            lap_time=12_345,
            s1_ms=500,
            s1_min=1,
            s2_ms=40_000,
            ahead_ms=1500,
            leader_ms=2500,
            distance=1250.0,
            place=7,
            lap_number=4,
            pit=2,
            sector=1,
            invalid=1,
        ),
        build(
            packet_format,
            0,
            **common,
            x=1.5,
            y=2.5,
            z=-3.5,
            g_lateral=2 * unit,
            g_longitudinal=-4 * unit,
            g_vertical=1 * unit,
            ahead_x=-20_000,
            ahead_z=0,
        ),
        build(
            packet_format,
            13,
            **common,
            travel=[10.0, 20.0, 30.0, 40.0],
            wheel_speed=[1.0, 2.0, 3.0, 4.0],
            slip=[0.25, 0.5, 0.75, 1.0],
            angle=[0.0, 0.0, 0.0, 3.14159265],
        ),
        build(
            packet_format,
            6,
            **common,
            speed=301,
            throttle=0.25,
            steer=-0.5,
            brake=0.75,
            clutch=40,
            gear=-1,
            rpm=11_000,
            drs=1,
            engine=120,
            brake_temperature=[701, 702, 703, 704],
            outer=[81, 82, 83, 84],
            inner=[91, 92, 93, 94],
            psi=[20.0, 21.0, 22.0, 23.0],
        ),
        build(
            packet_format,
            7,
            **common,
            traction=2,
            abs=1,
            bias=56,
            limiter=1,
            fuel=33.5,
            fuel_laps=-0.25,
            max_rpm=13_000,
            drs_allowed=1,
            compound=18,
            tyre_age=9,
            flag=3,
            store=1e6,
            mode=3,
            harvested_k=250_000.0,
            harvested_h=250_000.0,
            deployed=2e6,
        ),
    ]
    (frame,) = frames(decoder, *parts)

    assert frame == Frame(
        received_us=1_000_003,
        timestamp_ms=1000,
        throttle=0.25,
        brake=0.75,
        steering=-0.5,
        speed_kmh=301,
        gear=-1,
        rpm=11_000,
        lap_time_ms=12_345,
        lap_number=4,
        normalized_position=0.25,
        in_pit=True,
        lap_valid=False,
        last_lap_ms=91_000,
        sequence=10,
        session_uid=2**64 - 1,
        extra=frame.extra,
    )
    values = extra_of(decoder, frame)
    assert values == pytest.approx(
        {
            "session_time": 10 / 60,
            "track_position": 7,
            "gap_ahead": 1500 if packet_format == 2023 else 61_500,
            "gap_leader": 2500 if packet_format == 2023 else 122_500,
            "lap_distance": 1250,
            "sector": 2,
            "sector1_time": 60_500,
            "sector2_time": 40_000,
            "clutch": 0.4,
            "drs_open": 1,
            "engine_temperature": 120,
            **dict(_wheels("brake_temperature", 703, 704, 701, 702)),
            **dict(_wheels("tyre_temperature", 83, 84, 81, 82)),
            **dict(_wheels("tyre_inner_temperature", 93, 94, 91, 92)),
            **dict(
                _wheels("tyre_pressure", 151.684654, 158.579411, 137.89514, 144.789897)
            ),
            "world_x": 1.5,
            "world_y": 2.5,
            "world_z": -3.5,
            "heading": 270.0,
            "g_lateral": 2,
            "g_longitudinal": -4,
            "g_vertical": 1,
            **dict(_wheels("suspension_travel", 0.03, 0.04, 0.01, 0.02)),
            **dict(_wheels("wheel_rim_speed", 3, 4, 1, 2)),
            **dict(_wheels("wheel_slip", 0.75, 1.0, 0.25, 0.5)),
            **dict(_wheels("slip_angle", 0, 180, 0, 0)),
            "tc_enabled": 1,
            "abs_enabled": 1,
            "brake_bias": 0.56,
            "speed_limiter": 1,
            "fuel_mass": 33.5,
            "fuel_laps": -0.25,
            "max_rpm": 13_000,
            "drs_allowed": 1,
            "tyre_compound": 18,
            "tyre_age": 9,
            "flag": 3,
            "ers_charge": 0.25,
            "ers_mode": 3,
            "ers_harvested": 0.5,
            "ers_deployed": 2.0,
            **dict(_wheels("tyre_wear", 0.3, 0.4, 0.1, 0.2)),
            "session_type": 3,
            "weather": 4,
            "track_temperature": -3,
            "air_temperature": 19,
            "safety_car": 2,
            "best_lap_time": 81_234,
        },
        rel=1e-6,
    )


def _wheels(
    stem: str, fl: float, fr: float, rl: float, rr: float
) -> list[tuple[str, float]]:
    return list(
        zip(
            (f"{stem}_{wheel}" for wheel in ("fl", "fr", "rl", "rr")),
            (fl, fr, rl, rr),
            strict=True,
        )
    )


@pytest.mark.parametrize("packet_format", FORMATS)
def test_one_frame_comes_of_each_game_frame_at_its_last_packet(
    packet_format: int,
) -> None:
    decoder = F1Decoder()
    for overall in range(1, 20):
        results = feed(decoder, *tick(packet_format, overall))
        assert [isinstance(result, Frame) for result in results] == [False] * 4 + [True]


@pytest.mark.parametrize("seed", range(10))
def test_parts_in_any_order_make_the_same_frame(seed: int) -> None:
    parts = tick(2024, 5, lap={"distance": 10.0}, telemetry={"throttle": 0.5})
    shuffled = random.Random(seed).sample(parts, len(parts))
    (wanted,), (frame,) = (frames(F1Decoder(), *one) for one in (parts, shuffled))
    assert (frame.throttle, frame.lap_number) == (wanted.throttle, wanted.lap_number)
    assert extra_of(F1Decoder(), frame) == extra_of(F1Decoder(), wanted)


@pytest.mark.parametrize("lost", [kind for kind in PARTS if kind != 2])
def test_a_lost_part_is_absent_and_the_frame_comes_with_the_next(lost: int) -> None:
    decoder = F1Decoder()
    whole = tick(2025, 1, telemetry={"throttle": 1.0, "rpm": 9000})
    holed = [
        part for kind, part in zip(PARTS, tick(2025, 2), strict=True) if kind != lost
    ]
    feed(decoder, *whole, *holed)
    (frame,) = frames(decoder, tick(2025, 3)[0])
    values = extra_of(decoder, frame)
    assert frame.sequence == 2
    assert (frame.throttle is None) == (lost == 6)
    assert (frame.rpm is None) == (lost == 6)
    assert ("clutch" in values) == (lost != 6)
    assert ("world_x" in values) == (lost != 0)
    assert ("wheel_slip_fl" in values) == (lost != 13)
    assert "fuel_mass" in values, "the status holds until the next"


def test_speed_comes_of_the_velocity_where_telemetry_is_lost() -> None:
    decoder = F1Decoder()
    lap, motion = build(2024, 2, 1), build(2024, 0, 1, vx=30.0, vz=40.0)
    (frame,) = frames(decoder, lap, motion, build(2024, 12, 2))
    assert frame.speed_kmh == pytest.approx(180.0)


def test_without_lap_data_there_is_no_frame_and_no_gap_in_the_numbers() -> None:
    decoder = F1Decoder()
    numbers = []
    for overall in range(1, 30, 2):
        parts = [*tick(2026, overall), build(2026, 12, overall + 1)]
        numbers += [frame.sequence for frame in frames(decoder, *parts)]
    assert numbers == list(range(1, 16))


def test_lost_frames_leave_a_gap_in_the_numbers() -> None:
    decoder = F1Decoder()
    packets = [part for overall in (1, 2, 5, 6) for part in tick(2024, overall)]
    numbers = [frame.sequence for frame in frames(decoder, *packets)]
    assert numbers == [1, 2, 5, 6]


def test_parts_that_come_late_or_twice_change_nothing() -> None:
    decoder = F1Decoder()
    first, second = tick(2024, 1), tick(2024, 2)
    assert len(frames(decoder, *first, *second)) == 2
    for late in (*first, *second, *second):
        assert isinstance(decoder.decode(late, 9), Skipped)
    assert len(frames(decoder, *tick(2024, 3))) == 1


def test_a_flashback_goes_back_on_every_clock_but_the_sequence() -> None:
    decoder = F1Decoder()
    packets = []
    for overall, frame, lap_time in ((100, 100, 50_000), (101, 101, 50_016)):
        packets += tick(2025, overall, frame=frame, lap={"lap_time": lap_time})
    packets.append(build(2025, 3, 101, frame=101))
    packets += tick(2025, 102, frame=40, time=0.7, lap={"lap_time": 49_000})
    driven = frames(decoder, *packets)
    assert [frame.lap_time_ms for frame in driven] == [50_000, 50_016, 49_000]
    assert [frame.sequence for frame in driven] == [100, 101, 102]
    assert extra_of(decoder, driven[-1])["session_time"] == pytest.approx(0.7)


def test_a_restart_forgets_the_session_before() -> None:
    decoder = F1Decoder()
    status = build(2024, 7, 500, fuel=12.0, max_rpm=13_000)
    feed(decoder, session(2024, 500), status, session(2024, 501), *tick(2024, 502))
    assert decoder.identity == Identity(
        track="Monza", track_length_m=LENGTH_M, max_rpm=13_000
    )
    lap = build(2024, 2, 0, uid=78, distance=100.0)
    (frame,) = frames(decoder, lap, build(2024, 12, 1, uid=78))
    assert (frame.session_uid, frame.sequence) == (78, 0)
    assert frame.normalized_position is None
    assert "fuel_mass" not in extra_of(decoder, frame)
    assert decoder.identity is None


def test_frames_go_on_after_a_packet_with_a_number_from_the_future() -> None:
    decoder = F1Decoder()
    feed(decoder, *tick(2024, 1), build(2024, 12, 4_000_000_000))
    assert len(frames(decoder, *tick(2024, 2), *tick(2024, 3))) == 2


@pytest.mark.parametrize(
    ("distance_m", "position"),
    [
        (0.0, 0.0),
        (-0.0, 0.0),
        (2500.0, 0.5),
        (5001.0, 1.0),
        (-1000.0, 0.8),
        (-4999.0, 0.0002),
        (-6000.0, 0.0),
    ],
)
def test_an_out_lap_has_the_position_of_the_place_it_is_at(
    distance_m: float, position: float
) -> None:
    decoder = F1Decoder()
    packets = session(2025, 0), *tick(2025, 1, lap={"distance": distance_m})
    (frame,) = frames(decoder, *packets)
    assert frame.normalized_position == pytest.approx(position)
    assert extra_of(decoder, frame)["lap_distance"] == distance_m


def test_the_menu_is_no_telemetry() -> None:
    decoder = F1Decoder()
    for kind, sizes in SIZES.items():
        if sizes[2] is not None:
            assert decoder.decode(build(2025, kind, uid=0), 0) == Skipped("menu")
    assert decoder.identity is None


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (6, {"throttle": 2.0}),
        (6, {"throttle": float("nan")}),
        (6, {"steer": float("inf")}),
        (6, {"gear": 50}),
        (6, {"clutch": 200}),
        (6, {"psi": [20.0, 20.0, -1.0, 20.0]}),
        (2, {"distance": float("nan")}),
        (2, {"pit": 9}),
        (2, {"lap_time": 2**32 - 1}),
        (0, {"x": 1e20}),
        (0, {"g_lateral": float("nan")}),
        (7, {"fuel": -5.0}),
        (7, {"store": float("nan")}),
        (7, {"flag": 77}),
        (10, {"wear": [0.0, 101.0, 0.0, 0.0]}),
        (1, {"track_id": -9}),
        (11, {"laps": 2, "best_lap": 3}),
    ],
)
def test_absurd_values_are_refused_and_leave_no_trace(
    kind: int, fields: dict[str, Any]
) -> None:
    decoder = F1Decoder()
    parts = tick(2024, 1)
    feed(decoder, *parts[:3])
    for overall in (1, 2, 50):
        assert isinstance(
            decoder.decode(build(2024, kind, overall, **fields), 5), Rejected
        )
    assert len(frames(decoder, *parts[3:])) == 1


def test_a_rounding_error_beyond_the_end_of_a_pedal_is_forgiven() -> None:
    fields = {"throttle": 1.0001, "brake": -0.0001, "steer": -1.0001}
    (frame,) = frames(F1Decoder(), *tick(2024, 1, telemetry=fields))
    assert (frame.throttle, frame.brake, frame.steering) == (1.0, 0.0, -1.0)


def test_absurd_slips_of_a_standing_wheel_are_left_out() -> None:
    decoder = F1Decoder()
    parts = tick(2024, 1)
    parts[2] = build(2024, 13, 1, slip=[float("inf"), 0.5, float("nan"), 0.25])
    (frame,) = frames(decoder, *parts)
    values = extra_of(decoder, frame)
    assert "wheel_slip_rl" not in values
    assert "wheel_slip_fl" not in values
    assert values["wheel_slip_rr"] == 0.5
    assert values["suspension_travel_fl"] == 0.0


def test_zero_means_none_where_the_game_says_so() -> None:
    decoder = F1Decoder()
    (frame,) = frames(decoder, *tick(2024, 1))
    values = extra_of(decoder, frame)
    assert frame.last_lap_ms is None
    assert frame.lap_number is None
    for key in ("gap_ahead", "sector1_time", "track_position", "best_lap_time"):
        assert key not in values
    assert not isnan(values["lap_distance"])


def test_flags_unknown_to_the_game_are_absent() -> None:
    decoder = F1Decoder()
    parts = tick(2024, 1)
    parts[4] = build(2024, 7, 1, flag=-1)
    (frame,) = frames(decoder, *parts)
    assert "flag" not in extra_of(decoder, frame)


def test_the_history_of_other_cars_is_not_ours() -> None:
    decoder = F1Decoder()
    other = build(2024, 11, 1, whose=5, laps=1, best_lap=1, lap_1=60_000)
    (frame,) = frames(decoder, other, *tick(2024, 1))
    assert "best_lap_time" not in extra_of(decoder, frame)


@pytest.mark.parametrize("packet_format", FORMATS)
def test_team_and_name_of_the_players_car_are_told(packet_format: int) -> None:
    decoder = F1Decoder()
    name = "Núñez".encode() + b"\0old"
    told = feed(
        decoder,
        build(packet_format, 4, 1, team=9, name=name),
        session(packet_format, 1, track_id=40),
    )
    team = "Alfa Romeo" if packet_format == 2023 else "Sauber"
    wanted = Identity(team, "Núñez", "Austria", "reverse", LENGTH_M)
    assert told[-1] == decoder.identity == wanted


def test_unknown_tracks_and_teams_keep_their_number() -> None:
    decoder = F1Decoder()
    feed(decoder, session(2026, track_id=77), build(2026, 4, team=999, name=b""))
    assert decoder.identity == Identity("team 999", None, "track 77", None, LENGTH_M)


def test_an_identity_is_told_even_if_its_packet_closes_a_frame() -> None:
    decoder = F1Decoder()
    feed(decoder, build(2024, 2, 1))
    closing, after = feed(decoder, session(2024, 2), build(2024, 12, 2))
    assert isinstance(closing, Frame)
    assert not isinstance(after, Identity), "told with the next packet that may tell"
    assert feed(decoder, build(2024, 11, 2))[0] == decoder.identity


def test_each_session_packet_tells_the_identity_again() -> None:
    decoder = F1Decoder()
    one, two = feed(decoder, session(2024, 1), session(2024, 31))
    assert one == two == decoder.identity


def test_a_spectator_sees_the_watched_car_and_laps_never_mix() -> None:
    decoder = F1Decoder()
    common = {"player": 255}
    watched = [
        session(2025, 1, spectating=1, spectated=2, **common),
        build(2025, 2, 2, car=2, lap_time=111, **common),
        build(2025, 13, 2, slip=[9.0] * 4, **common),
        session(2025, 3, spectating=1, spectated=4, **common),
        build(2025, 2, 4, car=4, lap_time=222, **common),
        build(2025, 12, 5, **common),
    ]
    two, four = frames(decoder, *watched)
    assert (two.lap_time_ms, four.lap_time_ms) == (111, 222)
    assert two.session_uid != four.session_uid
    assert "wheel_slip_fl" not in extra_of(decoder, two), "it is the player's own"
    assert four.normalized_position is not None


def test_another_car_is_turned_to_with_another_frame_only() -> None:
    decoder = F1Decoder()
    common: dict[str, Any] = {"player": 255, "uid": 9}
    opening = session(2025, 1, spectating=1, spectated=2, **common)
    within = tick(2025, 1, car=2, **common)
    after = tick(2025, 2, car=2, **common)

    assert frames(decoder, opening, *within) == []
    assert len(frames(decoder, *after)) == 1


def test_the_header_counts_within_a_frame_as_well() -> None:
    """A frame waits for the right packet after one of another format or version."""
    decoder = F1Decoder()
    *first, last = tick(2024, 1)
    old, other_version, updated = bytearray(last), bytearray(last), bytearray(last)
    old[:2] = (2022).to_bytes(2, "little")
    other_version[5] = 2
    updated[3] += 1

    decoded = feed(decoder, *first, bytes(old), bytes(other_version), bytes(updated))

    assert [type(each) for each in decoded[-3:]] == [Rejected, Rejected, Frame]


def test_a_spectator_of_nobody_gets_no_frame() -> None:
    decoder = F1Decoder()
    common = {"player": 255}
    opening = session(2025, 1, spectating=0, spectated=255, **common)
    decoded = feed(decoder, opening, build(2025, 2, 2, car=0, **common))
    assert isinstance(decoded[1], Skipped)
    assert "spectating" in decoded[1].reason


def test_a_car_beyond_the_grid_is_refused() -> None:
    assert isinstance(F1Decoder().decode(build(2025, 2, car=0, player=22), 0), Rejected)
    accepted = F1Decoder().decode(build(2026, 2, player=23), 0)
    assert isinstance(accepted, Skipped)
