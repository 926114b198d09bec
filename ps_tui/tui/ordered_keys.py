"""Keys take effect in the order in which they were pressed, however fast.

A key is passed on once what the one before it did is done: a message sent behind it
has come back twice, so what it made a field say is heard too, and the work that it
began on the screen has ended.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from textual import events, on
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import Screen

from ps_tui.tui.compat import MeasuredPaste, is_field, task_of


class _Passed(Message):
    """Goes the way of a key, right behind it: once back, the key was heard."""

    def __init__(self) -> None:
        super().__init__()
        self.back = asyncio.get_running_loop().create_future()


class OrderedKeys(MeasuredPaste):
    """Hands on one key at a time: what it did comes before the next.

    Textual hands keys to what has the focus when they arrive. Those that follow the
    key of a dialog quickly are lost until it stands, and a tab among them is not;
    those that follow its enter are typed into it while it saves.
    """

    PATIENCE_S = 1.0
    """The next key waits no longer, whatever the one before does."""
    AT_ONCE = frozenset({"ctrl+c", "ctrl+q"})
    AWAITED = frozenset({"load", "default", "change", "record", "undo"})
    """Work of a screen that the next key builds upon."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: deque[events.Event] = deque()
        self._ahead: asyncio.Task[None] | None = None
        """Waits for what the key before does."""
        self._known: tuple[str, object] | None = None
        """The key before and what it went to, where it led to no other screen."""

    async def on_event(self, event: events.Event) -> None:
        is_key = isinstance(event, (events.Key, events.Paste))
        if not is_key or event.is_forwarded:
            await super().on_event(event)
            return
        if isinstance(event, events.Key) and event.key in self.AT_ONCE:
            self._waiting.clear()
            self._stop_waiting()
        self._waiting.append(event)
        if self._ahead is None:
            await self._hand_on()

    @property
    def is_behind(self) -> bool:
        """Whether keys wait for what one before them does."""
        return bool(self._waiting)

    @on(events.Unmount)
    def _stop_waiting(self) -> None:
        if self._ahead is not None:
            self._ahead.cancel()
            self._ahead = None

    async def _hand_on(self) -> None:
        while self._waiting and self._ahead is None:
            event = self._waiting.popleft()
            screen, target = self.screen, self.focused or self.screen
            await super().on_event(event)
            if not self._is_known(event, target):
                self._ahead = asyncio.create_task(self._wait(target, screen))

    def _is_known(self, event: events.Event, target: object) -> bool:
        """Say whether nothing has to wait for a key: a letter in a field, or one that
        is held down. Many at once are then drawn once."""
        if not isinstance(event, events.Key):
            return False
        if event.is_printable and is_field(target):
            return True
        known, self._known = self._known, (event.key, target)
        return known == self._known

    async def _wait(self, target: MessagePump, screen: Screen[Any]) -> None:
        try:
            async with asyncio.timeout(self.PATIENCE_S):
                await self._finish(target)
        except TimeoutError:
            pass
        self.call_later(self._go_on, asyncio.current_task(), screen)

    async def _finish(self, target: MessagePump) -> None:
        """Wait until ``target`` has heard its key, and no work is left to do."""
        while True:
            await _pass(target)
            await _pass(target)
            work = self._work()
            if not work:
                return
            await asyncio.wait(work)

    def _work(self) -> list[asyncio.Task[None]]:
        """Return what the screen in front, if there is one, is still busy with."""
        tasks = [
            task_of(worker)
            for worker in self.workers
            if worker.group in self.AWAITED and worker.node in self.screen_stack[-1:]
        ]
        return [task for task in tasks if task is not None and not task.done()]

    async def _go_on(self, ended: asyncio.Task[None], before: Screen[Any]) -> None:
        if ended is not self._ahead or not self.screen_stack:
            return
        self._ahead = None
        screen = self.screen
        if screen is not before:
            # The key led to another screen: it is ready when this comes back.
            self._known = None
            self._ahead = asyncio.create_task(self._wait(screen, screen))
        await self._hand_on()

    @on(_Passed)
    def _note(self, passed: _Passed) -> None:
        if not passed.back.done():
            passed.back.set_result(None)


async def _pass(target: MessagePump) -> None:
    """Wait until ``target`` has heard all that it was sent so far, or is no more."""
    passed = _Passed()
    if target.is_running and target.post_message(passed):
        # The way back may be lost with a dialog that closes.
        await asyncio.wait(
            (passed.back, target.task), return_when=asyncio.FIRST_COMPLETED
        )
