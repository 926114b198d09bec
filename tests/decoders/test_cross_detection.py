"""No game claims a packet of another, over every recording there is."""

from __future__ import annotations

import pytest

from ps_tui.collector.pcap import PcapReader
from ps_tui.decoders.registry import SOURCES, detect
from tests.support.captures import CAPTURES, capture

FOLDERS = {
    "assetto_corsa": {"assetto-corsa"},
    "f1": {"f1"},
    "forza": {"forza"},
    "gran_turismo_7": {"gran-turismo-7"},
    "project_cars": {"project-cars"},
    "dirt_rally": {"dirt-rally"},
    "lfs_beamng": {"lfs", "beamng"},
}
MOST_PACKETS = 250

RECORDINGS = sorted(
    str(path.relative_to(CAPTURES)) for path in CAPTURES.glob("*/*.pcap.gz")
) or ["assetto_corsa/monza_r8lms_rtcarinfo.pcap.gz"]


@pytest.mark.parametrize("name", RECORDINGS)
def test_only_its_own_game_claims_a_recording(name: str) -> None:
    packets = [datagram.payload for datagram in PcapReader(capture(name))]
    packets = packets[:: max(len(packets) // MOST_PACKETS, 1)]
    own = FOLDERS[name.split("/")[0]]
    for packet in packets:
        claims = {spec.name for spec in SOURCES.values() if spec.detect(packet)}
        assert claims <= own
        assert len(claims) <= 1
        assert detect(packet) == next(iter(claims), None)
    if "2022" not in name and "opts050" not in name:
        assert sum(detect(packet) is not None for packet in packets) * 10 >= len(
            packets
        )
