"""The application: a table of places, the themes and the keys that work everywhere.

The first paint waits for nothing: the start screen is up while a worker opens the
database, and what the other screens need is imported only then.
"""

from __future__ import annotations

import gc
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from ps_tui.config import Settings
from ps_tui.domain.errors import PsError
from ps_tui.tui import measures
from ps_tui.tui.compat import KeptStylesheet, make_ready, start
from ps_tui.tui.glyphs import ASCII, UNICODE
from ps_tui.tui.keymap import bindings
from ps_tui.tui.ordered_keys import OrderedKeys
from ps_tui.tui.screens.start import StartFailure, StartScreen, failure_of
from ps_tui.tui.theme import DARK, THEMES
from ps_tui.tui.workspace import Workspace

if TYPE_CHECKING:
    from ps_tui.domain.ports import Services
    from ps_tui.domain.recording import Notice
    from ps_tui.settings_file import SettingsFile
    from ps_tui.tui.screens.base import PsScreen

IDLE_AFTER_S = 0.2
"""So soon nobody has chosen two laps, and the first place is drawn."""
DRAWN_PLACES = ("live", "laps", "compare")
"""Places that keep drawings: in other units or signs they are made anew."""


class PsApp(OrderedKeys, inherit_bindings=False):
    """Opens the services and shows the places; knows nothing behind the services.

    ``connect`` opens the database and the socket, ``disconnect`` closes them and is
    called once at the end, also after a failure. ``settings_file`` says how to look and
    which keys to hear, and keeps what is changed. ``fps`` paces the Live screen in
    its place; 0 stops every clock, so that tests draw by hand. Without ``has_keys``
    there is nobody to press one: a start that fails ends the program.
    """

    TITLE = "ps-tui"
    CSS_PATH = "app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings("app")
    HORIZONTAL_BREAKPOINTS = []  # noqa: RUF012
    NOTIFICATION_TIMEOUT = 5

    def __init__(
        self,
        connect: Callable[[], Awaitable[Services]],
        *,
        disconnect: Callable[[], Awaitable[None]] | None = None,
        start_screen: str = "events",
        fps: int | None = None,
        settings_file: SettingsFile | None = None,
        has_keys: bool = True,
    ) -> None:
        super().__init__()
        settings = settings_file.current if settings_file else Settings()
        self.stylesheet = KeptStylesheet(variables=self.get_css_variables())
        self._connect = connect
        self._disconnect = disconnect
        self._start_screen = start_screen
        self.fps = settings.fps if fps is None else fps
        self._unsubscribe: Callable[[], None] | None = None
        self.services: Services | None = None
        self.workspace = Workspace(has_clocks=self.fps > 0, settings_file=settings_file)
        self.wants_restart = False
        """Whether whoever runs the screens shall do so again, with new settings."""
        self.failure: StartFailure | None = None
        """What the start came to nothing for, however it is left."""
        self._has_keys = has_keys
        for own in THEMES:
            self.register_theme(own)
        self._take_on(settings)

    # Settings

    def _take_on(self, settings: Settings) -> None:
        theme = settings.theme
        self.theme = theme if theme in self.available_themes else DARK.name
        measures.use(settings.speed_unit, settings.temperature_unit)
        workspace = self.workspace
        self.ascii_only = workspace.is_ascii = settings.ascii
        workspace.glyphs = ASCII if settings.ascii else UNICODE
        workspace.clashes_told.clear()
        self.remapped: Mapping[str, str] = dict(settings.keys)
        """Ids of bindings with the keys that a person gave them."""
        self.set_keymap(dict(settings.keys))
        self._look = (settings.speed_unit, settings.temperature_unit, settings.ascii)

    async def apply(self, settings: Settings) -> None:
        """Show everything as the settings say from now on."""
        before = (self._look, self.fps)
        self._take_on(settings)
        if self.workspace.has_clocks:
            self.fps = settings.fps
        if (self._look, self.fps) != before:
            await self._make_anew(DRAWN_PLACES)
        for screen in self._own_screens():
            screen.refresh_status()
            screen.draw_places()

    async def _make_anew(self, names: Iterable[str]) -> None:
        """Forget the screens of these places: they are made when next shown."""
        if self.services is None:
            return
        from ps_tui.tui.places import places

        made = places(self.services, self.workspace)
        for name in names:
            if name != self.current_mode:
                await self.remove_mode(name)
                self.add_mode(name, made[name])

    def restart(self) -> None:
        """End, for whoever runs the screens to run them again."""
        self.wants_restart = True
        self.exit()

    # Start and end

    def get_default_screen(self) -> Screen[None]:
        return StartScreen()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return {key: str(value) for key, value in DARK.variables.items()}

    def on_mount(self) -> None:
        self.call_after_refresh(start, self, self._open)

    async def _open(self) -> None:
        services = await self._connect()
        from ps_tui.tui.places import places

        self.services = services
        made = places(services, self.workspace)
        for name, make in made.items():
            self.add_mode(name, make)
        self._unsubscribe = services.subscribe(self._receive)
        await self.switch_mode(self._start_screen)
        start(self, partial(self._first_check, services))
        if self.workspace.has_clocks:
            self.set_timer(IDLE_AFTER_S, self.make_ready)

    def make_ready(self) -> None:
        """Get ready for what takes long, once the first place stands.

        What was made up to now stays: searching it for garbage again and again stops
        the loop for a tenth of a second.
        """
        gc.freeze()
        make_ready(self, "compare")

    async def _first_check(self, services: Services) -> None:
        """Light the health lamp; what it finds stands on the Database screen."""
        if self.workspace.health is None and not self.workspace.is_checking:
            self.workspace.health = await services.care.check(quick=True)
            for screen in self._own_screens():
                screen.refresh_status()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.state is not WorkerState.ERROR or event.worker.error is None:
            return
        error = event.worker.error
        screen = self.screen
        if isinstance(screen, StartScreen):
            if not isinstance(error, PsError):
                self.log.error(error)
            self.failure = failure_of(error)
            if self._has_keys:
                screen.show_failure(self.failure)
            else:
                self.exit()
        elif isinstance(error, PsError):
            self.notify(f"{error.cause}\n{error.remedy}", severity="error")

    async def on_unmount(self) -> None:
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        if self._disconnect is not None:
            disconnect, self._disconnect = self._disconnect, None
            await disconnect()

    # What happens by itself

    def _receive(self, notice: Notice) -> None:
        from ps_tui.tui.toasts import toast_for

        if self.services is None or not self.is_running:
            return
        toast = toast_for(notice, self.services, self.workspace)
        if toast is not None:
            self.notify(
                toast.text, title=toast.title, severity=toast.severity, markup=False
            )
        for screen in self._own_screens():
            screen.receive(notice)
            screen.refresh_status()

    def _own_screens(self) -> list[PsScreen]:
        """Return the screens of the place in front, dialogs left out."""
        from ps_tui.tui.screens.base import PsScreen

        return [one for one in self.screen_stack if isinstance(one, PsScreen)]

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in {"go", "health", "help", "command_palette"}:
            return self.services is not None
        return True

    async def action_go(self, place: str) -> None:
        """Show a place; its own stack is as it was left."""
        await self.switch_mode(place)

    async def action_health(self) -> None:
        """Run every check, wherever we are."""
        await self.switch_mode("database")
        await self.run_action("check", self.screen_stack[0])

    async def action_database_command(self, name: str) -> None:
        """Run a command of the database, wherever we are."""
        from ps_tui.tui.screens.commands import CommandsScreen

        await self.switch_mode("commands")
        screen = self.screen_stack[0]
        if isinstance(screen, CommandsScreen):
            screen.run_command(name)

    def action_help(self) -> None:
        from ps_tui.tui.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.screen))

    def action_leave(self) -> None:
        """Leave; while recording only after a yes. A playback keeps nothing."""
        services = self.services
        if services is None or services.playback is not None:
            self.exit()
            return
        recording = services.recording
        if recording.session is None:
            self.exit()
            return
        from ps_tui.tui.dialogs.confirm import ConfirmDialog

        dialog = ConfirmDialog(
            f"{recording.session.name} is being recorded.",
            "Stop recording and leave? Everything driven so far is kept.",
            yes="Stop and leave",
            work=recording.stop,
        )
        self.push_screen(dialog, lambda left: self.exit() if left else None)

    def action_interrupt(self) -> None:
        """Ctrl+C: leave; where that already asks, quit."""
        from textual.screen import ModalScreen

        if isinstance(self.screen, ModalScreen):
            self.exit()
        else:
            self.action_leave()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        from ps_tui.tui.commands import commands

        yield from commands(self, screen)

    def handle_bindings_clash(
        self, clashed_bindings: set[Binding], node: DOMNode
    ) -> None:
        """Two actions on one key: the person's own keymap wins; say so once."""
        names = ", ".join(sorted(b.id for b in clashed_bindings if b.id))
        if names and names not in self.workspace.clashes_told:
            self.workspace.clashes_told.add(names)
            self.notify(f"Your keys hide {names}.", severity="warning", markup=False)
