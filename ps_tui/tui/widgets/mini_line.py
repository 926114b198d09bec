"""The mini-sectors of the selected lap: a letter each, in one line."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static


class MiniLine(Static, can_focus=False):
    """Letters P, G and Y in their colours, a gap at every eighth of them."""

    def __init__(self) -> None:
        super().__init__(id="minis", markup=False)

    def show(self, name: str, letters: Sequence[tuple[str, str]]) -> None:
        """Show the letters of a lap, each with the name of its colour."""
        if not letters:
            self.update("", layout=False)
            return
        parts = [(f"{name} in {len(letters)} parts  ", "$muted")]
        third = max(1, len(letters) // 3)
        for index, (letter, tone) in enumerate(letters):
            gap = " " if index and index % third == 0 else ""
            style = "$muted" if tone == "muted" else f"bold ${tone}"
            parts += [(gap, ""), (letter, style)]
        self.update(Content.assemble(*parts), layout=False)
