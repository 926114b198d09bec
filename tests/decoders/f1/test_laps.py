"""The lap tables that come of the frames: recorded drives, and drives built here."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from ps_tui.decoders.f1 import F1Decoder
from ps_tui.domain.frame import Frame
from ps_tui.domain.lap_detector import LapDetector
from ps_tui.domain.laps import LapCompleted, LapRevised
from ps_tui.domain.models import LapKind
from tests.support.captures import capture
from tests.support.f1_packets import FORMATS, build, tick
from tests.support.pcap import datagrams

LENGTH_M = 1500
SPEED_MS = 60.0
RATE_HZ = 30
LAP_S = LENGTH_M / SPEED_MS


def lap_table(packets: Iterable[tuple[int, bytes]]) -> list[LapCompleted]:
    """Return the laps that a stream of datagrams makes, revised times in place."""
    decoder, detector = F1Decoder(), LapDetector()
    events: list[Any] = []
    for received_us, packet in packets:
        decoded = decoder.decode(packet, received_us)
        if isinstance(decoded, Frame):
            events += detector.feed(decoded)
    events += detector.finish()
    times = {e.lap_number: e.lap_time_ms for e in events if isinstance(e, LapRevised)}
    assert not times, "the game publishes each time with the lap number"
    return [event for event in events if isinstance(event, LapCompleted)]


@pytest.mark.parametrize(
    ("name", "laps"),
    [
        (
            # Placed on the track, then a flying start before the line, then the lap.
            "f1/f1_24_full_lap_160501.pcap.gz",
            [
                ("car moved elsewhere", True, 8.5),
                ("joined late", True, 21.7),
                ("recording ended", True, 21.8),
            ],
        ),
        ("f1/f1_24_heavy_braking_160906.pcap.gz", [("recording ended", True, 26.9)]),
        (
            "f1/f1_24_high_speed_corners_161911.pcap.gz",
            [("joined late", False, 24.9), ("recording ended", False, 5.0)],
        ),
        (
            "f1/f1_25_format2026_bahrain_practice1.pcap.gz",
            [("recording ended", True, 8.6)],
        ),
    ],
)
def test_laps_of_the_recordings(name: str, laps: list[tuple[str, bool, float]]) -> None:
    """None of them holds a whole lap; the line is crossed in two."""
    table = lap_table(datagrams(capture(name)))
    assert [lap.kind for lap in table] == [LapKind.PARTIAL] * len(laps)
    assert [(lap.reason, lap.valid) for lap in table] == [lap[:2] for lap in laps]
    lengths = [(lap.ended_us - lap.started_us) / 1e6 for lap in table]
    assert lengths == pytest.approx([lap[2] for lap in laps], abs=2.5)
    if "2026" in name:
        assert table[0].lap_number == 3


def drive(
    packet_format: int,
    *,
    start_m: float,
    seconds: float,
    pit_until_s: float = 0.0,
    invalid_lap: int = 0,
    rate_hz: int = RATE_HZ,
) -> Iterator[tuple[int, bytes]]:
    """Yield the packets of a drive at one speed; laps begin at whole laps from 0."""
    yield 0, build(packet_format, 1, 0, track_length=LENGTH_M, track_id=11)
    for step in range(int(seconds * rate_hz)):
        at_s = step / rate_hz
        driven_m = start_m + at_s * SPEED_MS
        lap = max(int(driven_m // LENGTH_M), 0)
        distance_m = driven_m - lap * LENGTH_M
        last_lap_ms = round(LAP_S * 1000) + lap if lap else 0
        packets = tick(
            packet_format,
            step,
            time=at_s,
            lap={
                "lap_number": lap + 1,
                "distance": distance_m,
                "lap_time": round(max(distance_m, 0.0) / SPEED_MS * 1000),
                "last_lap": last_lap_ms,
                "pit": 1 if at_s < pit_until_s else 0,
                "invalid": int(lap + 1 == invalid_lap),
            },
            motion={"vx": SPEED_MS},
            telemetry={"speed": round(SPEED_MS * 3.6), "throttle": 1.0},
        )
        for packet in packets:
            yield round(at_s * 1e6), packet


@pytest.mark.parametrize("packet_format", FORMATS)
def test_out_lap_two_laps_and_a_part(packet_format: int) -> None:
    out, first, second, rest = lap_table(
        drive(
            packet_format,
            start_m=-720.0,
            seconds=75,
            pit_until_s=5.0,
            invalid_lap=2,
        )
    )
    assert (out.kind, out.valid) == (LapKind.OUT, True)
    assert (first.kind, first.valid, first.lap_time_ms) == (
        LapKind.FLYING,
        True,
        25_001,
    )
    assert first.is_official
    assert (second.kind, second.valid) == (LapKind.FLYING, False)
    assert second.lap_time_ms == 25_002
    assert rest.kind is LapKind.PARTIAL


@pytest.mark.parametrize("rate_hz", [10, 20, 60])
def test_laps_at_every_send_rate(rate_hz: int) -> None:
    drive_packets = drive(2025, start_m=-720.0, seconds=70, rate_hz=rate_hz)
    run_up, first, second, _ = lap_table(drive_packets)
    assert run_up.kind is LapKind.PARTIAL
    assert [first.lap_time_ms, second.lap_time_ms] == [25_001, 25_002]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("loss", [0.05, 0.3])
def test_lost_packets_cost_no_lap(seed: int, loss: float) -> None:
    chance = random.Random(seed)
    received = [
        packet
        for packet in drive(2024, start_m=-720.0, seconds=70)
        if packet[0] == 0 or chance.random() > loss
    ]
    run_up, first, second, rest = lap_table(received)
    assert [lap.kind for lap in (first, second)] == [LapKind.FLYING] * 2
    assert [first.lap_time_ms, second.lap_time_ms] == [25_001, 25_002]
    assert {run_up.kind, rest.kind} == {LapKind.PARTIAL}


def test_a_flashback_makes_the_lap_partial_and_the_next_counts() -> None:
    packets = list(drive(2025, start_m=-720.0, seconds=75))
    per_second = 5 * RATE_HZ
    cut, back = 30 * per_second, 26 * per_second
    overall = cut // 5
    rewound = [
        _renumbered(packet, overall + index // 5, 4_000_000)
        for index, packet in enumerate(packets[1 + back :])
    ]
    table = lap_table([*packets[: 1 + cut], *rewound])
    assert [lap.kind for lap in table[1:3]] == [LapKind.PARTIAL, LapKind.FLYING]
    assert table[2].lap_time_ms == 25_002


def _renumbered(
    packet: tuple[int, bytes], overall: int, later_us: int
) -> tuple[int, bytes]:
    received_us, data = packet
    number = overall.to_bytes(4, "little")
    return received_us + later_us, data[:23] + number + data[27:]


def test_a_restart_never_splices_two_laps() -> None:
    before = list(drive(2024, start_m=-720.0, seconds=30))
    restarted = [
        (received_us + 31_000_000, packet[:7] + b"\x99" * 8 + packet[15:])
        for received_us, packet in drive(2024, start_m=-720.0, seconds=45)
    ]
    table = lap_table([*before, *restarted])
    assert [lap.reason for lap in table[:2]] == ["joined late", "new session"]
    assert [lap.lap_time_ms for lap in table if lap.kind is LapKind.FLYING] == [25_001]
