"""Who is at an event in which role, what can be won there, and who won it."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class UserRole(StrEnum):
    USER = "user"
    ADMIN = "admin"


class EventRole(StrEnum):
    """What a person is at one event."""

    ADMIN = "admin"
    ORGANIZER = "organizer"
    MODERATOR = "moderator"
    PARTICIPANT = "participant"
    VIEWER = "viewer"


class UserDraft(msgspec.Struct, frozen=True):
    """What is filled in about a person."""

    name: str
    email: str | None = None
    role: UserRole = UserRole.USER


class User(msgspec.Struct, frozen=True):
    """A person, as stored. The first one owns what is made on this machine."""

    id: str
    name: str
    created_us: int
    email: str | None = None
    role: UserRole = UserRole.USER


class Participant(msgspec.Struct, frozen=True):
    """A person at an event."""

    id: str
    event_id: str
    user_id: str
    name: str
    created_us: int
    role: EventRole = EventRole.PARTICIPANT
    email: str | None = None
    deleted_us: int | None = None


class PrizeDraft(msgspec.Struct, frozen=True):
    """What is filled in about a prize."""

    name: str
    description: str | None = None


class Win(msgspec.Struct, frozen=True):
    """Who won a prize. ``place`` counts from 1."""

    participant_id: str
    name: str
    place: int | None = None


class Prize(msgspec.Struct, frozen=True):
    """What can be won at an event, its winners best place first."""

    id: str
    event_id: str
    name: str
    created_us: int
    description: str | None = None
    winners: tuple[Win, ...] = ()
    deleted_us: int | None = None

    @property
    def winners_text(self) -> str:
        """Who won, for people to read: ``1 Ada, 2 Ben``."""
        return ", ".join(
            win.name if win.place is None else f"{win.place} {win.name}"
            for win in self.winners
        )
