"""Takes a command from its name to its outcome: questions, agreement, work.

A screen hands in what to do with an outcome. One command runs at a time; what a
person is asked stands over the screen, the work runs beside the keys.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from ps_tui.domain.errors import PsError, RecorderBusyError
from ps_tui.domain.progress import heard_by
from ps_tui.tui.compat import start
from ps_tui.tui.dialogs.base import Dialog
from ps_tui.tui.dialogs.confirm import ConfirmDialog
from ps_tui.tui.dialogs.form import FormDialog, Values
from ps_tui.tui.dialogs.pick import PickDialog
from ps_tui.tui.dialogs.word import WordDialog
from ps_tui.tui.screens.base import PsScreen
from ps_tui.tui.upkeep.command import CHOICE, Call, Command, Effect, Outcome


class Runner:
    """Runs commands for one screen.

    ``show`` gets each outcome; ``say`` is told what is under way, and an empty text
    when it is over.
    """

    def __init__(
        self,
        screen: PsScreen,
        show: Callable[[Command, Outcome], None],
        say: Callable[[str], None],
    ) -> None:
        self._screen = screen
        self._show = show
        self._say = say
        self._running: Command | None = None
        self.share = 0.0
        """How much of what is under way is done, where that is known."""

    def run(self, command: Command, values: Values | None = None) -> None:
        """Begin with the first question of a command, or with its work.

        With ``values`` nothing is asked but whether to do it.
        """
        if self._running is not None:
            name = self._running.name
            self._screen.notify(f"{name} is still under way.", severity="warning")
        elif command.place:
            self._screen.go(command.place)
        elif values is not None:
            self._plan_later(command, values)
        else:
            self._beside(command, partial(self._ask, command))

    def _beside(self, command: Command, step: Callable[[], Awaitable[None]]) -> None:
        start(self._screen, partial(self._guarded, command, step), group="command")

    async def _guarded(
        self, command: Command, step: Callable[[], Awaitable[None]]
    ) -> None:
        try:
            await step()
        except PsError as error:
            said = f"{error.cause}\n{error.remedy}".strip()
            self._show(command, Outcome(said, is_good=False))

    # What is asked before

    async def _ask(self, command: Command) -> None:
        self._refuse_recording(command)
        call = self._call({})
        title = command.name
        if command.options is not None:
            options = await command.options(call)
            if not options:
                self._show(command, Outcome("There is nothing to choose from yet."))
                return
            self._push(
                PickDialog(title, options),
                lambda keys: self._plan_later(command, {CHOICE: keys[0]}),
            )
        elif command.fields is not None:
            form = FormDialog(title, await command.fields(call), _as_typed)
            self._push(form, lambda values: self._plan_later(command, values))
        else:
            await self._plan(command, {})

    def _plan_later(self, command: Command, values: Values) -> None:
        self._beside(command, partial(self._plan, command, values))

    async def _plan(self, command: Command, values: Values) -> None:
        if command.plan is None:
            self._work_later(command, values)
            return
        plan = await command.plan(self._call(values))
        if isinstance(plan, Outcome):
            self._show(command, plan)
            return
        title = f"{command.name}?"
        dialog: Dialog[bool] = (
            WordDialog(title, plan, command.word)
            if command.word
            else ConfirmDialog(title, plan, yes="Do it")
        )
        self._push(dialog, lambda _yes: self._work_later(command, values))

    def _push(self, dialog: Dialog[Any], then: Callable[[Any], None]) -> None:
        def answered(result: Any) -> None:
            if result is not None:
                then(result)

        self._screen.app.push_screen(dialog, answered)

    # The work and what it leaves behind

    def _work_later(self, command: Command, values: Values) -> None:
        if self._running is None:
            self._running = command
            self._beside(command, partial(self._work, command, values))

    async def _work(self, command: Command, values: Values) -> None:
        self.share = 0.0
        self._say(command.working)
        try:
            self._refuse_recording(command)
            with heard_by(self._hear):
                outcome = await command.run(self._call(values))
            if command.effect is Effect.REPLACED:
                await self._forget()
        finally:
            self._running = None
            self._say("")
        if command.effect is Effect.LEAVES:
            self._screen.app.exit(message=outcome.said)
            return
        self._show(command, outcome)

    def _hear(self, share: float) -> None:
        self.share = share

    async def _forget(self) -> None:
        """Select nothing: what was selected may not be there any more."""
        workspace, recording = self._screen.workspace, self._screen.services.recording
        workspace.forget("event")
        workspace.undo = None
        workspace.compared.ids.clear()
        if recording.session is None:
            await recording.select(None)

    def _refuse_recording(self, command: Command) -> None:
        recording = self._screen.services.recording
        session, other = recording.session, recording.other
        if command.needs_idle and session is not None:
            raise RecorderBusyError(
                f"{command.name} cannot run while this window records {session.name}.",
                "Press R to stop the recording, then run it again.",
            )
        if command.needs_idle and other is not None:
            raise RecorderBusyError(
                f"{command.name} cannot run while {other.recorder.label} (pid"
                f" {other.recorder.pid}) records “{other.session_name}”.",
                "Stop the recording there, then run it again.",
            )

    def _call(self, values: Values) -> Call:
        return Call(self._screen.services, self._screen.workspace, values)


async def _as_typed(values: Values) -> Values:
    return values
