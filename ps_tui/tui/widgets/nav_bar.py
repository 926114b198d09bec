"""The first line: the places by their digit, and where we are."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.widgets import Static

from ps_tui.tui.keymap import keys_of

PLACES = ("events", "sessions", "live", "laps", "database")


class NavBar(Static, can_focus=False):
    """Names every place with its key; a click goes there."""

    def __init__(self, place: str) -> None:
        super().__init__(id="nav-bar", markup=False)
        self._place = place
        self._trail = ""
        self._spans: list[tuple[int, int, str]] = []

    def on_resize(self) -> None:
        self._draw()

    def set_trail(self, trail: str) -> None:
        """Say at the right what is open, for example ``Monza weekend``."""
        if trail != self._trail:
            self._trail = trail
            self._draw()

    def _draw(self) -> None:
        brand = " ▌PURPLE SECTOR " if self.size.width >= 72 else " ▌PS "
        parts: list[tuple[str, str]] = [(brand, "bold $accent")]
        column = len(brand)
        self._spans = []
        for key in keys_of("app"):
            if key.name not in PLACES:
                continue
            is_here = key.name == self._place
            text = f" {key.key} {key.label} "
            style = "bold $foreground on $primary-muted" if is_here else "$muted"
            parts.append((text, style))
            self._spans.append((column, column + len(text), key.name))
            column += len(text)
        room = self.size.width - column - 2
        if self._trail and room >= 8:
            trail = self._trail
            if len(trail) > room:
                trail = trail[: room - 1] + "…"
            parts.append((f"{trail:>{room}} ", "$muted"))
        self.update(Content.assemble(*parts), layout=False)

    async def on_click(self, event: events.Click) -> None:
        for start, end, place in self._spans:
            if start <= event.x < end:
                await self.run_action(f"app.go('{place}')")
