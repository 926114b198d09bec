"""The forms of people at an event and of prizes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum

from ps_tui.domain.crew import (
    EventRole,
    Participant,
    Prize,
    PrizeDraft,
    User,
    UserDraft,
    UserRole,
)
from ps_tui.domain.crew_ports import Crew
from ps_tui.tui.dialogs.form import Field, FormDialog, Values


def _check_role(roles: Iterable[StrEnum]) -> Callable[[str], str | None]:
    known = [role.value for role in roles]

    def check(text: str) -> str | None:
        if text in known:
            return None
        return f"{text!r} is no role: type {', '.join(known[:-1])} or {known[-1]}."

    return check


def participant_form(crew: Crew, event_id: str) -> FormDialog[Participant]:
    """Return the form; saving adds the person, made known where that is new."""
    role = EventRole.PARTICIPANT.value
    hint = "tells people of one name apart"
    fields = [
        Field("name", "Name", "", "Ada"),
        Field("role", "Role", role, role, _check_role(EventRole), must_be_typed=True),
        Field("email", "E-mail", "", hint),
    ]

    async def save(values: Values) -> Participant:
        person = UserDraft(values["name"] or "", values["email"])
        return await crew.add_participant(
            event_id, person, EventRole(values["role"] or role)
        )

    return FormDialog("New at this event", fields, save)


def user_form(crew: Crew, user: User) -> FormDialog[User]:
    """Return the form of a person, whatever the event."""
    fields = [
        Field("name", "Name", user.name),
        Field("email", "E-mail", user.email or ""),
        Field(
            "role",
            "Account",
            user.role.value,
            "user or admin",
            _check_role(UserRole),
            must_be_typed=True,
        ),
    ]

    async def save(values: Values) -> User:
        role = UserRole(values["role"] or user.role.value)
        draft = UserDraft(values["name"] or "", values["email"], role)
        return await crew.edit_user(user.id, draft)

    return FormDialog(f"Edit {user.name}", fields, save)


def prize_form(
    crew: Crew, event_id: str, prize: Prize | None = None
) -> FormDialog[Prize]:
    """Return the form; saving makes the prize, or changes the one given."""
    old = prize or PrizeDraft("")
    fields = [
        Field("name", "Prize", old.name, "Fastest lap"),
        Field("description", "Notes", old.description or ""),
    ]

    async def save(values: Values) -> Prize:
        draft = PrizeDraft(values["name"] or "", values["description"])
        if prize is None:
            return await crew.create_prize(event_id, draft)
        return await crew.edit_prize(prize.id, draft)

    return FormDialog("Edit prize" if prize else "New prize", fields, save)
