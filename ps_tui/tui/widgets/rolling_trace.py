"""Samples to dot columns: the running minimum and maximum of each slice of time.

A column shows every value that its slice of time held, so that a spike of one
sample is never lost, and is joined to the sample before it. The cost is that of the
new samples; what is drawn stays and scrolls. Columns lie on multiples of their own
length since 1970, so a cell never changes once its time has passed.
"""

from __future__ import annotations

from ps_tui.tui.widgets.canvas import Canvas

GAP_US = 500_000
"""A longer silence is shown as a gap instead of a line across it."""

GUIDE_LAYER = 0
MARK_LAYER = 1
GAP_LAYER = 2
FIRST_TRACE_LAYER = 3
_GAP_STEP = 4
"""Every so many dot columns a missing stretch has a column of sparse dots."""
_NO_COLUMN = -1


class _Pen:
    """What one trace remembers of its newest column."""

    __slots__ = ("at_us", "column", "high", "is_filled", "level", "low")

    def __init__(self, *, is_filled: bool) -> None:
        self.is_filled = is_filled
        self.column = _NO_COLUMN
        self.level = self.low = self.high = 0
        self.at_us = -1

    @property
    def mask(self) -> int:
        if self.is_filled:
            return (1 << self.high + 1) - 1 if self.high else 0
        return (1 << self.high + 1) - (1 << self.low)


class RollingTrace:
    """One or more channels over the last ``window_us``, drawn as samples arrive.

    ``filled`` says for each channel whether the area below it is filled, which
    tells two traces in one plot apart without colour.
    """

    def __init__(
        self,
        canvas: Canvas,
        *,
        window_us: int,
        bounds: tuple[float, float],
        filled: tuple[bool, ...] = (False,),
    ) -> None:
        self.canvas = canvas
        self._column_us = max(1, window_us // canvas.dot_columns)
        self._minimum, maximum = bounds
        self._scale = (canvas.levels - 1) / (maximum - self._minimum)
        self._pens = [_Pen(is_filled=is_filled) for is_filled in filled]
        self._left_column = _NO_COLUMN

    def guide(self, value: float) -> None:
        """Draw a dotted line across the plot that does not scroll."""
        mask = 1 << self._level(value)
        for column in range(0, self.canvas.dot_columns, 4):
            self.canvas.set_column(GUIDE_LAYER, column, mask)

    def mark(self, at_us: int) -> None:
        """Draw an upright dotted line at a moment, as for the start of a lap."""
        x = self._advance(at_us)
        if x >= 0:
            dotted = int("5" * self.canvas.height, 16)
            self.canvas.set_column(MARK_LAYER, x, dotted)

    def add(self, index: int, at_us: int, value: float | None) -> None:
        """Add a sample of one channel; ``None`` leaves a gap.

        A silence is dotted, and so is an area without a value: an empty stretch of
        an area says zero.
        """
        pen = self._pens[index]
        x = self._advance(at_us)
        if value is None or x < 0 or at_us < pen.at_us:
            if value is None:
                pen.column = _NO_COLUMN
                if pen.is_filled and pen.at_us >= 0:
                    self._dot(self._left_column + x, self._left_column + x + 1)
            return
        level = self._level(value)
        column = self._left_column + x
        is_silent = at_us - pen.at_us > GAP_US
        is_joined = pen.column != _NO_COLUMN and not is_silent
        if is_silent and index == 0 and pen.at_us >= 0:
            self._dot(pen.at_us // self._column_us + 1, column)
        pen.at_us = at_us
        if is_joined and column == pen.column:
            pen.level = level
            if pen.low <= level <= pen.high:
                return
            pen.low = min(pen.low, level)
            pen.high = max(pen.high, level)
        elif is_joined:
            self._join(index, column, level)
        else:
            pen.level = pen.low = pen.high = level
        pen.column = column
        self._draw(index, column)

    def _dot(self, first: int, end: int) -> None:
        """Fill columns where nothing is known with sparse dots."""
        dotted = int("4" * self.canvas.height, 16)
        for column in range(max(first, self._left_column), end):
            if column % _GAP_STEP == 0:
                self.canvas.set_column(GAP_LAYER, column - self._left_column, dotted)

    def _join(self, index: int, column: int, level: int) -> None:
        """Lead the line from the last sample to ``level`` in a newer column."""
        pen = self._pens[index]
        start, first = pen.level, pen.column
        steps = column - first
        for step in range(1, steps + 1):
            goal = start + round((level - start) * step / steps)
            before = pen.level
            pen.low = min(goal, before + 1)
            pen.high = max(goal, before - 1)
            pen.level = goal
            if step < steps:
                self._draw(index, first + step)

    def _draw(self, index: int, column: int) -> None:
        x = column - self._left_column
        if not 0 <= x < self.canvas.dot_columns:
            return
        mask = self._pens[index].mask
        if mask == 1 and self._is_over_area(index, x):
            mask = 0
        self.canvas.set_column(FIRST_TRACE_LAYER + index, x, mask)

    def _is_over_area(self, index: int, x: int) -> bool:
        """Whether an area hides a line at rest, which would only recolour its foot."""
        return any(
            pen.is_filled and not self.canvas.is_blank(FIRST_TRACE_LAYER + below, x)
            for below, pen in enumerate(self._pens[:index])
        )

    def _advance(self, at_us: int) -> int:
        """Scroll so that ``at_us`` is in sight; return its x, negative if past."""
        canvas = self.canvas
        column = at_us // self._column_us
        if self._left_column == _NO_COLUMN:
            self._left_column = (column | 1) - canvas.dot_columns + 1
        x = column - self._left_column
        if x >= canvas.dot_columns:
            cells = (x - canvas.dot_columns) // 2 + 1
            canvas.scroll(cells, fixed_layers=MARK_LAYER)
            self._left_column += cells * 2
            x -= cells * 2
        return x

    def _level(self, value: float) -> int:
        level = int((value - self._minimum) * self._scale + 0.5)
        return max(0, min(level, self.canvas.levels - 1))
