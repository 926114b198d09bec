"""How fast each decoder is, beside a bare unpacking and beside public decoders.

``floor`` is ``struct.unpack_from`` of the fields that the decoder reads, of every
packet of a kind that it decodes: called straight from the loop, with nothing picked,
checked, converted or joined (F1: header and the slot of one car; Project CARS: state,
car and participant). Two cannot be read by that alone: Gran Turismo 7's floor decrypts
first, with the same library call; native frames' floor is the protobuf parse and the
ten core fields. Decoder and floor take turns and equal time; ``us`` and ``floor_us``
are each at its best, ``ratio`` is the median of the turns, for on a shared machine
neither stays the same from one turn to the next. ``--peer PYTHON`` adds public
decoders out of that interpreter's packages (see ``decoder_peers.py``), on the same
packets in the same run. Needs the recordings (PS_TUI_CAPTURES); streams that nobody
published are built in code and say so. Packets are received 60 times a second. Prints
JSON; times are CPU.

    python tests/bench/decoders.py [--peer /path/to/venv/bin/python] [SOURCE ...]
"""

from __future__ import annotations

import argparse
import json
import pickle
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import repeat
from math import isclose
from operator import attrgetter
from pathlib import Path
from statistics import median
from typing import Any

from ps_tui.collector.pcap import PcapReader
from ps_tui.decoders import ea_wrc
from ps_tui.decoders.f1.packets import PACKETS, packet_key
from ps_tui.decoders.gran_turismo_7 import decrypt
from ps_tui.decoders.gran_turismo_7.decoder import LAYOUTS as GRAN_TURISMO_LAYOUTS
from ps_tui.decoders.outgauge_packet import BEAMNG_CAR
from ps_tui.decoders.project_cars import old
from ps_tui.decoders.registry import SOURCES
from ps_tui.domain.frame import Frame
from ps_tui.wire.telemetry_pb2 import TelemetryFrame
from tests.bench.decoder_peers import PEERS
from tests.support import acc
from tests.support.captures import CAPTURES
from tests.support.ea_wrc_packets import wrc
from tests.support.gran_turismo_7_packets import A, encrypted
from tests.support.telemetry import native_frame

RECORDINGS = {
    "assetto-corsa": "assetto_corsa/monza_r8lms_rtcarinfo",
    "f1": "f1/f1_25_format2026_bahrain_practice1",
    "forza": "forza/fm7_dash311_race",
    "dirt-rally": "dirt_rally/dr2_full_stage_1",
    "gran-turismo-7": "gran_turismo_7/replay_1lap_C368",
    "project-cars": "project_cars/pc1_protocol_dubai_race_lap1",
    "lfs": "lfs_beamng/beamng_outgauge_92_x18000",
    "beamng": "lfs_beamng/beamng_outgauge_92_x18000",
}
NOTES = {
    "native": "built in code",
    "ea-wrc": "built in code",
    "acc": "built in code: updates of one car",
    "lfs": "the panel of a recorded BeamNG drive, under a car of Live for Speed",
}
MOST_PACKETS = 1000
TURNS = 60
GOAL_RATIO = 4.0
RATE_HZ = 60
RECEIVED_US = 1_760_000_000_000_000

# Assetto Corsa's layout in one: 81 numbers, padding and repeated speeds skipped.
ASSETTO_CORSA = struct.Struct("<8xf8x6B2x3f4i5fif56ff4f")

# What decoders leave as bytes as long as they stay the same, read.
GAUGE = struct.Struct("<I4sHBx5f4xf2I3f")
F1_HEADER = struct.Struct("<H3xHQf4xIBx")
FORZA = struct.Struct("<iIf4xf3f12x12xf24x4f4f48x4f4f4fi16x3f3f4f2ff2f2fH7B2x")
DIRT_RALLY = struct.Struct("<4f3ff24xf4xf4f16x4f7f4xf4xf20x3f3f4f4f3f4f")
PROJECT_CARS_STATE = struct.Struct("<2x2Bb5xBx3f2f16x2f42x2B358x2b900xf")
PROJECT_CARS_RUN = struct.Struct(
    "<h2xh4x2B3Bb2f2HB55x3f48x4f16x4B36x4B8x4h16x4H48x4f16x4H4xf"
)

