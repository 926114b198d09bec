"""The car now: gauges, rolling traces and the laps of the session.

A clock of the screen's own pulls what has arrived since its last turn and hands each
part one frame; telemetry never reaches a widget by any other way. ``space`` stops
the pulling and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.timer import Timer
from textual.widgets import Static

from ps_tui.domain.frame import Frame
from ps_tui.domain.models import Lap, Session
from ps_tui.domain.ports import Services
from ps_tui.domain.recording import (
    FeedStatus,
    LapStored,
    Notice,
    SessionClosed,
    SessionOpened,
)
from ps_tui.tui.car_state import CarReader
from ps_tui.tui.keymap import bindings
from ps_tui.tui.live_words import (
    identity_text,
    signs,
    waiting_text,
    warning_text,
)
from ps_tui.tui.screens.live_gauges import Gauges
from ps_tui.tui.screens.live_maths import MathsScreen
from ps_tui.tui.screens.live_plots import RollingPlots
from ps_tui.tui.widgets.car_block import CarBlock
from ps_tui.tui.widgets.heading import Heading
from ps_tui.tui.widgets.live_laps import LiveLaps
from ps_tui.tui.widgets.panes import MathRoom, Panes
from ps_tui.tui.workspace import Workspace

DEFAULT_FPS = 30
BLURRED_FPS = 10
MOST_LAPS = 60
"""So many laps fit into the tallest list."""
_SLOW_US = 500_000
"""How often words and the lap list may change."""
_CAR_US = 200_000
"""How often tyres, fuel and gaps are read: they move slowly."""


class LiveScreen(MathsScreen):
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
        self.pace_fps = 0
        """How often the clock ticks now; 0 while it stands."""
        self._cursor = 0
        self._clock: Timer | None = None
        self._slow_us = 0
        self._laps_us = 0
        self._laps_due = False
        self._car_us = 0
        self._stream = 0
        self._heading = Heading(dom_id="heading")
        self._gauges = Gauges()
        self._laps = LiveLaps(dom_id="laps")
        self._car = CarBlock(dom_id="car")
        self._reader = CarReader(services.live)
        self._plots = RollingPlots()
        self._panes = Panes(
            self._heading,
            *self._gauges.widgets,
            self._laps,
            self.delta_bar,
            self.sector_strip,
            self._car,
            *self._plots.widgets,
            self.math_block,
            self.math_plot,
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
        session_id = self.session_id()
        laps: tuple[Lap, ...] = ()
        best = None
        if session_id is not None:
            library = self.services.library
            span = await library.lap_span(session_id)
            first = max(0, span.count - MOST_LAPS)
            page = await library.lap_page(session_id, first, MOST_LAPS, rated=False)
            laps, best = tuple(row.lap for row in page.rows), span.best
        self._laps.set_laps(laps, best)
        self.session_laps, self.session_best = laps, best
        self.want_reference()
        await self.load_maths()

    def receive(self, notice: Notice) -> None:
        """Have the laps fetched again when one was stored."""
        if isinstance(notice, LapStored | SessionOpened | SessionClosed):
            self._laps_due = True

    @property
    def window_s(self) -> int:
        return self._plots.window_s

    @property
    def past(self) -> Sequence[Frame]:
        return self._plots.history

    def make_room(self, room: MathRoom) -> None:
        self._panes.make_room(room)

    @property
    def delta_ms(self) -> float | None:
        """What the delta bar shows; positive is slower than the reference."""
        return self.delta_bar.delta_ms

    # The clock

    def on_mount(self) -> None:
        self.set_class(True, "-empty")
        self.watch(self.app, "app_focus", self._set_pace, init=False)

    async def on_screen_resume(self) -> None:
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
            self._tend_car()
            self._tend_slow_parts()
        self._plots.refill(self._panes)
        self.turn_maths()

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
        self._plots.feed(frames, self._panes)
        self.feed_maths(frames)
        self.lap.feed(frames, live)
        self._gauges.show(frame, live, self.lap.possible_ms)

    def _tend_slow_parts(self) -> None:
        """Refresh words and, if due, the lap list; at most twice a second."""
        now_us = self.services.clock.now_us()
        if not is_due(now_us, self._slow_us, _SLOW_US):
            return
        self._slow_us = now_us
        status = self.services.live.status()
        self._follow(status.stream)
        if self.has_class("-empty"):
            has_doctor = self.services.doctor is not None
            self._empty.update(waiting_text(status, has_doctor=has_doctor))
        self._show_heading(status)
        self._heading.set_signs(
            signs(
                self.services.live.value("flag"), self.services.live.value("safety_car")
            )
        )
        if self._laps_due and is_due(now_us, self._laps_us, _SLOW_US):
            self.reload()
        elif self.is_reference_stale:
            self.want_reference()

    def _follow(self, stream: int) -> None:
        """Forget what is of another game, where another one is shown now."""
        if stream != self._stream:
            self._stream = stream
            self._cursor = 0
            self._plots.forget()
            self._gauges.forget()
            self.forget_maths()
            self.lap.restart()
            self._reader = CarReader(self.services.live)
            self.refresh_bindings()

    def _show_heading(self, status: FeedStatus) -> None:
        playback = self.services.playback
        session = self._session()
        right = session.name if session is not None else ""
        if playback is not None:
            right = self.playback_words(playback)
        elif self.other_sources():
            right = f"{status.source}, s shows another game"
        identity = identity_text(self.services.live.identity)
        self._heading.set_texts(identity, right, warning_text(status))

    def show_playback(self) -> None:
        """Show where the playback is."""
        status = self.services.live.status()
        self._follow(status.stream)
        self._show_heading(status)

    def _tend_car(self) -> None:
        """Show what the game tells of the car, and give it a place if it does."""
        now_us = self.services.clock.now_us()
        if not is_due(now_us, self._car_us, _CAR_US):
            return
        self._car_us = now_us
        car, race = self._reader.car(), self._reader.race()
        frame = self.services.live.latest
        sent = {"car": car.is_sent, "race": race.is_sent}
        sent["sectors"] = frame is not None and frame.normalized_position is not None
        self._panes.arrange_for(
            frozenset(name for name, is_sent in sent.items() if is_sent),
            is_car_page=self._panes.is_car_page,
        )
        self._car.set_state(car, race)
        self._gauges.lap_times.set_race(race)

    def _session(self) -> Session | None:
        recording = self.services.recording
        return recording.session or recording.selected

    def session_id(self) -> str | None:
        recording = self.services.recording
        if recording.session is not None:
            return recording.session.id
        if recording.other is not None:
            return recording.other.session_id
        session = recording.selected
        return session.id if session is not None else self.workspace.session_id

    # Keys

    def action_freeze(self) -> None:
        """Hold the display, or the playback of a capture, or let it go on."""
        if self.services.playback is not None:
            self.action_play()
            return
        self.is_frozen = not self.is_frozen
        self._heading.set_frozen(
            is_frozen=self.is_frozen,
            is_recording=self.services.recording.session is not None,
        )
        self.tick()

    def action_window(self, step: int) -> None:
        """Show a longer or shorter stretch of time in the plots."""
        self._plots.change_window(step)
        self._plots.refill(self._panes)

    def action_page(self) -> None:
        """Show the car in place of the plots, or the plots again."""
        panes = self._panes
        if "car" not in panes.sent and not panes.is_car_page:
            self.notify("This game sends neither fuel nor tyres.")
            return
        panes.arrange_for(panes.sent, is_car_page=not panes.is_car_page)
        self.when_drawn(self.tick)


def is_due(now_us: int, then_us: int, pace_us: int) -> bool:
    """Say whether ``pace_us`` have gone by, or the clock went back, as in a seek."""
    return not 0 <= now_us - then_us < pace_us
