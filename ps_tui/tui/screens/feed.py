"""Keys for what comes beside the car: the laps of every car, and a capture of it."""

from __future__ import annotations

from pathlib import Path

from ps_tui.domain.recording import CaptureStatus
from ps_tui.tui.compat import start
from ps_tui.tui.dialogs.capture_form import capture_form
from ps_tui.tui.dialogs.lap_board import LapBoardDialog
from ps_tui.tui.screens.playback import PlaybackScreen
from ps_tui.tui.words import counted


class FeedScreen(PlaybackScreen):
    """A screen from which packets are captured and all cars are seen."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "capture":
            return self.services.captures is not None
        return super().check_action(action, parameters)

    def key_label(self, key_id: str, label: str) -> str:
        if key_id == "live.capture" and self._capture is not None:
            return "Stop capture"
        return super().key_label(key_id, label)

    @property
    def _capture(self) -> CaptureStatus | None:
        captures = self.services.captures
        return None if captures is None else captures.capture_status()

    def action_board(self) -> None:
        """Show the lap times of every car."""
        live = self.services.live
        if not live.lap_board():
            self.notify("No lap of any car was told: few games tell them.")
            return
        has_clock = self.workspace.has_clocks
        self.app.push_screen(LapBoardDialog(live, has_clock=has_clock))

    def action_capture(self) -> None:
        """Ask where packets go, or end the capture that runs."""
        captures = self.services.captures
        if captures is None:
            return
        if self._capture is not None:
            start(self, self._stop_capture, group="capture")
            return
        form = capture_form(captures, self.services.clock.now_us())
        self.app.push_screen(form, self._tell_start)

    def _tell_start(self, path: Path | None) -> None:
        if path is not None:
            self.notify(f"Every packet is written to {path}.", markup=False)
        self.refresh_status()

    async def _stop_capture(self) -> None:
        captures = self.services.captures
        done = None if captures is None else await captures.stop_capture()
        if done is not None and not (done.dropped or done.problem):
            words = f"{counted(done.datagrams, 'packet')} in {done.path}."
            self.notify(words, markup=False)
        elif done is not None:
            words = f"{counted(done.datagrams, 'packet')}, {done.dropped} dropped"
            words = f"{words}, in {done.path}. {done.problem}".rstrip()
            self.notify(words, severity="warning", markup=False)
        self.refresh_status()
