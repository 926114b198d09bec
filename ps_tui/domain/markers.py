"""Markers: moments of a session that somebody wants to find again."""

from __future__ import annotations

from typing import Protocol

import msgspec

from ps_tui.domain.models import Deletion


class MarkerDraft(msgspec.Struct, frozen=True):
    """A moment and, if somebody wrote any, words for it.

    ``received_us`` is when the frame there was received. Without ``lap_id`` the lap
    is the one that was driven then.
    """

    session_id: str
    received_us: int
    lap_id: str | None = None
    position: float | None = None
    """Share of the lap driven, 0 to 1, where the game tells it."""
    note: str = ""


class Marker(msgspec.Struct, frozen=True):
    """A marker as stored. Between two laps it is of none."""

    id: str
    session_id: str
    received_us: int
    created_us: int
    lap_id: str | None = None
    lap_number: int | None = None
    lap_started_us: int | None = None
    position: float | None = None
    note: str = ""
    deleted_us: int | None = None

    @property
    def since_line_ms(self) -> int | None:
        """Return how long the lap had run, ms; ``None`` between laps."""
        if self.lap_started_us is None:
            return None
        return max(0, (self.received_us - self.lap_started_us) // 1000)

    @property
    def name(self) -> str:
        """Return its words, else where it is: ``lap 3 at 41.2 %``."""
        return self.note or self.place

    @property
    def place(self) -> str:
        """Return the lap and the place on it: ``lap 3 at 41.2 %``."""
        lap = "between laps" if self.lap_number is None else f"lap {self.lap_number}"
        if self.position is not None:
            return f"{lap} at {self.position * 100:.1f} %"
        since_ms = self.since_line_ms
        return lap if since_ms is None else f"{lap} at {since_ms / 1000:.1f} s"


class Markers(Protocol):
    """Markers of sessions, to read and to edit.

    Raises NotFoundError for an unknown id, DatabaseError where the database refuses.
    """

    async def markers(self, session_id: str) -> list[Marker]:
        """Return the markers of a session as they were driven; those of deleted laps
        are left out."""
        ...

    async def add_marker(self, draft: MarkerDraft) -> Marker:
        """Store a marker; allowed while the session is recorded."""
        ...

    async def note_marker(self, marker_id: str, note: str) -> Marker:
        """Replace the words of a marker."""
        ...

    async def delete_marker(self, marker_id: str) -> Deletion: ...
    async def restore_marker(self, marker_id: str) -> Marker: ...
