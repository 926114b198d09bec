"""DiRT Rally against its recordings, and against packets built by index."""

from __future__ import annotations

import struct
from functools import lru_cache
from math import nan, pi

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ps_tui.decoders.dirt_rally import DirtRallyDecoder
from ps_tui.decoders.dirt_rally_packet import CHANNELS, SIZE
from ps_tui.domain.channel import CHANNELS as TABLE
from ps_tui.domain.frame import Decoded, Frame, Rejected, Skipped
from ps_tui.domain.lap_detector import LapDetector
from ps_tui.domain.laps import LapCompleted
from ps_tui.domain.models import LapKind
from tests.support.captures import capture
from tests.support.decoded import assert_sound, extra_of, mangled, turning_agreement
from tests.support.dirt_rally_packets import dirt
from tests.support.pcap import datagrams

STAGE = "dirt_rally/dr2_full_stage_1.pcap.gz"
STAGE_PART = "dirt_rally/dr1_stage_part.pcap.gz"
START_US = 1_760_000_000_000_000


@lru_cache
def recorded(name: str) -> list[tuple[int, bytes]]:
    return list(datagrams(capture(name)))


def frames_of(decoder: DirtRallyDecoder, name: str) -> list[Frame]:
    decoded = [decoder.decode(packet, at_us) for at_us, packet in recorded(name)]
    frames = [frame for frame in decoded if isinstance(frame, Frame)]
    assert len(frames) == len(decoded)
    return frames


def decode(*packets: bytes) -> list[Decoded]:
    decoder = DirtRallyDecoder()
    return [
        decoder.decode(packet, START_US + index * 16_667)
        for index, packet in enumerate(packets)
    ]


def frame_of(packet: bytes) -> Frame:
    (decoded,) = decode(packet)
    assert isinstance(decoded, Frame)
    return decoded


def wheels(extra: dict[str, float], stem: str) -> list[float]:
    return [extra[f"{stem}_{wheel}"] for wheel in ("fl", "fr", "rl", "rr")]


