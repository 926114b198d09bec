"""``ps-tui capture``: write what arrives to a file, and nothing else."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import click

from ps_tui.cli.collect import until
from ps_tui.cli.narration import narration
from ps_tui.cli.options import given_flags, json_option, narrate, source_options
from ps_tui.cli.signals import ended_by_signals
from ps_tui.cli.summary import print_summary
from ps_tui.config import Settings


@click.command("capture")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@source_options
@click.option(
    "--duration",
    "duration_s",
    type=click.FloatRange(min=0, min_open=True),
    help="Stop after so many seconds.",
)
@json_option
@click.pass_obj
def command(
    settings: Settings, /, file: Path, *, as_json: bool, **options: Any
) -> None:
    """Write every packet to FILE, a pcap that Wireshark opens, until Ctrl-C.

    Nothing goes into the database. Games that must be asked are asked.
    """
    import msgspec

    settings = msgspec.structs.replace(settings, **given_flags(options))
    summary = asyncio.run(_capture(settings, file, options["duration_s"]))
    print_summary(summary, as_json=as_json)


async def _capture(
    settings: Settings, file: Path, duration_s: float | None
) -> dict[str, Any]:
    from ps_tui.runtime import open_listening

    stop = asyncio.Event()
    with ended_by_signals(stop.set):
        async with open_listening(settings, capture=file) as listening:
            listening.subscribe(lambda notice: narrate(narration(notice) or ""))
            status = listening.live.status()
            narrate(f"Recording packets on {status.endpoint}. Ctrl-C stops.")
            await until(stop, duration_s, listening.live)
        return listening.summary()
