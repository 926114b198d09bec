"""What Textual makes awkward, in one place."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

from textual import events
from textual.app import App
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
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


def task_of(worker: Worker[Any]) -> asyncio.Task[None] | None:
    """Return what runs the work; ``Worker.wait`` ends it together with who waits."""
    return worker._task


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
