"""A drive goes on steadily; frames that only parse do not."""

from __future__ import annotations

import random

import pytest

from ps_tui.collector.pcap import PcapReader
from ps_tui.collector.steadiness import ENOUGH_FRAMES, is_steady
from ps_tui.decoders.registry import SOURCES
from ps_tui.domain.frame import Frame
from tests.support.captures import capture

NOW_US = 1_700_000_000_000_000


def drive(count: int = 40, lap_frames: int = 25) -> list[Frame]:
    return [
        Frame(
            received_us=NOW_US + n * 20_000,
            timestamp_ms=NOW_US // 1000 + n * 20,
            speed_kmh=150.0 + n % 7,
            lap_number=1 + n // lap_frames,
            lap_time_ms=n % lap_frames * 20,
            normalized_position=n % lap_frames / lap_frames,
        )
        for n in range(count)
    ]


def test_a_drive_over_the_line_is_steady() -> None:
    assert is_steady(drive())


def test_few_frames_say_nothing() -> None:
    assert not is_steady(drive(ENOUGH_FRAMES - 1))
    assert is_steady(drive(ENOUGH_FRAMES))


def test_a_drive_out_of_order_is_none() -> None:
    frames = drive()
    random.Random(1).shuffle(frames)
    assert not is_steady(frames)


def test_frames_that_stand_still_are_no_drive() -> None:
    still = [
        Frame(received_us=NOW_US + n, timestamp_ms=NOW_US // 1000, speed_kmh=1.0)
        for n in range(40)
    ]
    assert not is_steady(still)


def test_values_that_jump_are_no_drive() -> None:
    chance = random.Random(2)
    jumping = [
        Frame(
            received_us=NOW_US + n * 20_000,
            timestamp_ms=(NOW_US + n * 20_000) // 1000,
            speed_kmh=chance.uniform(0, 350),
        )
        for n in range(40)
    ]
    assert not is_steady(jumping)


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("assetto_corsa/monza_r8lms_rtcarinfo.pcap.gz", "assetto-corsa"),
        ("f1/f1_24_full_lap_160501.pcap.gz", "f1"),
        ("forza/fh5_dash324_free_roam.pcap.gz", "forza"),
        ("lfs_beamng/beamng_outgauge_92_x18000.pcap.gz", "beamng"),
        ("project_cars/pc1_protocol_dubai_race_lap1.pcap.gz", "project-cars"),
    ],
)
def test_a_real_drive_is_steady_until_it_is_shuffled(name: str, source: str) -> None:
    recorded = list(PcapReader(capture(name)))
    middle = recorded[len(recorded) // 2 :][:500]

    def frames(payloads: list[bytes]) -> list[Frame]:
        decode = SOURCES[source].make_decoder().decode
        decoded = [
            decode(payload, each.time_us)
            for payload, each in zip(payloads, middle, strict=False)
        ]
        return [each for each in decoded if isinstance(each, Frame)]

    assert is_steady(frames([each.payload for each in middle])[:64])
    mixed = random.Random(3).sample(recorded, len(middle))
    assert not is_steady(frames([each.payload for each in mixed])[:64])
