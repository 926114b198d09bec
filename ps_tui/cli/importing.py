"""``ps-tui import``: a capture into sessions and laps, without a socket."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import click

from ps_tui.cli.narration import narration
from ps_tui.cli.options import SOURCES, json_option, narrate
from ps_tui.cli.summary import print_summary
from ps_tui.config import Settings
from ps_tui.domain.recording import Notice


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--source",
    type=click.Choice(("auto", *SOURCES)),
    default="auto",
    show_default=True,
    help="Whose telemetry it holds.",
)
@click.option("--event", "event_name", help="Name of the event; made if new.")
@json_option
@click.pass_obj
def command(
    settings: Settings, /, file: Path, *, as_json: bool, **options: Any
) -> None:
    """Turn a pcap or pcapng file, also gzipped, into sessions and laps.

    As fast as the machine goes; times are those of the capture. Two games in one
    file become two sessions.
    """
    import msgspec

    settings = msgspec.structs.replace(settings, source=options["source"])
    summary = asyncio.run(_import(settings, file, options["event_name"]))
    if not as_json:
        del summary["is_truncated"]  # told already
    print_summary(summary, as_json=as_json)


async def _import(
    settings: Settings, file: Path, event_name: str | None
) -> dict[str, Any]:
    from ps_tui.runtime import RecordInto, open_import

    is_terminal = sys.stderr.isatty()

    def tell(notice: Notice) -> None:
        if line := narration(notice):
            narrate(f"{_CLEAR if is_terminal else ''}{line}")

    async with open_import(settings, RecordInto(event_name, None, tell)) as opened:
        runtime, clock = opened
        progress = _show if is_terminal else None
        reader = await runtime.import_capture(file, clock, progress)
        if is_terminal:
            click.echo(_CLEAR, err=True, nl=False)
        if reader.is_truncated:
            narrate(
                f"{file} ends in the middle of a packet, or is damaged there: what is "
                "before that is imported."
            )
        return runtime.summary() | {"is_truncated": reader.is_truncated}


_CLEAR = "\r\x1b[K"
_BAR_CELLS = 30


def _show(done: int, total: int | None) -> None:
    """Draw the progress bar, or the count where the end is unknown."""
    if total is None:
        click.echo(f"{_CLEAR}{done} datagrams", err=True, nl=False)
        return
    share = done / total if total else 1.0
    filled = "#" * round(share * _BAR_CELLS)
    click.echo(
        f"{_CLEAR}[{filled:-<{_BAR_CELLS}}] {share:4.0%}  {done} of {total} datagrams",
        err=True,
        nl=False,
    )
