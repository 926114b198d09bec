"""The lines of ``ps-tui plot``: channels, formulas and the delta of some laps."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import msgspec
import numpy as np

from ps_tui.analysis.arrays import Floats, column
from ps_tui.analysis.comparison import Comparison, compare
from ps_tui.analysis.grid import resample, resample_values
from ps_tui.analysis.lap_clock import received_since_ms
from ps_tui.analysis.maths.channels import Formula, MathChannels, usable
from ps_tui.analysis.maths.errors import FormulaError
from ps_tui.domain.channel import CHANNELS
from ps_tui.domain.errors import UsageError
from ps_tui.domain.models import LapTrace

DELTA = "delta"
_FORMULA = "plotted_formula"
_SHOWN_LENGTH = 60


class Line(msgspec.Struct, frozen=True, eq=False):
    """One lap in one panel; ``y`` is NaN where nothing was sent."""

    x: Floats
    y: Floats

    def thinned(self, buckets: int) -> tuple[list[float], list[float]]:
        """Return the least and greatest value of each bucket: spikes are kept."""
        good = np.isfinite(self.y) & np.isfinite(self.x)
        x, y = self.x[good], self.y[good]
        if x.size > buckets * 2:
            edges = np.linspace(0, x.size, buckets + 1).astype(int)
            picks = {0, x.size - 1}
            for low, high in pairwise(edges.tolist()):
                picks |= {
                    low + int(np.argmin(y[low:high])),
                    low + int(np.argmax(y[low:high])),
                }
            chosen = sorted(picks)
            x, y = x[chosen], y[chosen]
        return x.tolist(), y.tolist()


class Panel(msgspec.Struct, frozen=True, eq=False):
    """One channel of all laps; ``None`` where a lap does not have it."""

    name: str
    title: str
    unit: str
    x_unit: str
    lines: list[Line | None]

    @property
    def is_empty(self) -> bool:
        """Whether nothing of it can be drawn."""
        return not any(np.isfinite(line.y).any() for line in self.lines if line)

    @property
    def x_range(self) -> tuple[float, float]:
        """Return where the axis begins and ends; there is a line at least."""
        shown = [line.x for line in self.lines if line is not None]
        return min(float(x[0]) for x in shown), max(float(x[-1]) for x in shown)


def plot_panels(
    traces: Sequence[LapTrace],
    wanted: Sequence[str],
    axis: str,
    length_m: float | None = None,
    maths: Sequence[Formula] = (),
) -> list[Panel]:
    """Return a panel for each channel or formula. ``length_m`` is the track's, where
    it is known; ``maths`` are math channels that may be plotted and read.

    Raises UsageError for a channel that no lap has or a lap without frames,
    FormulaError for a formula that is wrong.
    """
    for trace in traces:
        if not len(trace.columns["received_us"]):
            raise UsageError(
                f"Lap {trace.lap.lap_number} has a time and no telemetry.",
                "Choose a lap that was recorded.",
            )
    source = _Over(traces) if axis == "time" else _Along(traces, length_m)
    own = usable(maths)
    panels = []
    for name in wanted:
        panel = _panel(name, source, len(traces), own)
        if not any(line is not None for line in panel.lines):
            raise UsageError(
                f"None of these laps has “{name}”.",
                f"There are: {', '.join(source.sent())}.",
            )
        panels.append(panel)
    return panels


def _panel(
    name: str, source: _Along | _Over, lap_count: int, own: Sequence[Formula]
) -> Panel:
    known = CHANNELS.get(name)
    if name == DELTA:
        lines = [source.delta(index) for index in range(lap_count)]
        return Panel(name, "time lost to the first, s", "s", source.x_unit, lines)
    if known is not None:
        lines = [source.channel(index, name) for index in range(lap_count)]
        title = f"{known.label} {known.unit}".strip()
        return Panel(name, title, known.unit, source.x_unit, lines)
    formula = _read(name, own)
    lines = [source.formula(index, formula) for index in range(lap_count)]
    unit = next((one.unit for one in own if one.name == name), "")
    return Panel(name, f"{name} {unit}".strip(), unit, source.x_unit, lines)


def _read(text: str, own: Sequence[Formula]) -> MathChannels:
    """Read a formula; the error says where it is wrong, as it is not marked there."""
    try:
        return MathChannels([*own, Formula(_FORMULA, text)])
    except FormulaError as error:
        place = f"(character {error.position + 1} of “{text[:_SHOWN_LENGTH]}”)"
        raise FormulaError(
            f"{error.cause} {place}",
            error.remedy,
            position=error.position,
            length=error.length,
        ) from None


class _Along:
    """Laps by position, on the grid of the first."""

    def __init__(self, traces: Sequence[LapTrace], length_m: float | None) -> None:
        self._compared: Comparison = compare(traces, length_m, channels=())
        grid = self._compared.grid
        self._x = grid.places * 100.0 if grid.metres is None else grid.metres
        self.x_unit = "% of the lap" if grid.metres is None else "m"

    def sent(self) -> list[str]:
        return _sent([driven.trace for driven in self._compared.driven])

    def delta(self, index: int) -> Line | None:
        if index == 0 and len(self._compared.laps) > 1:
            return None
        return Line(self._x, self._compared.deltas_ms[index] / 1000.0)

    def channel(self, index: int, key: str) -> Line | None:
        found = resample(self._compared.driven[index], self._compared.grid, [key])
        values = found.channels.get(key)
        return None if values is None else Line(self._x, values)

    def formula(self, index: int, formula: MathChannels) -> Line | None:
        driven = self._compared.driven[index]
        columns = {key: driven.channel(key) for key in formula.needed([_FORMULA])}
        values = _evaluated(formula, columns, driven.time_ms / 1000.0)
        if values is None:
            return None
        return Line(self._x, resample_values(values, driven, self._compared.grid))


class _Over:
    """Laps by time since their first frame, each frame as it was sent."""

    x_unit = "s"

    def __init__(self, traces: Sequence[LapTrace]) -> None:
        self._traces = traces

    def sent(self) -> list[str]:
        return _sent(self._traces)

    def delta(self, index: int) -> Line | None:
        raise UsageError(
            "The delta is of two laps at the same place.", "Plot it with --x position."
        )

    def _x(self, index: int) -> Floats:
        return received_since_ms(self._traces[index]) / 1000.0

    def channel(self, index: int, key: str) -> Line | None:
        values = column(self._traces[index], key)
        return None if values is None else Line(self._x(index), values)

    def formula(self, index: int, formula: MathChannels) -> Line | None:
        trace = self._traces[index]
        columns = {key: column(trace, key) for key in formula.needed([_FORMULA])}
        values = _evaluated(formula, columns, self._x(index))
        return None if values is None else Line(self._x(index), values)


def _evaluated(
    formula: MathChannels, columns: dict[str, Floats | None], time_s: Floats
) -> Floats | None:
    """Return the values of a formula, ``None`` for a lap without its channels."""
    sent = {key: values for key, values in columns.items() if values is not None}
    if len(sent) < len(columns):
        return None
    return formula.values([_FORMULA], sent, time_s)[_FORMULA]


def _sent(traces: Sequence[LapTrace]) -> list[str]:
    keys = dict.fromkeys(key for trace in traces for key in trace.columns)
    return [key for key in keys if key in CHANNELS]
