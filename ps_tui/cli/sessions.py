"""``ps-tui sessions``: outings, and the laps that each holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

from ps_tui.cli.narration import counted
from ps_tui.cli.options import (
    ask,
    changed,
    json_option,
    print_json,
    print_record,
    print_table,
    with_options,
)
from ps_tui.cli.removal import Removal, add_removal
from ps_tui.config import Settings
from ps_tui.domain.ids import short_id
from ps_tui.domain.models import Lap, Session, SessionDraft
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


session_options = with_options(
    click.option("--event", "event_id", help="Id of the event it belongs to."),
    click.option("--tags", help="Comma-separated."),
    click.option("--car"),
    click.option("--track"),
    click.option("--driver"),
)


@command.command("new")
@click.argument("name")
@session_options
@json_option
@click.pass_obj
def new_session(settings: Settings, /, *, as_json: bool, **fields: Any) -> None:
    """Create a session to record into later, and print its id."""

    async def create(library: Library) -> Session:
        await _resolve_event(library, fields)
        draft = SessionDraft(source=settings.source, **fields)
        return await library.create_session(draft)

    print_record(ask(settings, create, create=True), as_json=as_json)


@command.command("edit")
@click.argument("session_id")
@click.option("--name")
@session_options
@json_option
@click.pass_obj
def edit_session(
    settings: Settings, /, session_id: str, *, as_json: bool, **fields: Any
) -> None:
    """Change what is given of a session; the rest stays."""

    async def change(library: Library) -> Session:
        session = await library.session(session_id)
        await _resolve_event(library, fields)
        draft = changed(SessionDraft, session, fields)
        return await library.edit_session(session.id, draft)

    print_record(ask(settings, change), as_json=as_json)


async def _resolve_event(library: Library, fields: dict[str, Any]) -> None:
    if fields["event_id"]:
        fields["event_id"] = (await library.event(fields["event_id"])).id


def _describe(session: Session) -> str:
    return f"session {session.name!r} with {counted(session.lap_count, 'lap')}"


add_removal(
    command,
    Removal[Library](
        "sessions",
        "session",
        lambda database: database.library,
        look_up=lambda library, record_id: library.session(record_id),
        delete=lambda library, record_id: library.delete_session(record_id),
        restore=lambda library, record_id: library.restore_session(record_id),
        describe=_describe,
    ),
)
