"""What a run came to, as the commands print it at their end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from ps_tui.collector.collector import Collector

SUMMED_SIZES = 8
"""So many sizes of packets that nobody reads are worth a line."""


def counters_of(collector: Collector) -> dict[str, Any]:
    """Return the counters of the whole run."""
    counters: dict[str, Any] = msgspec.to_builtins(collector.counters)
    return counters


def outputs_of(collector: Collector) -> dict[str, Any]:
    """Return what came from whom, what was not read, and where it was passed on."""
    summary: dict[str, Any] = {}
    summary["sources"] = [
        {"source": each.source, "host": each.host} | msgspec.to_builtins(each.counters)
        for each in collector.selection.found()
    ]
    summary["cars"] = [
        {"source": feed.source} | msgspec.to_builtins(row)
        for feed in collector.selection.feeds
        for row in feed.live.lap_board()
    ]
    if refused := _refused(collector):
        summary["refused"] = refused
    if forwards := collector.forwards.status():
        summary["forwards"] = msgspec.to_builtins(forwards)
    if collector.captures.last is not None:
        summary["capture"] = msgspec.to_builtins(collector.captures.last)
    return summary


def _refused(collector: Collector) -> list[dict[str, Any]]:
    """Return what was not read: of no known game, and of second senders."""
    unread = sorted(collector.router.refused.values(), key=lambda one: -one.count)
    rows = [
        {
            "size": each.size,
            "count": each.count,
            "looks_like": each.description,
            "sender": each.sender,
        }
        for each in unread[:SUMMED_SIZES]
    ]
    for feed in collector.selection.feeds:
        senders = sorted(feed.stream.refused_senders, key=lambda one: -one.count)
        rows += [
            {
                "size": each.size,
                "count": each.count,
                "looks_like": f"a second sender of {feed.source}",
                "sender": each.name,
            }
            for each in senders[:SUMMED_SIZES]
        ]
    return rows
