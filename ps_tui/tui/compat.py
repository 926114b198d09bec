"""What Textual makes awkward, in one place."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from time import monotonic
from typing import Any, cast

from textual import events, on
from textual.app import App
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.worker import Worker


def start(
    node: DOMNode,
    work: Callable[[], Awaitable[object]],
    *,
    group: str = "default",
    exclusive: bool = False,
) -> Worker[object]:
    """Run ``work`` beside the keys; its failure is a message, never the end.

    ``work`` is an async function, or a partial of one, that takes nothing: one that
    is cancelled before its turn leaves no coroutine behind. The node gets
    ``Worker.StateChanged``. Textual types such functions as never yielding to the
    loop, hence the cast.
    """
    return node.run_worker(
        cast("Any", work), group=group, exclusive=exclusive, exit_on_error=False
    )


class KeptStylesheet(Stylesheet):
    """Reads a style sheet again only when its text or the theme has changed.

    Textual reads all of them anew for every place that is opened, and styles anew
    what is shown already: a tenth of a second in which no key is heard.
    """

    def __init__(self, *, variables: dict[str, str] | None = None) -> None:
        super().__init__(variables=variables)
        self._kept_variables = dict(variables or {})
        self._styled_by: tuple[object, ...] = ()
        self._is_styled = False
        """Whether the rules are those that the application was styled by last."""

    def set_variables(self, variables: dict[str, str]) -> None:
        """Take on the colours of a theme; the same again change nothing."""
        if variables != self._kept_variables:
            self._kept_variables = dict(variables)
            super().set_variables(variables)

    def reparse(self) -> None:
        """Bring the rules up to date; what was read before is known."""
        # Sheets that come with a new kind of widget are about that kind alone.
        sheets = tuple(
            sheet for sheet in self.source.items() if not sheet[1].is_defaults
        )
        styled_by = (sheets, self._kept_variables)
        self._is_styled = styled_by == self._styled_by
        if not self._is_styled:
            self._styled_by = styled_by
            self.parse()

    def update(self, root: DOMNode, animate: bool = False) -> None:
        """Style a node and all below it; the whole application, right after
        ``reparse``, only where a rule has changed."""
        is_styled, self._is_styled = self._is_styled, False
        if not (is_styled and isinstance(root, App)):
            super().update(root, animate)


def is_field(widget: object) -> bool:
    """Say whether text can be typed into a widget."""
    from textual.widgets import Input  # nothing the first place needs

    return isinstance(widget, Input)


class MeasuredPaste(App[None]):
    """Refuses what is too long to paste into a line.

    Textual draws a line of a megabyte for seconds, in which no key is heard.
    """

    MOST_PASTED = 5000

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Paste) and not event.is_forwarded:
            length = len(event.text)
            if length > self.MOST_PASTED and is_field(self.focused):
                self.notify(
                    f"{length:,} characters are too many for one line;"
                    f" at most {self.MOST_PASTED:,} can be pasted.",
                    severity="warning",
                )
                return
        await super().on_event(event)


class _Way:
    """Where a key went to, the screen then, and what followed it is back how often."""

    def __init__(self, target: MessagePump, screen: Screen[Any]) -> None:
        self.target, self.screen = target, screen
        self.began_s = monotonic()
        self.returns = 0


class _Passed(Message):
    """Goes the way of a key, right behind it: once back, the key was heard.

    What it made a field say is heard when a second one is back.
    """

    def __init__(self, way: _Way) -> None:
        super().__init__()
        self.way = way


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
    _LOOK_S = 0.05
    """How often it is seen whether what a key went to is still there."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: deque[events.Event] = deque()
        self._ahead: _Way | None = None
        """What went behind the key before, and is not back."""
        self._known: tuple[str, object] | None = None
        """The key before and what it went to, where it led to no other screen."""

    async def on_event(self, event: events.Event) -> None:
        is_key = isinstance(event, (events.Key, events.Paste))
        if not is_key or event.is_forwarded:
            await super().on_event(event)
            return
        if isinstance(event, events.Key) and event.key in self.AT_ONCE:
            self._waiting.clear()
            self._ahead = None
        self._waiting.append(event)
        if self._ahead is None:
            await self._hand_on()

    @property
    def is_behind(self) -> bool:
        """Whether keys wait for what one before them does."""
        return bool(self._waiting)

    async def _hand_on(self) -> None:
        while self._waiting and self._ahead is None:
            event = self._waiting.popleft()
            screen, target = self.screen, self.focused or self.screen
            await super().on_event(event)
            if not self._is_known(event, target):
                self._follow(target, screen)

    def _is_known(self, event: events.Event, target: object) -> bool:
        """Say whether nothing has to wait for a key: a letter in a field, or one that
        is held down. Many at once are then drawn once."""
        if not isinstance(event, events.Key):
            return False
        if event.is_printable and is_field(target):
            return True
        known, self._known = self._known, (event.key, target)
        return known == self._known

    def _follow(self, target: MessagePump, screen: Screen[Any]) -> None:
        way = _Way(target, screen)
        if target.post_message(_Passed(way)):
            self._ahead = way
            self.set_timer(self._LOOK_S, partial(self._look_after, way))

    @on(_Passed)
    async def _see_through(self, passed: _Passed) -> None:
        way = passed.way
        if not self._is_awaited(way):
            return
        way.returns += 1
        if way.returns == 1:
            way.target.post_message(_Passed(way))
        elif not self._is_working():
            await self._go_on(way)

    async def _look_after(self, way: _Way) -> None:
        """Go on when work is done, and where the way was lost with a screen."""
        if not self._is_awaited(way):
            return
        is_due = monotonic() - way.began_s > self.PATIENCE_S
        is_through = way.returns > 1 or not way.target.is_running
        if is_due or (is_through and not self._is_working()):
            await self._go_on(way)
        else:
            self.set_timer(self._LOOK_S, partial(self._look_after, way))

    def _is_awaited(self, way: _Way) -> bool:
        """Say whether the next key waits for this; there is none in the end."""
        return way is self._ahead and bool(self.screen_stack)

    async def _go_on(self, way: _Way) -> None:
        self._ahead = None
        if way.screen is not self.screen:
            # The key led to another screen: it is ready when this comes back.
            self._known = None
            self._follow(self.screen, self.screen)
        await self._hand_on()

    def _is_working(self) -> bool:
        screen = self.screen
        return bool(getattr(screen, "is_working", False)) or any(
            worker.node is screen
            and worker.group in self.AWAITED
            and not worker.is_finished
            for worker in self.workers
        )


class PlaceScreen(Screen[None]):
    """Draws no frame while a batch holds frames back.

    Textual draws one then too, of the whole terminal, and throws it away. The frame
    at the end of the batch shows everything.
    """

    def _compositor_refresh(self) -> None:
        if not self.app._batch_count:
            super()._compositor_refresh()


def make_ready(app: App[Any], mode: str) -> None:
    """Make the screen of a mode before it is asked for; nothing of it is shown.

    Making it takes three times as long as showing it, and Textual makes a screen
    only when the key for it was pressed.
    """
    if mode not in app._screen_stacks:
        app._init_mode(mode)
        screen = app._screen_stacks[mode][0]
        screen._css_update_count = app._css_update_count
        screen.post_message(events.ScreenSuspend())


def size_plot(plot: Any, width: int, height: int) -> None:
    """Give a plotext figure its size, also where that exceeds the terminal's.

    The limit can be lifted in public for plotext's one global figure only.
    """
    plot._limit_size(False, False)
    plot.plotsize(width, height)
