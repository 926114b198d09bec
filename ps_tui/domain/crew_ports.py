"""What screens and commands need of people, prizes and winners.

Each lookup takes a public id, or the unique end of one. Raises NotFoundError for an
unknown id, UsageError for what makes no sense, DatabaseError where the database
refuses.
"""

from __future__ import annotations

from typing import Protocol

from ps_tui.domain.crew import (
    EventRole,
    Participant,
    Prize,
    PrizeDraft,
    User,
    UserDraft,
)
from ps_tui.domain.models import Deletion


class Crew(Protocol):
    """People, their roles at events, prizes and who won them."""

    async def users(self) -> list[User]:
        """Return the people, oldest first."""
        ...

    async def create_user(self, draft: UserDraft) -> User:
        """Raises UsageError where the e-mail address is taken."""
        ...

    async def edit_user(self, user_id: str, draft: UserDraft) -> User: ...

    async def delete_user(self, user_id: str) -> Deletion:
        """Delete a person and take them off events.

        Raises UsageError for the one who owns what is made here, or has won.
        """
        ...

    async def restore_user(self, user_id: str) -> User:
        """Bring a person back to the events that they were taken off with."""
        ...

    async def participants(self, event_id: str) -> list[Participant]:
        """Return who is at an event, first come first."""
        ...

    async def add_participant(
        self, event_id: str, person: UserDraft, role: EventRole
    ) -> Participant:
        """Let a person take part; one who was taken off comes back with this role.

        The person is who has this e-mail address, else this name; with neither
        known, a new one. Raises UsageError where several have the name, or the
        person is there already.
        """
        ...

    async def change_role(
        self, participant_id: str, role: EventRole
    ) -> Participant: ...

    async def remove_participant(self, participant_id: str) -> Deletion:
        """Take a person off an event. Raises UsageError for one who has won."""
        ...

    async def restore_participant(self, participant_id: str) -> Participant: ...

    async def prizes(self, event_id: str) -> list[Prize]:
        """Return the prizes of an event with their winners, oldest first."""
        ...

    async def create_prize(self, event_id: str, draft: PrizeDraft) -> Prize: ...
    async def edit_prize(self, prize_id: str, draft: PrizeDraft) -> Prize: ...

    async def delete_prize(self, prize_id: str) -> Deletion:
        """Delete a prize. Raises UsageError for one that has been won."""
        ...

    async def restore_prize(self, prize_id: str) -> Prize: ...

    async def set_winner(
        self, prize_id: str, participant_id: str, place: int | None = None
    ) -> Prize:
        """Note that a participant of the event won, or in which place."""
        ...

    async def clear_winner(self, prize_id: str, participant_id: str) -> Prize:
        """Take a win back."""
        ...
