"""Notices of the recorder to whoever wants to tell a person."""

from __future__ import annotations

import logging
from collections.abc import Callable

from ps_tui.domain.recording import Notice

_log = logging.getLogger(__name__)


class Notices:
    """Calls each subscriber on the event loop, in the order of subscription."""

    def __init__(self) -> None:
        self._subscribers: dict[int, Callable[[Notice], None]] = {}
        self._next_key = 0

    def subscribe(self, callback: Callable[[Notice], None]) -> Callable[[], None]:
        """Call ``callback`` for each notice from now on; returns how to stop."""
        key = self._next_key
        self._next_key += 1
        self._subscribers[key] = callback

        def unsubscribe() -> None:
            self._subscribers.pop(key, None)

        return unsubscribe

    def publish(self, notice: Notice) -> None:
        """Tell every subscriber; one that raises is logged and not in the way."""
        for callback in list(self._subscribers.values()):
            try:
                callback(notice)
            except Exception:
                _log.exception("a subscriber failed on %r", notice)
