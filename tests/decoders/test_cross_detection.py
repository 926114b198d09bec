"""No game claims a packet of another: over samples built in code, and recordings."""

from __future__ import annotations

from itertools import permutations

import pytest

from ps_tui.collector.pcap import PcapReader
from ps_tui.decoders.registry import SOURCES, detect
from ps_tui.domain.frame import Frame, Identity, Rejected
from tests.support.captures import CAPTURES, capture
from tests.support.samples import SAMPLES

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


def claims_of(packet: bytes) -> set[str]:
    return {spec.name for spec in SOURCES.values() if spec.detect(packet)}


def some_packets(name: str) -> list[bytes]:
    packets = [datagram.payload for datagram in PcapReader(capture(name))]
    return packets[:: max(len(packets) // MOST_PACKETS, 1)]


@pytest.mark.parametrize("name", SAMPLES)
def test_only_its_own_game_claims_a_sample(name: str) -> None:
    for packet in SAMPLES[name]:
        assert claims_of(packet) == {name}
        assert detect(packet) == name


@pytest.mark.parametrize(("reader", "name"), permutations(SOURCES, 2))
def test_no_decoder_makes_anything_of_another_games_samples(
    reader: str, name: str
) -> None:
    decoder = SOURCES[reader].make_decoder()
    for packet in SAMPLES[name]:
        assert not isinstance(decoder.decode(packet, 1), Frame | Identity)
    assert decoder.identity is None


@pytest.mark.parametrize("name", RECORDINGS)
def test_only_its_own_game_claims_and_reads_a_recording(name: str) -> None:
    packets = some_packets(name)
    own = FOLDERS[name.split("/")[0]]
    for packet in packets:
        claims = claims_of(packet)
        assert claims <= own
        assert len(claims) <= 1
        assert detect(packet) == next(iter(claims), None)
    if "2022" not in name and "opts050" not in name:
        assert sum(detect(packet) is not None for packet in packets) * 10 >= len(
            packets
        )

    for source in SOURCES.keys() - own:
        decoder = SOURCES[source].make_decoder()
        for packet in packets:
            assert isinstance(decoder.decode(packet, 1), Rejected), source