read_core = attrgetter(
    *("timestamp", "throttle", "brake", "steering", "speed", "gear", "rpm"),
    *("lap_time", "lap_number", "normalized_position"),
)

Step = tuple[Callable[..., Any], list[tuple[Any, ...]]]
"""A bare call, and what it is called with packet by packet."""


@lru_cache
def packets_of(source: str) -> list[bytes]:
    """Return packets of the kinds that the decoder reads, from a drive's middle."""
    if source == "native":
        return [native_frame(number) for number in range(MOST_PACKETS)]
    if source == "ea-wrc":
        return [
            wrc(game_time=n / 60, time=n / 60, distance=n / 2.0, speed=30.0, rpm=5000.0)
            for n in range(1, MOST_PACKETS + 1)
        ]
    if source == "acc":
        return [acc.realtime(), *map(acc_update, range(MOST_PACKETS))]
    path = CAPTURES / f"{RECORDINGS[source]}.pcap.gz"
    found = [each.payload for each in PcapReader(path)]
    if source == "f1":
        found = [packet for packet in found if f1_row(packet).part >= 0]
    elif source == "forza":
        found = [packet for packet in found if packet[0]]
    elif source == "project-cars":
        found = [packet for packet in found if len(packet) == old.TELEMETRY_SIZE]
    elif source == "lfs":
        found = [
            (n * 1000 // RATE_HZ).to_bytes(4, "little") + b"XRT\0" + packet[8:]
            for n, packet in enumerate(found)
        ]
    start = max(len(found) - MOST_PACKETS, 0) // 2
    return found[start : start + MOST_PACKETS]


def acc_update(number: int) -> bytes:
    """Return an update in the middle of a lap: what changes there does."""
    return acc.car_update(
        spline=number / MOST_PACKETS,
        speed=100 + number % 150,
        delta=number % 500 - 250,
        current=acc.lap(36_100 + 50 * number, (36_100,)),
    )


def f1_row(packet: bytes) -> Any:
    packet_format, version_and_kind = F1_HEADER.unpack_from(packet)[:2]
    return PACKETS[packet_key(packet_format, version_and_kind)]


def floor_of(source: str, packets: list[bytes]) -> list[Step]:
    """Return the bare calls that read the fields of ``packets``."""

    def bare(layout: struct.Struct, offset: int = 0) -> Step:
        return layout.unpack_from, [(packet, offset) for packet in packets]

    if source == "native":
        parse = TelemetryFrame.FromString
        return [(lambda packet: read_core(parse(packet)), [(p,) for p in packets])]
    if source == "f1":
        slots: dict[Callable[..., Any], list[tuple[Any, ...]]] = {}
        for packet in packets:
            row = f1_row(packet)
            at = row.first + packet[27] * row.stride
            slots.setdefault(row.unpack_from, []).append((packet, at))
        return [bare(F1_HEADER), *slots.items()]
    if source == "gran-turismo-7":
        plain = [decrypt(packet) for packet in packets]
        counts, quantities = GRAN_TURISMO_LAYOUTS[len(packets[0])]
        return [
            (decrypt, [(packet,) for packet in packets]),
            (counts.unpack_from, [(packet,) for packet in plain]),
            (quantities.unpack_from, [(packet,) for packet in plain]),
        ]
    if source == "project-cars":
        return [
            bare(PROJECT_CARS_STATE),
            bare(PROJECT_CARS_RUN, 100),
            bare(old.PARTICIPANT, old.PARTICIPANTS_OFFSET),
        ]
    if source == "acc":
        # Three laps with their counts of splits, and what comes before them.
        update = struct.Struct("<xHHxB12xBHH4xfHii4xB12x4xi4xB3i4xi4xBiB3x")
        assert update.size == len(packets[1])
        return [(update.unpack_from, [(p, 0) for p in packets if p[0] == 3])]
    layout = {
        "assetto-corsa": ASSETTO_CORSA,
        "forza": FORZA,
        "dirt-rally": DIRT_RALLY,
        "ea-wrc": ea_wrc.PACKET,
        "lfs": GAUGE,
        "beamng": GAUGE,
    }[source]
    return [bare(layout)]


def received(packets: list[bytes]) -> list[tuple[bytes, int]]:
    """Return packets as a decoder is given them, with the times of their reception."""
    return [
        (packet, RECEIVED_US + number * 1_000_000 // RATE_HZ)
        for number, packet in enumerate(packets)
    ]


def cpu_s(call: Callable[..., Any], arguments: Iterable[tuple[Any, ...]]) -> float:
    began = time.process_time()
    for each in arguments:
        call(*each)
    return time.process_time() - began


def measure(source: str, packets: list[bytes]) -> dict[str, Any]:
    steps = floor_of(source, packets)
    whole = received(packets)
    ours_s, floor_s = [], []
    for _ in range(TURNS):
        decode = SOURCES[source].make_decoder().decode
        ours_s.append(cpu_s(decode, whole))
        # Equal time: short runs see a machine's fast moments more often.
        times = [cpu_s(*step) for _ in repeat(None, 4) for step in steps]
        floor_s.append(sum(times) / 4)
    count = len(packets)
    ours_us, floor_us = (min(each) / count * 1e6 for each in (ours_s, floor_s))
    return {
        "packets": count,
        "packets_per_s": round(1e6 / ours_us),
        "us": round(ours_us, 2),
        "floor_us": round(floor_us, 2),
        "ratio": round(median(map(float.__truediv__, ours_s, floor_s)), 2),
        "ratio_of_bests": round(ours_us / floor_us, 2),
        "goal_ratio": GOAL_RATIO,
    }


def packets_for_peer(source: str) -> list[bytes]:
    """Return packets that the peer reads as well: some know one format only."""
    packets = packets_of(source)
    if source == "gran-turismo-7":
        plain = [decrypt(packet) for packet in packets]
        return [encrypted(each[:A]) for each in plain if each is not None]
    if source == "beamng":
        assert all(packet[4:8] == BEAMNG_CAR for packet in packets)
        return [packet + bytes(4) for packet in packets]
    return packets


def measure_peer(source: str, python: str) -> dict[str, Any]:
    packets = packets_for_peer(source)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "packets"
        file.write_bytes(pickle.dumps(packets))
        script = Path(__file__).with_name("decoder_peers.py")
        done = subprocess.run(
            [python, str(script), source, str(file)], capture_output=True, text=True
        )
    if done.returncode:
        return {"error": done.stderr.strip().splitlines()[-1]}
    found = json.loads(done.stdout)
    whole = received(packets)
    ours_us = min(
        cpu_s(SOURCES[source].make_decoder().decode, whole) / len(packets) * 1e6
        for _ in range(TURNS // 4)
    )
    equal, compared = compare(source, packets, found["values"])
    return {
        "name": found["name"],
        "us": round(found["us"], 2),
        "ours_us": round(ours_us, 2),
        "times_ours": round(found["us"] / ours_us, 2),
        "values_compared": compared,
        "values_equal": equal,
    }


def compare(
    source: str, packets: list[bytes], theirs: list[dict[str, float] | None]
) -> tuple[bool, int]:
    """Compare each frame with what the peer read of its packets, to five decimals.

    F1's frames come of several packets: there the newest car telemetry counts.
    """
    decode = SOURCES[source].make_decoder().decode
    newest: dict[str, float] | None = None
    equal, compared = True, 0
    for packet, values in zip(packets, theirs, strict=True):
        frame = decode(packet, RECEIVED_US)
        before, newest = newest, values or newest
        if not isinstance(frame, Frame) or frame.speed_kmh is None or newest is None:
            continue
        is_same = [
            all(
                isclose(getattr(frame, key), value, rel_tol=1e-6, abs_tol=4e-5)
                for key, value in candidate.items()
            )
            for candidate in (newest, before)
            if candidate is not None
        ]
        equal &= any(is_same) if source == "f1" else is_same[0]
        compared += len(newest)
    return equal, compared


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", nargs="*", help="only these")
    parser.add_argument("--peer", help="interpreter that has the public decoders")
    options = parser.parse_args()
    report: dict[str, Any] = {}
    for source in options.source or SOURCES:
        report[source] = measure(source, packets_of(source))
        if source in NOTES:
            report[source]["stream"] = NOTES[source]
        if options.peer and source in PEERS:
            report[source]["peer"] = measure_peer(source, options.peer)
    report["python"] = sys.version.split()[0]
    json.dump(report, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
