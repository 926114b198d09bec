"""The clock of the program: UTC that never steps back."""

from __future__ import annotations

import time


class SystemClock:
    """UTC in microseconds, read once and carried on by the performance counter.

    A correction of the system's clock while the program runs (NTP, a person, the
    end of summer time) therefore cannot put a frame before its predecessor.
    """

    def __init__(self) -> None:
        self._offset_ns = time.time_ns() - time.perf_counter_ns()
        self._counter_ns = time.perf_counter_ns

    def now_us(self) -> int:
        """Return microseconds since 1970 UTC."""
        return (self._counter_ns() + self._offset_ns) // 1000
