"""A recorded session goes out again as it came in."""

from __future__ import annotations

import socket
from pathlib import Path

from ps_tui.decoders.native import NativeDecoder
from ps_tui.domain.frame import Frame
from tests.support.command import ps_tui, ps_tui_json
from tests.support.telemetry import native_frame
from tests.support.written_capture import write_capture

START_US = 1_760_000_000_000_000
COUNT = 1500


def test_a_session_is_sent_as_numbered_native_frames(tmp_path: Path) -> None:
    drive = [
        (
            START_US + n * 20_000,
            ("192.0.2.10", 5),
            native_frame(n, lap_ms=10_000, track="spa", fuel=40.0, in_pit=n < 9),
        )
        for n in range(COUNT)
    ]
    write_capture(tmp_path / "drive.pcap", drive)
    database = tmp_path / "crew.db"
    summary = ps_tui_json("--db", database, "import", tmp_path / "drive.pcap", "--json")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        listener.bind(("127.0.0.1", 0))
        target = f"127.0.0.1:{listener.getsockname()[1]}"
        listener.settimeout(10)
        done = ps_tui(
            *("--db", database, "replay", summary["session_id"], "--to", target),
            *("--speed", "0"),
        )
        assert done.returncode == 0, done.stderr
        assert f"Sent {COUNT} datagrams" in done.stderr
        before, after = NativeDecoder(), NativeDecoder()
        for number, (_, _, datagram) in enumerate(drive[:100]):
            sent = before.decode(datagram, 0)
            back = after.decode(listener.recv(65536), 0)
            assert isinstance(sent, Frame)
            assert isinstance(back, Frame)
            assert back.sequence == number
            for field in (
                *("throttle", "speed_kmh", "gear", "lap_time_ms", "lap_number"),
                *("timestamp_ms", "in_pit", "normalized_position"),
            ):
                assert getattr(back, field) == getattr(sent, field), field
            assert back.extra_value(2) == sent.extra_value(2)
    assert after.identity is not None
    assert after.identity.track == "spa"


def test_what_is_neither_file_nor_session_is_said(tmp_path: Path) -> None:
    missing = ps_tui("replay", tmp_path / "no.pcap", "--to", "127.0.0.1:9")
    assert missing.returncode == 5
    assert "There is no file" in missing.stderr
