"""What the newest laps measured: gaps, values that cannot be, positions that jump.

Only flagged: what a game sent is kept as it was sent.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ps_tui.domain.channel import FRAME_CHANNELS
from ps_tui.domain.errors import DatabaseError
from ps_tui.domain.health import CheckResult, Verdict
from ps_tui.storage.sqlite.outcome import outcome
from ps_tui.storage.sqlite.sealing import stored_trace

if TYPE_CHECKING:
    from ps_tui.storage.trace_codec import TraceColumn

NEWEST_LAPS = 20
GAP_US = 250_000
_SLACK = 0.02
_JUMP_BACK = 0.05
_BOUNDED = {
    channel.key: (channel.minimum, channel.maximum)
    for channel in FRAME_CHANNELS
    if channel.key in ("throttle", "brake", "steering", "normalized_position")
}
_KEYS = ("received_us", *_BOUNDED, "speed", "rpm")
_NEWEST = "SELECT lap_n FROM lap_traces ORDER BY lap_n DESC LIMIT ?"


def newest_signals(connection: sqlite3.Connection) -> CheckResult:
    """Look at the newest laps; count those with something odd in them."""
    from ps_tui.storage.trace_codec import decode

    odd: dict[str, int] = {}
    laps = 0
    for (lap_n,) in connection.execute(_NEWEST, (NEWEST_LAPS,)).fetchall():
        try:
            trace = stored_trace(connection, lap_n)
            if trace is None:
                continue
            faults = _faults(decode(trace, _KEYS))
        except (DatabaseError, sqlite3.DatabaseError):
            continue  # the checksums tell of these
        laps += bool(faults)
        for fault in faults:
            odd[fault] = odd.get(fault, 0) + 1
    return outcome(
        laps,
        "Look at these laps before you trust their figures.",
        ", ".join(f"{fault} in {count}" for fault, count in sorted(odd.items())),
        status=Verdict.WARNING,
    )


def _faults(columns: Mapping[str, TraceColumn]) -> set[str]:
    import numpy as np

    from ps_tui.storage.trace_codec import Exact

    faults = set()
    received = columns["received_us"]
    if isinstance(received, Exact) and (np.diff(received.values) > GAP_US).any():
        faults.add("gaps")
    for key, column in columns.items():
        if isinstance(column, Exact):
            continue
        if np.isinf(column).any():
            faults.add("infinite values")
        low, high = _BOUNDED.get(key, (-np.inf, np.inf))
        known = column[np.isfinite(column)]
        if ((known < low - _SLACK) | (known > high + _SLACK)).any():
            faults.add("values out of range")
    position = columns.get("normalized_position")
    if position is not None and not isinstance(position, Exact):
        steps = np.diff(position[np.isfinite(position)])
        # The line itself is a step of nearly one, a spin a small one.
        if ((steps < -_JUMP_BACK) & (steps > -0.5)).any():
            faults.add("positions that jump back")
    return faults
