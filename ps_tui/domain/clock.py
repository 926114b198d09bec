"""What time it is, for whatever stamps what it writes."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """UTC in microseconds, read once and carried on by a monotonic clock."""

    def now_us(self) -> int: ...
