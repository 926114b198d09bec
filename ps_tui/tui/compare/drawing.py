"""Draws wishes in a thread, one at a time; the newest wins.

While one is under way further changes wait for it and then are drawn at once, so
that a held key never queues up work.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.dom import DOMNode

from ps_tui.tui.compare.wish import Wish
from ps_tui.tui.compat import start

if TYPE_CHECKING:
    from ps_tui.tui.compare.map_picture import MapPicture
    from ps_tui.tui.compare.picture import Picture

Show = Callable[["Picture", "MapPicture | None"], None]


class Drawing:
    """``show`` is called with every picture that is still wanted when it is drawn."""

    def __init__(self, show: Show) -> None:
        self._show = show
        self._wanted: Wish | None = None
        self.is_under_way = False
        self.is_current = False
        """Whether what is shown is what was asked for last."""

    def want(self, wish: Wish | None, node: DOMNode) -> None:
        """Have a wish drawn by a worker of ``node``; ``None`` draws no more."""
        self._wanted = wish
        self.is_current = False
        if wish is not None and not self.is_under_way:
            self.is_under_way = True
            start(node, self._draw, group="draw")

    async def _draw(self) -> None:
        try:
            drawn: Wish | None = None
            while (wish := self._wanted) is not None and wish is not drawn:
                picture, track = await asyncio.to_thread(wish.granted)
                drawn = wish
                newest = self._wanted
                # A window that was panned away meanwhile is shown in passing.
                if newest is not None and newest.differs_in_window_only(wish):
                    self._show(picture, track)
        finally:
            self.is_under_way = False
        self.is_current = True
