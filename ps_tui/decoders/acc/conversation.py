"""Registering with Assetto Corsa Competizione, and keeping its entry list whole."""

from __future__ import annotations

import struct

from ps_tui.decoders.acc.decoder import car_and_driver_count
from ps_tui.decoders.acc.messages import (
    MalformedError,
    Message,
    Request,
    read_entry,
    read_registration,
    register,
    request,
)
from ps_tui.decoders.conversation import (
    NOTHING,
    TELEMETRY,
    ConversationPace,
    Heard,
    Requests,
)

DEFAULT_NAME = "ps-tui"
DEFAULT_PASSWORD = "asd"
"""What the game writes into its broadcasting.json."""
DEFAULT_INTERVAL_MS = 100
"""Faster is discouraged by the game's makers."""

_STREAM = frozenset({Message.REALTIME, Message.CAR})


class AccConversation:
    """Registers, asks for track and entries, asks again for entries that are missing.

    The game holds a slot for each registration until it times out, so the one before
    is given back ahead of another.
    """

    topic = "telemetry"
    pace = ConversationPace(
        retry_us=5_000_000, silence_us=10_000_000, keep_alive_us=1_000_000
    )

    def __init__(
        self,
        name: str = DEFAULT_NAME,
        password: str = DEFAULT_PASSWORD,
        interval_ms: int = DEFAULT_INTERVAL_MS,
    ) -> None:
        self._opening = register(name, password, interval_ms)
        self._connection_id: int | None = None
        self._driver_counts: dict[int, int] = {}
        self._is_list_due = False
        self.complaint: str | None = None

    def requests(self) -> Requests:
        """Return the registration, behind the farewell to an older one."""
        requests = (*self.farewell(), self._opening)
        self._connection_id = None
        return requests

    def hear(self, datagram: bytes) -> Heard:
        """Take an answer or an update."""
        kind = datagram[0] if datagram else 0
        try:
            if kind == Message.REGISTRATION:
                return self._take_registration(datagram)
            if kind == Message.ENTRY:
                entry = read_entry(datagram)
                self._driver_counts[entry.car] = len(entry.drivers)
                return NOTHING
        except (MalformedError, LookupError, struct.error):
            return NOTHING
        if kind == Message.CAR:
            seen = car_and_driver_count(datagram)
            if seen is not None and self._driver_counts.get(seen[0]) != seen[1]:
                self._is_list_due = True
        return TELEMETRY if kind in _STREAM else NOTHING

    def reminders(self) -> Requests:
        """Return the request for the entry list where a car of it is unknown."""
        if not self._is_list_due or self._connection_id is None:
            return ()
        self._is_list_due = False
        return (request(Request.ENTRY_LIST, self._connection_id),)

    def farewell(self) -> Requests:
        """Give back the slot."""
        if self._connection_id is None:
            return ()
        return (request(Request.UNREGISTER, self._connection_id),)

    def _take_registration(self, datagram: bytes) -> Heard:
        answer = read_registration(datagram)
        if not answer.is_accepted:
            self.complaint = answer.error or "registration refused"
            return Heard(is_answer=True)
        self.complaint = None
        self._connection_id = answer.connection_id
        self._driver_counts.clear()
        return Heard(
            is_answer=True,
            replies=(
                request(Request.ENTRY_LIST, answer.connection_id),
                request(Request.TRACK_DATA, answer.connection_id),
            ),
        )
