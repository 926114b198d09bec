"""Which laps are compared, and the keys that choose them."""

from __future__ import annotations

from collections.abc import Sequence

from ps_tui.domain.markers import Marker, MarkerDraft
from ps_tui.domain.models import Lap
from ps_tui.domain.ports import Services
from ps_tui.tui.compare.choosing import show_statistics
from ps_tui.tui.compare.shelf import LapShelf, ShelvedLap, quickest_laps
from ps_tui.tui.compat import start
from ps_tui.tui.marking import ask_words
from ps_tui.tui.screens.base import PsScreen
from ps_tui.tui.widgets.compare_body import CompareBody
from ps_tui.tui.workspace import Undo, Workspace

NO_LAPS = "No lap counts yet: R records, then drive a whole lap."
NO_OTHER_LAP = "No other lap of this track counts; c on 4 adds any lap."


class ComparedScreen(PsScreen):
    """Keeps the chosen laps with their markers; subclasses draw them."""

    def __init__(self, services: Services, workspace: Workspace) -> None:
        super().__init__(services, workspace)
        self.body = CompareBody(is_ascii=workspace.is_ascii)
        self._shelf = LapShelf(services.library)
        self._laps: list[ShelvedLap] = []
        self._markers: list[tuple[int, Marker]] = []

    @property
    def chosen(self) -> list[str]:
        """The ids of the laps by letter."""
        return self.workspace.compared.ids

    @property
    def lap_beside(self) -> Lap | None:
        """The lap that the table and the map set beside A."""
        is_there = self.body.versus < len(self._laps)
        return self._laps[self.body.versus].lap if is_there else None

    async def load_laps(self) -> None:
        """Read the chosen laps that are still there, and their markers."""
        self._laps = await self._shelf.load(self.chosen)
        order = {one.lap.id: index for index, one in enumerate(self._laps)}
        self.workspace.compared.ids = list(order)
        self._markers = [
            (order[marker.lap_id], marker)
            for session_id in self.marked_sessions()
            for marker in await self.services.library.markers(session_id)
            if marker.lap_id in order
        ]

    # Markers

    def moment(self) -> MarkerDraft | None:
        """Return where the cursor is on the lap beside A."""
        lap, moment = self.lap_beside, self.body.moment()
        if lap is None or moment is None:
            return super().moment()
        received_us, place = moment
        return MarkerDraft(lap.session_id, received_us, lap.id, place)

    def action_mark(self) -> None:
        """Mark the cursor on the lap beside A."""
        lap, draft = self.lap_beside, self.moment()
        if lap is None or draft is None or draft.lap_id is None:
            super().action_mark()
            return
        letter = "ABCD"[self.body.versus]
        ask_words(self, draft, f"Mark {letter}, lap {lap.lap_number}, at the cursor")

    def marked_sessions(self) -> list[str]:
        if not self._laps:
            return super().marked_sessions()
        return list(dict.fromkeys(one.session.id for one in self._laps))

    def look_at_marker(self) -> None:
        """Go to the marker that somebody chose, once."""
        marker = self.workspace.looked_at
        for lap, known in self._markers:
            if marker is not None and known.id == marker.id:
                self.workspace.looked_at = None
                self.body.to_marker(lap, known)

    # Keys

    def action_statistics(self) -> None:
        if self._laps:
            show_statistics(self, self._laps[0].session.id)

    def action_reference(self) -> None:
        if (lap := self.lap_beside) is not None:
            self.workspace.compared.make_reference(lap.id)
            self.body.versus = 1
            self.reload()

    def action_take_out(self) -> None:
        """Compare the lap that stands beside A no more."""
        index = min(self.body.versus, len(self.chosen) - 1)
        before = list(self.chosen)
        self.workspace.compared.remove(before[index])
        self._remember(f"Lap {'ABCD'[index]}", before)

    def action_clear(self) -> None:
        """Compare no lap any more."""
        before = list(self.chosen)
        self.workspace.compared.ids = []
        self._remember("The comparison", before)

    def _remember(self, label: str, ids: list[str]) -> None:
        async def restore() -> None:
            self.workspace.compared.ids = ids

        self.workspace.undo = Undo(label, restore)
        self.notify(f"{label} is out. u brings it back.", markup=False)
        self.reload()

    def action_best(self) -> None:
        start(self, self._choose_best, group="choose")

    async def _choose_best(self) -> None:
        recording = self.services.recording.session
        beside = self._laps[0].session if self._laps else None
        preferred = [
            beside.id if beside else None,
            self.workspace.session_id,
            recording.id if recording else None,
        ]
        missing = 2 - len(self.chosen)
        laps = await quickest_laps(
            self.services.library, preferred, self.chosen, missing, beside
        )
        if not laps:
            self.notify(NO_OTHER_LAP if beside else NO_LAPS)
            return
        for lap in laps:
            self.workspace.compared.add(lap.id)
        self.reload()


def trail_of(laps: Sequence[ShelvedLap], layout: str) -> str:
    """Name the layout that is drawn, which stands nowhere else, then the sessions."""
    names = " / ".join(dict.fromkeys(one.session.name for one in laps))
    return " · ".join(filter(None, (layout, names)))
