"""The lap times of every car of a session, as far as the game tells them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ps_tui.domain.frame import CarLap

CAR_LIMIT = 128
"""No session has more cars; further ones are left out."""


class BoardRow(msgspec.Struct, frozen=True):
    """One car of the session: its newest lap and its best."""

    car_id: int
    driver: str | None
    car: str | None
    lap_number: int
    """Of the newest lap, as the game counts."""
    last_lap_ms: int
    best_lap_ms: int
    is_own: bool = False


class LapBoard:
    """Keeps the newest and the best lap of each car."""

    def __init__(self) -> None:
        self._rows: dict[int, BoardRow] = {}

    def note(self, lap: CarLap) -> None:
        """Take a lap. One that falls behind in number begins the session anew."""
        row = self._rows.get(lap.car_id)
        if row is not None and lap.lap_number < row.lap_number:
            self._rows.clear()
            row = None
        if row is None and len(self._rows) >= CAR_LIMIT:
            return
        best_ms = lap.lap_time_ms if row is None else row.best_lap_ms
        self._rows[lap.car_id] = BoardRow(
            lap.car_id,
            lap.driver,
            lap.car,
            lap.lap_number,
            lap.lap_time_ms,
            min(best_ms, lap.lap_time_ms),
            lap.is_own,
        )

    def rows(self) -> Sequence[BoardRow]:
        """Return the cars, the quickest lap first."""
        return sorted(self._rows.values(), key=lambda row: row.best_lap_ms)

    def clear(self) -> None:
        """Forget every car: another session begins."""
        self._rows.clear()
