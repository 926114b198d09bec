"""``ps-tui db studio``: the screens, opened on the table browser."""

from __future__ import annotations

import click


@click.command("studio")
@click.option("--sql", is_flag=True, help="Open the SQL box at once.")
@click.pass_context
def studio(ctx: click.Context, *, sql: bool) -> None:
    """Browse every table, follow references, correct values, ask in SQL."""
    from ps_tui.cli.screens import run_screens, settings_file

    place = "sql" if sql else "studio"
    ctx.exit(run_screens(settings_file(ctx), demo=False, start_screen=place))


COMMANDS: dict[str, click.Command] = {"studio": studio}