@pytest.mark.parametrize("name", [STAGE, STAGE_PART])
def test_recorded_frames_equal_the_bytes_they_came_from(name: str) -> None:
    decoder = DirtRallyDecoder()
    frames = frames_of(decoder, name)
    for pick in (0, len(frames) // 4, len(frames) // 2, -100, -1):
        raw = struct.unpack("<66f", recorded(name)[pick][1])
        frame = frames[pick]
        extra = extra_of(decoder, frame)
        assert (frame.throttle, frame.steering, frame.brake) == raw[29:32]
        assert extra["clutch"] == raw[32]
        assert frame.gear == (-1 if raw[33] == 10 else raw[33])
        assert (extra["g_lateral"], extra["g_longitudinal"]) == raw[34:36]
        assert frame.speed_kmh == pytest.approx(raw[7] * 3.6)
        assert frame.rpm == pytest.approx(raw[37] * 60 / (2 * pi))
        assert extra["max_rpm"] == pytest.approx(8000.0, abs=0.01)
        assert frame.lap_time_ms == round(raw[1] * 1000)
        assert frame.normalized_position == raw[3]
        assert (frame.lap_number, frame.in_pit, frame.last_lap_ms) == (1, False, None)
        assert (extra["world_x"], extra["world_y"], extra["world_z"]) == raw[4:7]
        assert (extra["lap_distance"], extra["session_time"]) == (raw[2], raw[0])
        assert extra["track_position"] == raw[39]
        assert extra["sector"] == raw[48] + 1
        order = (2, 3, 0, 1)
        assert wheels(extra, "suspension_travel") == pytest.approx(
            [raw[17 + at] / 1000 for at in order]
        )
        assert wheels(extra, "wheel_rim_speed") == [raw[25 + at] for at in order]
        assert wheels(extra, "brake_temperature") == [raw[51 + at] for at in order]
        assert extra.get("sector1_time", 0.0) == pytest.approx(raw[49] * 1000)
        assert extra.get("sector2_time", 0.0) == pytest.approx(raw[50] * 1000)
        assert not [key for key in extra if key.startswith(("fuel", "tyre"))]


@pytest.mark.parametrize(
    ("name", "expected"),
    [(STAGE, (LapKind.FLYING, 202_525)), (STAGE_PART, (LapKind.PARTIAL, None))],
)
def test_recorded_stage_is_one_lap(
    name: str, expected: tuple[LapKind, int | None]
) -> None:
    detector = LapDetector()
    events = [
        e for frame in frames_of(DirtRallyDecoder(), name) for e in detector.feed(frame)
    ]
    events += detector.finish()
    laps = [e for e in events if isinstance(e, LapCompleted)]
    assert [(lap.kind, lap.lap_time_ms) for lap in laps] == [expected]


def test_recorded_stage_tells_length_and_sectors() -> None:
    decoder = DirtRallyDecoder()
    frames = frames_of(decoder, STAGE)
    assert decoder.identity is not None
    assert decoder.identity.track == "stage 5236.91 m"
    assert decoder.identity.track_length_m == pytest.approx(5236.91, abs=0.01)
    assert decoder.identity.car == "8000 rpm, idle 1450, 5 gears"
    last = extra_of(decoder, frames[-1])
    assert last["sector1_time"] == pytest.approx(53_278, abs=1)
    assert last["sector2_time"] == pytest.approx(55_792, abs=1)
    assert {frame.session_uid for frame in frames} == {1}


@pytest.mark.parametrize(("name", "end"), [(STAGE, None), (STAGE_PART, 1180)])
def test_recorded_bends_agree_with_lateral_g_and_the_map(
    name: str, end: int | None
) -> None:
    """At frame 1190 of the second the game puts the car back: no path leads there."""
    decoder = DirtRallyDecoder()
    assert turning_agreement(decoder, frames_of(decoder, name)[:end]) > 0.9


@pytest.mark.parametrize(("raw", "gear"), [(-1.0, -1), (10.0, -1), (0.0, 0), (6.0, 6)])
def test_gears_of_both_games(raw: float, gear: int) -> None:
    assert frame_of(dirt(gear=raw)).gear == gear


def test_psi_and_litres_become_kilopascals_and_a_share() -> None:
    packet = dirt(pressure=30.0, fuel=20.0, capacity=80.0, ahead_x=1.0)
    extra = extra_of(DirtRallyDecoder(), frame_of(packet))
    assert extra["tyre_pressure_rl"] == pytest.approx(206.84271)
    assert "tyre_pressure_fl" not in extra
    assert extra["fuel_fraction"] == 0.25
    assert extra["heading"] == 90.0


def test_completed_stage_has_its_official_time_and_then_nothing() -> None:
    finish, behind, again = decode(
        dirt(total=100.0, time=60.0, progress=0.5),
        dirt(total=160.0, time=120.0, progress=0.9999, laps=1.0, last=120.01),
        dirt(
            total=161.0, time=120.0, progress=0.9999, laps=1.0, last=120.01, speed=9.0
        ),
        dirt(total=200.0, time=0.0, progress=0.0, distance=-100.0),
    )[1:]
    assert isinstance(finish, Frame)
    assert (finish.lap_number, finish.last_lap_ms) == (2, 120_010)
    assert behind == Skipped("stage finished")
    assert isinstance(again, Frame)
    assert (again.lap_number, again.session_uid) == (1, 2)


@pytest.mark.parametrize(
    "fields", [{"time": 3.0, "distance": 40.0}, {"time": 61.0, "distance": 900.0}]
)
def test_restart_is_another_session(fields: dict[str, float]) -> None:
    frames = decode(dirt(distance=1000.0), dirt(total=103.0, **fields))
    assert [f.session_uid for f in frames if isinstance(f, Frame)] == [1, 2]


def test_circuit_counts_laps_and_measures_each_from_the_line() -> None:
    frames = decode(
        dirt(lap_count=4.0, laps=1.0, distance=6000.0, time=20.0),
        dirt(lap_count=4.0, laps=2.0, distance=10_500.0, time=1.0, total=200.0),
    )
    positions = [
        (f.lap_number, f.normalized_position, f.session_uid)
        for f in frames
        if isinstance(f, Frame)
    ]
    assert positions == [(2, 0.2, 1), (3, 0.1, 1)]


def test_packet_that_differs_in_total_time_alone_is_a_pause() -> None:
    first, same, later = decode(dirt(), dirt(), dirt(total=100.5))
    assert isinstance(first, Frame)
    assert isinstance(same, Frame)
    assert later == Skipped("paused")


def test_empty_packet_is_no_stage() -> None:
    assert decode(bytes(SIZE)) == [Skipped("no stage")]


@pytest.mark.parametrize(
    "packet",
    [
        dirt(throttle=1.5),
        dirt(steer=-2.0),
        dirt(gear=2.5),
        dirt(gear=nan),
        dirt(speed=1e6),
        dirt(progress=-1.0),
        dirt(time=nan),
        dirt()[:-4],
        dirt() + bytes(4),
        b"",
    ],
)
def test_impossible_packets_are_rejected(packet: bytes) -> None:
    assert isinstance(decode(packet)[0], Rejected)


def test_absurd_extra_is_absent_and_the_rest_is_kept() -> None:
    extra = extra_of(DirtRallyDecoder(), frame_of(dirt(x=nan, y=2.0, brakes=1e30)))
    assert extra["world_y"] == 2.0
    assert "world_x" not in extra
    assert "brake_temperature_rl" not in extra


def test_every_channel_is_in_the_table_once() -> None:
    assert set(CHANNELS) <= set(TABLE)
    assert len(set(CHANNELS)) == len(CHANNELS)


@given(
    packet=st.one_of(
        st.binary(max_size=4096),
        st.binary(min_size=SIZE, max_size=SIZE),
        mangled([dirt(), dirt(lap_count=3.0, laps=1.0), dirt(laps=1.0, capacity=1.0)]),
    )
)
def test_any_bytes_are_a_sound_frame_or_a_reason_for_none(packet: bytes) -> None:
    decoder = DirtRallyDecoder()
    assert_sound(decoder, decoder.decode(dirt(), START_US))
    assert_sound(decoder, decoder.decode(packet, START_US + 16_000))
