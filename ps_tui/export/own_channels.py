"""Math channels as further columns of the laps in a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from ps_tui.analysis.arrays import column
from ps_tui.analysis.lap_clock import raw_clock, received_since_ms, steady
from ps_tui.analysis.maths.channels import Formula, MathChannels, usable
from ps_tui.analysis.maths.errors import FormulaError
from ps_tui.domain.channel import Channel
from ps_tui.domain.garage import MathChannel
from ps_tui.domain.models import LapTrace

DECIMALS = 3


class OwnChannels:
    """The formulas that can be worked out; those that cannot spoil no others."""

    def __init__(self, formulas: Iterable[Formula]) -> None:
        kept = usable(formulas)
        self._maths = MathChannels(kept)
        self.channels: Mapping[str, Channel] = {
            one.name: Channel(one.name, one.name, one.unit, DECIMALS, 0.0, 0.0)
            for one in kept
        }

    def added(self, trace: LapTrace) -> LapTrace:
        """Return a lap with these channels, but for those that it lacks inputs for."""
        received_ms = received_since_ms(trace)
        clock_ms, is_lap_clock = raw_clock(trace, received_ms)
        if is_lap_clock:
            clock_ms = steady(clock_ms, received_ms)
        found = dict(trace.columns)
        for name in self.channels:
            sent = {key: column(trace, key) for key in self._maths.needed([name])}
            inputs = {key: values for key, values in sent.items() if values is not None}
            try:
                values = self._maths.values([name], inputs, clock_ms / 1000.0)[name]
            except FormulaError:
                continue
            found[name] = np.asarray(values, np.float32)
        return LapTrace(trace.lap, found)


def own_channels(stored: Iterable[MathChannel]) -> OwnChannels | None:
    """Return stored math channels for a file, ``None`` where there are none."""
    formulas = [Formula(one.name, one.formula, one.unit or "") for one in stored]
    return OwnChannels(formulas) if formulas else None
