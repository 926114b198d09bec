"""What a native frame costs from the socket to its committed row.

Two runs over the same datagrams, sent by a child process at the same pace, take
turns, because what a frame costs drifts with whatever else the machine does:

- ``ours``: the collector with the real store;
- ``floor``: recv, protobuf parse and executemany of the same rows, in WAL with
  synchronous FULL and the same cadence of commits.

The ratio is the median of those of all rounds. A last run, ``fast``, is the
collector at 20,000 frames a second, where not one may be lost.

CPU is that of this process alone, user and system. Prints JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import resource
import select
import socket
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from operator import attrgetter
from pathlib import Path
from typing import Any

from ps_tui.collector.backing import Backing
from ps_tui.collector.clock import SystemClock
from ps_tui.collector.collector import Collector
from ps_tui.decoders.registry import SOURCES
from ps_tui.storage.process import own_recorder
from ps_tui.storage.sqlite.store import open_store
from ps_tui.wire.telemetry_pb2 import TelemetryFrame

LAP_MS = 90_000
JOINED_MS = 30_000
COMMIT_S = 0.25
COMMIT_FRAMES = 2048
SLICE_S = 0.002
GOAL_RATIO = 2.5

TABLE = (
    "CREATE TABLE frames (row INTEGER PRIMARY KEY, lap_n INTEGER, received_us INTEGER,"
    " timestamp_ms INTEGER, throttle REAL, brake REAL, steering REAL, speed_kmh REAL,"
    " gear INTEGER, rpm REAL, lap_time_ms INTEGER, lap_number INTEGER,"
    " normalized_position REAL, sequence INTEGER, extra BLOB) STRICT"
)
INSERT = f"INSERT INTO frames VALUES ({', '.join('?' * 15)})"
read_frame = attrgetter(
    *("timestamp", "throttle", "brake", "steering", "speed", "gear", "rpm"),
    *("lap_time", "lap_number", "normalized_position"),
)


def datagrams(count: int, rate_hz: float, *, is_numbered: bool) -> list[bytes]:
    """Return a drive of ``count`` samples with the clock of ``rate_hz``."""
    started_ms = 1_760_000_000_000
    made = []
    for index in range(count):
        clock_ms = JOINED_MS + round(index * 1000 / rate_hz)
        share = clock_ms % LAP_MS / LAP_MS
        frame = TelemetryFrame(
            timestamp=started_ms + clock_ms,
            speed=80 + 200 * share,
            throttle=share,
            brake=1 - share,
            steering=share * 2 - 1,
            gear=1 + int(share * 6),
            rpm=4000 + index % 4000,
            normalized_position=share,
            lap_number=1 + clock_ms // LAP_MS,
            lap_time=clock_ms % LAP_MS,
        )
        if is_numbered:
            frame.sequence = index
        made.append(frame.SerializeToString())
    return made


def send(port: int, count: int, rate_hz: float, is_numbered: bool) -> None:
    """Send at an even pace in slices of two milliseconds, in a process of its own."""
    packets = datagrams(count, rate_hz, is_numbered=is_numbered)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(("127.0.0.1", port))
        began, sent = time.perf_counter(), 0
        while sent < count:
            due = min(count, int((time.perf_counter() - began) * rate_hz) + 1)
            for packet in packets[sent:due]:
                sender.send(packet)
            sent = due
            time.sleep(SLICE_S)


Send = Callable[[int], Future[None]]
"""Starts to send a run's datagrams to a port."""


def cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def run_collector(
    folder: Path, count: int, send_to: Send, *, look_every_s: float
) -> dict[str, Any]:
    """Record ``count`` frames; the bench's own looks at the status cost CPU, too."""
    clock = SystemClock()
    store = await open_store(folder / "ours.db", clock)
    backing = Backing(store.recording, store.library, clock, own_recorder("bench"))
    collector = Collector(SOURCES["native"], backing, host="127.0.0.1", port=0)
    await collector.start()
    session = await collector.recording.start()
    buffer_bytes = collector.receive_buffer_bytes
    sending = send_to(collector.port)
    while not collector.counters.packets:  # noqa: ASYNC110  also counts as our cost
        await asyncio.sleep(0.005)
    before_s, began = cpu_s(), time.perf_counter()
    peak_queue, seen, idle_since = 0, 0, began
    while collector.counters.packets < count:
        await asyncio.sleep(look_every_s)
        peak_queue = max(peak_queue, collector.live.status().queue_depth)
        if collector.counters.packets != seen:
            seen, idle_since = collector.counters.packets, time.perf_counter()
        elif time.perf_counter() - idle_since > 3:
            break
    elapsed_s = time.perf_counter() - began
    while collector.live.status().queue_depth:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    used_s = cpu_s() - before_s
    await collector.stop()
    stored = (await store.library.session(session.id)).frame_count
    await store.close()
    sending.result()
    counters = collector.counters
    return {
        "sent": count,
        "rate_hz": round(counters.packets / elapsed_s),
        "stored": stored,
        "missing": count - stored,
        "lost": counters.lost,
        "dropped": counters.dropped,
        "rejected": counters.rejected,
        "peak_queue": peak_queue,
        "receive_buffer_bytes": buffer_bytes,
        "cpu_us_per_frame": round(used_s / count * 1e6, 2),
    }


