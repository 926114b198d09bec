"""The first line: the places by their digit, and where we are."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.widgets import Static

from ps_tui.tui.keymap import key_word, keys_of

PLACES = (
    "events",
    "sessions",
    "live",
    "laps",
    "compare",
    "garage",
    "database",
    "settings",
)
WITHIN = {
    "crew": "events",
    "commands": "database",
    "studio": "database",
    "sql": "database",
}
"""Places without a digit, and under which they stand."""
FITS = (
    (" ▌PURPLE SECTOR ", 9, " "),
    (" ▌PS ", 9, " "),
    (" ▌", 9, ""),
    (" ▌", 4, ""),
    (" ▌", 0, ""),
)
"""Brand, most letters of a label and what follows it, widest first."""
LEAST_TRAIL, MOST_TRAIL = 20, 32
"""So many columns for what is open are worth more than the brand."""


class NavBar(Static, can_focus=False):
    """Names every place with its key; a click goes there."""

    def __init__(self, place: str) -> None:
        super().__init__(id="nav-bar", markup=False)
        self._here = WITHIN.get(place, place)
        self._trail = ""
        self._spans: list[tuple[int, int, str]] = []

    def on_resize(self) -> None:
        self.draw()

    def set_trail(self, trail: str) -> None:
        """Say at the right what is open, for example ``Monza weekend``."""
        if trail != self._trail:
            self._trail = trail
            self.draw()

    def _texts(self) -> tuple[str, dict[str, str]]:
        """Return brand and labels by place, as long as the width allows."""
        keys = [key for key in keys_of("app") if key.name in PLACES]
        changed = getattr(self.app, "remapped", {})
        words = {key.id: key_word(changed.get(key.id, key.key)) for key in keys}
        wanted = min(max(len(self._trail) + 2, LEAST_TRAIL), MOST_TRAIL)
        found: tuple[str, dict[str, str]] | None = None
        for brand, letters, after in FITS:
            texts = {
                key.name: f" {words[key.id]} {key.label[:letters]}".rstrip()
                + (after or " " if key.name == self._here else after)
                for key in keys
            }
            room = self.size.width - len(brand) - sum(map(len, texts.values()))
            is_whole = letters == FITS[0][1]
            if found is not None and not is_whole:
                return found
            if room >= (wanted if is_whole else 0):
                return brand, texts
            if room >= 0:
                found = brand, texts
        return brand, texts

    def draw(self) -> None:
        """Write the places with the keys that lead there now."""
        brand, texts = self._texts()
        parts: list[tuple[str, str]] = [(brand, "bold $accent")]
        column = len(brand)
        self._spans = []
        for name, text in texts.items():
            is_here = name == self._here
            style = "bold $foreground on $primary-muted" if is_here else "$muted"
            parts.append((text, style))
            self._spans.append((column, column + len(text), name))
            column += len(text)
        room = self.size.width - column - 2
        if self._trail and room >= 8:
            trail = self._trail
            if len(trail) >= room:
                trail = trail[: room - 2] + "…"
            parts.append((f"{trail:>{room}} ", "$muted"))
        self.update(Content.assemble(*parts), layout=False)

    async def on_click(self, event: events.Click) -> None:
        for start, end, place in self._spans:
            if start <= event.x < end:
                await self.run_action(f"app.go('{place}')")
