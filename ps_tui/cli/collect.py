"""``ps-tui collect``: record without a screen until told to stop."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import click

from ps_tui.cli.narration import narration
from ps_tui.cli.options import (
    capture_option,
    given_flags,
    json_option,
    narrate,
    source_options,
)
from ps_tui.cli.signals import ended_by_signals
from ps_tui.cli.summary import print_summary
from ps_tui.config import Settings
from ps_tui.domain.errors import RecorderBusyError
from ps_tui.domain.ports import LiveView
from ps_tui.domain.recording import FeedStatus, Notice, Refusal

PROGRESS_INTERVAL_S = 1.0
CLEAR_LINE = "\r\x1b[K" if sys.stderr.isatty() else ""


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
@capture_option
@json_option
@click.pass_obj
def command(settings: Settings, /, *, as_json: bool, **options: Any) -> None:
    """Record telemetry until Ctrl-C, SIGTERM or --duration, then print a summary.

    Ends with 6 as soon as telemetry arrives that another process keeps from being
    recorded.
    """
    import msgspec

    settings = msgspec.structs.replace(settings, **given_flags(options))
    summary, refusal = asyncio.run(_collect(settings, options))
    print_summary(summary, as_json=as_json)
    if refusal is not None:
        raise RecorderBusyError(refusal.cause, refusal.remedy)


async def _collect(
    settings: Settings, options: dict[str, Any]
) -> tuple[dict[str, Any], Refusal | None]:
    """Record; return the counters of the summary, and who records instead."""
    from ps_tui.runtime import RecordInto, open_runtime

    stop = asyncio.Event()
    refusals: list[Refusal] = []

    def tell(notice: Notice) -> None:
        if isinstance(notice, Refusal):
            refusals.append(notice)
            stop.set()
        elif line := narration(notice):
            narrate(f"{CLEAR_LINE}{line}")

    into = RecordInto(options["event_name"], options["session_name"], tell)
    with ended_by_signals(stop.set):
        async with open_runtime(
            settings, keep_trying=False, into=into, capture=options["capture"]
        ) as runtime:
            live = runtime.services.live
            status = live.status()
            narrate(f"Recording {status.source} on {status.endpoint}. Ctrl-C stops.")
            await until(stop, options["duration_s"], live)
        return runtime.summary(), next(iter(refusals), None)


async def until(stop: asyncio.Event, duration_s: float | None, live: LiveView) -> None:
    """Wait for the stop, telling on a terminal how it goes."""
    loop = asyncio.get_running_loop()
    deadline = None if duration_s is None else loop.time() + duration_s
    told = ""
    while not stop.is_set():
        patience = PROGRESS_INTERVAL_S
        if deadline is not None:
            patience = min(patience, deadline - loop.time())
            if patience <= 0:
                break
        try:
            await asyncio.wait_for(stop.wait(), patience)
        except TimeoutError:
            status = live.status()
            if status.message and status.message != told:
                told = status.message
                narrate(f"{CLEAR_LINE}{told}")
            if CLEAR_LINE:
                click.echo(f"{CLEAR_LINE}{_progress(status)}", err=True, nl=False)
    click.echo(CLEAR_LINE, err=True, nl=False)


def _progress(status: FeedStatus) -> str:
    counters = status.counters
    return (
        f"{status.state.value}  {status.rate_hz:.0f} Hz  {counters.frames} frames  "
        f"{counters.laps} laps  {counters.lost} lost  {counters.rejected} rejected"
    )
