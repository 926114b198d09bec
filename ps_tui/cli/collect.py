"""``ps-tui collect``: record without a screen until told to stop."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from ps_tui.cli.options import json_option, narrate, print_json, source_options
from ps_tui.config import Settings

PROGRESS_INTERVAL_S = 1.0


@click.command("collect")
@source_options
@click.option("--event", "event_name", help="Name of the event; made if new.")
@click.option("--session", "session_name", help="Name of the session to record.")
@click.option(
    "--duration",
    "duration_s",
    type=click.FloatRange(min=0, min_open=True),
    help="Stop after so many seconds.",
)
@json_option
@click.pass_obj
def command(settings: Settings, *, as_json: bool, **options: Any) -> None:
    """Record telemetry until Ctrl-C, SIGTERM or --duration, then print a summary."""
    import msgspec

    given = {
        key: value
        for key in ("source", "host", "port")
        if (value := options.pop(key)) is not None
    }
    summary = asyncio.run(_collect(msgspec.structs.replace(settings, **given), options))
    if as_json:
        print_json(summary)
        return
    for key, value in summary.items():
        click.echo(f"{key.replace('_', ' '):<12} {value}")


async def _collect(settings: Settings, options: dict[str, Any]) -> dict[str, Any]:
    """Record and return the counters of the summary."""
    from ps_tui.runtime import open_runtime

    stop = asyncio.Event()
    with _stopped_by_signals(stop):
        async with open_runtime(settings) as runtime:
            await runtime.prepare_session(
                options["event_name"], options["session_name"]
            )
            narrate(f"Recording {runtime.describe()}. Ctrl-C stops.")
            for alert in runtime.alerts():
                narrate(alert)
            await _until(stop, options["duration_s"], runtime.progress_line)
            return await runtime.finish()


async def _until(
    stop: asyncio.Event, duration_s: float | None, progress_line: Any
) -> None:
    """Wait for the stop, telling on a terminal how it goes."""
    loop = asyncio.get_running_loop()
    deadline = None if duration_s is None else loop.time() + duration_s
    is_terminal = sys.stderr.isatty()
    while not stop.is_set():
        left = None if deadline is None else deadline - loop.time()
        if left is not None and left <= 0:
            break
        patience = PROGRESS_INTERVAL_S if left is None else min(left, 1.0)
        try:
            await asyncio.wait_for(stop.wait(), patience)
        except TimeoutError:
            if is_terminal:
                click.echo(f"\r\x1b[K{progress_line()}", err=True, nl=False)
    if is_terminal:
        click.echo("", err=True)


@contextmanager
def _stopped_by_signals(stop: asyncio.Event) -> Iterator[None]:
    """Set ``stop`` on SIGINT and SIGTERM, where the loop has no signals too."""
    loop = asyncio.get_running_loop()
    previous: dict[int, Any] = {}
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:
            previous[number] = signal.signal(
                number, lambda *_: loop.call_soon_threadsafe(stop.set)
            )
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        if not previous:
            loop.remove_signal_handler(signal.SIGINT)
            loop.remove_signal_handler(signal.SIGTERM)
