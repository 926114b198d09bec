"""Asking Assetto Corsa: handshake, subscription, and the handshake anew.

A client gets the packets of one subscription: the car's and the laps of all cars are
asked for from two sockets.
"""

from __future__ import annotations

from ps_tui.decoders.assetto_corsa import (
    CAR_INFO_SIZE,
    HANDSHAKE_SIZE,
    LAP_SIZE,
    Operation,
    request,
)
from ps_tui.decoders.conversation import (
    NOTHING,
    TELEMETRY,
    ConversationPace,
    Heard,
    Requests,
)

_SUBSCRIBES_PER_HANDSHAKE = 3
_PATIENCE_TURNS = 10
"""A session without a lap for so many turns may be another: twenty seconds."""


class AssettoCorsaConversation:
    """Shakes hands and subscribes to the car's packets.

    The game answers once it has a session loaded, and stops sending at a change of
    session or track; asking it while it is only paused does no harm.
    """

    topic = "telemetry"
    pace = ConversationPace(retry_us=2_000_000, silence_us=4_000_000)
    complaint: str | None = None

    def __init__(self) -> None:
        self._subscribes_left = 0

    def requests(self) -> Requests:
        """Return a handshake, or the subscription again that follows an answered one.

        A datagram may be lost, so that it is sent three times before the next
        handshake.
        """
        if self._subscribes_left:
            self._subscribes_left -= 1
            return (request(Operation.SUBSCRIBE_UPDATE),)
        return (request(Operation.HANDSHAKE),)

    def hear(self, datagram: bytes) -> Heard:
        """Take a packet of the game."""
        if len(datagram) == HANDSHAKE_SIZE:
            self._subscribes_left = _SUBSCRIBES_PER_HANDSHAKE - 1
            return Heard(is_answer=True, replies=(request(Operation.SUBSCRIBE_UPDATE),))
        if len(datagram) != CAR_INFO_SIZE:
            return NOTHING
        self._subscribes_left = 0
        return TELEMETRY

    def reminders(self) -> Requests:
        """Return nothing: a subscription lasts."""
        return ()

    def farewell(self) -> Requests:
        """Return the dismissal; else the game goes on sending for nobody."""
        return (request(Operation.DISMISS),)


class AssettoCorsaLapConversation:
    """Shakes hands and subscribes to the lap times of every car.

    Laps are minutes apart, so that silence says nothing: the subscription is renewed
    by a handshake of its own, as another session ends it unseen.
    """

    topic = "lap times"
    pace = ConversationPace(retry_us=2_000_000, silence_us=4_000_000)
    complaint: str | None = None

    def __init__(self) -> None:
        self._patience = 0

    def requests(self) -> Requests:
        """Return a handshake; nothing for a while after an answered one."""
        if self._patience:
            self._patience -= 1
            return ()
        return (request(Operation.HANDSHAKE),)

    def hear(self, datagram: bytes) -> Heard:
        """Take a packet of the game."""
        if len(datagram) == HANDSHAKE_SIZE:
            self._patience = _PATIENCE_TURNS
            return Heard(is_answer=True, replies=(request(Operation.SUBSCRIBE_SPOT),))
        if len(datagram) != LAP_SIZE:
            return NOTHING
        self._patience = _PATIENCE_TURNS
        return TELEMETRY

    def reminders(self) -> Requests:
        """Return nothing: a subscription lasts."""
        return ()

    def farewell(self) -> Requests:
        """Return the dismissal of this socket's subscription."""
        return (request(Operation.DISMISS),)
