"""``ps-tui replay``: send a recording of datagrams again."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click

from ps_tui.cli.options import narrate
from ps_tui.domain.errors import UsageError


@click.command("replay")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--to", "target", required=True, metavar="HOST:PORT")
@click.option(
    "--speed",
    type=click.FloatRange(min=0),
    default=1.0,
    show_default=True,
    help="Times the recorded pace; 0 is as fast as accepted.",
)
@click.option("--loop", "is_looping", is_flag=True, help="Again and again.")
def command(file: Path, target: str, *, speed: float, is_looping: bool) -> None:
    """Send the UDP payloads of a pcap or pcapng file, also gzipped."""
    from ps_tui.collector.replay import replay

    host, port = parse_endpoint(target)
    is_terminal = sys.stderr.isatty()

    def show(sent: int, total: int | None) -> None:
        if is_terminal:
            of = "" if total is None else f" of {total}"
            click.echo(f"\r\x1b[K{sent}{of} datagrams", err=True, nl=False)

    sent = asyncio.run(
        replay(file, host, port, speed=speed, loop=is_looping, on_progress=show)
    )
    narrate(f"{chr(10) if is_terminal else ''}Sent {sent} datagrams to {target}.")


def parse_endpoint(text: str) -> tuple[str, int]:
    """Split ``HOST:PORT`` or ``[IPv6]:PORT``. Raises UsageError."""
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise UsageError(
            f"{text!r} is no HOST:PORT.", "Write it like 127.0.0.1:9997 or [::1]:9997."
        )
    return host, int(port)
