"""What a recording came to, in lines or as JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from ps_tui.cli.narration import counted
from ps_tui.cli.options import print_json
from ps_tui.domain.units import format_lap_time


def _source(row: dict[str, Any]) -> str:
    where = f" from {row['host']}" if row["host"] else ""
    frames, laps = counted(row["frames"], "frame"), counted(row["laps"], "lap")
    return f"{row['source']}{where}: {frames}, {laps}"


def _car(row: dict[str, Any]) -> str:
    who = row["driver"] or f"car {row['car_id']}"
    car = f" ({row['car']})" if row["car"] else ""
    last, best = (format_lap_time(row[f"{which}_lap_ms"]) for which in ("last", "best"))
    return f"{who}{car}: best {best}, last {last} in lap {row['lap_number']}"


def _refused(row: dict[str, Any]) -> str:
    size = "other sizes" if row["size"] is None else f"{row['size']} bytes"
    sender = f" from {row['sender']}" if row["sender"] else ""
    return f"{row['count']} of {size}{sender}: {row['looks_like']}"


def _forward(row: dict[str, Any]) -> str:
    problem = f", {row['problem']}" if row["problem"] else ""
    return f"{row['target']}: {row['sent']} sent, {row['errors']} errors{problem}"


def _capture(row: dict[str, Any]) -> str:
    return f"{row['path']}: {row['datagrams']} packets, {row['dropped']} dropped"


_WORDS: dict[str, Callable[[dict[str, Any]], str]] = {
    "sources": _source,
    "cars": _car,
    "refused": _refused,
    "forwards": _forward,
    "capture": _capture,
}


def print_summary(summary: dict[str, Any], *, as_json: bool) -> None:
    """Print what a recording came to."""
    if as_json:
        print_json(summary)
        return
    for key, value in summary.items():
        if key == "session_ids":
            value = ", ".join(value)
        rows = [value] if key == "capture" else value
        if key in _WORDS:
            for row in rows:
                click.echo(f"{key.removesuffix('s'):<12} {_WORDS[key](row)}")
        else:
            click.echo(f"{key.replace('_', ' '):<12} {value}")
