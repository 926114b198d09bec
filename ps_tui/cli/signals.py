"""Signals that ask the program to end, answered on the event loop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

ENDING = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP")
    if hasattr(signal, name)
)
"""Ctrl-C, a service manager, and a terminal or connection that went away."""


@contextmanager
def ended_by_signals(end: Callable[[], Any]) -> Iterator[None]:
    """Call ``end`` on the running loop at each signal that asks to end.

    Where the loop cannot watch signals (Windows), the interpreter's handlers do.
    """
    loop = asyncio.get_running_loop()
    previous: dict[int, Any] = {}
    for number in ENDING:
        try:
            loop.add_signal_handler(number, end)
        except NotImplementedError:
            previous[number] = signal.signal(
                number, lambda *_: loop.call_soon_threadsafe(end)
            )
    try:
        yield
    finally:
        for number in ENDING:
            if number in previous:
                signal.signal(number, previous[number])
            elif not loop.is_closed():
                loop.remove_signal_handler(number)
