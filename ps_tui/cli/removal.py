"""``delete`` and ``restore``, which are alike for every kind of record."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import click

from ps_tui.cli.options import ask_database, confirm, narrate, yes_option
from ps_tui.config import Settings

if TYPE_CHECKING:
    from ps_tui.domain.models import Deletion
    from ps_tui.storage.sqlite.store import SqliteStore

Part = TypeVar("Part")


class Words(NamedTuple):
    """What is said of a removal; ``{}`` is what is removed."""

    verb: str = "delete"
    help: str = "Delete this {} with what is in it; softly."
    question: str = "Delete {}?"
    done: str = "Deleted."
    restore_help: str = "Bring this {} back with what went with it."
    restored: str = "Restored {}."


class Removal(NamedTuple, Generic[Part]):
    """How one part of the database looks up, deletes and restores a kind of record.

    ``group`` is the command with the verbs. ``describe`` names a record and what
    goes with it; without ``look_up`` the question names the id that was given.
    """

    group: str
    noun: str
    part: Callable[[SqliteStore], Part]
    delete: Callable[[Part, str], Awaitable[Deletion]]
    restore: Callable[[Part, str], Awaitable[Any]]
    describe: Callable[[Any], str]
    look_up: Callable[[Part, str], Awaitable[Any]] | None = None
    words: Words = Words()


def add_removal(group: click.Group, removal: Removal[Part]) -> None:
    """Give ``group`` the verbs ``delete`` (or what ``words`` call it) and
    ``restore``."""
    words, noun = removal.words, removal.noun
    argument = click.argument("record_id", metavar=f"{noun.upper()}_ID")

    @group.command(words.verb, help=words.help.format(noun))
    @argument
    @yes_option
    @click.pass_obj
    def delete(settings: Settings, record_id: str, *, yes: bool) -> None:
        async def look_up_and_delete(database: SqliteStore) -> Deletion:
            part = removal.part(database)
            found, name = record_id, f"{noun} {record_id}"
            if removal.look_up is not None:
                record = await removal.look_up(part, record_id)
                found, name = record.id, removal.describe(record)
            confirm(words.question.format(name), yes=yes)
            return await removal.delete(part, found)

        gone = ask_database(settings, look_up_and_delete)
        narrate(
            f"{words.done.format(gone.name)} `ps-tui {removal.group} restore {gone.id}`"
            " brings it back."
        )

    @group.command("restore", help=words.restore_help.format(noun))
    @argument
    @click.pass_obj
    def restore(settings: Settings, record_id: str) -> None:
        record = ask_database(
            settings, lambda one: removal.restore(removal.part(one), record_id)
        )
        narrate(words.restored.format(removal.describe(record)))
