"""Which part of the lap is on the screen, and where the cursor stands in it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

LEAST_SPAN = 0.01
ZOOM = 1.5
MARGIN = 0.15
"""Share of a stretch that is shown on either side of it."""


class View(msgspec.Struct, frozen=True):
    """Places are shares of the lap: 0 and 1 are the line. The cursor is in view."""

    start: float = 0.0
    end: float = 1.0
    cursor: float = 0.0

    @property
    def span(self) -> float:
        return self.end - self.start

    @property
    def is_whole(self) -> bool:
        """Whether the whole lap is shown."""
        return self.start <= 0.0 and self.end >= 1.0

    @property
    def window(self) -> tuple[float, float]:
        """The part that is shown; as long as it stays the charts do."""
        return self.start, self.end

    def at(self, cursor: float) -> View:
        """Return the view with the cursor elsewhere, moved along if need be."""
        cursor = min(max(cursor, 0.0), 1.0)
        start, end = self.start, self.end
        if cursor < start:
            start, end = cursor, cursor + self.span
        elif cursor > end:
            start, end = cursor - self.span, cursor
        return View(start, end, cursor)

    def stepped(self, shares: float) -> View:
        """Return the view with the cursor moved by shares of what is shown."""
        return self.at(self.cursor + shares * self.span)

    def zoomed(self, factor: float) -> View:
        """Return the view nearer by ``factor``; the cursor stays where it is."""
        span = min(max(self.span / factor, LEAST_SPAN), 1.0)
        share = (self.cursor - self.start) / self.span
        return self._fitted(self.cursor - share * span, span, self.cursor)

    def panned(self, shares: float) -> View:
        """Return the view moved; the cursor keeps its place on the screen."""
        start = min(max(self.start + shares * self.span, 0.0), 1.0 - self.span)
        moved = start - self.start
        return View(start, start + self.span, min(max(self.cursor + moved, 0.0), 1.0))

    def whole(self) -> View:
        """Return the whole lap."""
        return View(0.0, 1.0, self.cursor)

    def on(self, start: float, end: float, cursor: float) -> View:
        """Return a stretch with some room round it."""
        span = min(max((end - start) * (1.0 + 2.0 * MARGIN), LEAST_SPAN), 1.0)
        return self._fitted((start + end - span) / 2.0, span, cursor)

    def _fitted(self, start: float, span: float, cursor: float) -> View:
        start = min(max(start, 0.0), 1.0 - span)
        return View(start, start + span, min(max(cursor, start), start + span))


def following(places: Sequence[float], cursor: float, step: int) -> float | None:
    """Return the next (1) or previous (-1) of rising places, ``None`` at the end."""
    near = 1e-6
    if step > 0:
        return next((place for place in places if place > cursor + near), None)
    return next((place for place in reversed(places) if place < cursor - near), None)
