"""The lap table that comes out of every recording, by what was noted of each."""

from __future__ import annotations

import pytest

from ps_tui.collector.pcap import PcapReader
from ps_tui.decoders.registry import SOURCES
from ps_tui.domain.frame import Frame
from ps_tui.domain.lap_detector import LapDetector
from ps_tui.domain.laps import LapCompleted
from ps_tui.domain.models import LapKind
from tests.support.captures import CAPTURES, capture

Lap = tuple[int, LapKind, int | None]
"""Number, kind, time in ms."""
PART = LapKind.PARTIAL

TABLES: dict[str, tuple[str, list[Lap]]] = {
    "assetto_corsa/monza_r8lms_rtcarinfo": (
        "assetto-corsa",
        [(1, LapKind.OUT, 344_684), (2, PART, None)],
    ),
    "dirt_rally/dr1_stage_part": ("dirt-rally", [(1, PART, None)]),
    "dirt_rally/dr2_full_stage_1": ("dirt-rally", [(1, LapKind.FLYING, 202_525)]),
    "f1/f1_24_full_lap_160501": (
        "f1",
        [(1, PART, None), (2, PART, None), (3, PART, None)],
    ),
    "f1/f1_24_heavy_braking_160906": ("f1", [(1, PART, None)]),
    "f1/f1_24_high_speed_corners_161911": ("f1", [(1, PART, None), (2, PART, None)]),
    "f1/f1_25_format2026_bahrain_practice1": ("f1", [(3, PART, None)]),
    "f1/one_of_each_2022": ("f1", []),
    "f1/one_of_each_2023": ("f1", [(2, PART, None)]),
    "f1/one_of_each_2024": ("f1", [(1, PART, None), (3, PART, None), (4, PART, None)]),
    "f1/one_of_each_2025": ("f1", [(2, PART, None)]),
    "forza/fh5_dash324_free_roam": ("forza", [(1, PART, None)]),
    "forza/fm2023_dash331_race_end": ("forza", [(1, PART, None)]),
    "forza/fm7_dash311_race": ("forza", [(1, LapKind.FLYING, 64_298), (2, PART, None)]),
    "gran_turismo_7/replay_1lap_C368": (
        "gran-turismo-7",
        [(1, LapKind.FLYING, 115_244), (2, PART, None)],
    ),
    "lfs_beamng/beamng_motionsim_88_x5": ("beamng", []),
    "lfs_beamng/beamng_outgauge_92_x18000": ("beamng", [(1, PART, None)]),
    "lfs_beamng/lfs_outgauge_92_x4": ("lfs", [(1, PART, None)]),
    "lfs_beamng/lfs_outgauge_92_xrt": ("lfs", [(1, PART, None)]),
    "lfs_beamng/lfs_outsim_legacy64": ("lfs", []),
    "lfs_beamng/lfs_outsim_opts050_28_2": ("lfs", []),
    "lfs_beamng/lfs_outsim_opts1ff_280_0": ("lfs", []),
    "lfs_beamng/lfs_outsim_opts1ff_280_1": ("lfs", []),
    "project_cars/pc1_packet0": ("project-cars", [(1, PART, None)]),
    "project_cars/pc1_packet1": ("project-cars", []),
    "project_cars/pc1_packet2": ("project-cars", []),
    "project_cars/pc1_protocol_dubai_race_lap1": ("project-cars", [(1, PART, None)]),
    "project_cars/pc2_v2_type0": ("project-cars", []),
    "project_cars/pc2_v2_type3": ("project-cars", []),
    "project_cars/pc2_v2_type4": ("project-cars", []),
    "project_cars/pc2_v2_type7": ("project-cars", []),
}
"""Free driving is one part of a lap without a time; a packet that only joins others
makes no frame, so no lap."""


@pytest.mark.parametrize("name", TABLES)
def test_laps_of_a_recording(name: str) -> None:
    source, expected = TABLES[name]
    decoder, detector = SOURCES[source].make_decoder(), LapDetector()
    events = [
        event
        for datagram in PcapReader(capture(f"{name}.pcap.gz"))
        if isinstance(
            frame := decoder.decode(datagram.payload, datagram.time_us), Frame
        )
        for event in detector.feed(frame)
    ]
    laps = [e for e in [*events, *detector.finish()] if isinstance(e, LapCompleted)]
    assert [(lap.lap_number, lap.kind, lap.lap_time_ms) for lap in laps] == expected


def test_every_recording_has_its_table() -> None:
    found = sorted(CAPTURES.glob("*/*.pcap.gz"))
    if not found:
        pytest.skip(f"{CAPTURES} has no recordings")
    assert {str(path.relative_to(CAPTURES))[: -len(".pcap.gz")] for path in found} <= (
        set(TABLES)
    )
