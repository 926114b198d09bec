"""``ps-tui events``: the weekends and track days."""

from __future__ import annotations

from typing import Any

import click

from ps_tui.cli.crew import participants, prizes
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
from ps_tui.domain.models import Event, EventDraft, Session
from ps_tui.domain.ports import Library
from ps_tui.domain.units import format_lap_time


@click.group("events")
def command() -> None:
    """List and edit events."""


command.add_command(participants)
command.add_command(prizes)


@command.command("list")
@click.option("--deleted", is_flag=True, help="Only deleted ones.")
@json_option
@click.pass_obj
def list_events(settings: Settings, *, deleted: bool, as_json: bool) -> None:
    """List the events, newest first."""
    events = ask(settings, lambda library: library.events(deleted=deleted))
    if as_json:
        print_json(events)
        return
    rows = [
        (
            short_id(event.id),
            event.name,
            event.status.value,
            str(event.session_count),
            str(event.lap_count),
            format_lap_time(event.best_lap_time_ms),
        )
        for event in events
    ]
    print_table(("ID", "NAME", "STATUS", "SESSIONS", "LAPS", "BEST"), rows)


@command.command("show")
@click.argument("event_id")
@json_option
@click.pass_obj
def show_event(settings: Settings, event_id: str, *, as_json: bool) -> None:
    """Show an event and its sessions."""
    from ps_tui.cli.sessions import session_rows

    async def look_up(library: Library) -> tuple[Event, list[Session]]:
        event = await library.event(event_id)
        return event, await library.sessions(event.id)

    event, sessions = ask(settings, look_up)
    if as_json:
        print_json({"event": event, "sessions": sessions})
        return
    dates = " to ".join(filter(None, (event.start_date, event.end_date)))
    facts = ", ".join(filter(None, (event.status.value, event.location, dates)))
    click.echo(f"{event.name} ({facts})")
    if event.description:
        click.echo(event.description)
    print_table(*session_rows(sessions))


event_options = with_options(
    click.option("--description"),
    click.option("--location", help="Track or venue."),
    click.option("--start", "start_date", help="First day, YYYY-MM-DD."),
    click.option("--end", "end_date", help="Last day, YYYY-MM-DD."),
)


@command.command("new")
@click.argument("name")
@event_options
@json_option
@click.pass_obj
def new_event(settings: Settings, /, *, as_json: bool, **fields: Any) -> None:
    """Create an event and print its id."""
    draft = EventDraft(**fields)
    event = ask(settings, lambda library: library.create_event(draft), create=True)
    print_record(event, as_json=as_json)


@command.command("edit")
@click.argument("event_id")
@click.option("--name")
@event_options
@json_option
@click.pass_obj
def edit_event(
    settings: Settings, /, event_id: str, *, as_json: bool, **fields: Any
) -> None:
    """Change what is given of an event; the rest stays."""

    async def change(library: Library) -> Event:
        event = await library.event(event_id)
        return await library.edit_event(event.id, changed(EventDraft, event, fields))

    print_record(ask(settings, change), as_json=as_json)


def _describe(event: Event) -> str:
    sessions = counted(event.session_count, "session")
    return f"event {event.name!r} with {sessions} and {counted(event.lap_count, 'lap')}"


add_removal(
    command,
    Removal[Library](
        "events",
        "event",
        lambda database: database.library,
        look_up=lambda library, record_id: library.event(record_id),
        delete=lambda library, record_id: library.delete_event(record_id),
        restore=lambda library, record_id: library.restore_event(record_id),
        describe=_describe,
    ),
)
