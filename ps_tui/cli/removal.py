"""``delete`` and ``restore``, which are alike for events, sessions and laps."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import click

from ps_tui.cli.options import ask, confirm, narrate, yes_option
from ps_tui.config import Settings
from ps_tui.domain.ports import Library


class Removal(NamedTuple):
    """How the library looks up, deletes and restores one kind of record.

    ``describe`` names a record and what goes with it, for the question.
    """

    noun: str
    look_up: Callable[[Library, str], Awaitable[Any]]
    delete: Callable[[Library, str], Awaitable[Any]]
    restore: Callable[[Library, str], Awaitable[Any]]
    describe: Callable[[Any], str]


def add_removal(group: click.Group, removal: Removal) -> None:
    """Give ``group`` the verbs ``delete`` and ``restore``."""
    noun = removal.noun

    @group.command("delete", help=f"Delete this {noun} with what is in it; softly.")
    @click.argument("record_id", metavar=f"{noun.upper()}_ID")
    @yes_option
    @click.pass_obj
    def delete(settings: Settings, record_id: str, *, yes: bool) -> None:
        async def look_up_and_delete(library: Library) -> str:
            record = await removal.look_up(library, record_id)
            confirm(f"Delete {removal.describe(record)}?", yes=yes)
            await removal.delete(library, record.id)
            found: str = record.id
            return found

        deleted = ask(settings, look_up_and_delete)
        narrate(f"Deleted. `ps-tui {noun}s restore {deleted}` brings it back.")

    @group.command("restore", help=f"Bring this {noun} back with what went with it.")
    @click.argument("record_id", metavar=f"{noun.upper()}_ID")
    @click.pass_obj
    def restore(settings: Settings, record_id: str) -> None:
        record = ask(settings, lambda library: removal.restore(library, record_id))
        narrate(f"Restored {removal.describe(record)}.")
