"""``m`` and ``M`` on every screen: mark a moment, find marked moments again."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from ps_tui.domain.markers import Marker, MarkerDraft
from ps_tui.domain.ports import Library, Services
from ps_tui.tui.compat import start
from ps_tui.tui.dialogs.form import Field, FormDialog, Values

if TYPE_CHECKING:
    from ps_tui.tui.screens.base import PsScreen

EXAMPLE = "locked up, traffic, curb"


def live_moment(services: Services) -> MarkerDraft | None:
    """Return the newest frame of the session that is recorded, here or elsewhere."""
    recording = services.recording
    session_id = recording.session.id if recording.session else None
    if session_id is None and recording.other is not None:
        session_id = recording.other.session_id
    frame = services.live.latest
    if session_id is None or frame is None:
        return None
    return MarkerDraft(
        session_id, frame.received_us, position=frame.normalized_position
    )


def mark(screen: PsScreen, draft: MarkerDraft) -> None:
    """Mark at once: who drives has no hands for words."""
    start(screen, partial(_mark, screen, draft), group="mark")


async def _mark(screen: PsScreen, draft: MarkerDraft) -> None:
    marker = await screen.services.library.add_marker(draft)
    _told(screen, marker)


def ask_words(screen: PsScreen, draft: MarkerDraft, title: str) -> None:
    """Ask for words, which may be none, then mark."""

    async def save(values: Values) -> Marker:
        return await screen.services.library.add_marker(
            MarkerDraft(
                draft.session_id,
                draft.received_us,
                draft.lap_id,
                draft.position,
                values["note"] or "",
            )
        )

    field = Field("note", "Words", "", EXAMPLE, is_required=False)
    form: FormDialog[Marker] = FormDialog(title, [field], save)

    def done(marker: Marker | None) -> None:
        if marker is not None:
            _told(screen, marker)
            screen.reload()

    screen.app.push_screen(form, done)


def _told(screen: PsScreen, marker: Marker) -> None:
    screen.notify(f"Marked {marker.place}. M lists the markers.", markup=False)


def words_form(library: Library, marker: Marker) -> FormDialog[Marker]:
    """Return the form that changes the words of a marker."""

    async def save(values: Values) -> Marker:
        return await library.note_marker(marker.id, values["note"] or "")

    field = Field("note", "Words", marker.note, EXAMPLE, is_required=False)
    return FormDialog(f"Marker {marker.place}", [field], save)


def open_list(screen: PsScreen, session_ids: Sequence[str]) -> None:
    """List the markers of these sessions; enter goes to one."""
    from ps_tui.tui.dialogs.markers import MarkersDialog

    dialog = MarkersDialog(screen.services.library, session_ids, screen.workspace)

    def done(marker: Marker | None) -> None:
        # Words may have been changed, or a marker deleted.
        if marker is None:
            screen.reload()
        else:
            go_to(screen, marker)

    screen.app.push_screen(dialog, done)


def go_to(screen: PsScreen, marker: Marker) -> None:
    """Show the lap of a marker: compared where it is, else in its lap table."""
    workspace = screen.workspace
    if marker.lap_id is None:
        screen.notify("This marker lies between two laps: there is nothing to show.")
        return
    workspace.looked_at = marker
    is_compared = (
        len(workspace.compared.ids) > 1 and marker.lap_id in workspace.compared.ids
    )
    place = "compare" if is_compared else "laps"
    if not is_compared:
        workspace.session_id = marker.session_id
    if place == screen.PLACE:
        screen.reload()
    else:
        screen.go(place)
