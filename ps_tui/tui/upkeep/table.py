"""Every command of the database, in the order in which a person looks for it."""

from __future__ import annotations

from ps_tui.tui.upkeep import content, copies, health, schema
from ps_tui.tui.upkeep.command import Call, Command, Outcome


async def _nothing(call: Call) -> Outcome:
    return Outcome("")


COMMANDS: tuple[Command, ...] = (
    *health.COMMANDS,
    *copies.COMMANDS,
    *content.COMMANDS,
    *schema.COMMANDS,
    Command("studio", "Browse every table", _nothing, place="studio"),
    Command("sql", "Ask in SQL", _nothing, place="sql"),
)
BY_NAME = {command.name: command for command in COMMANDS}
