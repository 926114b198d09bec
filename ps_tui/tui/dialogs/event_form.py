"""The form of an event: new, or to be edited."""

from __future__ import annotations

from datetime import date

from ps_tui.domain.models import Event, EventDraft
from ps_tui.domain.ports import Library
from ps_tui.tui.dialogs.form import Field, FormDialog, Values


def check_day(text: str) -> str | None:
    """Say what is wrong with a day that was typed."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return f"{text!r} is no day: write it as 2026-05-31."
    return None


def event_form(library: Library, event: Event | None = None) -> FormDialog[Event]:
    """Return the form; saving creates the event, or changes the one given."""
    draft = event or EventDraft(name="")
    fields = [
        Field("name", "Name", draft.name, "Monza weekend"),
        Field("location", "Track", draft.location or "", "Monza"),
        Field(
            "start_date", "First day", draft.start_date or "", "2026-05-30", check_day
        ),
        Field("end_date", "Last day", draft.end_date or "", "2026-05-31", check_day),
        Field("description", "Notes", draft.description or ""),
    ]

    async def save(values: Values) -> Event:
        draft = EventDraft(
            name=values["name"] or "",
            description=values["description"],
            location=values["location"],
            start_date=values["start_date"],
            end_date=values["end_date"],
        )
        if event is None:
            return await library.create_event(draft)
        return await library.edit_event(event.id, draft)

    return FormDialog("Edit event" if event else "New event", fields, save)
