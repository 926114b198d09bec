"""What the screens have in common: the selected event and session, health, undo."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from ps_tui.domain.health import HealthReport


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
    undo: Undo | None = None
    health: HealthReport | None = None
    is_checking: bool = False
    automatic_start_us: int | None = None
    """When a recording began by itself and ``R`` has not been pressed since."""
