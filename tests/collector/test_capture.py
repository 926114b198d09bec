"""What is captured is what came, when it came and from whom."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ps_tui.collector.capture import QUEUE_DATAGRAMS, Capture
from ps_tui.collector.collector import Outputs
from ps_tui.collector.pcap import PcapReader
from ps_tui.domain.errors import PsError
from tests.collector.conftest import MakeCollector
from tests.support.recording_fakes import FakeStore, until
from tests.support.telemetry import native_frame

HERE = "127.0.0.1"

ENDLESS = """
import sys, time
from pathlib import Path
from ps_tui.collector.capture import Capture
capture = Capture(Path(sys.argv[1]))
number = 0
while True:
    number += 1
    sender = ("::ffff:192.0.2.7" if number % 2 else "2001:db8::7", 5000)
    capture.put(number.to_bytes(8, "big") * 100, sender, number * 1000, 20777)
    if number % 500 == 0:
        time.sleep(0.01)
        print(capture.status().datagrams, flush=True)
"""


async def test_a_capture_beside_the_recording(
    make_collector: MakeCollector, store: FakeStore, tmp_path: Path
) -> None:
    path = tmp_path / "drive.pcap"
    collector = make_collector("auto", port=0, outputs=Outputs(capture=path))
    await collector.start()
    sent = [native_frame(n) for n in range(50)] + [b"junk"]
    before_us = time.time_ns() // 1000
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((HERE, 0))
        sender = sock.getsockname()
        for datagram in sent:
            sock.sendto(datagram, (HERE, collector.port))
    await until(lambda: collector.counters.packets == 51)
    port = collector.port
    await collector.stop()
    captured = list(PcapReader(path))
    assert [each.payload for each in captured] == sent
    assert {each.source for each in captured} == {sender}
    assert {each.destination for each in captured} == {(HERE, port)}
    times_us = [each.time_us for each in captured]
    assert times_us == sorted(times_us)
    assert before_us - 1_000_000 < times_us[0] < before_us + 60_000_000
    assert collector.captures.last is not None
    assert (collector.captures.last.datagrams, collector.captures.last.dropped) == (
        51,
        0,
    )
    assert len(store.stored(next(iter(store.sessions_by_id)))) == 50


async def test_a_capture_is_switched_on_and_off_while_recording(
    make_collector: MakeCollector, tmp_path: Path
) -> None:
    collector = make_collector()
    await collector.start()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for part in range(3):
            if part == 1:
                collector.captures.start_capture(tmp_path / "middle.pcap")
                with pytest.raises(PsError, match="runs already"):
                    collector.captures.start_capture(tmp_path / "second.pcap")
            for number in range(part * 10, part * 10 + 10):
                sock.sendto(native_frame(number), (HERE, collector.port))
            await until(lambda: collector.counters.frames == part * 10 + 10)  # noqa: B023
            if part == 1:
                status = await collector.captures.stop_capture()
                assert status is not None
                assert status.datagrams == 10
    captured = [each.payload for each in PcapReader(tmp_path / "middle.pcap")]
    assert captured == [native_frame(number) for number in range(10, 20)]
    assert await collector.captures.stop_capture() is None


def test_a_full_queue_drops_and_counts(tmp_path: Path) -> None:
    capture = Capture(tmp_path / "full.pcap")
    for number in range(QUEUE_DATAGRAMS + 100):
        capture.put(b"x", ("192.0.2.7", 5), number, 6)
    capture.close()
    capture.close()
    status = capture.status()
    assert status.datagrams + status.dropped == QUEUE_DATAGRAMS + 100
    assert sum(1 for _ in PcapReader(tmp_path / "full.pcap")) == status.datagrams


def test_a_file_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    with pytest.raises(PsError, match="cannot be written"):
        Capture(tmp_path / "missing" / "drive.pcap")


def test_a_capture_writes_over_nothing(tmp_path: Path) -> None:
    path = tmp_path / "drive.pcap"
    path.write_bytes(b"an earlier drive")
    with pytest.raises(PsError, match="exists already"):
        Capture(path)
    assert path.read_bytes() == b"an earlier drive"


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_a_killed_capture_is_whole_up_to_its_last_record(tmp_path: Path) -> None:
    path = tmp_path / "killed.pcap"
    with subprocess.Popen(
        [sys.executable, "-c", ENDLESS, str(path)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        written = 0
        while written < 5000:
            written = int(child.stdout.readline())
        child.send_signal(signal.SIGKILL)
        child.wait()
    reader = PcapReader(path)
    numbers = [int.from_bytes(each.payload[:8], "big") for each in reader]
    assert not reader.is_truncated
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= written
