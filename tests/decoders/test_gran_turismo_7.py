"""Gran Turismo 7 against a recorded lap, and against packets built by offset."""

from __future__ import annotations

import struct
from functools import lru_cache
from itertools import pairwise
from math import atan2, degrees, hypot, nan, pi
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ps_tui.decoders.gran_turismo_7 import (
    CHANNELS,
    KINDS,
    GranTurismo7Conversation,
    GranTurismo7Decoder,
    decrypt,
    heartbeat,
)
from ps_tui.domain.channel import CHANNELS as TABLE
from ps_tui.domain.frame import Decoded, Frame, Rejected, Skipped
from ps_tui.domain.lap_detector import LapDetector
from ps_tui.domain.laps import LapCompleted
from ps_tui.domain.models import LapKind
from tests.support.captures import capture
from tests.support.decoded import assert_sound, extra_of, mangled, turning_agreement
from tests.support.gran_turismo_7_packets import (
    CONSTANTS,
    KEY,
    SIZES,
    TILDE,
    A,
    B,
    C,
    encrypted,
    packet,
    plain_packet,
)
from tests.support.pcap import datagrams

LAP = "gran_turismo_7/replay_1lap_C368.pcap.gz"
START_US = 1_760_000_000_000_000


@lru_cache
def recorded() -> list[tuple[int, bytes]]:
    return list(datagrams(capture(LAP)))


@lru_cache
def driven() -> tuple[GranTurismo7Decoder, list[Frame]]:
    decoder = GranTurismo7Decoder()
    decoded = [decoder.decode(packet, at_us) for at_us, packet in recorded()]
    frames = [frame for frame in decoded if isinstance(frame, Frame)]
    assert len(frames) == len(decoded)
    return decoder, frames


def drive(*packets: bytes) -> list[Decoded]:
    decoder = GranTurismo7Decoder()
    return [
        decoder.decode(packet, START_US + index * 16_667)
        for index, packet in enumerate(packets)
    ]


def frame_of(packet: bytes) -> Frame:
    (decoded,) = drive(packet)
    assert isinstance(decoded, Frame)
    return decoded


def extra(packet: bytes) -> dict[str, float]:
    return extra_of(GranTurismo7Decoder(), frame_of(packet))


# The cipher, from its specification


