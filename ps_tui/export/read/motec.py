"""Reads a MoTeC log with its lap beacons as laps.

All channels come onto one grid, that of the speed. Laps lie between beacons; what lies
before the first and behind the last is a partial lap, if it is longer than a second. A
log of our own carries what was known of its laps. Where a log has no position, the
distance driven, as a share of that of the whole lap, stands for it.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np

from ps_tui.domain.models import LapKind
from ps_tui.export.facts import Facts, LapFacts, SessionFacts, parse_facts
from ps_tui.export.motec.channels import is_held
from ps_tui.export.motec.ldx import FACTS_ID
from ps_tui.export.read.laps import (
    CUT_REASON,
    Floats,
    ReadLap,
    ReadSession,
    UnreadableFileError,
)
from ps_tui.export.read.ld import Log, LogChannel, read_log
from ps_tui.export.read.ldx import Extra, read_extra
from ps_tui.export.read.motec_channels import alias_of

HIGHEST_RATE_HZ = 120
SHORTEST_PART_MS = 1000.0

_BEACON_CHANNELS = ("lap number", "lap_beacon", "beacon")


def read_motec(path: Path, now_us: int) -> list[ReadSession]:
    """Return the sessions of a log; ``now_us`` dates one that carries no date.

    Raises UnreadableFileError.
    """
    log = read_log(path)
    extra = read_extra(path.with_suffix(".ldx"))
    known = {
        alias[0]: (channel, alias[1])
        for channel in reversed(log.channels)
        if (alias := alias_of(channel)) is not None
    }
    if not known:
        raise UnreadableFileError(
            f"{path} has no channel that is known here.",
            "Known are those of Assetto Corsa Competizione and of ps-tui's own logs.",
        )
    times_ms = _grid(known)
    columns = {
        key: _on_grid(channel, times_ms, held=is_held(key)) * factor
        for key, (channel, factor) in known.items()
    }
    started_us = now_us - float(times_ms[-1]) * 1000.0
    if log.started is not None:
        started_us = log.started.timestamp() * 1e6
    columns["received_us"] = started_us + times_ms * 1000.0
    used = {channel.name for channel, _ in known.values()}
    passed_over = tuple(c.name for c in log.channels if c.name not in used)
    facts = parse_facts(extra.details.get(FACTS_ID, ""))
    beacons_ms = extra.beacons_ms or _beacons(log)
    about = _about(log, path)
    if facts is not None and len(beacons_ms) == 1 + _lap_count(facts):
        return _told(facts, about, columns, times_ms, beacons_ms, passed_over)
    laps = _between_beacons(columns, times_ms, Extra(beacons_ms))
    return [ReadSession(about, laps, passed_over)]


def _grid(known: dict[str, tuple[LogChannel, float]]) -> Floats:
    leading = known.get("speed") or next(iter(known.values()))
    rate_hz = min(leading[0].rate_hz, HIGHEST_RATE_HZ)
    longest_s = max(len(c.values) / c.rate_hz for c, _ in known.values())
    count = max(int(longest_s * rate_hz), 1)
    return np.arange(count, dtype=np.float64) * (1000.0 / rate_hz)


def _on_grid(channel: LogChannel, times_ms: Floats, *, held: bool) -> Floats:
    values = channel.values
    if not values.size:
        return np.full(times_ms.size, np.nan)
    place = times_ms * (channel.rate_hz / 1000.0)
    if held:
        index = np.floor(place + 1e-6).astype(np.intp)
        return values[np.minimum(index, values.size - 1)]
    sloped: Floats = np.interp(place, np.arange(values.size), values)
    return sloped


def _beacons(log: Log) -> tuple[float, ...]:
    """Return where a channel of laps or beacons steps up, for a log without .ldx."""
    by_name = {channel.name.lower(): channel for channel in log.channels}
    for name in _BEACON_CHANNELS:
        channel = by_name.get(name)
        if channel is not None:
            steps = np.flatnonzero(np.diff(channel.values) > 0) + 1
            if steps.size:
                return tuple((steps * (1000.0 / channel.rate_hz)).tolist())
    return ()


def _about(log: Log, path: Path) -> SessionFacts:
    return SessionFacts(
        name=log.session or log.event or path.stem,
        car=log.vehicle or None,
        driver=log.driver or None,
        track=log.venue or None,
    )


def _lap_count(facts: Facts) -> int:
    return sum(len(session.laps) for session in facts.sessions)


def _told(
    facts: Facts,
    about: SessionFacts,
    columns: dict[str, Floats],
    times_ms: Floats,
    beacons_ms: tuple[float, ...],
    passed_over: tuple[str, ...],
) -> list[ReadSession]:
    """Return the laps of a log of our own, as they were when it was written."""
    place = 0
    sessions = []
    for session in facts.sessions:
        laps = []
        for lap_facts in session.laps:
            edges = beacons_ms[place], beacons_ms[place + 1]
            lap = _part(columns, times_ms, edges, lap_facts)
            if lap is not None:
                laps.append(lap)
            place += 1
        session.name = session.name or about.name
        session.car = session.car or about.car
        session.track = session.track or about.track
        sessions.append(ReadSession(session, laps, passed_over))
    return sessions


def _between_beacons(
    columns: dict[str, Floats], times_ms: Floats, extra: Extra
) -> list[ReadLap]:
    step_ms = float(times_ms[1] - times_ms[0]) if times_ms.size > 1 else 1.0
    end_ms = float(times_ms[-1]) + step_ms
    beacons_ms = [at for at in extra.beacons_ms if at <= end_ms + step_ms]
    edges_ms = [0.0, *beacons_ms, end_ms]
    laps: list[ReadLap] = []
    for place, edges in enumerate(pairwise(edges_ms)):
        span_ms = edges[1] - edges[0]
        facts = LapFacts(len(laps) + 1, reason=CUT_REASON)
        if 0 < place < len(beacons_ms):
            facts = LapFacts(
                len(laps) + 1,
                lap_time_ms=round(span_ms),
                kind=LapKind.FLYING.value,
                is_official=True,
            )
        elif span_ms < SHORTEST_PART_MS:
            continue
        lap = _part(columns, times_ms, edges, facts)
        if lap is not None:
            laps.append(lap)
    return laps


def _part(
    columns: dict[str, Floats],
    times_ms: Floats,
    edges_ms: tuple[float, float],
    facts: LapFacts,
) -> ReadLap | None:
    first, end = np.searchsorted(times_ms, edges_ms).tolist()
    if first >= end:
        return None
    own = {key: values[first:end] for key, values in columns.items()}
    since_ms = times_ms[first:end] - edges_ms[0]
    # A lap that was joined late has run before its first frame.
    ran_ms = float(np.median(own.get("lap_time", since_ms) - since_ms))
    own["lap_time"] = since_ms + (ran_ms if ran_ms > SHORTEST_PART_MS else 0.0)
    own["lap_number"] = np.full(end - first, float(facts.lap_number))
    is_whole = facts.kind != LapKind.PARTIAL.value
    if "normalized_position" not in own and "speed" in own and is_whole:
        own |= _placed(own["speed"], own["lap_time"], edges_ms[1] - edges_ms[0])
    return ReadLap(own, facts)


def _placed(
    speed_kmh: Floats, time_ms: Floats, lap_time_ms: float
) -> dict[str, Floats]:
    """Return position and distance from the speed, by trapezoids.

    Before the first frame and behind the last the car keeps their speed.
    """
    speed_ms = np.concatenate((speed_kmh[:1], speed_kmh, speed_kmh[-1:])) / 3.6
    times_s = np.concatenate(([0.0], time_ms, [lap_time_ms])) / 1000.0
    steps_m = (speed_ms[1:] + speed_ms[:-1]) / 2.0 * np.diff(times_s)
    driven_m = np.cumsum(np.maximum(steps_m, 0.0))
    if not driven_m[-1] > 0.0:
        return {}
    return {
        "lap_distance": driven_m[:-1],
        "normalized_position": driven_m[:-1] / driven_m[-1],
    }
