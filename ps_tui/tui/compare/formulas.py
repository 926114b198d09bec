"""Math channels for the screens. Loads numpy: use in a thread."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from ps_tui.analysis.driven_lap import drive
from ps_tui.analysis.maths.channels import (
    Formula,
    MathChannels,
    check,
    lap_values,
    usable,
)
from ps_tui.analysis.maths.channels import verify as verify
from ps_tui.analysis.maths.errors import FormulaError
from ps_tui.domain.channel import CHANNELS
from ps_tui.domain.models import LapTrace

PREVIEW_NAME = "this_formula"
BARS = "▁▂▃▄▅▆▇█"
ASCII_BARS = "_.,-=+*#"


class Preview(NamedTuple):
    """What a formula gives on a lap, in words and as a row of bars."""

    words: str
    bars: str


def problem(text: str, names: Iterable[str]) -> FormulaError | None:
    """Return what is wrong with a formula; ``names`` are the other math channels."""
    return check(text, {*CHANNELS, *names})


def preview(
    formula: Formula,
    others: Sequence[Formula],
    trace: LapTrace,
    width: int,
    *,
    is_ascii: bool = False,
) -> Preview:
    """Work a formula out on a lap. Raises FormulaError and UnplacedLapError."""
    own = Formula(PREVIEW_NAME, formula.text, formula.unit)
    driven = drive(trace)
    channels = MathChannels([*usable(others), own])
    values = lap_values(channels, [PREVIEW_NAME], driven)[PREVIEW_NAME]
    known = values[np.isfinite(values)]
    if not known.size:
        return Preview("no value anywhere on this lap", "")
    least, most, mean = float(known.min()), float(known.max()), float(known.mean())
    words = f"{least:.4g} to {most:.4g}, mean {mean:.4g} {formula.unit}".rstrip()
    places = np.linspace(driven.progress[0], driven.progress[-1], width)
    good = np.isfinite(values)
    shown = np.interp(places, driven.progress[good], values[good])
    signs = ASCII_BARS if is_ascii else BARS
    span = (most - least) or 1.0
    levels = np.clip((shown - least) / span * len(signs), 0, len(signs) - 1)
    return Preview(words, "".join(signs[int(level)] for level in levels))
