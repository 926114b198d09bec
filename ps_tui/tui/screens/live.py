"""The car now: gauges, rolling traces and the laps of the session.

A clock of the screen's own pulls what has arrived since its last turn and hands each
part one frame; telemetry never reaches a widget by any other way. ``space`` stops
the pulling and nothing else.
"""

from __future__ import annotations

from collections import deque

from textual.app import ComposeResult
from textual.timer import Timer
from textual.widgets import Static

from ps_tui.domain.frame import Frame, Identity
from ps_tui.domain.models import Session
from ps_tui.domain.ports import Services
from ps_tui.domain.recording import (
    FeedState,
    FeedStatus,
    LapStored,
    Notice,
    SessionClosed,
    SessionOpened,
)
from ps_tui.domain.units import format_age
from ps_tui.tui.keymap import bindings
from ps_tui.tui.screens.base import PsScreen
from ps_tui.tui.widgets import palette, trace_plot
from ps_tui.tui.widgets.big_digits import BigDigits
from ps_tui.tui.widgets.heading import Heading
from ps_tui.tui.widgets.input_bars import InputBars
from ps_tui.tui.widgets.lap_times import LapTimes
from ps_tui.tui.widgets.live_laps import LiveLaps
from ps_tui.tui.widgets.panes import Panes
from ps_tui.tui.widgets.rpm_bar import RpmBar
from ps_tui.tui.widgets.trace_plot import TracePlot
from ps_tui.tui.workspace import Workspace

DEFAULT_FPS = 30
BLURRED_FPS = 10
WINDOWS_S = (5, 10, 15, 20, 30, 45, 60)
DEFAULT_WINDOW_S = 15
_KEPT_US = WINDOWS_S[-1] * 1_000_000
_SLOW_US = 500_000
"""How often words and the lap list may change."""


