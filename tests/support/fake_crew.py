"""People, prizes and winners in memory."""

from __future__ import annotations

from typing import Any

import msgspec

from ps_tui.domain.crew import (
    EventRole,
    Participant,
    Prize,
    PrizeDraft,
    User,
    UserDraft,
    UserRole,
    Win,
)
from ps_tui.domain.errors import PsError, UsageError
from ps_tui.domain.models import Deletion
from tests.support.fixed_data import NOW_US


class FakeCrew:
    """Two people and a won prize at the first event; ``next_error`` is raised once."""

    def __init__(self, *, is_empty: bool = False) -> None:
        self.next_error: PsError | None = None
        self.all_users: dict[str, User] = {}
        self.gone_users: dict[str, User] = {}
        self.all_participants: dict[str, Participant] = {}
        self.all_prizes: dict[str, Prize] = {}
        self._made = 0
        if is_empty:
            return
        for key, name, role in (
            ("ada", "Ada", EventRole.ORGANIZER),
            ("ben", "Ben", EventRole.PARTICIPANT),
        ):
            address = f"{key}@example.org"
            user = User(f"u-{key}", name, NOW_US, address, UserRole.USER)
            self.all_users[user.id] = user
            self.all_participants[f"p-{key}"] = Participant(
                f"p-{key}", "e-monza", user.id, name, NOW_US, role, address
            )
        won = (Win("p-ben", "Ben", 1),)
        self.all_prizes["z-lap"] = Prize(
            "z-lap", "e-monza", "Fastest lap", NOW_US, "A tyre warmer", won
        )

    def _check(self) -> None:
        error, self.next_error = self.next_error, None
        if error is not None:
            raise error

    def _next_id(self, stem: str) -> str:
        self._made += 1
        return f"{stem}-new-{self._made}"

    async def users(self) -> list[User]:
        return list(self.all_users.values())

    async def create_user(self, draft: UserDraft) -> User:
        self._check()
        user_id = self._next_id("u")
        user = User(user_id, draft.name, NOW_US, draft.email, draft.role)
        self.all_users[user_id] = user
        return user

    async def edit_user(self, user_id: str, draft: UserDraft) -> User:
        self._check()
        changes: dict[str, Any] = msgspec.structs.asdict(draft)
        user = msgspec.structs.replace(self.all_users[user_id], **changes)
        self.all_users[user_id] = user
        for key, one in self.all_participants.items():
            if one.user_id == user_id:
                self.all_participants[key] = msgspec.structs.replace(
                    one, name=user.name, email=user.email
                )
        return user

    async def delete_user(self, user_id: str) -> Deletion:
        self._check()
        user = self.gone_users[user_id] = self.all_users.pop(user_id)
        return Deletion(user.id, user.name)

    async def restore_user(self, user_id: str) -> User:
        self._check()
        user = self.all_users[user_id] = self.gone_users.pop(user_id)
        return user

    async def participants(self, event_id: str) -> list[Participant]:
        return [
            one
            for one in self.all_participants.values()
            if one.event_id == event_id and one.deleted_us is None
        ]

    async def add_participant(
        self, event_id: str, person: UserDraft, role: EventRole
    ) -> Participant:
        user = await self.create_user(person)
        key = self._next_id("p")
        made = Participant(key, event_id, user.id, user.name, NOW_US, role, user.email)
        self.all_participants[key] = made
        return made

    def _change(self, participant_id: str, **changes: Any) -> Participant:
        one = self.all_participants[participant_id]
        changed = msgspec.structs.replace(one, **changes)
        self.all_participants[participant_id] = changed
        return changed

    async def change_role(self, participant_id: str, role: EventRole) -> Participant:
        self._check()
        return self._change(participant_id, role=role)

    async def remove_participant(self, participant_id: str) -> Deletion:
        one = self.all_participants[participant_id]
        for prize in self.all_prizes.values():
            if any(win.participant_id == one.id for win in prize.winners):
                raise UsageError(
                    f"{one.name} has won “{prize.name}”.", "Take the prize back first."
                )
        self._change(participant_id, deleted_us=NOW_US)
        return Deletion(one.id, one.name)

    async def restore_participant(self, participant_id: str) -> Participant:
        return self._change(participant_id, deleted_us=None)

    async def prizes(self, event_id: str) -> list[Prize]:
        return [
            one
            for one in self.all_prizes.values()
            if one.event_id == event_id and one.deleted_us is None
        ]

    def _change_prize(self, prize_id: str, **changes: Any) -> Prize:
        changed = msgspec.structs.replace(self.all_prizes[prize_id], **changes)
        self.all_prizes[prize_id] = changed
        return changed

    async def create_prize(self, event_id: str, draft: PrizeDraft) -> Prize:
        key = self._next_id("z")
        prize = Prize(key, event_id, draft.name, NOW_US, draft.description)
        self.all_prizes[key] = prize
        return prize

    async def edit_prize(self, prize_id: str, draft: PrizeDraft) -> Prize:
        return self._change_prize(
            prize_id, name=draft.name, description=draft.description
        )

    async def delete_prize(self, prize_id: str) -> Deletion:
        prize = self._change_prize(prize_id, deleted_us=NOW_US)
        return Deletion(prize.id, prize.name)

    async def restore_prize(self, prize_id: str) -> Prize:
        return self._change_prize(prize_id, deleted_us=None)

    async def set_winner(
        self, prize_id: str, participant_id: str, place: int | None = None
    ) -> Prize:
        prize = await self.clear_winner(prize_id, participant_id)
        name = self.all_participants[participant_id].name
        wins = (*prize.winners, Win(participant_id, name, place))
        ordered = sorted(wins, key=lambda win: win.place or 0)
        return self._change_prize(prize_id, winners=tuple(ordered))

    async def clear_winner(self, prize_id: str, participant_id: str) -> Prize:
        left = [
            win
            for win in self.all_prizes[prize_id].winners
            if win.participant_id != participant_id
        ]
        return self._change_prize(prize_id, winners=tuple(left))
