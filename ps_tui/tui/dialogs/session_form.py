"""The form of a session: new, or to be edited."""

from __future__ import annotations

from ps_tui.domain.models import Session, SessionDraft
from ps_tui.domain.ports import Library
from ps_tui.tui.dialogs.form import Field, FormDialog, Values


def next_name(sessions: list[Session]) -> str:
    """Return the first free ``Session N``."""
    taken = {session.name for session in sessions}
    number = len(sessions) + 1
    while f"Session {number}" in taken:
        number += 1
    return f"Session {number}"


def session_form(
    library: Library,
    *,
    session: Session | None = None,
    event_id: str | None = None,
    name: str = "",
) -> FormDialog[Session]:
    """Return the form; saving creates a session of the event, or changes one."""
    fields = [
        Field("name", "Name", session.name if session else name),
        Field("tags", "Tags", (session and session.tags) or "", "wet, soft tyres"),
        Field("car", "Car", (session and session.car) or "", "known from the game"),
        Field(
            "track", "Track", (session and session.track) or "", "known from the game"
        ),
        Field("driver", "Driver", (session and session.driver) or ""),
    ]

    async def save(values: Values) -> Session:
        draft = SessionDraft(
            name=values["name"] or "",
            event_id=session.event_id if session else event_id,
            source=session.source if session else "auto",
            tags=values["tags"],
            car=values["car"],
            track=values["track"],
            driver=values["driver"],
        )
        if session is None:
            return await library.create_session(draft)
        return await library.edit_session(session.id, draft)

    return FormDialog("Edit session" if session else "New session", fields, save)
