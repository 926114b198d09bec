"""Laps: the lap table of one session, and what can be done with a lap."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from ps_tui.domain.lap_figures import SectorLines
from ps_tui.domain.markers import MarkerDraft
from ps_tui.domain.models import Session
from ps_tui.domain.units import format_lap_time
from ps_tui.tui.compare.choosing import (
    make_reference,
    show_statistics,
    toggle_lap,
)
from ps_tui.tui.compat import start
from ps_tui.tui.dialogs.lap_forms import exclude_form, export_form, notes_form
from ps_tui.tui.dialogs.sector_form import sector_form
from ps_tui.tui.keymap import bindings
from ps_tui.tui.marking import ask_words
from ps_tui.tui.screens.lap_table import LapTableScreen
from ps_tui.tui.words import counted

NEEDS_LAP = frozenset({"exclude", "notes", "export"})


class LapsScreen(LapTableScreen):
    """The laps of the opened session, by default of the one being recorded."""

    PLACE = "laps"
    BINDINGS = bindings("laps")
    HELP = (
        "Every lap has a class (flying, out, in, pit, partial) and is valid or INV. "
        "Only valid flying laps that are not excluded count, for every best and "
        "average. Sectors: P beats all laps before on this track and class of car, G "
        "those of the session, Y neither. Theoretical: the best sectors together. Q "
        "grades the data from A to D by rate, gaps and drift of the clock."
    )

    def moment(self) -> MarkerDraft | None:
        """Return the line where the selected lap began."""
        lap = self.lap
        if lap is None:
            return super().moment()
        return MarkerDraft(lap.session_id, lap.started_us, lap.id, 0.0)

    def action_mark(self) -> None:
        """Mark the selected lap."""
        lap = self.lap
        if lap is None or (draft := self.moment()) is None:
            super().action_mark()
        else:
            ask_words(self, draft, f"Mark lap {lap.lap_number}")

    def go_up(self) -> None:
        self.go("sessions")

    def action_compare(self) -> None:
        toggle_lap(self, self.lap)

    def action_statistics(self) -> None:
        show_statistics(self, self.session_id)

    def action_reference(self) -> None:
        make_reference(self, self.lap)

    def key_label(self, key_id: str, label: str) -> str:
        if key_id == "laps.exclude":
            lap = self.lap
            is_out = lap is not None and lap.excluded_us is not None
            return "Count again" if is_out else "Exclude"
        return super().key_label(key_id, label)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "export" and self.services.export is None:
            return False
        if action in NEEDS_LAP:
            return self.current_key is not None
        if action == "lines":
            return self.summary is not None
        return super().check_action(action, parameters)

    def action_exclude(self) -> None:
        """Take the lap out of bests and averages, or let it count again."""
        lap = self.lap
        if lap is None:
            return
        if lap.excluded_us is not None:
            start(self, partial(self._include, lap.id))
            return
        form = exclude_form(self.services.library, lap)
        self.show_form(form, lambda _lap: self.reload())

    async def _include(self, lap_id: str) -> None:
        await self.services.library.include_lap(lap_id)
        await self.load()

    def action_notes(self) -> None:
        """Write tags, a note, driver and stint."""
        lap = self.lap
        if lap is not None:
            form = notes_form(self.services.library, lap)
            self.show_form(form, lambda _lap: self.reload())

    def action_lines(self) -> None:
        """Move the lines between the sectors of this track."""
        if self.summary is not None:
            start(self, partial(self._ask_lines, self.summary.session), group="lines")

    async def _ask_lines(self, session: Session) -> None:
        library = self.services.library
        lines = await library.sector_lines(session.track, session.layout)
        self.show_form(sector_form(library, session, lines), self._lines_moved)

    def _lines_moved(self, lines: SectorLines) -> None:
        self.notify(
            f"Sectors end at {lines[0]:.1%} and {lines[1]:.1%} of the lap; "
            "laps with splits of the game keep those.",
            markup=False,
        )
        self.reload()

    def action_export(self) -> None:
        """Write the lap to a file for other tools."""
        lap, summary = self.lap, self.summary
        if lap is not None and summary and self.services.export is not None:
            form = export_form(self.services.export, lap, summary.session)
            self.show_form(form, self._exported)

    def _exported(self, written: list[Path]) -> None:
        names = ", ".join(str(path) for path in written)
        self.notify(f"Wrote {names}.", title="Export", markup=False)

    def action_delete(self) -> None:
        lap = self.lap
        if lap is None:
            return
        library, lap_id = self.services.library, lap.id
        self.ask_delete(
            "lap",
            f"{lap.lap_number}, {format_lap_time(lap.lap_time_ms)}",
            f"With it go {counted(lap.frame_count, 'frame')}.",
            lambda: library.delete_lap(lap_id),
            lambda: library.restore_lap(lap_id),
        )
