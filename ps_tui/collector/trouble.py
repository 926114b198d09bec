"""Since when and why the database takes nothing, told once at each turn."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from ps_tui.domain.recording import Alert, FeedCounters, Notice

_log = logging.getLogger(__name__)


class Trouble:
    """The state of one recorder's writing."""

    def __init__(
        self, publish: Callable[[Notice], None], counters: FeedCounters
    ) -> None:
        self._publish = publish
        self._counters = counters
        self._since = 0.0
        self.error: Exception | None = None
        """The last one, None while all is well."""

    @property
    def lasts_s(self) -> float:
        """Return for how long nothing could be written."""
        if self.error is None:
            return 0.0
        return asyncio.get_running_loop().time() - self._since

    def begin(self, error: Exception) -> None:
        """Take note of a failure; only the first one is told."""
        is_first, self.error = self.error is None, error
        if not is_first:
            return
        self._since = asyncio.get_running_loop().time()
        _log.warning("not saved for now", exc_info=error)
        self._publish(Alert(f"Not saved for now: {error}", "error"))

    def end(self) -> None:
        """Take note that writing works."""
        if self.error is None:
            return
        self.error = None
        dropped = self._counters.dropped
        lost = f"{dropped} frames had no room." if dropped else "Nothing was lost."
        self._publish(Alert(f"Saving works again. {lost}", "information"))
