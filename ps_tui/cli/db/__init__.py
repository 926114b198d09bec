"""``ps-tui db``: everything about the database file, from the shell."""

from __future__ import annotations

from importlib import import_module

import click

_GROUPS = {
    "health": ("check", "repair", "quarantine"),
    "backups": ("backup", "backups", "restore", "reset"),
    "schema": (
        "status",
        "migrate",
        "resolve",
        "rollback",
        "drift",
        "validate",
        "push",
    ),
    "content": ("seed", "purge", "vacuum", "export-all", "import"),
    "queries": ("sql", "explain", "locks"),
    "studio": ("studio",),
}
_MODULES = {verb: module for module, verbs in _GROUPS.items() for verb in verbs}


class DatabaseGroup(click.Group):
    """Finds the module of a verb when the verb is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*_MODULES, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = _MODULES.get(cmd_name)
        if module is None:
            return super().get_command(ctx, cmd_name)
        commands: dict[str, click.Command] = import_module(
            f"ps_tui.cli.db.{module}"
        ).COMMANDS
        return commands[cmd_name]


@click.group("db", cls=DatabaseGroup)
def command() -> None:
    """Check, repair, back up, migrate, query and restore the database."""