def salsa20_keystream(key: bytes, nonce: bytes, size: int) -> bytes:
    """Salsa20/20 as Bernstein wrote it down, word by word."""
    constants = struct.unpack("<4I", b"expand 32-byte k")
    keys, (n0, n1) = struct.unpack("<8I", key), struct.unpack("<2I", nonce)
    stream = b""
    for block in range(-(-size // 64)):
        start = [
            constants[0], *keys[:4], constants[1], n0, n1, block, 0, constants[2],
            *keys[4:], constants[3],
        ]  # fmt: skip
        x = list(start)

        def turn(a: int, b: int, c: int, d: int, x: list[int] = x) -> None:
            for to, one, two, by in ((b, a, d, 7), (c, b, a, 9), (d, c, b, 13),
                                     (a, d, c, 18)):  # fmt: skip
                total = x[one] + x[two] & 0xFFFFFFFF
                x[to] ^= (total << by | total >> 32 - by) & 0xFFFFFFFF

        for _ in range(10):
            for column in range(4):
                turn(*[(5 * column + 4 * step) % 16 for step in range(4)])
            for row in range(4):
                turn(*[4 * row + (row + step) % 4 for step in range(4)])
        words = [one + two & 0xFFFFFFFF for one, two in zip(x, start, strict=True)]
        stream += struct.pack("<16I", *words)
    return stream[:size]


def test_known_keystreams() -> None:
    zeros = salsa20_keystream(KEY, bytes(8), 16)
    assert zeros.hex() == "07b5349ccdc0be45abdb0424f9c7eca0"
    nonce = struct.pack("<II", 0x12345678 ^ 0xDEADBEAF, 0x12345678)
    stream = salsa20_keystream(KEY, nonce, 16)
    assert stream.hex() == "e761213d5ee1f35e1f1e7eeebd898346"


@pytest.mark.parametrize("size", SIZES)
def test_every_kind_decrypts_by_the_constant_of_its_length(size: int) -> None:
    plain = plain_packet(size, speed=33.0)
    iv = 0xCAFE0000 + size
    nonce = struct.pack("<II", iv ^ CONSTANTS[size], iv)
    stream = salsa20_keystream(KEY, nonce, size)
    sent = bytearray(one ^ two for one, two in zip(plain, stream, strict=True))
    sent[0x40:0x44] = struct.pack("<I", iv)
    opened = decrypt(bytes(sent))
    assert opened is not None
    assert opened[:0x40] == plain[:0x40]
    assert opened[0x44:] == plain[0x44:]


def test_only_what_decrypts_is_a_packet() -> None:
    assert decrypt(packet()[:-1]) is None
    assert decrypt(bytes(C)) is None
    assert decrypt(b"") is None
    assert isinstance(drive(plain_packet())[0], Rejected)


# The recorded lap


@pytest.mark.parametrize("pick", [0, 1, 1000, 3456, 5000, -2, -1])
def test_recorded_frames_equal_the_bytes_they_came_from(pick: int) -> None:
    decoder, frames = driven()
    plain = decrypt(recorded()[pick][1])
    assert plain is not None

    def read(code: str, offset: int) -> Any:
        values = struct.unpack_from("<" + code, plain, offset)
        return values[0] if len(values) == 1 else values

    frame = frames[pick]
    extra = extra_of(decoder, frame)
    assert frame.sequence == read("I", 0x70)
    assert frame.lap_number == read("h", 0x74)
    assert frame.throttle == read("B", 0x91) / 255
    assert frame.brake == read("B", 0x92) / 255
    gear = read("B", 0x90) & 15
    assert frame.gear == {0: -1, 15: 0}.get(gear, gear)
    assert frame.rpm == read("f", 0x3C)
    assert frame.speed_kmh == pytest.approx(read("f", 0x4C) * 3.6)
    assert frame.steering == pytest.approx(-read("f", 0x128) / pi)
    assert extra["steering_angle"] == pytest.approx(-degrees(read("f", 0x128)))
    assert extra["clutch"] == read("f", 0xF4)
    assert extra["max_rpm"] == read("H", 0x8A) == 17_000
    assert (extra["fuel"], extra["fuel_fraction"]) == (100.0, 1.0)
    assert [extra[f"world_{axis}"] for axis in "xyz"] == list(read("3f", 0x04))
    assert extra["boost_pressure"] == pytest.approx((read("f", 0x50) - 1) * 100)
    for stem, offset, sign in (
        ("tyre_temperature", 0x60, 1),
        ("wheel_speed", 0xA4, -1),
        ("tyre_radius", 0xB4, 1),
        ("suspension_travel", 0xC4, 1),
    ):
        wheels = [extra[f"{stem}_{wheel}"] for wheel in ("fl", "fr", "rl", "rr")]
        assert wheels == [sign * value for value in read("4f", offset)], stem
    sway, heave, surge = read("3f", 0x130)
    assert extra["g_lateral"] == pytest.approx(-sway / 9.80665)
    assert extra["g_vertical"] == pytest.approx(heave / 9.80665)
    assert extra["g_longitudinal"] == pytest.approx(surge / 9.80665)
    assert (extra["handbrake"], extra["tc_active"]) == (0.0, 0.0)
    assert "best_lap_time" not in extra
    assert "track_position" not in extra
    if pick != -1:
        assert frame.lap_time_ms == read("i", 0x15C)
        assert frame.last_lap_ms is None


def test_recorded_lap_has_the_time_that_the_game_published() -> None:
    _, frames = driven()
    detector = LapDetector()
    events = [event for frame in frames for event in detector.feed(frame)]
    events += detector.finish()
    laps = [event for event in events if isinstance(event, LapCompleted)]
    assert [(lap.kind, lap.lap_time_ms, lap.is_official) for lap in laps] == [
        (LapKind.FLYING, 115_244, True),
        (LapKind.PARTIAL, None, False),
    ]
    assert laps[0].clock_time_ms == pytest.approx(115_244, abs=2)


def test_recorded_line_is_where_the_new_lap_begins() -> None:
    """The packet in which the counter rises carries the old lap's 115,250 ms."""
    decoder, frames = driven()
    last = frames[-1]
    assert (last.lap_number, last.lap_time_ms, last.last_lap_ms) == (2, 6, 115_244)
    assert last.normalized_position == pytest.approx(0.0, abs=0.001)
    path_m = sum(
        hypot(*(b.extra[at] - a.extra[at] for at in range(4, 7)))
        for a, b in pairwise(frames)
    )
    assert CHANNELS[4:7] == ("world_x", "world_y", "world_z")
    before = extra_of(decoder, frames[-2])["lap_distance"]
    assert before == pytest.approx(path_m, rel=0.001)


def test_recorded_bends_agree_with_lateral_g_and_the_map() -> None:
    decoder, frames = driven()
    assert turning_agreement(decoder, frames) > 0.95


def test_recorded_heading_is_where_the_car_drives() -> None:
    decoder, frames = driven()
    for at in range(0, 6900, 300):
        here, there = (extra_of(decoder, frame) for frame in frames[at : at + 6 : 5])
        way = atan2(
            there["world_x"] - here["world_x"], here["world_z"] - there["world_z"]
        )
        off = (here["heading"] - degrees(way) + 180) % 360 - 180
        assert abs(off) < 15


def test_recorded_car_is_named_by_its_number() -> None:
    decoder, frames = driven()
    assert decoder.identity is not None
    assert decoder.identity.car == "Gran Turismo car 3582"
    assert decoder.identity.max_rpm == 17_000.0
    assert {frame.session_uid for frame in frames} == {1}


def test_recorded_lap_as_kind_a_has_no_clock_until_a_line() -> None:
    decoder = GranTurismo7Decoder()
    frames = []
    for at_us, sent in recorded()[-300:]:
        plain = decrypt(sent)
        assert plain is not None
        frames.append(decoder.decode(encrypted(plain[:A]), at_us))
    assert isinstance(frames[-2], Frame)
    assert isinstance(frames[-1], Frame)
    assert (frames[-2].lap_time_ms, frames[-1].lap_time_ms) == (None, 0)
    assert frames[-1].last_lap_ms == 115_244
    assert (frames[-1].steering, len(frames[-1].extra)) == (None, len(CHANNELS) - 4)


# Packets by offset


@pytest.mark.parametrize("size", SIZES)
def test_every_kind_reads_the_same_base(size: int) -> None:
    sent = packet(
        size, throttle=255, brake=51, rpm=6500.0, speed=20.0, lap=3, last=61_234,
        best=60_999, place=4, clutch=0.25, fuel=12.5, capacity=50.0, tyre_fl=71.5,
        wheel_rr=-80.0, flags=1 | 1 << 6 | 1 << 11, gears=0xF0, boost=1.5,
        steering=pi / 2, sway=9.80665, surge=-9.80665, heave=4.903325,
    )  # fmt: skip
    frame, values = frame_of(sent), extra(sent)
    assert (frame.throttle, frame.brake, frame.gear) == (1.0, 0.2, -1)
    assert frame.speed_kmh == pytest.approx(72.0)
    assert (frame.rpm, frame.lap_number, frame.last_lap_ms) == (6500.0, 3, 61_234)
    assert (values["best_lap_time"], values["track_position"]) == (60_999, 4)
    assert (values["clutch"], values["fuel"], values["fuel_fraction"]) == (
        0.25, 12.5, 0.25,
    )  # fmt: skip
    assert (values["tyre_temperature_fl"], values["wheel_speed_rr"]) == (71.5, 80.0)
    assert (values["handbrake"], values["tc_active"]) == (1.0, 1.0)
    assert values["boost_pressure"] == pytest.approx(50.0)
    if size == A:
        assert frame.steering is None
        assert "g_lateral" not in values
        return
    assert frame.steering == pytest.approx(-0.5)
    assert values["steering_angle"] == pytest.approx(-90.0)
    assert values["g_lateral"] == pytest.approx(-1.0)
    assert values["g_longitudinal"] == pytest.approx(-1.0)
    assert values["g_vertical"] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("nibble", "gear"), [(0, -1), (1, 1), (8, 8), (15, 0)], ids=["R", "1", "8", "N"]
)
def test_gears(nibble: int, gear: int) -> None:
    assert frame_of(packet(gears=0xF0 | nibble)).gear == gear


def test_electric_car_has_no_fuel_and_a_ninth_gear_hides_the_car() -> None:
    decoder = GranTurismo7Decoder()
    frame = decoder.decode(packet(capacity=0.0, car=1_078_774_989), START_US)
    assert isinstance(frame, Frame)
    values = extra_of(decoder, frame)
    assert "fuel" not in values
    assert "fuel_fraction" not in values
    assert decoder.identity is not None
    assert decoder.identity.car is None


def test_steering_beyond_the_lock_stays_at_it() -> None:
    assert frame_of(packet(steering=-4.0)).steering == 1.0
    sent = packet(steering=-pi / 4)
    frame = GranTurismo7Decoder(steering_lock_deg=180.0).decode(sent, START_US)
    assert isinstance(frame, Frame)
    assert frame.steering == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"flags": 1 | 2}, "paused"),
        ({"flags": 1 | 4}, "menu"),
        ({"flags": 0, "speed": 0.0}, "menu"),
        ({"lap": -1}, "menu"),
    ],
)
def test_pauses_and_menus_have_no_frames(fields: dict[str, float], reason: str) -> None:
    assert drive(packet(**fields)) == [Skipped(reason)]


