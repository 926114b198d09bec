"""The status line: is data coming, is it being recorded, is it safe?"""

from __future__ import annotations

from textual.widgets import Static

from ps_tui.domain.ports import Services
from ps_tui.tui.workspace import Workspace


class StatusLine(Static, can_focus=False):
    """One line that is always there and never wraps; pulls the feed's status."""

    def __init__(self, services: Services, workspace: Workspace) -> None:
        super().__init__(id="status-line", markup=False)
        self._services = services
        self._workspace = workspace

    def pause(self) -> None:
        """Stop pulling while the screen is not seen."""

    def resume(self) -> None:
        """Pull again, at once."""
