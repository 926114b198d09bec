"""Migrations, and whether the tables are what they made."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import click

from ps_tui.cli.db.opening import with_schema
from ps_tui.cli.narration import counted
from ps_tui.cli.options import (
    confirm,
    json_option,
    narrate,
    print_json,
    print_table,
    yes_option,
)
from ps_tui.config import Settings
from ps_tui.domain.errors import UsageError
from ps_tui.domain.units import format_bytes
from ps_tui.domain.upkeep import MigrationState

EXIT_DIFFERENT = 1


@click.command("status")
@json_option
@click.pass_obj
def status(settings: Settings, *, as_json: bool) -> None:
    """Revision, pending migrations, checksums, file, size, versions."""
    state = with_schema(settings, lambda schema: schema.status())
    if as_json:
        print_json(state)
        return
    narrate(
        f"{state.path}: revision {state.revision} of {state.latest},"
        f" {format_bytes(state.size_bytes)} and {format_bytes(state.wal_bytes)} of WAL,"
        f" {state.free_pages} of {state.page_count} pages free,"
        f" ps-tui {state.app_version}, SQLite {state.sqlite_version}"
    )
    rows = [
        (step.namespace or "ps-tui", f"{step.revision:04}", step.name, _state(step))
        for step in state.migrations
    ]
    print_table(("SET", "REVISION", "NAME", "STATE"), rows)


@click.group("migrate", invoke_without_command=True)
@click.option("--to", type=click.IntRange(1), help="Up to this revision.")
@click.option("--sql", is_flag=True, help="Print what would be applied.")
@json_option
@click.pass_context
def migrate(ctx: click.Context, *, to: int | None, sql: bool, as_json: bool) -> None:
    """Apply what is missing, each migration whole, after a backup."""
    if ctx.invoked_subcommand is not None:
        return
    if sql:
        script = with_schema(ctx.obj, lambda schema: schema.pending_sql(to))
        if as_json:
            print_json({"sql": script})
        elif script:
            click.echo(script)
        else:
            narrate("Nothing to apply.")
        return
    count = with_schema(ctx.obj, lambda schema: schema.migrate(to))
    if as_json:
        print_json({"applied": count})
    else:
        done = f"{counted(count, 'migration')} applied."
        narrate(done if count else "Nothing to apply.")


@migrate.command("create")
@click.argument("name")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    help="Where migrations are; by default those of this program.",
)
@json_option
def create(name: str, *, folder: Path | None, as_json: bool) -> None:
    """Begin a migration with the next number (development)."""
    from ps_tui.storage.sqlite.ledger import draft_migration

    home = Path(str(files("ps_tui.storage.sqlite") / "migrations"))
    made = draft_migration(folder or home, name)
    if as_json:
        print_json({"path": str(made)})
    else:
        narrate(f"Write it in {made}.")


@click.command("resolve")
@click.option("--applied", type=click.IntRange(1), help="Mark this one as applied.")
@click.option("--baseline", type=click.IntRange(1), help="Mark all up to this one.")
@click.pass_obj
def resolve(settings: Settings, *, applied: int | None, baseline: int | None) -> None:
    """Put the list of migrations right where the tables already are."""
    wanted = applied if baseline is None else baseline
    if wanted is None or (applied is not None and baseline is not None):
        raise UsageError("Say --applied N or --baseline N.")
    is_baseline = baseline is not None
    with_schema(settings, lambda s: s.resolve(wanted, baseline=is_baseline))
    narrate(f"Marked {'all up to ' if is_baseline else ''}{wanted} as applied.")


@click.command("rollback")
@click.option(
    "--from-backup", is_flag=True, help="The automatic backup, with the data of then."
)
@yes_option
@json_option
@click.pass_obj
def rollback(
    settings: Settings, *, from_backup: bool, yes: bool, as_json: bool
) -> None:
    """Go back one revision, for an older ps-tui; after a backup."""
    what = (
        "Put back the automatic backup from before the newest migration"
        if from_backup
        else "Drop what only the newest migration can hold"
    )
    confirm(f"{what}? A backup is made first.", yes=yes)
    way = with_schema(settings, lambda schema: schema.rollback(from_backup=from_backup))
    if as_json:
        print_json({"by": way})
    else:
        narrate(f"Back by {way}. This ps-tui migrates again when it opens the file.")


@click.command("drift")
@json_option
@click.pass_context
def drift(ctx: click.Context, *, as_json: bool) -> None:
    """Compare with what the migrations make, object by object. Exit 1 on drift."""
    found = with_schema(ctx.obj, lambda schema: schema.drift())
    if as_json:
        print_json(found)
    elif not found:
        narrate("Every table, index, trigger and view is as the migrations make it.")
    for entry in [] if as_json else found:
        click.echo(f"{entry.kind} {entry.type} {entry.name}")
        for line in entry.diff:
            click.echo(f"    {line}")
    if found:
        ctx.exit(EXIT_DIFFERENT)


@click.command("validate")
@json_option
@click.pass_context
def validate(ctx: click.Context, *, as_json: bool) -> None:
    """Check the rules of the schema and its files. Exit 1 on a broken one."""
    problems = with_schema(ctx.obj, lambda schema: schema.validate())
    if as_json:
        print_json(problems)
    elif not problems:
        narrate("References are indexed, no index repeats another, files unchanged.")
    for problem in [] if as_json else problems:
        click.echo(problem)
    if problems:
        ctx.exit(EXIT_DIFFERENT)


@click.command("push")
@yes_option
@json_option
@click.pass_obj
def push(settings: Settings, *, yes: bool, as_json: bool) -> None:
    """Development: make the schema that of the files; refuses to lose data."""
    confirm("Change the tables without a migration? A backup is made first.", yes=yes)
    steps = with_schema(settings, lambda schema: schema.push())
    if as_json:
        print_json(steps)
        return
    for step in steps:
        narrate(f"{step.action} {step.name}")
    if not steps:
        narrate("Nothing to change.")


def _state(step: MigrationState) -> str:
    if not step.is_applied:
        return "pending"
    return "changed since it was applied" if step.is_changed else "applied"


COMMANDS = {
    "status": status,
    "migrate": migrate,
    "resolve": resolve,
    "rollback": rollback,
    "drift": drift,
    "validate": validate,
    "push": push,
}