def test_car_that_stands_on_track_has_frames() -> None:
    assert frame_of(packet(speed=0.0, flags=1)).speed_kmh == 0.0


@pytest.mark.parametrize("size", [A, B, TILDE])
def test_clock_counts_ticks_since_the_line_and_leaves_out_pauses(size: int) -> None:
    decoded = drive(
        packet(size, tick=1000, lap=0),
        packet(size, tick=1001, lap=1),
        packet(size, tick=1061, lap=1),
        packet(size, tick=1062, lap=1, flags=1 | 2),
        packet(size, tick=1361, lap=1, flags=1 | 2),
        packet(size, tick=1391, lap=1),
    )
    frames = [frame for frame in decoded if isinstance(frame, Frame)]
    clocks = [frame.lap_time_ms for frame in frames]
    assert clocks == [None, 0, 1000, 1500]
    assert [frame.sequence for frame in frames] == [1000, 1001, 1061, 1091]
    at = CHANNELS.index("lap_distance")
    assert [frame.extra[at] for frame in frames[1:]] == pytest.approx([0.0, 50.0, 75.0])


def laps(*ticks_and_laps: tuple[int, int], size: int = B) -> list[Frame]:
    """Drive 50 m/s along z."""
    return [
        frame
        for frame in drive(
            *(packet(size, tick=t, lap=n, z=t * 50 / 60) for t, n in ticks_and_laps)
        )
        if isinstance(frame, Frame)
    ]