def run_floor(folder: Path, count: int, send_to: Send) -> dict[str, Any]:
    """Receive, parse, insert and commit with nothing else, on one thread."""
    connection = sqlite3.connect(folder / "floor.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(TABLE)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        receiver.bind(("127.0.0.1", 0))
        receiver.setblocking(False)
        sending = send_to(receiver.getsockname()[1])
        select.select([receiver], [], [])
        before_s = cpu_s()
        done = _receive_all(receiver, connection, count)
        used_s = cpu_s() - before_s
        sending.result()
    connection.close()
    return {"stored": done, "cpu_us_per_frame": round(used_s / done * 1e6, 2)}


def _receive_all(
    receiver: socket.socket, connection: sqlite3.Connection, count: int
) -> int:
    parse, recv = TelemetryFrame.FromString, receiver.recv
    rows: list[tuple[Any, ...]] = []
    done, due = 0, time.monotonic() + COMMIT_S
    while done < count:
        if not select.select([receiver], [], [], 3)[0]:
            break
        try:
            while True:
                message = parse(recv(65_536))
                done += 1
                values = read_frame(message)
                sequence = message.sequence
                rows.append((done, 1, done, *values, sequence, None))
        except BlockingIOError:
            pass
        if len(rows) >= COMMIT_FRAMES or time.monotonic() >= due or done >= count:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(INSERT, rows)
            connection.execute("COMMIT")
            rows.clear()
            due = time.monotonic() + COMMIT_S
    return done


def run_rounds(folder: Path, rounds: int, count: int, send_to: Send) -> dict[str, Any]:
    """Let the collector and the floor take turns; who begins alternates."""
    ours: list[dict[str, Any]] = []
    floors: list[dict[str, Any]] = []
    for number in range(rounds):
        place = folder / str(number)
        place.mkdir()

        def collect(place: Path = place) -> None:
            run = run_collector(place, count, send_to, look_every_s=COMMIT_S)
            ours.append(asyncio.run(run))

        def take_bare(place: Path = place) -> None:
            floors.append(run_floor(place, count, send_to))

        turns = (collect, take_bare) if number % 2 == 0 else (take_bare, collect)
        for turn in turns:
            turn()
    pairs = [
        (our["cpu_us_per_frame"], floor["cpu_us_per_frame"])
        for our, floor in zip(ours, floors, strict=True)
    ]
    ratios = [our / floor for our, floor in pairs]
    return {
        "ours_us_per_frame": statistics.median(our for our, _ in pairs),
        "floor_us_per_frame": statistics.median(floor for _, floor in pairs),
        "ratio": round(statistics.median(ratios), 2),
        "goal_ratio": GOAL_RATIO,
        "rounds": [
            {"ours": our, "floor": floor, "ratio": round(our / floor, 2)}
            for our, floor in pairs
        ],
        "frames_per_round": count,
        "missing": sum(count - run["stored"] for run in (*ours, *floors)),
        "rate_hz": min(our["rate_hz"] for our in ours),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=2, help="of each turn")
    parser.add_argument("--rate", type=float, default=2000, help="of the rounds")
    parser.add_argument("--fast-seconds", type=float, default=10)
    parser.add_argument("--fast", type=float, default=20_000, help="of the loss run")
    parser.add_argument("--numbered", action="store_true", help="send a sequence")
    options = parser.parse_args()
    count = int(options.seconds * options.rate)
    fast_count = int(options.fast_seconds * options.fast)
    # One child for all runs, so that none of them pays for its start.
    context = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory() as name,
        ProcessPoolExecutor(1, mp_context=context) as child,
    ):

        def sender(count: int, rate_hz: float) -> Send:
            return lambda port: child.submit(
                send, port, count, rate_hz, options.numbered
            )

        folder = Path(name)
        report = run_rounds(folder, options.rounds, count, sender(count, options.rate))
        report["fast"] = asyncio.run(
            run_collector(
                folder, fast_count, sender(fast_count, options.fast), look_every_s=0.05
            )
        )
    # A machine that is busy with other work can lose what this one alone does not.
    report["load_1min"] = round(os.getloadavg()[0], 2)
    report["python"] = sys.version.split()[0]
    json.dump(report, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
