"""What every screen has: the place bar, the status line, the key bar, errors, R.

A screen draws its own part in :meth:`PsScreen.compose_body` and never sees what is
behind the services.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.events import Resize, ScreenResume
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from ps_tui.domain.errors import GoneError, NotFoundError, PsError
from ps_tui.domain.markers import MarkerDraft
from ps_tui.domain.ports import Services
from ps_tui.domain.recording import Notice
from ps_tui.tui.compat import PlaceScreen, start
from ps_tui.tui.keymap import bindings
from ps_tui.tui.marking import live_moment, mark, open_list
from ps_tui.tui.widgets.ground import Ground
from ps_tui.tui.widgets.key_bar import KeyBar
from ps_tui.tui.widgets.nav_bar import NavBar
from ps_tui.tui.widgets.status_line import StatusLine
from ps_tui.tui.workspace import Workspace

LEAST_WIDTH = 60
LEAST_HEIGHT = 16
GUARD_US = 3_000_000
"""How long after an automatic start one ``R`` does not stop the recording."""


class PsScreen(PlaceScreen, Ground):
    """Base of every place; subclasses set ``PLACE`` and draw in ``compose_body``.

    Bindings come from the keymap: a subclass declares
    ``BINDINGS = bindings("live")`` with its own scope. Data is loaded in
    ``load``, which runs whenever the screen comes to the front.
    """

    PLACE: ClassVar[str] = ""
    BINDINGS: ClassVar[list[BindingType]] = bindings("screen")
    CSS_PATH = "../screens.tcss"
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-narrow"),
        (100, "-normal"),
        (118, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-short"),
        (22, "-medium"),
        (29, "-tall"),
    ]

    def __init__(self, services: Services, workspace: Workspace) -> None:
        super().__init__()
        self.services = services
        self.workspace = workspace

    def compose(self) -> ComposeResult:
        yield NavBar(self.PLACE)
        yield from self.compose_body()
        yield StatusLine(self.services, self.workspace)
        yield KeyBar()
        yield Static(id="too-small", markup=False)

    def compose_body(self) -> ComposeResult:
        """Yield what stands between the place bar and the status line."""
        raise NotImplementedError

    async def load(self) -> None:
        """Fetch what the screen shows; a PsError becomes a message."""

    def receive(self, notice: Notice) -> None:
        """React to something that happened while the screen is in front."""

    def key_label(self, key_id: str, label: str) -> str:
        """Return what a key does now; ``R`` starts or stops."""
        if key_id == "screen.record" and self.services.recording.session is not None:
            return "Stop"
        return label

    # Life in front and behind

    @on(ScreenResume)
    async def _come_to_front(self) -> None:
        if not self.query(StatusLine):
            return  # it was being made ready when the program ended
        self.query_one(StatusLine).resume()
        self.draw_places()
        self.reload()
        # Styles were worked out just now, and will be again: keys are heard between.
        await asyncio.sleep(0)

    def draw_places(self) -> None:
        """Write the place bar anew: its keys may be others."""
        self.query_one(NavBar).draw()

    def on_screen_suspend(self) -> None:
        for line in self.query(StatusLine):
            line.pause()

    def on_resize(self, event: Resize) -> None:
        width, height = event.size
        is_too_small = width < LEAST_WIDTH or height < LEAST_HEIGHT
        self.set_class(is_too_small, "-too-small")
        if is_too_small:
            self.query_one("#too-small", Static).update(
                f"This window is {width}×{height}; "
                f"ps-tui needs {LEAST_WIDTH}×{LEAST_HEIGHT}."
            )

    def when_drawn(self, act: Callable[[], object]) -> None:
        """Do ``act`` after the next refresh, unless the screen is gone by then."""

        def act_if_here() -> None:
            if self.is_attached:
                act()

        self.call_after_refresh(act_if_here)

    def reload(self) -> None:
        """Fetch again, in a worker; a newer call replaces one under way."""
        start(self, self.load, group="load", exclusive=True)

    def refresh_status(self) -> None:
        """Draw the status line and the key bar anew, after a change made here."""
        self.query_one(StatusLine).draw()
        self.refresh_bindings()

    def go(self, place: str) -> None:
        """Show another place."""
        self.app.switch_mode(place)

    # Errors: workers start with exit_on_error=False and end up here

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.show_error(event.worker.error)

    def show_error(self, error: BaseException) -> None:
        """Say what happened and what to do about it; select nothing that is gone."""
        if isinstance(error, GoneError) and self.workspace.forget(error.noun):
            self.reload()
        if isinstance(error, PsError):
            text = f"{error.cause}\n{error.remedy}" if error.remedy else error.cause
            self.notify(text, severity="error", timeout=8, markup=False)
            return
        self.log.error(error)
        self.notify(
            f"{type(error).__name__}: {error}\nThis is a fault of ps-tui.",
            severity="error",
            timeout=8,
            markup=False,
        )

    # Keys that work on every screen

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "undo":
            return self.workspace.undo is not None
        if action == "back":
            return self.can_go_back
        if action == "mark":
            return self.moment() is not None
        if action == "markers":
            return bool(self.marked_sessions())
        if action == "why":
            return self.services.doctor is not None and self.PLACE != "doctor"
        return True

    @property
    def can_go_back(self) -> bool:
        """Whether esc leads anywhere; the outermost places have no way up."""
        return False

    def action_back(self) -> None:
        """Go back one level; the outermost places have none."""

    def action_why(self) -> None:
        """Ask the doctor; esc comes back here."""
        self.workspace.before_doctor = self.PLACE
        self.go("doctor")

    def moment(self) -> MarkerDraft | None:
        """Return what ``m`` marks now: the newest frame while recording."""
        return live_moment(self.services)

    def action_mark(self) -> None:
        """Mark this moment."""
        if (draft := self.moment()) is not None:
            mark(self, draft)

    def marked_sessions(self) -> list[str]:
        """Return the sessions whose markers ``M`` lists."""
        moment = self.moment()
        ids = [moment.session_id if moment else None, self.workspace.session_id]
        return list(dict.fromkeys(one for one in ids if one))

    def action_markers(self) -> None:
        """List the markers."""
        open_list(self, self.marked_sessions())

    def action_record(self) -> None:
        start(self, self._toggle_recording, group="record")

    async def _toggle_recording(self) -> None:
        """Start, stop, or switch to the session that was selected since."""
        recording = self.services.recording
        current = recording.session
        if current is None or (
            recording.selected is not None and recording.selected.id != current.id
        ):
            await recording.start()
        elif self._is_just_started():
            self.notify(f"Already recording into {current.name}, press R again to stop")
        else:
            await recording.stop()
        self.workspace.automatic_start_us = None
        self.refresh_status()

    def _is_just_started(self) -> bool:
        started_us = self.workspace.automatic_start_us
        now_us = self.services.clock.now_us()
        return started_us is not None and now_us - started_us < GUARD_US

    def action_undo(self) -> None:
        start(self, self._undo, group="undo")

    async def _undo(self) -> None:
        undo, self.workspace.undo = self.workspace.undo, None
        if undo is None:
            self.notify("Nothing to undo.")
            return
        try:
            await undo.restore()
        except NotFoundError:
            said = f"{undo.label} is gone for good; the backups may still hold it."
            self.notify(said, severity="warning", markup=False)
        else:
            self.notify(f"{undo.label} is back.", markup=False)
        self.refresh_bindings()
        self.reload()
