"""Markers in memory, with the laps of a library."""

from __future__ import annotations

import msgspec

from ps_tui.domain.errors import NotFoundError
from ps_tui.domain.markers import Marker, MarkerDraft
from ps_tui.domain.models import Deletion, Lap


class FakeMarkers:
    """Keeps every marker in ``all_markers``; deleted ones have a date."""

    all_laps: dict[str, Lap]

    def __init__(self) -> None:
        self.all_markers: dict[str, Marker] = {}

    async def markers(self, session_id: str) -> list[Marker]:
        found = [
            marker
            for marker in self.all_markers.values()
            if marker.session_id == session_id and marker.deleted_us is None
        ]
        return sorted(found, key=lambda marker: marker.received_us)

    async def add_marker(self, draft: MarkerDraft) -> Marker:
        lap = self.all_laps.get(draft.lap_id or "") or self._driven_at(draft)
        marker = Marker(
            id=f"m-{len(self.all_markers) + 1}",
            created_us=draft.received_us,
            lap_number=None if lap is None else lap.lap_number,
            lap_started_us=None if lap is None else lap.started_us,
            **msgspec.structs.asdict(draft)
            | {"lap_id": None if lap is None else lap.id},
        )
        self.all_markers[marker.id] = marker
        return marker

    async def note_marker(self, marker_id: str, note: str) -> Marker:
        return self._change(marker_id, note=note)

    async def delete_marker(self, marker_id: str) -> Deletion:
        return Deletion(marker_id, self._change(marker_id, deleted_us=1).name)

    async def restore_marker(self, marker_id: str) -> Marker:
        return self._change(marker_id, deleted_us=None)

    def _change(self, marker_id: str, **changes: str | int | None) -> Marker:
        if marker_id not in self.all_markers:
            raise NotFoundError(f"There is no marker {marker_id}.")
        marker = msgspec.structs.replace(self.all_markers[marker_id], **changes)
        self.all_markers[marker_id] = marker
        return marker

    def _driven_at(self, draft: MarkerDraft) -> Lap | None:
        for lap in self.all_laps.values():
            is_then = lap.started_us <= draft.received_us < (lap.ended_us or 0)
            if lap.session_id == draft.session_id and is_then:
                return lap
        return None
