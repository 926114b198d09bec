"""The rev counter as a bar, and the shift lights at the car's own limit."""

from __future__ import annotations

from ps_tui.domain.frame import Frame
from ps_tui.tui.widgets import palette
from ps_tui.tui.widgets.bar import absent_bar, bar_cells
from ps_tui.tui.widgets.rows import Piece, Rows

LIGHT_COUNT = 12
FIRST_LIGHT = 0.85
SHIFT_POINT = 0.97
"""Shares of the limit at which the first light and the word SHIFT appear."""
_BLINK_MS = 125


class RpmBar(Rows):
    """Two rows: lights between the limit and the shift point, and the bar.

    The limit is what the game says, else the highest speed that was seen, which
    the label then calls so. ``has_blink`` lets the lights blink past the shift
    point.
    """

    def __init__(self, *, dom_id: str, has_blink: bool = False) -> None:
        super().__init__(dom_id)
        self.has_blink = has_blink
        self._rpm: float | None = None
        self._limit: float | None = None
        self._seen = 0.0
        self._is_dark = False

    def set_frame(self, frame: Frame, limit: float | None) -> None:
        """Show the engine speed of a frame against ``limit``."""
        self._rpm = frame.rpm
        self._limit = limit
        self._seen = max(self._seen, frame.rpm or 0.0)
        self._is_dark = (
            self.has_blink and frame.received_us // (_BLINK_MS * 1000) % 2 == 1
        )
        self.redraw()

    @property
    def lit_count(self) -> int:
        """How many lights are on."""
        share = self._share()
        if share < FIRST_LIGHT:
            return 0
        span = SHIFT_POINT - FIRST_LIGHT
        return min(
            LIGHT_COUNT, 1 + int((share - FIRST_LIGHT) / span * (LIGHT_COUNT - 1))
        )

    def draw(self) -> None:
        """Paint the lights and the bar."""
        self._draw_lights()
        width = self.extent.width
        if self._rpm is None:
            absent = absent_bar(width, is_ascii=self.is_ascii)
            self.paint(1, None, (absent, self.ink("faint")))
            return
        filled, empty = bar_cells(self._share(), width, is_ascii=self.is_ascii)
        color = palette.ALARM if self._is_over() else palette.RPM
        self.paint(
            1,
            (filled, color),
            (filled, self.ink(color, on="track")),
            (empty, self.ink(on="track")),
        )

    def _draw_lights(self) -> None:
        lit = 0 if self._is_dark and self._is_over() else self.lit_count
        word = "SHIFT" if self._is_over() else ""
        right = self._limit_text()
        key = (lit, word, right, self._rpm is None)
        if self.is_painted(0, key):
            return
        light = 3 if self.extent.width >= 100 else 2
        lights = self._lights(lit, light)
        used = LIGHT_COUNT * (light + 1) - 1
        side = max(0, (self.extent.width - used) // 2)
        left = "RPM" if self._rpm is not None else "RPM  —  not sent"
        end = self.extent.width - side - used
        self.paint(
            0,
            key,
            (left.ljust(side)[:side], self.ink("muted", is_bold=True)),
            *lights,
            (f"  {word}".ljust(9), self.ink(palette.ALARM, is_bold=True)),
            (right.rjust(max(0, end - 9)), self.ink("muted")),
        )

    def _lights(self, lit: int, width: int) -> list[Piece]:
        on, off = ("#", ".") if self.is_ascii else ("█", "░")
        pieces: list[Piece] = []
        gap = (" ", self.ink())
        for index in range(LIGHT_COUNT):
            if index:
                pieces.append(gap)
            color = (palette.GOOD, palette.CAUTION, palette.ALARM)[index // 4]
            if index < lit:
                pieces.append((on * width, self.ink(color)))
            else:
                pieces.append((off * width, self.ink("faint")))
        return pieces

    def _limit_text(self) -> str:
        if self._limit:
            return f"limit {self._limit:.0f}"
        return f"highest {self._seen:.0f}" if self._seen else ""

    def _share(self) -> float:
        limit = self._limit or self._seen
        return (self._rpm or 0.0) / limit if limit else 0.0

    def _is_over(self) -> bool:
        """Whether it is time to shift; not judged without a limit of the game's."""
        return bool(self._limit) and self._share() >= SHIFT_POINT
