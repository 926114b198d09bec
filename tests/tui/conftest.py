"""An application over services in memory, with every clock stopped."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input
from textual.worker import WorkerError

from ps_tui.settings_file import SettingsFile
from ps_tui.tui.app import PsApp
from tests.support.fake_services import FakeServices
from tests.support.quick_textual import speed_up


@pytest.fixture(autouse=True, scope="session")
def _quick() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        speed_up(patch)
        yield


NO_FILE = Path("no", "such", "config.toml")


class Desk:
    """A running application and what stands behind it."""

    def __init__(self, app: PsApp, pilot: Pilot[None], fake: FakeServices) -> None:
        self.app = app
        self.pilot = pilot
        self.fake = fake

    async def press(self, *keys: str) -> None:
        """Press keys one after the other; each takes effect before the next."""
        for key in keys:
            await self.pilot.press(key)
            await self.settle()

    async def type(self, text: str) -> None:
        """Put a text into the focused field at once, as a paste does."""
        field = self.app.focused
        assert isinstance(field, Input)
        field.insert_text_at_cursor(text)
        await self.settle()

    async def settle(self) -> None:
        """Wait until no work is under way and the screen shows what it did."""
        while True:
            with suppress(WorkerError):
                await self.app.workers.wait_for_complete()
            await self.pilot.pause()
            await self.pilot.pause()
            if self.app.is_behind and self.app.is_running:
                await self.pilot.pause(0.01)
            elif not len(self.app.workers):
                return

    async def started(self) -> None:
        """Wait for the first place."""
        while self.app.services is None or not self.place:
            await self.pilot.pause()
        await self.settle()

    @property
    def place(self) -> str:
        """The name of the place in front."""
        return str(getattr(self.app.screen_stack[0], "PLACE", ""))

    @property
    def text(self) -> str:
        """Everything on the terminal, line by line."""
        return "\n".join(
            "".join(segment.text for segment in line)
            for line in self.app.screen._compositor.render_strips()
        )

    @property
    def toasts(self) -> list[str]:
        """Every message in the corner, oldest first."""
        return [note.message for note in self.app._notifications]


Start = Callable[..., AbstractAsyncContextManager[Desk]]


def _settings(**flags: object) -> SettingsFile:
    """Return settings that no file and no variable of this machine changes."""
    return SettingsFile(flags, path=NO_FILE, environment={})


@pytest.fixture
def desk_of() -> Start:
    """Return a context that runs the application: ``async with desk_of() as desk``."""

    @asynccontextmanager
    async def run(
        fake: FakeServices | None = None,
        *,
        size: tuple[int, int] = (80, 24),
        disconnect: Callable[[], Awaitable[None]] | None = None,
        start_screen: str = "events",
        keymap: dict[str, str] | None = None,
        settings_file: SettingsFile | None = None,
    ) -> AsyncIterator[Desk]:
        fake = fake or FakeServices()
        app = PsApp(
            fake.connect,
            disconnect=disconnect,
            start_screen=start_screen,
            fps=0,
            settings_file=settings_file or _settings(keys=keymap),
        )
        app.animation_level = "none"
        async with app.run_test(size=size, notifications=True) as pilot:
            desk = Desk(app, pilot, fake)
            await desk.started()
            yield desk

    return run
