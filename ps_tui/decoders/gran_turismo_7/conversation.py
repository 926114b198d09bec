"""The heartbeats that keep a console sending Gran Turismo 7's packets."""

from __future__ import annotations

from ps_tui.decoders.conversation import (
    NOTHING,
    TELEMETRY,
    ConversationPace,
    Heard,
    Requests,
)
from ps_tui.decoders.gran_turismo_7.decoder import KINDS

_RICHEST_FIRST = ("C", "~", "B", "A")
_TRIES_PER_KIND = 3


def heartbeat(kind: str) -> bytes:
    """Return the byte that asks for packets of a kind: A, B, ~ or C.

    Raises ValueError for another.
    """
    if kind not in _RICHEST_FIRST:
        raise ValueError(f"Gran Turismo 7 has no packets of kind {kind!r}")
    return kind.encode()


class GranTurismo7Conversation:
    """Asks for the richest kind, and for the next poorer where nothing comes.

    An older game does not know the newer kinds and is silent, but so is a console in
    its menus: when a poorer kind comes, the richest is asked for once more. The
    console stops some ten seconds after the last heartbeat, so there is no farewell.
    """

    topic = "telemetry"
    pace = ConversationPace(
        retry_us=1_000_000, silence_us=1_000_000, keep_alive_us=1_600_000
    )
    complaint: str | None = None

    def __init__(self) -> None:
        self._kind = _RICHEST_FIRST[0]
        self._try_count = 0
        self._has_asked_again = False

    def requests(self) -> Requests:
        """Return the heartbeat; after three without an answer that of another kind."""
        self._has_asked_again = False
        if self._try_count >= _TRIES_PER_KIND:
            self._try_count = 0
            place = _RICHEST_FIRST.index(self._kind) + 1
            self._kind = _RICHEST_FIRST[place % len(_RICHEST_FIRST)]
        self._try_count += 1
        return (heartbeat(self._kind),)

    def hear(self, datagram: bytes) -> Heard:
        """Take a packet; whatever was asked for, its length tells what it is."""
        kind = KINDS.get(len(datagram))
        if kind is None:
            return NOTHING
        self._kind = kind
        self._try_count = 0
        return TELEMETRY

    def reminders(self) -> Requests:
        """Return the heartbeat of the kind that comes."""
        if self._kind != _RICHEST_FIRST[0] and not self._has_asked_again:
            self._has_asked_again = True
            return (heartbeat(_RICHEST_FIRST[0]),)
        return (heartbeat(self._kind),)

    def farewell(self) -> Requests:
        """Return nothing: the console notices by itself."""
        return ()
