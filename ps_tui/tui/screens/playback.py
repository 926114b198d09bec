"""Keys of what is shown: pause, seek and speed of a capture, or the next game."""

from __future__ import annotations

from ps_tui.domain.network_ports import Playback
from ps_tui.tui.screens.base import PsScreen

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
ACTIONS = frozenset({"seek", "speed"})


class PlaybackScreen(PsScreen):
    """A screen whose keys steer a capture that is played, or change the game."""

    _stood = False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ACTIONS:
            return self.services.playback is not None
        if action == "source":
            return self.other_sources() > 0
        return super().check_action(action, parameters)

    def key_label(self, key_id: str, label: str) -> str:
        playback = self.services.playback
        if key_id == "live.freeze" and playback is not None:
            return "Play" if _stands(playback) else "Pause"
        return super().key_label(key_id, label)

    def other_sources(self) -> int:
        """Return how many further games were found."""
        sources = self.services.sources
        return max(0, len(sources.found()) - 1) if sources is not None else 0

    def action_source(self) -> None:
        """Show the next game, where several send."""
        if self.services.sources is not None and self.services.sources.cycle():
            self.show_playback()

    def action_play(self) -> None:
        """Pause, or go on; at the end begin again."""
        playback = self.services.playback
        if playback is None:
            return
        if playback.is_over:
            playback.seek(0.0)
            playback.resume()
        elif playback.is_paused:
            playback.resume()
        else:
            playback.pause()
        self.show_playback()

    def action_seek(self, step_s: int) -> None:
        """Go on a few seconds earlier or later."""
        playback = self.services.playback
        if playback is not None:
            wanted_s = playback.position_s + step_s
            playback.seek(max(0.0, min(wanted_s, playback.duration_s)))
            self.show_playback()

    def action_speed(self, step: int) -> None:
        """Play faster or slower."""
        playback = self.services.playback
        if playback is not None:
            nearest = min(SPEEDS, key=lambda speed: abs(speed - playback.speed))
            index = SPEEDS.index(nearest) + step
            playback.set_speed(SPEEDS[max(0, min(index, len(SPEEDS) - 1))])
            self.show_playback()

    def playback_words(self, playback: Playback) -> str:
        """Return what the playback does; where it stands or goes on, so do the keys."""
        if _stands(playback) != self._stood:
            self._stood = not self._stood
            self.refresh_bindings()
        return playback_text(playback, is_ascii=self.workspace.is_ascii)

    def show_playback(self) -> None:
        """Show what is played, and where; called after each of these keys."""


def _stands(playback: Playback) -> bool:
    return playback.is_paused or playback.is_over


def playback_text(playback: Playback, *, is_ascii: bool = False) -> str:
    """Write what the playback does, where it is and how fast it goes."""
    state = "||" if is_ascii else "‖"
    if playback.is_over:
        state = "end"
    elif not playback.is_paused:
        state = ">" if is_ascii else "▶"
    place = f"{_clock(playback.position_s)} / {_clock(playback.duration_s)}"
    times = "x" if is_ascii else "×"
    return f"{state} {place}  {times}{playback.speed:g}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"
