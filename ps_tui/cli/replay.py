"""``ps-tui replay``: send a recording again."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click

from ps_tui.cli.options import narrate
from ps_tui.config import Settings


@click.command("replay")
@click.argument("recording", metavar="FILE|SESSION")
@click.option("--to", "target", required=True, metavar="HOST:PORT")
@click.option(
    "--speed",
    type=click.FloatRange(min=0),
    default=1.0,
    show_default=True,
    help="Times the recorded pace; 0 is as fast as accepted.",
)
@click.option("--loop", "is_looping", is_flag=True, help="Again and again.")
@click.pass_obj
def command(
    settings: Settings,
    /,
    recording: str,
    target: str,
    *,
    speed: float,
    is_looping: bool,
) -> None:
    """Send the packets of a pcap or pcapng FILE, also gzipped, or a recorded SESSION
    (its id, or the end of it) as native frames.
    """
    from ps_tui.collector.forward import parse_endpoint

    endpoint = parse_endpoint(target)
    is_file = Path(recording).is_file() or _names_a_file(recording)
    is_terminal = sys.stderr.isatty()

    def show(sent: int, total: int | None) -> None:
        if is_terminal:
            of = "" if total is None else f" of {total}"
            click.echo(f"\r\x1b[K{sent}{of} datagrams", err=True, nl=False)

    async def send() -> int:
        from ps_tui.collector.replay import replay

        if is_file:
            return await replay(
                Path(recording),
                *endpoint,
                speed=speed,
                loop=is_looping,
                on_progress=show,
            )
        from ps_tui.collector.session_replay import replay_session
        from ps_tui.runtime import open_database

        async with open_database(settings, create=False) as database:
            return await replay_session(
                database.library,
                recording,
                endpoint,
                speed=speed,
                loop=is_looping,
                on_progress=show,
            )

    sent = asyncio.run(send())
    narrate(f"{chr(10) if is_terminal else ''}Sent {sent} datagrams to {target}.")


def _names_a_file(text: str) -> bool:
    """Say whether ``text`` is meant to be a file rather than an id."""
    return any(mark in text for mark in "./\\")
