"""``ps-tui sessions``: outings, and the laps that each holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from ps_tui.cli.options import (
    ask,
    confirm,
    json_option,
    narrate,
    print_json,
    print_table,
    yes_option,
)
from ps_tui.config import Settings
from ps_tui.domain.ids import short_id
from ps_tui.domain.models import Deletion, Lap, Session, SessionDraft
from ps_tui.domain.ports import Library
from ps_tui.domain.units import format_lap_time


def session_rows(
    sessions: list[Session],
) -> tuple[tuple[str, ...], Sequence[tuple[str, ...]]]:
    """Return header and rows of a session listing."""
    header = ("ID", "NAME", "WHEN", "SOURCE", "STATUS", "CAR", "TRACK", "LAPS", "BEST")
    rows = [
        (
            short_id(session.id),
            session.name,
            _local_time(session.started_us or session.created_us),
            session.source,
            session.status.value,
            session.car or "",
            session.track or "",
            str(session.lap_count),
            format_lap_time(session.best_lap_time_ms),
        )
        for session in sessions
    ]
    return header, rows


def _local_time(utc_us: int) -> str:
    return datetime.fromtimestamp(utc_us / 1e6).astimezone().strftime("%Y-%m-%d %H:%M")


@click.group("sessions")
def command() -> None:
    """List and edit sessions."""


@command.command("list")
@click.option("--event", "event_id", help="Only those of this event.")
@click.option("--deleted", is_flag=True, help="Only deleted ones.")
@json_option
@click.pass_obj
def list_sessions(
    settings: Settings, event_id: str | None, *, deleted: bool, as_json: bool
) -> None:
    """List the sessions, newest first."""
    sessions = ask(
        settings, lambda library: library.sessions(event_id, deleted=deleted)
    )
    if as_json:
        print_json(sessions)
    else:
        print_table(*session_rows(sessions))


@command.command("show")
@click.argument("session_id")
@json_option
@click.pass_obj
def show_session(settings: Settings, session_id: str, *, as_json: bool) -> None:
    """Show a session and its laps."""
    from ps_tui.cli.laps import lap_rows

    async def look_up(library: Library) -> tuple[Session, list[Lap]]:
        session = await library.session(session_id)
        return session, await library.laps(session.id)

    session, laps = ask(settings, look_up)
    if as_json:
        print_json({"session": session, "laps": laps})
        return
    facts = (session.status.value, session.source, session.car, session.track)
    click.echo(f"{session.name} ({', '.join(filter(None, facts))})")
    print_table(*lap_rows(laps))


@command.command("new")
@click.argument("name")
@click.option("--event", "event_id", help="Id of the event it belongs to.")
@click.option("--tags", help="Comma-separated.")
@click.option("--car")
@click.option("--track")
@click.option("--driver")
@json_option
@click.pass_obj
def new_session(settings: Settings, /, *, as_json: bool, **fields: Any) -> None:
    """Create a session to record into later, and print its id."""

    async def create(library: Library) -> Session:
        if fields["event_id"]:
            fields["event_id"] = (await library.event(fields["event_id"])).id
        draft = SessionDraft(source=settings.source, **fields)
        return await library.create_session(draft)

    session = ask(settings, create, create=True)
    if as_json:
        print_json(session)
    else:
        click.echo(session.id)


@command.command("delete")
@click.argument("session_id")
@yes_option
@click.pass_obj
def delete_session(settings: Settings, session_id: str, *, yes: bool) -> None:
    """Delete a session with its laps; `restore` brings them back."""

    async def delete(library: Library) -> Deletion:
        session = await library.session(session_id)
        confirm(
            f"Delete session {session.name!r} with {session.lap_count} laps?", yes=yes
        )
        return await library.delete_session(session.id)

    deleted = ask(settings, delete)
    narrate(f"Deleted. ps-tui sessions restore {deleted.id} brings it back.")


@command.command("restore")
@click.argument("session_id")
@click.pass_obj
def restore_session(settings: Settings, session_id: str) -> None:
    """Bring back a deleted session and what was deleted with it."""
    session = ask(settings, lambda library: library.restore_session(session_id))
    narrate(f"Restored session {session.name!r}.")
