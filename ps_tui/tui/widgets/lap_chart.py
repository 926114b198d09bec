"""The static chart of one lap over track position, built beside the event loop."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from functools import partial

from rich.text import Text
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from ps_tui.domain.errors import PsError
from ps_tui.domain.models import Lap, LapTrace
from ps_tui.domain.units import format_lap_time
from ps_tui.tui.compat import start

DEBOUNCE_S = 0.06
"""A held arrow key passes over laps without drawing each."""
MOST_CACHED = 32

Key = tuple[str, int, int, int]


class LapChart(Static, can_focus=False):
    """Draws the lap it is told; the keys never wait for it.

    A chart that was built is kept until 32 others were: the same lap at the same
    size comes back at once.
    """

    def __init__(
        self,
        load_trace: Callable[[str], Awaitable[LapTrace]],
        *,
        is_ascii: bool = False,
    ) -> None:
        super().__init__(id="chart", markup=False)
        self._load_trace = load_trace
        self._is_ascii = is_ascii
        self._lap: Lap | None = None
        self._cache: OrderedDict[Key, Text] = OrderedDict()

    def show(self, lap: Lap | None) -> None:
        """Draw this lap; ``None`` clears."""
        if lap != self._lap:
            self._lap = lap
            self._start()

    def on_resize(self) -> None:
        self._start()

    def _start(self) -> None:
        lap, (width, height) = self._lap, self.content_size
        if lap is None or width < 24 or height < 5:
            self.workers.cancel_node(self)
            self.update("")
            return
        key = (lap.id, lap.frame_count, width, height)
        if (text := self._cache.get(key)) is not None:
            self.workers.cancel_node(self)
            self._cache.move_to_end(key)
            self.update(text, layout=False)
            return
        start(self, partial(self._build, lap, key), exclusive=True)

    async def _build(self, lap: Lap, key: Key) -> None:
        await asyncio.sleep(DEBOUNCE_S)
        trace = await self._load_trace(lap.id)
        from ps_tui.tui.lap_plot import plot_lap

        _id, _count, width, height = key
        text = await asyncio.to_thread(
            plot_lap, trace, width, height, is_ascii=self._is_ascii
        )
        self._cache[key] = text
        if len(self._cache) > MOST_CACHED:
            self._cache.popitem(last=False)
        self.update(text, layout=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        event.stop()
        error = event.worker.error
        if event.state is not WorkerState.ERROR or error is None:
            return
        number = self._lap.lap_number if self._lap else "?"
        time = format_lap_time(self._lap.lap_time_ms if self._lap else None)
        reason = repr(error)
        if isinstance(error, PsError):
            reason = f"{error.cause}\n{error.remedy}"
        self.update(f"No chart of lap {number} ({time}).\n{reason}", layout=False)
