"""Keeps a game sending that sends only to those who ask.

What to say is the conversation's; this is when, told the time with each call, and
how often it was said and answered.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ps_tui.collector.binding import Address
from ps_tui.collector.udp import Receive
from ps_tui.decoders.conversation import Conversation, Requests


class TalkStatus(msgspec.Struct, frozen=True):
    """How a conversation stands. Times in µs UTC, 0 for never."""

    endpoint: str
    topic: str
    """What the game is asked for."""
    sent_count: int
    answer_count: int
    answered_us: int
    telemetry_us: int
    complaint: str | None


class Talk:
    """One conversation over one socket.

    ``send`` takes a datagram to the game; ``deliver`` takes everything that the game
    sends. ``retry_us`` and ``silence_us`` replace those of the conversation's pace.
    """

    def __init__(
        self,
        conversation: Conversation,
        send: Callable[[bytes], None],
        deliver: Receive,
        *,
        endpoint: str = "",
        retry_us: int | None = None,
        silence_us: int | None = None,
    ) -> None:
        pace = conversation.pace
        self._conversation = conversation
        self._send = send
        self.deliver = deliver
        self._endpoint = endpoint
        self._retry_us = retry_us or pace.retry_us
        self._silence_us = silence_us or pace.silence_us
        self._keep_alive_us = pace.keep_alive_us
        self._due_us = 0
        self._reminder_due_us = 0
        self._is_streaming = False
        self._answered_us = self._telemetry_us = 0
        self._sent_count = self._answer_count = 0

    @property
    def complaint(self) -> str | None:
        """Return what the game refused, in its words."""
        return self._conversation.complaint

    def status(self) -> TalkStatus:
        """Return what was said and answered so far."""
        return TalkStatus(
            self._endpoint,
            self._conversation.topic,
            self._sent_count,
            self._answer_count,
            self._answered_us,
            self._telemetry_us,
            self._conversation.complaint,
        )

    def receive(
        self, datagram: bytes, address: Address | None, received_us: int
    ) -> None:
        """Take a packet of the game, answer it where that is due, and pass it on."""
        heard = self._conversation.hear(datagram)
        if heard.is_telemetry:
            self._telemetry_us = received_us
            self._is_streaming = True
        if heard.is_answer:
            self._answer_count += 1
            self._answered_us = received_us
            self._is_streaming = False
        if heard.replies:
            self._say(heard.replies)
            self._due_us = received_us + self._retry_us
        self.deliver(datagram, address, received_us)

    def tick(self, now_us: int) -> None:
        """Send what is due; call it a few times a second."""
        if self._is_streaming:
            if now_us - self._telemetry_us < self._silence_us:
                self._remind(now_us)
                return
            self._is_streaming = False
        elif now_us < self._due_us:
            return
        self._due_us = now_us + self._retry_us
        self._say(self._conversation.requests())

    def close(self) -> None:
        """Take leave of the game."""
        for request in self._conversation.farewell():
            self._send(request)

    def _remind(self, now_us: int) -> None:
        if self._keep_alive_us is None or now_us < self._reminder_due_us:
            return
        self._reminder_due_us = now_us + self._keep_alive_us
        self._say(self._conversation.reminders())

    def _say(self, requests: Requests) -> None:
        for request in requests:
            self._send(request)
            self._sent_count += 1
