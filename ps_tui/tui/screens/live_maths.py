"""A person's math channels on the Live screen: chosen with a key, worked out in a
thread, at most ten times a second.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import perf_counter

from ps_tui.domain.frame import Frame
from ps_tui.domain.garage import MathChannel
from ps_tui.domain.ports import Services
from ps_tui.domain.recording import FeedState
from ps_tui.tui.compat import start
from ps_tui.tui.dialogs.live_maths import LiveMathsDialog
from ps_tui.tui.live_maths import LiveChoice, Shown, Wanted, Workings
from ps_tui.tui.screens.against import ReferenceScreen
from ps_tui.tui.widgets.math_block import MathBlock
from ps_tui.tui.widgets.math_plot import MathPlot
from ps_tui.tui.widgets.panes import MathRoom
from ps_tui.tui.workspace import Workspace

PACE_US = 100_000
REST = 4
"""After a turn that took long, so many times as long passes before the next."""


class MathsScreen(ReferenceScreen):
    """Reads math channels out and draws one; subclasses hand over frames and room."""

    def __init__(self, services: Services, workspace: Workspace) -> None:
        super().__init__(services, workspace)
        self.math_block = MathBlock(dom_id="maths")
        self.math_plot = MathPlot(dom_id="math-trace")
        self._maths: tuple[MathChannel, ...] = ()
        self._wanted = Wanted()
        self._workings: Workings | None = None
        self._shown = Shown()
        self._waiting: list[Frame] = []
        """Frames that came since the last turn."""
        self._sight = (0, 0)
        """Seconds and dot columns that the last turn was for."""
        self._is_turning = False
        self._turned_us = 0
        self._pace_us = PACE_US
        self._told: tuple[object, ...] = ()
        """What the further channels of the game were looked up for."""

    @property
    def past(self) -> Sequence[Frame]:
        """The frames of the last minute, oldest first."""
        raise NotImplementedError

    @property
    def window_s(self) -> int:
        """How many seconds the plots show."""
        raise NotImplementedError

    def make_room(self, room: MathRoom) -> None:
        """Give math channels a place."""
        raise NotImplementedError

    @property
    def has_maths(self) -> bool:
        """Whether any math channel is chosen."""
        return bool(self._wanted.choice.ids)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "maths":
            return self.services.workbench is not None
        return super().check_action(action, parameters)

    async def load_maths(self) -> None:
        """Read the math channels anew: they may have been changed elsewhere."""
        workbench = self.services.workbench
        if workbench is not None:
            self._maths = tuple(await workbench.math_channels())
            self._want(self.workspace.live_maths)

    def _want(self, choice: LiveChoice) -> None:
        choice = choice.among(self._maths)
        self.workspace.live_maths = choice
        wanted = Wanted(self._maths, choice, self._wanted.extra_channels)
        if wanted != self._wanted:
            self._wanted = wanted
            self._begin(self.past)
        self.make_room(MathRoom(len(choice.read), choice.instead_of))

    def _begin(self, frames: Sequence[Frame]) -> None:
        self._workings = Workings(self._wanted) if self.has_maths else None
        self._shown = Shown()
        self._waiting = list(frames) if self.has_maths else []
        self._turned_us, self._pace_us = 0, PACE_US

    def forget_maths(self) -> None:
        """Begin anew: what comes next is of another game."""
        self._begin(())

    def feed_maths(self, frames: Sequence[Frame]) -> None:
        """Keep new frames for the next turn."""
        if self._workings is not None:
            self._waiting += frames

    def turn_maths(self) -> None:
        """Show what was worked out since, in one frame with the rest of the screen,
        and begin to work out what is due, in a thread.
        """
        self.math_block.set_lines(self._shown.lines)
        self.math_plot.show(self._shown.picture)
        sight = self.window_s, self.math_plot.columns
        if self._workings is None or self._is_turning:
            return
        if not self._waiting and sight == self._sight:
            return
        now_us = self.services.clock.now_us()
        if 0 <= now_us - self._turned_us < self._pace_us:
            return
        self._turned_us, self._sight = now_us, sight
        self._is_turning = True
        start(self, self._turn, group="maths")

    async def _turn(self) -> None:
        try:
            await self._tell_channels()
            workings = self._workings
            if workings is None:
                return
            frames, self._waiting = self._waiting, []
            began_s = perf_counter()
            shown = await asyncio.to_thread(workings.turn, frames, *self._sight)
            took_us = int((perf_counter() - began_s) * 1e6)
            if workings is self._workings:
                self._pace_us = max(PACE_US, REST * took_us)
                self._shown = shown
        except Exception:
            self._workings = None  # Saying it once is enough.
            raise
        finally:
            self._is_turning = False

    async def _tell_channels(self) -> None:
        """Find out what further channels the frames hold, where the game changed."""
        status, other = self.services.live.status(), self.services.recording.other
        is_others = status.state is FeedState.WATCHING and other is not None
        told = status.source, other.session_id if is_others and other else None
        if told == self._told:
            return
        source = status.source
        if is_others and other is not None:
            library = self.services.library
            source = (await library.session(other.session_id, counted=False)).source
        self._told = told
        extra_channels = self.services.extra_channels(source)
        if extra_channels != self._wanted.extra_channels:
            wanted = self._wanted
            self._wanted = Wanted(wanted.maths, wanted.choice, extra_channels)
            self._begin(self._waiting)

    # Keys

    def action_maths(self) -> None:
        """Choose the math channels that are shown here."""
        workbench = self.services.workbench
        if workbench is None:
            return
        lines = list(self._shown.lines)
        if self._shown.picture is not None:
            lines.append(self._shown.picture.line)
        dialog = LiveMathsDialog(
            workbench,
            self._maths,
            self._wanted.choice,
            {line.name: line.note for line in lines},
            is_ascii=self.workspace.is_ascii,
        )

        def done(choice: LiveChoice | None) -> None:
            self._maths = tuple(dialog.maths)
            self._want(self._wanted.choice if choice is None else choice)

        self.app.push_screen(dialog, done)
