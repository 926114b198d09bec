"""How far the tank lasts, measured from line to line while driving."""

from __future__ import annotations

from collections import deque
from statistics import fmean
from typing import NamedTuple

RECENT_LAPS = 5


class Tank(NamedTuple):
    """The fuel left in the unit that the game sends, written as ``unit``."""

    left: float
    unit: str


def tank_of(
    litres: float | None, mass_kg: float | None, share: float | None
) -> Tank | None:
    """Return the fuel left from what the game sends, best first."""
    if litres is not None:
        return Tank(litres, "l")
    if mass_kg is not None:
        return Tank(mass_kg, "kg")
    return None if share is None else Tank(share * 100.0, "%")


class FuelWatch:
    """Takes the tank at each line; a lap on which fuel was taken on is left out."""

    def __init__(self) -> None:
        self._burns: deque[float] = deque(maxlen=RECENT_LAPS)
        self._lap_number: int | None = None
        self._unit = ""
        self._at_line: float | None = None
        self._least = 0.0
        self._is_refuelled = False

    @property
    def burn_per_lap(self) -> float | None:
        """Mean burn of the last laps, ``None`` until one was driven whole."""
        return fmean(self._burns) if self._burns else None

    def laps_left(self, tank: Tank) -> float | None:
        """Return how many laps the tank gives at this pace."""
        burn = self.burn_per_lap
        return tank.left / burn if burn else None

    def update(self, lap_number: int | None, tank: Tank | None) -> None:
        """Take the tank of a frame."""
        if tank is None or lap_number is None:
            return
        if tank.unit != self._unit or (self._lap_number or 0) > lap_number:
            self._burns.clear()
            self._unit, self._lap_number, self._at_line = tank.unit, lap_number, None
            self._least = tank.left
        if lap_number != self._lap_number:
            burnt = None if self._at_line is None else self._at_line - tank.left
            is_next = lap_number == (self._lap_number or 0) + 1
            if burnt is not None and burnt > 0 and is_next and not self._is_refuelled:
                self._burns.append(burnt)
            self._lap_number, self._at_line = lap_number, tank.left
            self._least, self._is_refuelled = tank.left, False
        elif tank.left > self._least * 1.002:
            self._is_refuelled = True
        self._least = min(self._least, tank.left)
