"""How fast each decoder is, beside a bare unpacking of what it reads.

``floor`` is ``struct.unpack`` of as many floats as the fullest frame of the game has
fields, from each of the same packets, in alternating rounds (for native frames the
protobuf parse with its ten core fields; for Gran Turismo 7 behind the decryption,
which is reported as part of both). It checks nothing; where a
frame is spread over packets of several kinds (F1) it reads more than we do. ``peer``,
with ``--peer PYTHON``, is f1-packets out of that interpreter's packages, asked for the
fields of the player's car. Needs the recordings (PS_TUI_CAPTURES). Prints JSON; times
are CPU.

    python tests/bench/decoders.py [--peer /path/to/venv/bin/python]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from math import isnan
from operator import attrgetter
from pathlib import Path
from typing import Any

from ps_tui.collector.pcap import PcapReader
from ps_tui.decoders.gran_turismo_7 import decrypt
from ps_tui.decoders.registry import SOURCES
from ps_tui.domain.frame import Frame
from ps_tui.wire.telemetry_pb2 import TelemetryFrame
from tests.support.captures import CAPTURES
from tests.support.telemetry import native_frame

RECORDINGS = {
    "assetto-corsa": "assetto_corsa/monza_r8lms_rtcarinfo",
    "f1": "f1/f1_25_format2026_bahrain_practice1",
    "forza": "forza/fm7_dash311_race",
    "dirt-rally": "dirt_rally/dr2_full_stage_1",
    "gran-turismo-7": "gran_turismo_7/replay_1lap_C368",
    "project-cars": "project_cars/pc1_protocol_dubai_race_lap1",
    "beamng": "lfs_beamng/beamng_outgauge_92_x18000",
}
MOST_PACKETS = 5000
ROUNDS = 7
GOAL_RATIO = 4.0
read_core = attrgetter(
    *("timestamp", "throttle", "brake", "steering", "speed", "gear", "rpm"),
    *("lap_time", "lap_number", "normalized_position"),
)

PEERS = {
    "f1": (
        "f1-packets",
        """
from f1.packets import resolve
def decode(packet):
    # It maps the bytes and reads nothing: ask for the fields of the player's car.
    decoded = resolve(packet)
    player = decoded.header.player_car_index
    for name, kind in decoded._fields_:
        value = getattr(decoded, name)
        if hasattr(kind, "_length_") and player < kind._length_:
            value = value[player]
            for inner, _ in getattr(value, "_fields_", ()):
                getattr(value, inner)
    return decoded
def speeds(decoded):
    cars = getattr(decoded, "car_telemetry_data", None)
    player = decoded.header.player_car_index
    return [] if cars is None else [float(cars[player].speed)]
""",
    ),
}
PEER_LOOP = """
import json, pickle, sys, time
packets = pickle.load(open(sys.argv[1], "rb"))
best, out = None, []
for number in range(5):
    began = time.process_time()
    decoded = [decode(packet) for packet in packets]
    took = time.process_time() - began
    best = took if best is None else min(best, took)
values = [value for each in decoded for value in speeds(each)]
print(json.dumps({"us": best / len(packets) * 1e6, "speeds": values}))
"""


def packets_of(source: str) -> list[bytes]:
    if source == "native":
        return [native_frame(number) for number in range(MOST_PACKETS)]
    path = CAPTURES / f"{RECORDINGS[source]}.pcap.gz"
    found = [each.payload for each in PcapReader(path)]
    return found[:MOST_PACKETS]


def us_per_packet(decode: Callable[[bytes], Any], packets: list[bytes]) -> float:
    began = time.process_time()
    for packet in packets:
        decode(packet)
    return (time.process_time() - began) / len(packets) * 1e6


def field_count(source: str, packets: list[bytes]) -> int:
    """Return how many fields the fullest frame has."""
    decoder = SOURCES[source].make_decoder()
    most = 0
    for packet in packets:
        frame = decoder.decode(packet, 1_760_000_000_000_000)
        if isinstance(frame, Frame):
            core = sum(
                getattr(frame, name) is not None
                for name in Frame.__struct_fields__[1:16]
            )
            most = max(most, core + sum(not isnan(value) for value in frame.extra))
    return most


def floor_of(source: str, packets: list[bytes]) -> Callable[[bytes], Any]:
    import struct

    if source == "native":
        parse = TelemetryFrame.FromString
        return lambda packet: read_core(parse(packet))
    wanted = field_count(source, packets)
    layouts = {
        size: struct.Struct(f"<{min(wanted, size // 4)}f").unpack_from
        for size in {len(packet) for packet in packets}
    }
    if source == "gran-turismo-7":
        return lambda packet: layouts[len(packet)](decrypt(packet) or packet)
    return lambda packet: layouts[len(packet)](packet)


def measure(source: str) -> dict[str, Any]:
    packets = packets_of(source)
    floor = floor_of(source, packets)
    ours_us, floor_us = [], []
    for _ in range(ROUNDS):
        decode = SOURCES[source].make_decoder().decode
        ours_us.append(us_per_packet(lambda packet: decode(packet, 1), packets))  # noqa: B023
        floor_us.append(us_per_packet(floor, packets))
    ours, bare = min(ours_us), min(floor_us)
    return {
        "packets": len(packets),
        "packets_per_s": round(1e6 / ours),
        "us": round(ours, 2),
        "floor_us": round(bare, 2),
        "ratio": round(ours / bare, 2),
        "goal_ratio": GOAL_RATIO,
    }


def measure_peer(source: str, python: str) -> dict[str, Any]:
    import pickle

    name, code = PEERS[source]
    packets = packets_of(source)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "packets"
        file.write_bytes(pickle.dumps(packets))
        done = subprocess.run(
            [python, "-c", code + PEER_LOOP, str(file)], capture_output=True, text=True
        )
    if done.returncode:
        return {"name": name, "error": done.stderr.strip().splitlines()[-1]}
    found = json.loads(done.stdout)
    report: dict[str, Any] = {"name": name, "us": round(found["us"], 2)}
    decoder = SOURCES[source].make_decoder()
    ours = [
        frame.speed_kmh
        for packet in packets
        if isinstance(frame := decoder.decode(packet, 1), Frame)
    ]
    if found["speeds"]:
        report["values_equal"] = set(ours) <= set(found["speeds"])
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", help="interpreter that has the public decoders")
    options = parser.parse_args()
    report: dict[str, Any] = {}
    for source in ("native", *RECORDINGS):
        report[source] = measure(source)
        if options.peer and source in PEERS:
            peer = report[source]["peer"] = measure_peer(source, options.peer)
            if "us" in peer:
                peer["times_ours"] = round(peer["us"] / report[source]["us"], 2)
    report["python"] = sys.version.split()[0]
    json.dump(report, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
