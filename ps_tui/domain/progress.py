"""How far long work has come, for whoever started it and wants to show that.

Work tells it wherever its length is known; it needs no parameter for that, and does
not mind whether anybody listens. What runs in a thread through ``asyncio.to_thread``
is heard too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Listener = Callable[[float], None]

_listener: ContextVar[Listener | None] = ContextVar("progress", default=None)


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Let ``listener`` hear of the work that is started meanwhile.

    It is called with the share that is done, 0 to 1, from whatever thread works.
    """
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def teller(begin: float = 0.0, end: float = 1.0) -> Listener:
    """Return what to call with the share that is done of a part of the work.

    The part reaches from ``begin`` to ``end`` of the whole. What is returned may be
    called on any thread.
    """
    listener = _listener.get()
    if listener is None:
        return lambda share: None
    return lambda share: listener(begin + min(max(share, 0.0), 1.0) * (end - begin))
