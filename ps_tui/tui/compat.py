"""What Textual makes awkward, in one place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, cast

from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
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

    Textual reads all of them anew for every place that is opened: a tenth of a
    second in which no key is heard.
    """

    def __init__(self, *, variables: dict[str, str] | None = None) -> None:
        super().__init__(variables=variables)
        self._kept_variables = dict(variables or {})

    def set_variables(self, variables: dict[str, str]) -> None:
        """Take on the colours of a theme; the same again change nothing."""
        if variables != self._kept_variables:
            self._kept_variables = dict(variables)
            super().set_variables(variables)

    def reparse(self) -> None:
        """Bring the rules up to date; what was read before is known."""
        self.parse()


def size_plot(plot: Any, width: int, height: int) -> None:
    """Give a plotext figure its size, also where that exceeds the terminal's.

    The limit can be lifted in public for plotext's one global figure only.
    """
    plot._limit_size(False, False)
    plot.plotsize(width, height)
