"""Lap detection on packets that games really sent."""

from __future__ import annotations

import struct

import pytest

from ps_tui.domain.frame import Frame
from ps_tui.domain.models import LapKind
from tests.support.captures import capture
from tests.support.drives import events_of, filed, laps_of
from tests.support.pcap import datagrams


def assetto_corsa_frames() -> list[Frame]:
    """Decode RTCarInfo by its documented offsets, without exact repeats."""
    frames: list[Frame] = []
    before = b""
    path = capture("assetto_corsa/monza_r8lms_rtcarinfo.pcap.gz")
    for received_us, packet in datagrams(path):
        if packet == before:
            continue
        before = packet
        clock_ms, last_ms, _, completed = struct.unpack_from("<4i", packet, 40)
        (speed_kmh,) = struct.unpack_from("<f", packet, 8)
        (position,) = struct.unpack_from("<f", packet, 308)
        frames.append(
            Frame(
                received_us=received_us,
                timestamp_ms=received_us // 1000,
                speed_kmh=speed_kmh,
                in_pit=bool(packet[24]),
                lap_time_ms=clock_ms,
                last_lap_ms=last_ms,
                lap_number=completed + 1,
                normalized_position=position,
            )
        )
    return frames


def test_assetto_corsa_from_the_pits_over_the_line() -> None:
    frames = assetto_corsa_frames()
    (out, first), (rest, second) = filed(frames, events_of(frames))

    assert len(frames) == 8162
    assert (out.lap_number, out.kind, out.reason) == (1, LapKind.OUT, None)
    assert (out.lap_time_ms, out.is_official) == (344_684, True)
    assert out.clock_time_ms == pytest.approx(344_684, abs=30)
    assert (rest.lap_number, rest.kind) == (2, LapKind.PARTIAL)
    assert rest.reason == "recording ended"
    assert len(first) == 7898
    assert len(first) + len(second) == len(frames)
    assert max(frame.normalized_position or 0.0 for frame in second) < 0.1


def test_forza_from_the_grid() -> None:
    frames = []
    for received_us, packet in datagrams(capture("forza/fm7_dash311_race.pcap.gz")):
        is_race_on, timestamp_ms = struct.unpack_from("<iI", packet)
        if is_race_on:
            last_s, clock_s = struct.unpack_from("<2f", packet, 288)
            (speed_ms,) = struct.unpack_from("<f", packet, 244)
            (lap,) = struct.unpack_from("<H", packet, 300)
            frames.append(
                Frame(
                    received_us=received_us,
                    timestamp_ms=timestamp_ms,
                    speed_kmh=speed_ms * 3.6,
                    lap_time_ms=round(clock_s * 1000),
                    last_lap_ms=round(last_s * 1000),
                    lap_number=lap + 1,
                )
            )
    lap, rest = laps_of(frames)

    assert (lap.kind, lap.lap_time_ms) == (LapKind.FLYING, 64_298)
    assert lap.clock_time_ms == pytest.approx(64_298, abs=3)
    assert rest.kind is LapKind.PARTIAL


def test_dirt_rally_to_the_end_of_a_stage() -> None:
    frames = []
    path = capture("dirt_rally/dr2_full_stage_1.pcap.gz")
    for received_us, packet in datagrams(path):
        values = struct.unpack("<66f", packet)
        frames.append(
            Frame(
                received_us=received_us,
                timestamp_ms=received_us // 1000,
                speed_kmh=values[7] * 3.6,
                lap_time_ms=round(values[1] * 1000),
                last_lap_ms=round(values[62] * 1000),
                lap_number=int(values[59]) + 1,
                normalized_position=max(values[3], 0.0),
            )
        )
    (stage,) = laps_of(frames)

    assert (stage.kind, stage.reason) == (LapKind.FLYING, None)
    assert stage.lap_time_ms == pytest.approx(202_525, abs=20)
