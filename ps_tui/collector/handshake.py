"""Assetto Corsa's conversation: ask, subscribe, ask again after silence, dismiss.

The state machine is told the time with each call and owns no timer.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from ps_tui.decoders.assetto_corsa import HANDSHAKE_SIZE, Operation, request

_SUBSCRIBES_PER_HANDSHAKE = 3


class Phase(Enum):
    ASKING = "asking"
    """A handshake is out; the game answers once it has a session loaded."""
    SUBSCRIBING = "subscribing"
    """The game answered; its first car packet is awaited."""
    STREAMING = "streaming"


class AssettoCorsaHandshake:
    """Keeps the game sending. ``send`` takes one request to the game's address.

    ``retry_us`` is the pause between unanswered requests; after ``silence_us``
    without a packet the game is asked again: it stops sending at a change of
    session or track, and answering while it is only paused does no harm.
    """

    def __init__(
        self,
        send: Callable[[bytes], None],
        *,
        retry_us: int = 2_000_000,
        silence_us: int = 4_000_000,
    ) -> None:
        self._send = send
        self._retry_us = retry_us
        self._silence_us = silence_us
        self._due_us = 0
        self._heard_us = 0
        self._subscribe_count = 0
        self.phase = Phase.ASKING
        self.was_answered = False

    def received(self, size: int, received_us: int) -> None:
        """Note a packet of ``size`` bytes from the game."""
        self._heard_us = received_us
        if size != HANDSHAKE_SIZE:
            self.phase = Phase.STREAMING
            return
        self.was_answered = True
        self.phase = Phase.SUBSCRIBING
        self._subscribe_count = 0
        self._subscribe(received_us)

    def tick(self, now_us: int) -> None:
        """Send what is due; call it a few times a second."""
        if self.phase is Phase.STREAMING:
            if now_us - self._heard_us < self._silence_us:
                return
            self.phase = Phase.ASKING
        elif now_us < self._due_us:
            return
        if (
            self.phase is Phase.SUBSCRIBING
            and self._subscribe_count < _SUBSCRIBES_PER_HANDSHAKE
        ):
            self._subscribe(now_us)
            return
        self.phase = Phase.ASKING
        self._due_us = now_us + self._retry_us
        self._send(request(Operation.HANDSHAKE))

    def close(self) -> None:
        """Tell the game to stop sending; else it goes on for nobody."""
        self._send(request(Operation.DISMISS))

    def _subscribe(self, now_us: int) -> None:
        self._subscribe_count += 1
        self._due_us = now_us + self._retry_us
        self._send(request(Operation.SUBSCRIBE_UPDATE))
