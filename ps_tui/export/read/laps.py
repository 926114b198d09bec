"""Laps as they are read from a file, and what can be told of one without being told."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from ps_tui.domain.channel import CHANNELS, FRAME_CHANNELS
from ps_tui.domain.errors import PsError
from ps_tui.domain.models import LapKind
from ps_tui.export.facts import LapFacts, SessionFacts

Floats = NDArray[np.float64]

NEAR_LINE = 0.02
CUT_REASON = "cut from a file"

_FRAME_KEYS = frozenset(channel.key for channel in FRAME_CHANNELS)
_SLOPE_FRAMES = 20
_SAME_MS = 1000.0


class UnreadableFileError(PsError):
    """A file is not what its name says, or holds nothing that can be used."""


class ReadLap(msgspec.Struct, eq=False):
    """Frames by channel key, ``received_us`` and ``lap_time`` among them."""

    columns: dict[str, Floats]
    facts: LapFacts | None = None

    @property
    def frame_count(self) -> int:
        return len(self.columns["received_us"])


class ReadSession(msgspec.Struct, eq=False):
    """The laps of one session; ``passed_over`` names columns that mean nothing here."""

    facts: SessionFacts
    laps: list[ReadLap]
    passed_over: tuple[str, ...] = ()


def is_known(key: str) -> bool:
    """Say whether a column of this name is one of ours."""
    return key in CHANNELS or key in _FRAME_KEYS or key == "received_us"


def with_lap_clock(columns: dict[str, Floats]) -> dict[str, Floats]:
    """Return columns with a whole lap clock: missing values filled in, or all of it
    as the time since the first frame."""
    clock = columns.get("lap_time")
    if clock is None or not np.isfinite(clock).any():
        received = columns["received_us"]
        return columns | {"lap_time": (received - received[0]) / 1000.0}
    return columns | {"lap_time": filled(clock)}


def judged(lap: ReadLap, following: ReadLap | None, number: int) -> LapFacts:
    """Return what a lap's frames say of it, for a file that does not.

    It counts as driven from line to line where its positions, or without them the
    lap clock and a lap behind it, reach from the one to the other.
    """
    columns = lap.columns
    clock_ms = columns["lap_time"]
    position = columns.get("normalized_position")
    if position is not None and np.isfinite(position).any():
        begins, ends = _reaches(position)
    else:
        begins, ends = clock_ms[0] < _SAME_MS, following is not None
    facts = LapFacts(number, valid=_is_valid(columns.get("lap_valid")))
    if not (begins and ends):
        facts.reason = CUT_REASON
        return facts
    facts.kind = _kind(columns.get("in_pit")).value
    estimate_ms = _at_the_line(clock_ms, position)
    published = None if following is None else following.columns.get("last_lap_time")
    facts.lap_time_ms = facts.clock_time_ms = round(estimate_ms)
    if published is not None:
        near = published[np.abs(published - estimate_ms) < _SAME_MS]
        if near.size:
            facts.lap_time_ms, facts.is_official = round(float(near[-1])), True
    return facts


def _reaches(position: Floats) -> tuple[bool, bool]:
    good = position[np.isfinite(position)]
    return bool(good[0] < NEAR_LINE), bool(good[-1] > 1.0 - NEAR_LINE)


def _at_the_line(clock_ms: Floats, position: Floats | None) -> float:
    """Carry the lap clock on to the line from the last frames."""
    near = slice(-_SLOPE_FRAMES, None)
    last_ms = float(clock_ms[-1])
    if clock_ms.size < 2:
        return last_ms
    if position is not None:
        gone = float(position[near][-1] - position[near][0])
        took_ms = last_ms - float(clock_ms[near][0])
        if gone > 0.0 and took_ms > 0.0:
            return last_ms + (1.0 - float(position[-1])) * took_ms / gone
    return last_ms + float(np.median(np.diff(clock_ms)))


def _is_valid(flags: Floats | None) -> bool:
    return flags is None or not bool((flags == 0.0).any())


def _kind(in_pit: Floats | None) -> LapKind:
    if in_pit is None:
        return LapKind.FLYING
    is_out, is_in = bool(in_pit[0] > 0), bool(in_pit[-1] > 0)
    if is_out and is_in:
        return LapKind.PIT
    if is_out or is_in:
        return LapKind.OUT if is_out else LapKind.IN
    return LapKind.FLYING


def filled(values: NDArray[Any]) -> Floats:
    """Return a clock as float64, missing values carried on evenly."""
    clock = values.astype(np.float64)
    good = np.isfinite(clock)
    if good.all() or not good.any():
        return clock
    index = np.arange(clock.size)
    bridged: Floats = np.interp(index, index[good], clock[good])
    return bridged
