"""Sectors and mini-sectors of this lap and the last, each with its letter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ps_tui.tui.widgets import palette
from ps_tui.tui.widgets.rows import Piece, Rows

COLORS = {"P": palette.BEST, "G": palette.GOOD, "Y": palette.CAUTION}
SECTOR_WIDTH = 10


class Cut(NamedTuple):
    """One sector: its time, and P, G or Y where it can be judged."""

    time_ms: int | None = None
    letter: str = ""


def without_letters(cuts: Sequence[Cut]) -> tuple[Cut, ...]:
    """Return the times alone, as of a lap that does not count."""
    return tuple(Cut(cut.time_ms) for cut in cuts)


SECTORS = 3
MINI_SECTORS = 24


class Strip(NamedTuple):
    """One lap in sectors and in mini-sectors."""

    sectors: tuple[Cut, ...] = (Cut(),) * SECTORS
    minis: tuple[Cut, ...] = (Cut(),) * MINI_SECTORS
    current: int = -1
    """The mini-sector being driven."""


class SectorStrip(Rows):
    """This lap above the last; with four rows also the times of the sectors."""

    def __init__(self, *, dom_id: str) -> None:
        super().__init__(dom_id)
        self._now = Strip()
        self._before = Strip()

    def set_strips(self, now: Strip, before: Strip) -> None:
        """Show the running lap and the one before it."""
        if (now, before) != (self._now, self._before):
            self._now, self._before = now, before
            self.redraw()

    def draw(self) -> None:
        """Paint a row of letters for each lap, with the times if there is room."""
        rows = (("NOW", self._now), ("LAST", self._before))
        is_full = self.extent.height >= 4
        for index, (name, strip) in enumerate(rows):
            y = index * (2 if is_full else 1)
            self._draw_minis(y, name, strip)
            if is_full:
                self._draw_times(y + 1, strip.sectors)

    def _draw_minis(self, y: int, name: str, strip: Strip) -> None:
        is_narrow = self.extent.width < MINI_SECTORS + 5
        label = f"{name[:1]} " if is_narrow else f"{name:<5}"
        pieces: list[Piece] = [(label, self.ink("muted", is_bold=True))]
        ahead, here = (".", "_") if self.is_ascii else ("·", "▁")
        for index, cut in enumerate(strip.minis):
            if cut.letter:
                ink = self.ink("ground", on=COLORS[cut.letter], is_bold=True)
                pieces.append((cut.letter, ink))
            elif index == strip.current:
                pieces.append((here, self.ink("")))
            else:
                sign = ahead if cut.time_ms is None else "-"
                pieces.append((sign, self.ink("faint")))
        self.paint(y, (label, strip.minis, strip.current), *pieces)

    def _draw_times(self, y: int, cuts: Sequence[Cut]) -> None:
        pieces: list[Piece] = []
        for number, cut in enumerate(cuts, start=1):
            time = "—" if cut.time_ms is None else f"{cut.time_ms / 1000:.3f}"[:6]
            ink = self.ink(COLORS.get(cut.letter, ""), is_bold=bool(cut.letter))
            pieces.append((f"S{number} ", self.ink("muted", is_bold=True)))
            pieces.append((f"{time}{cut.letter}".ljust(SECTOR_WIDTH - 2), ink))
        self.paint(y, tuple(cuts), *pieces)
