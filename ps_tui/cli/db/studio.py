"""``ps-tui db studio``: the screens, opened on the table browser."""

from __future__ import annotations

import click

from ps_tui.config import Settings


@click.command("studio")
@click.option("--sql", is_flag=True, help="Open the SQL box at once.")
@click.pass_context
def studio(ctx: click.Context, *, sql: bool) -> None:
    """Browse every table, follow references, correct values, ask in SQL."""
    from ps_tui.cli.screens import run_screens

    settings: Settings = ctx.obj
    ctx.exit(run_screens(settings, demo=False, start_screen="sql" if sql else "studio"))


COMMANDS: dict[str, click.Command] = {"studio": studio}
