"""What the newest laps measured: gaps, values that cannot be, positions that jump.

Only flagged: what a game sent is kept as it was sent.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ps_tui.domain.channel import FRAME_CHANNELS
from ps_tui.domain.errors import DatabaseError
from ps_tui.domain.health import CheckResult, Verdict
from ps_tui.storage.sqlite.outcome import outcome
from ps_tui.storage.sqlite.sealing import stored_trace

if TYPE_CHECKING:
    from ps_tui.storage.trace_codec import Exact, TraceColumn

NEWEST_LAPS = 20
GAP_US = 250_000
CLOCK_SLACK_US = 300_000_000
CLOCK_STEP_MS = 1000
_PACES, _OTHER_PACE = 50, 0.2
"""A lap is looked at in so many parts; two clocks that drift apart by more than this
share of the time in most of them have different paces."""
_TIME_OF_DAY_MS = 10**12
"""Stamps below it (of the year 2001) count from the start of a game or a session."""
_SLACK = 0.02
_JUMP_BACK = 0.05
_BOUNDED = {
    channel.key: (channel.minimum, channel.maximum)
    for channel in FRAME_CHANNELS
    if channel.key in ("throttle", "brake", "steering", "normalized_position")
}
_KEYS = ("received_us", "timestamp", "lap_time", *_BOUNDED, "speed", "rpm")
_NEWEST = "SELECT lap_n FROM lap_traces ORDER BY lap_n DESC LIMIT ?"


def newest_signals(connection: sqlite3.Connection) -> CheckResult:
    """Look at the newest laps; count those with something odd in them."""
    odd: dict[str, int] = {}
    laps = 0
    for columns in _newest(connection, _KEYS):
        faults = _faults(columns)
        laps += bool(faults)
        for fault in faults:
            odd[fault] = odd.get(fault, 0) + 1
    return outcome(
        laps,
        "Look at these laps before you trust their figures.",
        ", ".join(f"{fault} in {count}" for fault, count in sorted(odd.items())),
        status=Verdict.WARNING,
    )


def lap_load(connection: sqlite3.Connection) -> CheckResult:
    """Tell how long a lap takes from the file to its arrays, read a second time."""
    from ps_tui.storage.trace_codec import decode

    row = connection.execute(_NEWEST, (1,)).fetchone()
    if row is None:
        return outcome(0, detail="no lap yet")
    best_s, frames = 60.0, 0
    for _ in range(2):
        started = time.perf_counter()
        try:
            trace = stored_trace(connection, row[0])
            if trace is None:
                break
            decode(trace)
        except DatabaseError:
            return outcome(0, detail="the newest lap is damaged")
        frames = trace.frame_count
        best_s = min(best_s, time.perf_counter() - started)
    return outcome(0, detail=f"{frames} frames in {best_s * 1000:.1f} ms")


def wall_clock(connection: sqlite3.Connection, *, now_us: int) -> CheckResult:
    """Look for a clock that was set wrong, or was set while somebody recorded.

    Recorded times come from one reading of the clock, carried on by a counter that
    nobody can set. A sender that stamps its frames with the time of day shows a
    step of that clock as a change of the distance between the two.
    """
    (ahead,) = connection.execute(
        "SELECT count(*) FROM sessions WHERE max(created_us, coalesce(started_us, 0))"
        " > ?",
        (now_us + CLOCK_SLACK_US,),
    ).fetchone()
    stepped = sum(
        abs(_drift_ms(columns)) > CLOCK_STEP_MS
        for columns in _newest(connection, ("received_us", "timestamp"))
    )
    said = []
    if ahead:
        said.append(f"{ahead} sessions are dated in the future")
    if stepped:
        said.append(f"the clock was set during {stepped} of the newest laps")
    return outcome(
        ahead + stepped,
        "Let the system set its clock by the network; lap times are not touched.",
        ", ".join(said),
        status=Verdict.WARNING,
    )


def _newest(
    connection: sqlite3.Connection, keys: tuple[str, ...]
) -> Iterator[Mapping[str, TraceColumn]]:
    from ps_tui.storage.trace_codec import decode

    for (lap_n,) in connection.execute(_NEWEST, (NEWEST_LAPS,)).fetchall():
        try:
            trace = stored_trace(connection, lap_n)
            if trace is not None:
                yield decode(trace, keys)
        except (DatabaseError, sqlite3.DatabaseError):
            continue  # the checksums tell of these


def _drift_ms(columns: Mapping[str, TraceColumn]) -> float:
    """Return how far the sender's time of day moved against ours during a lap.

    Nothing where its clock has another pace than ours: what is played again faster
    or slower has no time of day.
    """
    import numpy as np

    from ps_tui.storage.trace_codec import Exact

    received, timestamp = columns.get("received_us"), columns.get("timestamp")
    if not isinstance(received, Exact) or not isinstance(timestamp, Exact):
        return 0.0
    if timestamp.present is not None or timestamp.values[0] < _TIME_OF_DAY_MS:
        return 0.0
    distance_ms = received.values / 1000 - timestamp.values
    stride = max(1, len(distance_ms) // _PACES)
    elapsed_ms = np.diff(received.values[::stride]) / 1000
    moved = np.abs(np.diff(distance_ms[::stride])) > _OTHER_PACE * elapsed_ms
    if 2 * moved.sum() > len(moved):
        return 0.0
    return float(distance_ms[-1] - distance_ms[0])


def _has_gap(received: Exact, columns: Mapping[str, TraceColumn]) -> bool:
    """Say whether frames are missing: a hole in reception over which the clocks of
    the sender, as far as they run, went on as well. Without that it came late."""
    import numpy as np

    from ps_tui.storage.trace_codec import Exact

    is_gap = np.diff(received.values) > GAP_US
    for key in ("timestamp", "lap_time"):
        clock = columns.get(key)
        if isinstance(clock, Exact) and clock.present is None:
            steps_ms = np.diff(clock.values)
            is_gap &= (steps_ms <= 0) | (steps_ms * 1000 > GAP_US)
    return bool(is_gap.any())


def _faults(columns: Mapping[str, TraceColumn]) -> set[str]:
    import numpy as np

    from ps_tui.storage.trace_codec import Exact

    faults = set()
    received = columns.get("received_us")
    if isinstance(received, Exact) and _has_gap(received, columns):
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
