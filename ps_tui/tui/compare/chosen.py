"""Which laps are compared: the first is the reference, each has a letter."""

from __future__ import annotations

from dataclasses import dataclass, field

MOST_LAPS = 4
LETTERS = "ABCD"


@dataclass
class ChosenLaps:
    """Public ids of laps in the order of their letters."""

    ids: list[str] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        return len(self.ids) >= MOST_LAPS

    @property
    def reference_id(self) -> str | None:
        """The lap that the others are measured against."""
        return self.ids[0] if self.ids else None

    def letter(self, lap_id: str) -> str:
        """Return the letter of a lap, nothing for one that is not compared."""
        return LETTERS[self.ids.index(lap_id)] if lap_id in self.ids else ""

    def add(self, lap_id: str) -> bool:
        """Compare this lap too; say whether there was room."""
        if lap_id in self.ids:
            return True
        if self.is_full:
            return False
        self.ids.append(lap_id)
        return True

    def remove(self, lap_id: str) -> None:
        """Compare this lap no more; one that was not compared is no matter."""
        if lap_id in self.ids:
            self.ids.remove(lap_id)

    def make_reference(self, lap_id: str) -> None:
        """Put a lap first; where four are there the last one goes for a new one."""
        self.remove(lap_id)
        self.ids = [lap_id, *self.ids][:MOST_LAPS]