class LiveScreen(PsScreen):
    """Everything that moves. ``app.fps`` sets the pace; 0 leaves it to ``tick``."""

    PLACE = "live"
    BINDINGS = bindings("live")
    DEFAULT_CSS = """
    LiveScreen #live-empty {
        display: none; width: 1fr; height: 1fr; content-align: center middle;
        text-align: center; padding: 0 4;
    }
    LiveScreen.-empty #live-panes { display: none; }
    LiveScreen.-empty #live-empty { display: block; }
    """

    def __init__(self, services: Services, workspace: Workspace) -> None:
        super().__init__(services, workspace)
        self.is_frozen = False
        self.window_s = DEFAULT_WINDOW_S
        self.pace_fps = 0
        """How often the clock ticks now; 0 while it stands."""
        self._cursor = 0
        self._history: deque[Frame] = deque()
        self._clock: Timer | None = None
        self._slow_us = 0
        self._laps_us = 0
        self._laps_due = False
        self._heading = Heading(dom_id="heading")
        self._rpm_bar = RpmBar(dom_id="rpm-bar")
        self._gear = BigDigits("GEAR", palette.GEAR, columns=1, dom_id="gear")
        self._speed = BigDigits(
            "SPEED", palette.SPEED, columns=3, unit="km/h", dom_id="speed"
        )
        self._rpm = BigDigits("RPM", palette.RPM, columns=4, dom_id="rpm")
        self._inputs = InputBars(dom_id="inputs")
        self._lap_clock = BigDigits("LAP CLOCK", "", columns=6, dom_id="lap-clock")
        self._lap_times = LapTimes(dom_id="lap-times")
        self._laps = LiveLaps(dom_id="laps")
        self._plots = (
            TracePlot(trace_plot.THROTTLE, dom_id="throttle"),
            TracePlot(trace_plot.BRAKE, dom_id="brake"),
            TracePlot(trace_plot.STEERING, dom_id="steering-trace"),
            TracePlot(trace_plot.SPEED, dom_id="speed-trace"),
            TracePlot(trace_plot.PEDALS, dom_id="pedals"),
        )
        self._panes = Panes(
            self._heading,
            self._rpm_bar,
            self._gear,
            self._speed,
            self._rpm,
            self._inputs,
            self._lap_clock,
            self._lap_times,
            self._laps,
            *self._plots,
            dom_id="live-panes",
        )
        self._empty = Static(id="live-empty", markup=False)

    def compose_body(self) -> ComposeResult:
        yield self._panes
        yield self._empty

    async def load(self) -> None:
        """Fetch the laps of the session that is recorded or selected."""
        self._laps_due = False
        self._laps_us = self.services.clock.now_us()
        session_id = self._session_id()
        laps = await self.services.library.laps(session_id) if session_id else []
        self._laps.set_laps(laps)

    def receive(self, notice: Notice) -> None:
        """Have the laps fetched again when one was stored."""
        if isinstance(notice, LapStored | SessionOpened | SessionClosed):
            self._laps_due = True

    # The clock

    def on_mount(self) -> None:
        self.set_class(True, "-empty")
        self.watch(self.app, "app_focus", self._set_pace, init=False)

    def on_screen_resume(self) -> None:
        self._set_pace()
        self.tick()

    def on_screen_suspend(self) -> None:
        self._stop_clock()

    def _set_pace(self) -> None:
        """Run the clock at the pace that the app asks for, slower in the back."""
        self._stop_clock()
        fps = int(getattr(self.app, "fps", DEFAULT_FPS))
        if not self.app.app_focus:
            fps = min(fps, BLURRED_FPS)
        if fps > 0 and self.is_current:
            self.pace_fps = fps
            self._clock = self.set_interval(1 / fps, self.tick)

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.stop()
            self._clock = None
            self.pace_fps = 0

    def tick(self) -> None:
        """Pull what has arrived and show it; called by the clock, or by a test."""
        if not self.is_frozen:
            self._pull()
            self._tend_slow_parts()
        self._refill_plots()

    def _pull(self) -> None:
        live = self.services.live
        frame = live.latest
        if frame is None:
            return
        if self.has_class("-empty"):
            self.remove_class("-empty")
        self._cursor, frames = live.frames_since(self._cursor)
        if not frames:
            return
        before = self._history[-1] if self._history else None
        self._remember(frames)
        for plot in self._plots:
            if self._panes.has_place(plot):
                plot.feed(frames, before)
            else:
                plot.needs_refill = True
        self._show(frame)

    def _show(self, frame: Frame) -> None:
        """Hand one frame to every gauge."""
        live = self.services.live
        limit = live.value("max_rpm") or live.identity.max_rpm
        self._rpm_bar.set_frame(frame, limit)
        self._gear.set_text(gear_text(frame.gear))
        self._speed.set_text(rounded(frame.speed_kmh))
        self._rpm.set_text(rounded(frame.rpm, 10))
        self._inputs.set_frame(frame, live.value("clutch"))
        self._lap_clock.set_text(clock_text(frame.lap_time_ms))
        progress = live.progress
        lap_number = progress.lap_number
        self._lap_times.set_progress(
            progress,
            frame.lap_number if lap_number is None else lap_number,
            lap_note(frame),
        )

    def _remember(self, frames: list[Frame]) -> None:
        history = self._history
        history.extend(frames)
        oldest_us = history[-1].received_us - _KEPT_US
        while history[0].received_us < oldest_us:
            history.popleft()

    def _refill_plots(self) -> None:
        """Draw plots anew whose size, window or scale changed."""
        for plot in self._plots:
            if plot.needs_refill and self._history and self._panes.has_place(plot):
                start_us = self._history[-1].received_us - self.window_s * 1_000_000
                plot.refill(
                    frame for frame in self._history if frame.received_us >= start_us
                )

    def _tend_slow_parts(self) -> None:
        """Refresh words and, if due, the lap list; at most twice a second."""
        now_us = self.services.clock.now_us()
        if now_us - self._slow_us < _SLOW_US:
            return
        self._slow_us = now_us
        status = self.services.live.status()
        if self.has_class("-empty"):
            self._empty.update(waiting_text(status))
        session = self._session()
        self._heading.set_texts(
            identity_text(self.services.live.identity),
            session.name if session is not None else "",
            warning_text(status),
        )
        if self._laps_due and now_us - self._laps_us >= _SLOW_US:
            self.reload()

    def _session(self) -> Session | None:
        recording = self.services.recording
        return recording.session or recording.selected

    def _session_id(self) -> str | None:
        recording = self.services.recording
        if recording.session is not None:
            return recording.session.id
        if recording.other is not None:
            return recording.other.session_id
        session = recording.selected
        return session.id if session is not None else self.workspace.session_id

    # Keys

    def action_freeze(self) -> None:
        """Hold the display, or let it go on."""
        self.is_frozen = not self.is_frozen
        self._heading.set_frozen(
            is_frozen=self.is_frozen,
            is_recording=self.services.recording.session is not None,
        )
        self.tick()

    def action_window(self, step: int) -> None:
        """Show a longer or shorter stretch of time in the plots."""
        index = WINDOWS_S.index(self.window_s) + step
        self.window_s = WINDOWS_S[max(0, min(index, len(WINDOWS_S) - 1))]
        for plot in self._plots:
            plot.set_window(self.window_s)
        self._refill_plots()


