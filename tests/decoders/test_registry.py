"""Each recorded game is told from every other."""

from __future__ import annotations

import pytest

from ps_tui.collector.pcap import PcapReader
from ps_tui.decoders.native_encoder import encode_native
from ps_tui.decoders.recognition import describe, recognise
from ps_tui.decoders.registry import SOURCES, detect
from ps_tui.demo.driver import DEMO_CHANNELS, Driver
from ps_tui.domain.frame import Frame, Identity
from ps_tui.wire.telemetry_pb2 import TelemetryFrame
from tests.support.captures import capture
from tests.support.outgauge_packets import only_blocks, out_sim
from tests.support.packets import car_info, handshake_reply

CAPTURES = {
    "assetto_corsa/monza_r8lms_rtcarinfo": "Assetto Corsa",
    "f1/one_of_each_2022": "F1 2022",
    "f1/one_of_each_2023": "F1 2023",
    "f1/one_of_each_2024": "F1 2024",
    "f1/one_of_each_2025": "F1 2025",
    "f1/f1_25_format2026_bahrain_practice1": "F1 2026",
    "forza/fm7_dash311_race": "Forza Motorsport 7 (Dash format)",
    "forza/fh5_dash324_free_roam": "Forza Horizon (Dash format)",
    "forza/fm2023_dash331_race_end": "Forza Motorsport (Dash format)",
    "gran_turismo_7/replay_1lap_C368": "Gran Turismo 7",
    "project_cars/pc1_packet0": "Project CARS 1 protocol",
    "project_cars/pc1_packet1": "Project CARS 1 protocol",
    "project_cars/pc1_packet2": "Project CARS 1 protocol",
    "project_cars/pc2_v2_type0": "Project CARS 2 or Automobilista 2",
    "project_cars/pc2_v2_type3": "Project CARS 2 or Automobilista 2",
    "project_cars/pc2_v2_type4": "Project CARS 2 or Automobilista 2",
    "project_cars/pc2_v2_type7": "Project CARS 2 or Automobilista 2",
    "dirt_rally/dr2_full_stage_1": "DiRT Rally",
    "lfs_beamng/beamng_outgauge_92_x18000": "BeamNG OutGauge",
    "lfs_beamng/beamng_motionsim_88_x5": "BeamNG MotionSim",
    "lfs_beamng/lfs_outgauge_92_xrt": "Live for Speed OutGauge",
    "lfs_beamng/lfs_outsim_legacy64": "Live for Speed OutSim",
    "lfs_beamng/lfs_outsim_opts1ff_280_0": "Live for Speed OutSim",
    "lfs_beamng/lfs_outsim_opts050_28_2": (
        "Live for Speed OutSim with other options: set OutSim Opts 1ff in the game's "
        "cfg.txt, then restart the game"
    ),
}


def some_packets(name: str, at_most: int = 400) -> list[bytes]:
    packets = [datagram.payload for datagram in PcapReader(capture(f"{name}.pcap.gz"))]
    return packets[:: max(len(packets) // at_most, 1)]


@pytest.mark.parametrize(("name", "game"), CAPTURES.items())
def test_recorded_games_are_recognised(name: str, game: str) -> None:
    packets = some_packets(name)
    assert packets
    names = {str(recognise(packet)) for packet in packets}
    words = game.split() if game.startswith("F1 ") else [game]
    assert all(word in name for name in names for word in words), names
    assert describe(packets[0]) == f"looks like {recognise(packets[0])}"


@pytest.mark.parametrize("name", CAPTURES)
def test_no_source_claims_the_packets_of_another_game(name: str) -> None:
    packets = some_packets(name)
    game = "assetto-corsa" if name.startswith("assetto_corsa/") else None
    for source in {"native", "assetto-corsa"} - {game}:
        spec = SOURCES[source]
        decoder = spec.make_decoder()
        for packet in packets:
            assert not spec.detect(packet)
            assert not isinstance(decoder.decode(packet, 0), Frame | Identity)


def test_own_packets_are_detected() -> None:
    driver = Driver()
    native = encode_native(driver.step(), DEMO_CHANNELS)
    assert detect(native) == "native"
    assert describe(native) == "looks like Purple Sector frames"
    assert detect(car_info()) == "assetto-corsa"
    assert detect(handshake_reply()) == "assetto-corsa"
    assert detect(b"") is None


@pytest.mark.parametrize("size", [64, 88, 92, 96, 232, 264, 328])
def test_native_frames_of_another_games_size_stay_native(size: int) -> None:
    message = TelemetryFrame(timestamp=1_760_000_000_000, rpm=900, driver="x")
    while message.ByteSize() < size:
        message.driver += "x" if message.ByteSize() + 2 != size else "xx"
    datagram = message.SerializeToString()
    assert len(datagram) == size
    assert detect(datagram) == "native"


def test_unknown_bytes_are_quoted() -> None:
    assert describe(b"") == "unknown, empty"
    assert describe(b"hello") == "unknown, 5 bytes, starts 68 65 6c 6c 6f"
    assert describe(b"a\0" * 50) == (
        "unknown, 100 bytes, starts 61 00 61 00 61 00 61 00 …"
    )


def test_outsim_of_other_options_names_the_setting_to_choose() -> None:
    whole = out_sim(
        123_456, inputs=(0.5, 0.0, 0.1, 0.0, 0.0), velocity=(9.0, 30.0, 0.1), gear=3
    )
    assert recognise(whole) == "Live for Speed OutSim"
    for options in range(1, 0x1FF, 2):
        assert "set OutSim Opts 1ff" in (recognise(only_blocks(whole, options)) or "")
    for options in (0x10, 0x30, 0x50, 0x58, 0x7E):
        assert "set OutSim Opts 1ff" in (recognise(only_blocks(whole, options)) or "")
    assert recognise(bytes(28)) is None
    assert recognise(b"\xff" * 28) is None


@pytest.mark.parametrize("name", ["native", "assetto-corsa"])
def test_rows_are_complete(name: str) -> None:
    spec = SOURCES[name]
    decoder = spec.make_decoder()
    assert spec.name == decoder.source == name
    assert spec.port == {"native": 9997, "assetto-corsa": 9996}[name]
    assert spec.settings_hint.endswith(".")
    assert decoder.identity is None
