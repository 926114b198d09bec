"""``ps-tui events participants`` and ``prizes``, and ``ps-tui users``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import click

from ps_tui.cli.options import (
    ask_database,
    changed,
    json_option,
    narrate,
    print_json,
    print_record,
    print_table,
)
from ps_tui.cli.removal import Removal, Words, add_removal
from ps_tui.config import Settings
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
from ps_tui.domain.errors import NotFoundError
from ps_tui.domain.ids import short_id

Result = TypeVar("Result")

role_option = click.option(
    "--role", type=click.Choice([role.value for role in EventRole])
)
email_option = click.option("--email", help="Tells people of one name apart.")


def ask_crew(
    settings: Settings,
    question: Callable[[Crew], Awaitable[Result]],
    *,
    create: bool = False,
) -> Result:
    """Put one question to the crew, as ``ask_database`` does."""
    return ask_database(settings, lambda one: question(one.crew), create=create)


@click.group("users")
def command() -> None:
    """List and edit the people that events are made of."""


@command.command("list")
@json_option
@click.pass_obj
def list_users(settings: Settings, *, as_json: bool) -> None:
    """List the people, oldest first."""
    found = ask_crew(settings, lambda crew: crew.users())
    if as_json:
        print_json(found)
        return
    rows = [(short_id(u.id), u.name, u.email or "", u.role.value) for u in found]
    print_table(("ID", "NAME", "E-MAIL", "ROLE"), rows)


@command.command("new")
@click.argument("name")
@email_option
@click.option(
    "--role", type=click.Choice([role.value for role in UserRole]), default="user"
)
@json_option
@click.pass_obj
def new_user(
    settings: Settings, name: str, email: str | None, role: str, *, as_json: bool
) -> None:
    """Make a person known and print the id."""
    draft = UserDraft(name, email, UserRole(role))
    made = ask_crew(settings, lambda crew: crew.create_user(draft), create=True)
    print_record(made, as_json=as_json)


@command.command("edit")
@click.argument("user_id")
@click.option("--name")
@email_option
@click.option("--role", type=click.Choice([role.value for role in UserRole]))
@json_option
@click.pass_obj
def edit_user(
    settings: Settings, /, user_id: str, *, as_json: bool, **fields: Any
) -> None:
    """Change what is given of a person; the rest stays."""
    if fields["role"] is not None:
        fields["role"] = UserRole(fields["role"])

    async def change(crew: Crew) -> User:
        ids = [one for one in await crew.users() if one.id.endswith(user_id.lower())]
        if len(ids) != 1:
            raise NotFoundError(
                f"There is no one user with the id {user_id}.",
                "`ps-tui users list` names them.",
            )
        return await crew.edit_user(ids[0].id, changed(UserDraft, ids[0], fields))

    print_record(ask_crew(settings, change), as_json=as_json)


@click.group("participants")
def participants() -> None:
    """Who is at an event, in which role."""


@participants.command("list")
@click.argument("event_id")
@json_option
@click.pass_obj
def list_participants(settings: Settings, event_id: str, *, as_json: bool) -> None:
    """List who is at an event."""
    found = ask_crew(settings, lambda crew: crew.participants(event_id))
    if as_json:
        print_json(found)
        return
    rows = [(short_id(p.id), p.name, p.role.value, p.email or "") for p in found]
    print_table(("ID", "NAME", "ROLE", "E-MAIL"), rows)


@participants.command("add")
@click.argument("event_id")
@click.argument("name")
@email_option
@role_option
@json_option
@click.pass_obj
def add_participant(
    settings: Settings, /, event_id: str, name: str, *, as_json: bool, **given: Any
) -> None:
    """Let a person take part; someone not known yet is made known."""
    person = UserDraft(name, given["email"])
    role = EventRole(given["role"] or "participant")
    made = ask_crew(settings, lambda crew: crew.add_participant(event_id, person, role))
    print_record(made, as_json=as_json)


@participants.command("edit")
@click.argument("participant_id")
@click.option(
    "--role", type=click.Choice([role.value for role in EventRole]), required=True
)
@json_option
@click.pass_obj
def edit_participant(
    settings: Settings, participant_id: str, role: str, *, as_json: bool
) -> None:
    """Give a participant another role."""
    made: Participant = ask_crew(
        settings, lambda crew: crew.change_role(participant_id, EventRole(role))
    )
    print_record(made, as_json=as_json)


@click.group("prizes")
def prizes() -> None:
    """What can be won at an event, and who won it."""


@prizes.command("list")
@click.argument("event_id")
@json_option
@click.pass_obj
def list_prizes(settings: Settings, event_id: str, *, as_json: bool) -> None:
    """List the prizes of an event with their winners."""
    found = ask_crew(settings, lambda crew: crew.prizes(event_id))
    if as_json:
        print_json(found)
        return
    rows = [
        (short_id(one.id), one.name, one.description or "", one.winners_text)
        for one in found
    ]
    print_table(("ID", "PRIZE", "DESCRIPTION", "WINNERS"), rows)


@prizes.command("add")
@click.argument("event_id")
@click.argument("name")
@click.option("--description")
@json_option
@click.pass_obj
def add_prize(
    settings: Settings,
    event_id: str,
    name: str,
    description: str | None,
    *,
    as_json: bool,
) -> None:
    """Add something to win and print its id."""
    draft = PrizeDraft(name, description)
    made = ask_crew(settings, lambda crew: crew.create_prize(event_id, draft))
    print_record(made, as_json=as_json)


@prizes.command("winner")
@click.argument("prize_id")
@click.argument("participant_id")
@click.option("--place", type=click.IntRange(1))
@click.option("--clear", is_flag=True, help="Take the win back.")
@json_option
@click.pass_obj
def set_winner(
    settings: Settings, /, prize_id: str, participant_id: str, **given: Any
) -> None:
    """Note who won a prize, and in which place."""

    async def note(crew: Crew) -> Prize:
        if given["clear"]:
            return await crew.clear_winner(prize_id, participant_id)
        return await crew.set_winner(prize_id, participant_id, given["place"])

    prize = ask_crew(settings, note)
    if given["as_json"]:
        print_json(prize)
    else:
        narrate(f"{prize.name}: {prize.winners_text or 'nobody has won it'}.")


_TAKEN_OFF = Words(
    "remove",
    "Take this {} off; softly.",
    "Take off the {}?",
    "{} is off.",
    "Bring this {} back.",
    "{} is back.",
)


def _name(record: User | Participant | Prize) -> str:
    return record.name


add_removal(
    command,
    Removal[Crew](
        "users",
        "user",
        lambda database: database.crew,
        delete=lambda crew, one: crew.delete_user(one),
        restore=lambda crew, one: crew.restore_user(one),
        describe=_name,
        words=_TAKEN_OFF._replace(verb="delete"),
    ),
)
add_removal(
    participants,
    Removal[Crew](
        "events participants",
        "participant",
        lambda database: database.crew,
        delete=lambda crew, one: crew.remove_participant(one),
        restore=lambda crew, one: crew.restore_participant(one),
        describe=_name,
        words=_TAKEN_OFF,
    ),
)
add_removal(
    prizes,
    Removal[Crew](
        "events prizes",
        "prize",
        lambda database: database.crew,
        delete=lambda crew, one: crew.delete_prize(one),
        restore=lambda crew, one: crew.restore_prize(one),
        describe=_name,
        words=_TAKEN_OFF,
    ),
)
