"""How far ahead or behind the reference the car is: a signed number, bar and trend."""

from __future__ import annotations

from ps_tui.domain.units import format_lap_time
from ps_tui.tui.widgets import palette
from ps_tui.tui.widgets.bar import absent_bar, centred_bar
from ps_tui.tui.widgets.big_digits import small_rows
from ps_tui.tui.widgets.rows import Rows

SCALE_MS = 1000.0
"""The bar is full at this difference."""
STEADY_MS = 15.0
"""A smaller change over the last stretch is no trend."""
_WIDE = 44
_SIGNS = 6
"""``+0.213``, and ``+12.34`` from ten seconds on."""


class DeltaBar(Rows):
    """The delta in two rows, three, or five with large digits.

    Ahead of the reference the bar grows to the left in green, behind it to the
    right; sign, arrow and word say the same.
    """

    def __init__(self, *, dom_id: str) -> None:
        super().__init__(dom_id)
        self._name = ""
        self._reason = ""
        self.delta_ms: float | None = None
        self._trend_ms: float | None = None
        self._predicted_ms: int | None = None

    def set_delta(
        self,
        delta_ms: float | None,
        trend_ms: float | None = None,
        predicted_ms: float | None = None,
    ) -> None:
        """Show a delta; ``None`` where there is none, see :meth:`set_reference`."""
        predicted = None if predicted_ms is None else round(predicted_ms / 10) * 10
        state = (delta_ms, trend_ms, predicted)
        if state != (self.delta_ms, self._trend_ms, self._predicted_ms):
            self.delta_ms, self._trend_ms, self._predicted_ms = state
            self.redraw()

    def set_reference(self, name: str, reason: str) -> None:
        """Say what the delta is against, and why there is none where it is empty."""
        if (name, reason) != (self._name, self._reason):
            self._name, self._reason = name, reason
            self.redraw()

    def draw(self) -> None:
        """Paint the rows that the height has room for."""
        height = self.extent.height
        if height >= 5:
            self._draw_large()
        elif height >= 3:
            self._draw_words(0, None)
            self._draw_bar(1)
            self._draw_reference(2)
        else:
            width = self.extent.width
            self._draw_words(0, "  " + self._versus() if width >= _WIDE else None)
            if height > 1:
                self._draw_bar(1)

    def _draw_large(self) -> None:
        delta_ms = self.delta_ms
        label = self.ink("muted", is_bold=True)
        name = f"vs {self._name}" if self._name else ""
        self.paint(0, name, ("DELTA  ", label), (name, self.ink("muted")))
        shown = "-" if delta_ms is None else number_text(delta_ms)
        rows = small_rows(shown.ljust(_SIGNS), is_ascii=self.is_ascii)
        arrow, word = self._trend()
        beside = ("", f"{arrow} {word}".strip(), self._prediction())
        color = self._color()
        for y, (row, text) in enumerate(zip(rows, beside, strict=True), start=1):
            self.paint(
                y,
                (row, text, color),
                (row, self.ink("faint" if delta_ms is None else color)),
                ("  " + text, self.ink("muted")),
            )
        self._draw_bar(4)

    def _draw_words(self, y: int, after: str | None) -> None:
        """Paint the number and the trend; ``after`` stands in place of its word."""
        delta_ms = self.delta_ms
        arrow, word = self._trend()
        color = self._color()
        shown = "—" if delta_ms is None else number_text(delta_ms)
        muted = self.ink("muted")
        self.paint(
            y,
            (shown, arrow, color, after),
            ("DELTA  ", self.ink("muted", is_bold=True)),
            (f"{shown:<7}", self.ink(color, is_bold=True)),
            (f"{arrow:<1} {word}" if after is None else f"{arrow:<1}{after}", muted),
        )

    def _draw_bar(self, y: int) -> None:
        width = (self.extent.width - 1) // 2 * 2 + 1
        if self.delta_ms is None:
            reason = self._reason
            if len(reason) > width:
                reason = reason[: width - 1] + "…"
            text = reason or absent_bar(width, is_ascii=self.is_ascii)
            ink = self.ink("muted" if reason else "faint")
            self.paint(y, ("none", text), (text, ink))
            return
        share = max(-1.0, min(self.delta_ms / SCALE_MS, 1.0))
        bar = centred_bar(share, width, is_ascii=self.is_ascii)
        half = width // 2
        ink = self.ink(self._color(), on="track")
        self.paint(
            y,
            (bar, self._color()),
            (bar[:half], ink),
            (bar[half], self.ink("muted", on="track")),
            (bar[half + 1 :], ink),
        )

    def _draw_reference(self, y: int) -> None:
        text = self._versus()
        self.paint(y, text, (text, self.ink("muted")))

    def _versus(self) -> str:
        name = f"vs {self._name}" if self._name else ""
        return f"{name}  {self._prediction()}".strip()

    def _prediction(self) -> str:
        if self._predicted_ms is None:
            return ""
        arrow = "->" if self.is_ascii else "→"
        return f"{arrow} {format_lap_time(self._predicted_ms)[:-1]}"

    def _trend(self) -> tuple[str, str]:
        """Return an arrow and a word: is time being lost?"""
        trend_ms = self._trend_ms
        if self.delta_ms is None or trend_ms is None:
            return "", ""
        if abs(trend_ms) < STEADY_MS:
            return "=", "steady"
        up, down = ("^", "v") if self.is_ascii else ("▲", "▼")
        return (up, "losing") if trend_ms > 0 else (down, "gaining")

    def _color(self) -> str:
        delta_ms = self.delta_ms
        if delta_ms is None:
            return "muted"
        return palette.GOOD if delta_ms <= 0 else palette.CAUTION


def number_text(delta_ms: float) -> str:
    """Write a delta in six signs: ``-0.213``, ``+12.34``."""
    seconds = max(-999.0, min(delta_ms / 1000, 999.0))
    return f"{seconds:+z.3f}"[:_SIGNS]