def gear_text(gear: int | None) -> str | None:
    """Write a gear as the car's dash does: R, N, 1 …"""
    if gear is None:
        return None
    return {-1: "R", 0: "N"}.get(gear, str(gear))


def rounded(value: float | None, step: int = 1) -> str | None:
    """Write a whole number, in steps that the eye can follow."""
    return None if value is None else str(round(value / step) * step)


def clock_text(lap_time_ms: int | None) -> str | None:
    """Write a running lap clock to the tenth; more would only flicker."""
    if lap_time_ms is None or lap_time_ms < 0:
        return None
    minutes, rest_ms = divmod(lap_time_ms, 60_000)
    return f"{minutes}:{rest_ms // 1000:02d}.{rest_ms % 1000 // 100}"


def lap_note(frame: Frame) -> str:
    """Return a word on the running lap, empty if there is nothing to say."""
    if frame.in_pit:
        return "IN PIT"
    return "INV  invalid" if frame.lap_valid is False else ""


def identity_text(identity: Identity) -> str:
    """Write car, track and layout on one line."""
    place = " ".join(part for part in (identity.track, identity.layout) if part)
    return " · ".join(part for part in (identity.car, place) if part)


def warning_text(status: FeedStatus) -> str:
    """Say in words what is wrong with the feed, empty if nothing is."""
    if status.state is FeedState.SILENT:
        return f"NO DATA {format_age(status.age_s or 0.0)}"
    if status.state is FeedState.FAILED:
        return status.message
    if status.state in (FeedState.PAUSED, FeedState.CONNECTED):
        return status.state.value.upper()
    return ""


def waiting_text(status: FeedStatus) -> str:
    """Say what happens while there is nothing to show, and the next key."""
    if status.state is FeedState.FAILED:
        return f"{status.message}\n\n{status.remedy}".strip()
    if status.state is FeedState.CONNECTED:
        return (
            f"The game at {status.endpoint} has answered.\n\n"
            "Drive onto the track: it sends no telemetry from its menus."
        )
    if status.state is FeedState.WATCHING:
        return "Another window records.\n\nIts telemetry appears here as it arrives."
    if status.state is FeedState.STARTING:
        return f"Opening {status.endpoint} for {status.source} telemetry …"
    return (
        f"Listening on {status.endpoint} for {status.source} telemetry.\n\n"
        "Start the game, or press R to open a session before it sends.\n"
        "Without the game: quit with q and start ps-tui --demo."
    )
