"""A Live screen on its own, with a feed that a test pushes forward by hand."""

from __future__ import annotations

import msgspec
from textual.app import App

from ps_tui.domain.frame import Frame
from ps_tui.tui.screens.live import LiveScreen
from ps_tui.tui.theme import DARK, THEMES
from ps_tui.tui.workspace import Workspace
from tests.support.fake_services import FakeServices
from tests.support.fixed_data import NOW_US, fixed_frames

LAP_MS = 107_880


class LiveFeed:
    """Frames of one car, lap after lap, handed to a FakeLive as time passes."""

    def __init__(self, services: FakeServices) -> None:
        self.services = services
        self.start_us = NOW_US
        self.index = 0
        self._lap = fixed_frames(NOW_US, LAP_MS, 1)

    def next_frame(self) -> Frame:
        """Return the frame that follows, also across the line."""
        number, index = divmod(self.index, len(self._lap))
        self.index += 1
        frame = self._lap[index]
        shift_ms = number * LAP_MS
        return msgspec.structs.replace(
            frame,
            received_us=frame.received_us + shift_ms * 1000,
            timestamp_ms=frame.timestamp_ms + shift_ms,
            lap_number=3 + number,
        )

    def drive(self, seconds: float) -> None:
        """Let so much of the lap arrive; the clock moves with it."""
        frames = self.services.live.frames
        end_us = (frames[-1].received_us if frames else NOW_US) + int(seconds * 1e6)
        while not frames or frames[-1].received_us < end_us:
            frames.append(self.next_frame())
        self.services.clock.time_us = frames[-1].received_us


class LiveApp(App[None]):
    """Shows the Live screen; its clock stands still, ``screen.tick()`` draws."""

    DEFAULT_MODE = "live"
    fps = 0

    def __init__(
        self,
        services: FakeServices,
        *,
        ascii_only: bool = False,
        workspace: Workspace | None = None,
    ) -> None:
        super().__init__()
        self.services = services
        self.ascii_only = ascii_only
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DARK.name
        self.add_mode(
            "live", lambda: LiveScreen(services.bundle, workspace or Workspace())
        )

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return {key: str(value) for key, value in DARK.variables.items()}