def test_position_is_known_once_a_lap_was_seen_from_line_to_line() -> None:
    frames = laps((0, 0), (60, 1), (360, 1), (660, 1), (661, 2), (961, 2), (1300, 2))
    shares = [frame.normalized_position for frame in frames]
    assert shares[:4] == [None] * 4
    assert shares[4:] == pytest.approx([0.0, 300 / 601, 1.0])


@pytest.mark.parametrize(
    "after",
    [
        packet(B, tick=1010, lap=1),
        packet(B, tick=1010, lap=2, x=5000.0),
        packet(B, tick=3, lap=2),
    ],
    ids=["lap fell", "car elsewhere", "game begun anew"],
)
def test_restart_is_another_session(after: bytes) -> None:
    frames = drive(packet(B, tick=1000, lap=2), after)
    assert [f.session_uid for f in frames if isinstance(f, Frame)] == [1, 2]


def test_clock_of_kind_c_that_falls_within_a_lap_is_another_session() -> None:
    frames = drive(packet(C, tick=1000, clock=30_000), packet(C, tick=1001, clock=0))
    assert [f.session_uid for f in frames if isinstance(f, Frame)] == [1, 2]


def test_repeated_and_overtaken_packets_move_nothing() -> None:
    frames = laps((0, 0), (60, 1), (120, 1), (120, 1), (119, 1), (180, 1))
    at = CHANNELS.index("lap_distance")
    assert [frame.lap_time_ms for frame in frames] == [None, 0, 1000, 1000, None, 2000]
    assert frames[-1].extra[at] == pytest.approx(100.0)
    assert {frame.session_uid for frame in frames} == {1}


