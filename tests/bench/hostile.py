"""What reaches the database of a game while another sender floods its port.

Two runs through sockets, each sender in a process of its own:

- ``hostile``: numbered native frames at 500 Hz beside 10,000 random or mangled
  datagrams a second from another port; not one frame of the game may be lost;
- ``f1``: all packet kinds of F1 24 with 22 cars at 60 Hz; at most a quarter of a
  core, none lost. Needs the recordings (PS_TUI_CAPTURES).

CPU is that of the collector's process alone, user and system. Prints JSON.

    python tests/bench/hostile.py [--seconds N]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import random
import resource
import socket
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ps_tui.collector.backing import Backing
from ps_tui.collector.clock import SystemClock
from ps_tui.collector.collector import Collector
from ps_tui.collector.pcap import PcapReader
from ps_tui.decoders.registry import SOURCES
from ps_tui.storage.process import own_recorder
from ps_tui.storage.sqlite.store import open_store
from tests.support.captures import CAPTURES
from tests.support.telemetry import native_frame

GAME_HZ, HOSTILE_HZ, F1_HZ = 500, 10_000, 60
SLICE_S = 0.002
GOAL_CORE_PERCENT = 25
F1_PACKETS = CAPTURES / "f1" / "one_of_each_2024.pcap.gz"
EVENT_KIND = 3
SESSION_TIME_AT, FRAME_AT = 15, 19


def paced(port: int, rate_hz: float, count: int, packets: Iterator[bytes]) -> None:
    """Send ``count`` packets at an even pace in slices of two milliseconds."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(("127.0.0.1", port))
        began, sent = time.perf_counter(), 0
        while sent < count:
            due = min(count, int((time.perf_counter() - began) * rate_hz) + 1)
            for _ in range(due - sent):
                sender.send(next(packets))
            sent = due
            time.sleep(SLICE_S)


def send_game(port: int, count: int) -> None:
    frames = [native_frame(number, sequence=number) for number in range(count)]
    paced(port, GAME_HZ, count, iter(frames))


def send_junk(port: int, count: int) -> None:
    """Send random bytes of any size, and frames of the game with bytes turned over."""
    chance = random.Random(7)

    def junk() -> bytes:
        if chance.random() < 0.5:
            return chance.randbytes(chance.randrange(1400))
        packet = bytearray(native_frame(chance.randrange(1000)))
        for _ in range(4):
            packet[chance.randrange(len(packet))] = chance.randrange(256)
        return bytes(packet)

    pool = [junk() for _ in range(5000)]
    paced(port, HOSTILE_HZ, count, iter(pool * (count // len(pool) + 1)))


def f1_frames(frame_count: int) -> Iterator[bytes]:
    """Yield every kind of packet but events for each frame."""
    packets = [each.payload for each in PcapReader(F1_PACKETS)]
    kinds = {each[6]: each for each in packets if each[6] != EVENT_KIND}
    for number in range(frame_count):
        for packet in kinds.values():
            made = bytearray(packet)
            struct.pack_into(
                "<fII", made, SESSION_TIME_AT, number / F1_HZ, number, number
            )
            yield bytes(made)


def send_f1(port: int, count: int, frame_count: int, rate_hz: float) -> None:
    paced(port, rate_hz, count, iter(list(f1_frames(frame_count))))


def start(send: Callable[..., None], *arguments: Any) -> Any:
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=send, args=arguments, daemon=True)
    process.start()
    return process


def cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def run(
    folder: Path, senders: list[tuple[Callable[..., None], tuple[Any, ...]]]
) -> tuple[dict[str, Any], Collector]:
    """Record what ``senders`` send until they have ended.

    The first is the game; the others begin once it is recorded.
    """
    clock = SystemClock()
    store = await open_store(folder / "bench.db", clock)
    backing = Backing(store.recording, store.library, clock, own_recorder("bench"))
    collector = Collector(SOURCES, backing, port=0)
    await collector.start()
    (send, rest), *others = senders
    children = [start(send, collector.port, *rest)]
    while not collector.counters.frames:  # noqa: ASYNC110
        await asyncio.sleep(0.005)
    children += [start(send, collector.port, *rest) for send, rest in others]
    before_s, began = cpu_s(), time.perf_counter()
    while any(child.is_alive() for child in children):  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    elapsed_s = time.perf_counter() - began
    await asyncio.sleep(0.5)
    used_s = cpu_s() - before_s
    await collector.stop()
    sessions = await store.library.sessions()
    stored = {each.source: each.frame_count for each in sessions}
    await store.close()
    counters = collector.counters
    return {
        "packets": counters.packets,
        "rejected": counters.rejected,
        "lost": counters.lost,
        "dropped": counters.dropped,
        "stored": stored,
        "packets_per_s": round(counters.packets / elapsed_s),
        "core_percent": round(100 * used_s / elapsed_s, 1),
    }, collector


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    seconds = parser.parse_args().seconds
    game, junk = int(GAME_HZ * seconds), int(HOSTILE_HZ * seconds)
    report: dict[str, Any] = {"python": sys.version.split()[0]}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        hostile, _ = await run(folder, [(send_game, (game,)), (send_junk, (junk,))])
        missing = game - hostile["stored"].get("native", 0)
        report["hostile"] = hostile | {"sent_by_game": game, "missing": missing}
        if F1_PACKETS.exists():
            kinds = sum(1 for _ in f1_frames(1))
            count = int(seconds * F1_HZ) * kinds
            (folder / "f1").mkdir()
            f1, _ = await run(
                folder / "f1", [(send_f1, (count, count // kinds, F1_HZ * kinds))]
            )
            report["f1"] = f1 | {
                "kinds": kinds,
                "sent": count,
                "missing": count - f1["packets"],
                "goal_core_percent": GOAL_CORE_PERCENT,
            }
    json.dump(report, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    asyncio.run(main())
