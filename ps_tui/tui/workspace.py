"""What the screens have in common: the selected event and session, health, undo."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ps_tui.domain.health import HealthReport
from ps_tui.domain.markers import Marker
from ps_tui.tui.compare.chosen import ChosenLaps
from ps_tui.tui.glyphs import UNICODE, Glyphs
from ps_tui.tui.live_maths import LiveChoice

if TYPE_CHECKING:
    from ps_tui.settings_file import SettingsFile


@dataclass(frozen=True)
class Undo:
    """The last deletion and how to take it back. ``label`` names what comes back."""

    label: str
    restore: Callable[[], Awaitable[object]]


@dataclass
class Workspace:
    """Shared state of the screens. Ids are public ids; ``None`` selects nothing."""

    event_id: str | None = None
    session_id: str | None = None
    compared: ChosenLaps = field(default_factory=ChosenLaps)
    live_maths: LiveChoice = LiveChoice()  # noqa: RUF009  frozen
    """The math channels that the Live screen shows, until the program ends."""
    undo: Undo | None = None
    looked_at: Marker | None = None
    """The marker that the next screen of its lap goes to."""
    health: HealthReport | None = None
    is_checking: bool = False
    automatic_start_us: int | None = None
    """When a recording began by itself and ``R`` has not been pressed since."""
    glyphs: Glyphs = UNICODE
    is_ascii: bool = False
    """Draw without braille and block characters."""
    has_clocks: bool = True
    """Tests switch the clocks off and draw by hand."""
    before_doctor: str = "live"
    """The place that esc on the Doctor screen goes back to."""
    settings_file: SettingsFile | None = None
    clashes_told: set[str] = field(default_factory=set)
    """Remapped keys that hid another action, each told once."""

    def forget(self, noun: str) -> bool:
        """Select no ``noun`` any more, nor what is in it; say whether any was."""
        before = self.event_id, self.session_id
        if noun == "event":
            self.event_id = None
        if noun in {"event", "session"}:
            self.session_id = None
        return before != (self.event_id, self.session_id)