def test_time_runs_by_the_ticks() -> None:
    frames = laps((6000, 1), (6060, 1), (6063, 1))
    stamps = [frame.timestamp_ms for frame in frames]
    assert stamps[0] == START_US // 1000
    assert [stamp - stamps[0] for stamp in stamps[1:]] == [1000, 1050]


@pytest.mark.parametrize(
    "fields",
    [
        {"speed": nan},
        {"speed": -1.0},
        {"speed": 1e6},
        {"rpm": float("inf")},
        {"lap": 20_000},
        {"rpm_limit": 60_000},
    ],
)
def test_impossible_packets_are_rejected(fields: dict[str, float]) -> None:
    assert isinstance(drive(packet(**fields))[0], Rejected)


def test_absurd_extra_is_absent_and_the_rest_is_kept() -> None:
    values = extra(packet(x=nan, y=2.0, tyre_fl=1e30, steering=nan))
    assert values["world_y"] == 2.0
    assert "world_x" not in values
    assert "tyre_temperature_fl" not in values
    assert frame_of(packet(steering=nan)).steering is None


def test_every_channel_is_in_the_table_once() -> None:
    assert set(CHANNELS) <= set(TABLE)
    assert len(set(CHANNELS)) == len(CHANNELS)


# The conversation


def test_each_kind_has_its_heartbeat() -> None:
    assert [heartbeat(kind) for kind in KINDS.values()] == [b"A", b"B", b"~", b"C"]
    with pytest.raises(ValueError, match="no packets of kind 'D'"):
        heartbeat("D")


def test_asks_for_poorer_kinds_while_nothing_comes() -> None:
    talk = GranTurismo7Conversation()
    asked = b"".join(request for _ in range(15) for request in talk.requests())
    assert asked == b"CCC~~~BBBAAACCC"


def test_asks_once_more_for_the_richest_and_then_for_what_comes() -> None:
    talk = GranTurismo7Conversation()
    for _ in range(4):
        talk.requests()
    assert talk.hear(packet(TILDE)).is_telemetry
    assert [*talk.reminders(), *talk.reminders(), *talk.reminders()] == [
        b"C",
        b"~",
        b"~",
    ]
    assert [*talk.requests()] == [b"~"]
    assert talk.hear(packet(C)).is_telemetry
    assert [*talk.reminders(), *talk.reminders()] == [b"C", b"C"]


def test_other_datagrams_are_no_telemetry() -> None:
    talk = GranTurismo7Conversation()
    assert not talk.hear(b"something else").is_telemetry
    assert list(talk.farewell()) == []
    assert talk.complaint is None


# Whatever arrives

PLAIN = [plain_packet(size, lap=2, last=90_000, clock=500) for size in SIZES]


@given(
    sent=st.one_of(
        st.binary(max_size=4096),
        st.sampled_from(SIZES).flatmap(lambda n: st.binary(min_size=n, max_size=n)),
        mangled([encrypted(plain) for plain in PLAIN]),
        mangled(PLAIN).map(encrypted),
    )
)
def test_any_bytes_are_a_sound_frame_or_a_reason_for_none(sent: bytes) -> None:
    decoder = GranTurismo7Decoder()
    assert_sound(decoder, decoder.decode(packet(tick=900), START_US))
    assert_sound(decoder, decoder.decode(sent, START_US + 16_000))
    assert_sound(decoder, decoder.decode(packet(tick=1002), START_US + 32_000))


@given(
    body=st.sampled_from(SIZES).flatmap(
        lambda size: st.binary(min_size=size - 4, max_size=size - 4)
    )
)
def test_any_plain_bytes_behind_the_mark(body: bytes) -> None:
    decoder = GranTurismo7Decoder()
    assert_sound(decoder, decoder.decode(encrypted(b"0S7G" + body), START_US))
