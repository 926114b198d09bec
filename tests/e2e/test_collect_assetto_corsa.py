"""A real drive at Monza, played by a stand-in for the game, through the commands."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.assetto_corsa import AssettoCorsaServer, captured_payloads
from tests.support.captures import capture
from tests.support.command import environment
from tests.support.packets import any_lap, handshake_reply

MONZA = "assetto_corsa/monza_r8lms_rtcarinfo.pcap.gz"
PACKETS, REPEATED, FRAMES = 8641, 479, 8162
LINE = 7899
"""The packet in which the counter of laps rises."""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="no SIGINT to a child")


async def _command(*arguments: str | Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ps_tui", *map(str, arguments)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment(),
    )


async def _json(*arguments: str | Path) -> Any:
    process = await _command(*arguments)
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return json.loads(out)


async def test_every_packet_is_accounted_for_and_the_out_lap_is_there(
    tmp_path: Path,
) -> None:
    packets = captured_payloads(capture(MONZA))
    assert len(packets) == PACKETS
    database = tmp_path / "monza.db"
    reply = handshake_reply(
        car="ks_audi_r8_lms", driver="Player 01", track="monza", layout="full"
    )
    laps = [any_lap(344_684), any_lap(107_211, car_id=4, driver="Player 02")]
    async with AssettoCorsaServer(packets, laps={LINE: laps}, reply=reply) as game:
        process = await _command(
            *("--db", database, "collect", "--source", "assetto-corsa"),
            *("--host", "127.0.0.1", "--port", str(game.port), "--json"),
        )
        async with asyncio.timeout(40):
            await game.finished.wait()
            # The last burst may still be on its way into the socket.
            await asyncio.sleep(0.5)
            process.send_signal(signal.SIGINT)
            out, err = await process.communicate()
            assert process.returncode == 0, err.decode()
            await game.dismissed.wait()

    summary = json.loads(out)
    answers = game.operations.count(0)
    assert summary["packets"] == PACKETS + answers + len(laps)
    assert summary["skipped"] == answers + len(laps)
    assert [(car["driver"], car["last_lap_ms"]) for car in summary["cars"]] == [
        ("Player 02", 107_211),
        ("Player 01", 344_684),
    ]
    assert summary["frames"] == FRAMES
    assert summary["repeated"] == REPEATED
    assert summary["rejected"] == summary["lost"] == 0

    (session,) = await _json("--db", database, "sessions", "list", "--json")
    assert session["id"] == summary["session_id"]
    assert (session["car"], session["track"]) == ("ks_audi_r8_lms", "monza")
    assert session["driver"] == "Player 01"
    assert (session["source"], session["status"]) == ("assetto-corsa", "completed")
    assert session["frame_count"] == FRAMES
    assert session["best_lap_time_ms"] is None

    laps = await _json(
        *("--db", database, "laps", "list", "--session", session["id"], "--json")
    )
    assert [(lap["kind"], lap["lap_time_ms"]) for lap in laps[:1]] == [("out", 344_684)]
    assert [lap["kind"] for lap in laps[1:]] == ["partial"]
    assert sum(lap["frame_count"] for lap in laps) == FRAMES
    report = await _json("--db", database, "db", "check", "--deep", "--json")
    assert report["ok"], report
