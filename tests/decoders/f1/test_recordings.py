"""Every frame of the recordings against values read here by offset."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import atan2, degrees, hypot, isnan
from typing import Any

import pytest

from ps_tui.decoders.f1 import CHANNELS, F1Decoder, detect
from ps_tui.domain.channel import CHANNELS as TABLE
from ps_tui.domain.frame import Frame, Identity, Rejected, Skipped
from tests.support.captures import capture
from tests.support.decoded import assert_sound, extra_of
from tests.support.f1_packets import Header, read
from tests.support.pcap import datagrams

DRIVES = {
    "f1/f1_24_full_lap_160501.pcap.gz": 142,
    "f1/f1_24_heavy_braking_160906.pcap.gz": 108,
    "f1/f1_24_high_speed_corners_161911.pcap.gz": 123,
    "f1/f1_25_format2026_bahrain_practice1.pcap.gz": 87,
}
SINGLES = {
    "f1/one_of_each_2023.pcap.gz": 30,
    "f1/one_of_each_2024.pcap.gz": 28,
    "f1/one_of_each_2025.pcap.gz": 13,
}
WHEELS = ("rl", "rr", "fl", "fr")


def expected_core(packets: dict[int, bytes], track_length: int) -> dict[str, Any]:
    """Return the fields of the frame that packets of one number make."""
    lap, telemetry = packets[2], packets.get(6)
    position = None
    if track_length:
        distance = read(lap, "distance")
        position = distance / track_length + (1 if distance < 0 else 0)
    core = {
        "lap_time_ms": read(lap, "lap_time"),
        "lap_number": read(lap, "lap_number"),
        "normalized_position": position,
        "in_pit": read(lap, "pit") > 0,
        "lap_valid": not read(lap, "invalid"),
        "last_lap_ms": read(lap, "last_lap") or None,
        "throttle": None,
        "brake": None,
        "steering": None,
        "gear": None,
        "rpm": None,
        "speed_kmh": None,
    }
    if telemetry is not None:
        core |= {
            "throttle": read(telemetry, "throttle"),
            "brake": read(telemetry, "brake"),
            "steering": read(telemetry, "steer"),
            "gear": read(telemetry, "gear"),
            "rpm": read(telemetry, "rpm"),
            "speed_kmh": read(telemetry, "speed"),
        }
    elif 0 in packets:
        velocity = [read(packets[0], name) for name in ("vx", "vy", "vz")]
        core["speed_kmh"] = 3.6 * hypot(*velocity)
    return core


def of_wheels(stem: str, values: Any, scale: float = 1.0) -> dict[str, float]:
    return {
        f"{stem}_{wheel}": value * scale
        for wheel, value in zip(WHEELS, values, strict=True)
    }


def expected_extra(
    packets: dict[int, bytes], held: dict[int, bytes]
) -> dict[str, float]:
    """Return the further channels of a frame; a value of 0 that means none is NaN."""
    lap = packets[2]
    values: dict[str, float] = {
        "session_time": Header(lap).time,
        "track_position": read(lap, "place"),
        "lap_distance": read(lap, "distance"),
        "sector": read(lap, "sector") + 1,
    }
    for key, stem in (
        ("gap_ahead", "ahead"),
        ("gap_leader", "leader"),
        ("sector1_time", "s1"),
        ("sector2_time", "s2"),
    ):
        time_ms = read(lap, f"{stem}_ms") + 60_000 * read(lap, f"{stem}_min")
        if time_ms:
            values[key] = time_ms
    if 6 in packets:
        packet = packets[6]
        values |= {
            "clutch": read(packet, "clutch") / 100,
            "drs_open": read(packet, "drs"),
            "engine_temperature": read(packet, "engine"),
            **of_wheels("brake_temperature", read(packet, "brake_temperature")),
            **of_wheels("tyre_temperature", read(packet, "outer")),
            **of_wheels("tyre_inner_temperature", read(packet, "inner")),
            **of_wheels("tyre_pressure", read(packet, "psi"), 6.894757),
        }
    if 0 in packets:
        packet = packets[0]
        unit = 0.001 if Header(packet).format == 2026 else 1.0
        values |= {f"world_{axis}": read(packet, axis) for axis in "xyz"}
        ahead = read(packet, "ahead_x"), -read(packet, "ahead_z")
        values["heading"] = degrees(atan2(*ahead)) % 360.0
        for key in ("g_lateral", "g_longitudinal", "g_vertical"):
            values[key] = read(packet, key) * unit
    if 13 in packets:
        packet = packets[13]
        values |= {
            **of_wheels("suspension_travel", read(packet, "travel"), 0.001),
            **of_wheels("wheel_rim_speed", read(packet, "wheel_speed")),
            **of_wheels("wheel_slip", read(packet, "slip")),
            **of_wheels("slip_angle", map(degrees, read(packet, "angle"))),
        }
    return values | expected_held(held)


def expected_held(held: dict[int, bytes]) -> dict[str, float]:
    """Return what the newest status, damage, session and history say."""
    values: dict[str, float] = {}
    if 7 in held:
        packet = held[7]
        values |= {
            "tc_enabled": int(read(packet, "traction") > 0),
            "abs_enabled": read(packet, "abs"),
            "brake_bias": read(packet, "bias") / 100,
            "speed_limiter": read(packet, "limiter"),
            "fuel_mass": read(packet, "fuel"),
            "fuel_laps": read(packet, "fuel_laps"),
            "max_rpm": read(packet, "max_rpm"),
            "drs_allowed": read(packet, "drs_allowed"),
            "tyre_compound": read(packet, "compound"),
            "tyre_age": read(packet, "tyre_age"),
            "flag": read(packet, "flag"),
            "ers_charge": read(packet, "store") / 4e6,
            "ers_mode": read(packet, "mode"),
            "ers_harvested": sum(
                read(packet, name) for name in ("harvested_k", "harvested_h")
            )
            / 1e6,
            "ers_deployed": read(packet, "deployed") / 1e6,
        }
    if 10 in held:
        values |= of_wheels("tyre_wear", read(held[10], "wear"), 0.01)
    if 1 in held:
        packet = held[1]
        values |= {
            "session_type": {1: 0, 18: 3}[read(packet, "session_type")],
            "weather": read(packet, "weather"),
            "track_temperature": read(packet, "track_temperature"),
            "air_temperature": read(packet, "air_temperature"),
            "safety_car": read(packet, "safety_car"),
        }
    if 11 in held and (best_lap := read(held[11], "best_lap")):
        values["best_lap_time"] = read(held[11], f"lap_{best_lap}")
    return values


def expected_frames(
    name: str,
) -> Iterator[tuple[int, dict[str, Any], dict[str, float]]]:
    """Yield frame number, fields and further channels of every frame with lap data."""
    by_number: dict[int, dict[int, bytes]] = {}
    for _, packet in datagrams(capture(name)):
        header = Header(packet)
        is_other_car = header.kind == 11 and read(packet, "whose") != header.player
        if not is_other_car:
            by_number.setdefault(header.overall, {})[header.kind] = packet
    held: dict[int, bytes] = {}
    for number, packets in by_number.items():
        held |= {kind: packets[kind] for kind in (1, 7, 10, 11) if kind in packets}
        if 2 in packets:
            track_length = read(held[1], "track_length") if 1 in held else 0
            core = expected_core(packets, track_length)
            yield number, core, expected_extra(packets, held)


@pytest.mark.parametrize("name", DRIVES)
def test_each_frame_holds_what_its_packets_say(name: str) -> None:
    decoder = F1Decoder()
    results = [decoder.decode(packet, at) for at, packet in datagrams(capture(name))]
    frames = [result for result in results if isinstance(result, Frame)]
    wanted = list(expected_frames(name))

    assert len(frames) == DRIVES[name]
    # The last frame of a recording that ends amid its packets is never complete.
    assert len(wanted) - len(frames) in (0, 1)
    for frame, (_, core, extra) in zip(frames, wanted, strict=False):
        for field, value in core.items():
            assert getattr(frame, field) == pytest.approx(value), field
        assert extra_of(decoder, frame) == pytest.approx(extra, rel=1e-6)


@pytest.mark.parametrize("name", DRIVES)
def test_a_recording_is_accounted_for_and_sound(name: str) -> None:
    decoder = F1Decoder()
    times = []
    for received_us, packet in datagrams(capture(name)):
        assert detect(packet)
        decoded = decoder.decode(packet, received_us)
        assert not isinstance(decoded, Rejected)
        assert_sound(decoder, decoded)
        if isinstance(decoded, Frame):
            times.append((decoded.received_us, decoded.sequence))
    assert times == sorted(times)
    assert len({sequence for _, sequence in times}) == len(times)


@pytest.mark.parametrize(
    ("name", "identity"),
    [
        (
            "f1/f1_24_full_lap_160501.pcap.gz",
            Identity("Red Bull Racing", "Player 01", "Monza", None, 5798.0, 13999.0),
        ),
        (
            "f1/f1_24_high_speed_corners_161911.pcap.gz",
            Identity(None, None, "Zandvoort", None, 4258.0, 13999.0),
        ),
        (
            "f1/f1_25_format2026_bahrain_practice1.pcap.gz",
            Identity("Ferrari '26", "Player 01", "Bahrain", None, 5408.0, 13099.0),
        ),
    ],
)
def test_recordings_tell_who_drives_where(name: str, identity: Identity) -> None:
    decoder = F1Decoder()
    told = [decoder.decode(packet, at) for at, packet in datagrams(capture(name))]
    assert decoder.identity == identity
    assert identity in told


def test_the_format_2026_recording_has_no_gap_in_its_numbers() -> None:
    """At 10 Hz every second number carries no packet of the car."""
    decoder = F1Decoder()
    packets = datagrams(capture("f1/f1_25_format2026_bahrain_practice1.pcap.gz"))
    decoded = [decoder.decode(packet, at) for at, packet in packets]
    numbers = [frame.sequence for frame in decoded if isinstance(frame, Frame)]
    assert numbers[0] is not None
    assert numbers == list(range(numbers[0], numbers[0] + 87))


@pytest.mark.parametrize("name", SINGLES)
def test_single_packets_are_never_refused(name: str) -> None:
    decoder = F1Decoder()
    decoded = [decoder.decode(packet, at) for at, packet in datagrams(capture(name))]
    assert len(decoded) == SINGLES[name]
    assert not [result for result in decoded if isinstance(result, Rejected)]
    for result in decoded:
        assert_sound(decoder, result)


@pytest.mark.parametrize("name", SINGLES)
def test_each_single_packet_of_the_car_makes_a_frame_with_lap_data(name: str) -> None:
    """Each part alone beside lap data of its number: values as read here."""
    packets = [packet for _, packet in datagrams(capture(name))]
    lap = next(packet for packet in packets if Header(packet).kind == 2)
    player = Header(lap).player
    session = next(packet for packet in packets if Header(packet).kind == 1)
    car = read(session, "spectated") if player == 255 else player
    header = lap[:29]
    checked = 0
    for packet in packets:
        if Header(packet).kind not in (0, 6, 7, 10):
            continue
        decoder = F1Decoder()
        joined = header[:6] + packet[6:7] + header[7:] + packet[29:]
        opening = header[:6] + b"\x01" + header[7:] + session[29:]
        decoder.decode(opening, 0)
        for part in (_at(opening, 1), _at(lap, 1), _at(joined, 1)):
            decoder.decode(part, 1)
        frame = decoder.decode(_at(opening, 2), 2)
        assert isinstance(frame, Frame)
        values = extra_of(decoder, frame)
        assert frame.lap_number == read(lap, "lap_number", car)
        assert values["lap_distance"] == read(lap, "distance", car)
        kind = Header(packet).kind
        if kind == 0:
            assert values["world_x"] == read(packet, "x", car)
        elif kind == 6:
            assert frame.rpm == read(packet, "rpm", car)
            assert values["tyre_temperature_fr"] == read(packet, "outer", car)[3]
        elif kind == 7:
            assert values["fuel_mass"] == read(packet, "fuel", car)
        else:
            assert values["tyre_wear_rl"] == pytest.approx(
                read(packet, "wear", car)[0] / 100
            )
        checked += 1
    assert checked >= 4


def _at(packet: bytes, later: int) -> bytes:
    """Return a packet of a frame ``later`` frames on."""
    overall = Header(packet).overall + later
    return packet[:23] + overall.to_bytes(4, "little") + packet[27:]


def test_format_2022_is_named_and_refused() -> None:
    decoder = F1Decoder()
    reasons = set()
    for received_us, packet in datagrams(capture("f1/one_of_each_2022.pcap.gz")):
        decoded = decoder.decode(packet, received_us)
        assert isinstance(decoded, Rejected)
        assert not detect(packet)
        reasons.add(decoded.reason)
    (reason,) = reasons
    assert "F1 22" in reason
    assert "UDP Format" in reason


def test_the_spectated_car_is_followed() -> None:
    """The packets of 2025 were recorded by a spectator: player index 255."""
    packets = {
        Header(packet).kind: packet
        for _, packet in datagrams(capture("f1/one_of_each_2025.pcap.gz"))
    }
    decoder = F1Decoder()
    first = decoder.decode(packets[2], 0)
    assert isinstance(first, Skipped)
    assert "spectating" in first.reason
    decoder.decode(packets[1], 1)
    car = read(packets[1], "spectated")
    decoder.decode(_at(packets[2], 1000), 2)
    frame = decoder.decode(_at(packets[1], 1001), 3)
    assert isinstance(frame, Frame)
    assert car == 2
    assert frame.lap_time_ms == read(packets[2], "lap_time", car)
    assert frame.session_uid != Header(packets[2]).uid


def test_all_channels_are_in_the_table() -> None:
    assert set(CHANNELS) <= set(TABLE)
    assert len(set(CHANNELS)) == len(CHANNELS)
    assert F1Decoder().channels == CHANNELS
    assert not any(isnan(TABLE[key].maximum) for key in CHANNELS)


def test_the_recorded_heading_is_where_the_car_drives() -> None:
    decoder = F1Decoder()
    packets = datagrams(capture("f1/f1_25_format2026_bahrain_practice1.pcap.gz"))
    decoded = [decoder.decode(packet, at) for at, packet in packets]
    frames = [extra_of(decoder, each) for each in decoded if isinstance(each, Frame)]
    for here, there in pairwise(frames):
        way = atan2(
            there["world_x"] - here["world_x"], here["world_z"] - there["world_z"]
        )
        off = (there["heading"] - degrees(way) + 180) % 360 - 180
        assert abs(off) < 15
