"""The marked moments of some sessions: go to one, give it words, delete it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual.binding import BindingType

from ps_tui.domain.markers import Marker
from ps_tui.domain.ports import Library
from ps_tui.domain.units import format_lap_time
from ps_tui.tui.compat import start
from ps_tui.tui.dialogs.list_dialog import RecordsDialog
from ps_tui.tui.keymap import bindings
from ps_tui.tui.marking import words_form
from ps_tui.tui.widgets.record_table import Cell, Column, Record
from ps_tui.tui.words import moment
from ps_tui.tui.workspace import Workspace

COLUMNS = (
    Column("lap", "Lap", 4, is_right=True),
    Column("place", "Place", 7, is_right=True),
    Column("clock", "After", 8, is_right=True),
    Column("when", "When", 16, rank=1),
    Column("words", "Words", 18, is_flexible=True),
)
EMPTY = "No moment is marked yet.\nm marks one: while driving, or at the cursor."


class MarkersDialog(RecordsDialog[Marker]):
    """Returns the marker to go to."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("markers")
    COLUMNS = COLUMNS
    EMPTY = EMPTY

    def __init__(
        self, library: Library, session_ids: Sequence[str], workspace: Workspace
    ) -> None:
        super().__init__("Markers", workspace)
        self._library = library
        self._session_ids = session_ids
        self._markers: dict[str, Marker] = {}

    def hint(self) -> str:
        return "enter look · e words · d delete · u undo · / filter · esc close"

    async def load(self, current: str | None = None) -> None:
        found = [
            marker
            for session_id in dict.fromkeys(self._session_ids)
            for marker in await self._library.markers(session_id)
        ]
        self._markers = {marker.id: marker for marker in found}
        self.listing.set_records([_record(one) for one in found], current)

    @property
    def _current(self) -> Marker | None:
        return self._markers.get(self.listing.current_key or "")

    def action_done(self) -> None:
        if (marker := self._current) is not None:
            self.dismiss(marker)

    def action_edit(self) -> None:
        """Change the words."""
        if (marker := self._current) is not None:
            form = words_form(self._library, marker)
            self.app.push_screen(form, lambda _saved: self.reload(marker.id))

    def action_delete(self) -> None:
        if (marker := self._current) is not None:
            start(self, partial(self._delete, marker), group="change")

    async def _delete(self, marker: Marker) -> None:
        await self._library.delete_marker(marker.id)
        label = f"Marker {marker.name}"

        async def restore() -> None:
            await self._library.restore_marker(marker.id)

        await self.deleted(label, restore)


def _record(marker: Marker) -> Record:
    number, place = marker.lap_number, marker.position
    since_ms = marker.since_line_ms
    return Record(
        marker.id,
        {
            "lap": Cell("–" if number is None else str(number)),
            "place": Cell("" if place is None else f"{place * 100:.1f} %"),
            "clock": Cell("" if since_ms is None else format_lap_time(since_ms)),
            "when": Cell(moment(marker.received_us), "dim"),
            "words": Cell(marker.note),
        },
    )
