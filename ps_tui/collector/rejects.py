"""What a stream cannot read: counted, and told in words once there is much of it."""

from __future__ import annotations

import logging
from collections.abc import Callable

from ps_tui.collector.live import LiveState

_log = logging.getLogger(__name__)

_BEFORE_MESSAGE = 10
_DESCRIBE_EVERY = 256
_LOGGED_FAILURES = 20


class Failures:
    """Logs what our own code did not survive; a flood of it only at first."""

    def __init__(self) -> None:
        self._count = 0

    def note(self, what: str) -> None:
        """Log the exception that is being handled; ``what`` raised it."""
        self._count += 1
        if self._count <= _LOGGED_FAILURES:
            _log.exception("the %s failed on a packet", what)


class Rejects:
    """Counts datagrams that are not of the game that is read.

    ``describe`` says of one what it is, in words that follow "what arrives".
    """

    def __init__(
        self, live: LiveState, describe: Callable[[bytes], str], failures: Failures
    ) -> None:
        self._live = live
        self._describe = describe
        self._failures = failures
        self._in_row = 0
        self._frames_before = 0
        self._message = ""

    def note(self, datagram: bytes, received_us: int, expected: str) -> int:
        """Count one where ``expected`` should come; return how many came in a row."""
        counters = self._live.counters
        counters.rejected += 1
        if counters.frames != self._frames_before:
            self._frames_before = counters.frames
            self._in_row = 0
        self._in_row += 1
        after_many = self._in_row - _BEFORE_MESSAGE
        if after_many >= 0:
            if after_many % _DESCRIBE_EVERY == 0:
                looks = self._looks_of(datagram)
                self._message = f"What arrives {looks}; expected {expected}."
            self._live.warn(self._message, received_us)
        return self._in_row

    def _looks_of(self, datagram: bytes) -> str:
        try:
            text = self._describe(datagram)
        except Exception:
            text = ""
            self._failures.note("description")
        looks = text or "unknown"
        return f"is {looks}" if looks.startswith("unknown") else looks
