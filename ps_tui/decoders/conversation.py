"""What to say to a game that sends only to those who ask.

A conversation is a state machine without socket or clock: it is handed what the game
sent, and returns what to send. When to ask, to repeat and to give up is the
collector's, by the pace that the conversation names.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

Requests = Sequence[bytes]
"""Datagrams to send, in this order; often none."""


class ConversationPace(msgspec.Struct, frozen=True):
    """When to speak, in µs."""

    retry_us: int
    """Between requests as long as no telemetry comes."""
    silence_us: int
    """Without a packet for so long, the game is asked anew."""
    keep_alive_us: int | None = None
    """Between reminders while telemetry comes; ``None`` where none are due."""


class Heard(msgspec.Struct, frozen=True, gc=False):
    """What a datagram was in the conversation, and what to say to it at once."""

    is_telemetry: bool = False
    is_answer: bool = False
    replies: tuple[bytes, ...] = ()


NOTHING = Heard()
TELEMETRY = Heard(is_telemetry=True)


class Conversation(Protocol):
    """One talk with one game, from the first request to the farewell. Never raises."""

    @property
    def topic(self) -> str:
        """What the game is asked for, in a word or two."""
        ...

    @property
    def pace(self) -> ConversationPace: ...

    @property
    def complaint(self) -> str | None:
        """What the game refused, in its words; ``None`` while it has not."""
        ...

    def requests(self) -> Requests:
        """Return what to send now that no telemetry comes: an opening, or again."""
        ...

    def hear(self, datagram: bytes) -> Heard:
        """Take a datagram of the game."""
        ...

    def reminders(self) -> Requests:
        """Return what keeps the game sending; asked for at each ``keep_alive_us``."""
        ...

    def farewell(self) -> Requests:
        """Return what makes the game stop, so that it sends not for nobody."""
        ...
