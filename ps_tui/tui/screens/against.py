"""What the running lap is driven against, and the keys that choose it."""

from __future__ import annotations

from functools import partial

from ps_tui.domain.models import Lap
from ps_tui.domain.ports import Services
from ps_tui.tui.compat import start
from ps_tui.tui.dialogs.lap_time_form import lap_time_form
from ps_tui.tui.last_lap import stored_lap
from ps_tui.tui.live_reference import ReferenceKind, ReferenceShelf, Wanted
from ps_tui.tui.measuring import measure_laps
from ps_tui.tui.screens.feed import FeedScreen
from ps_tui.tui.screens.live_lap import RunningLap
from ps_tui.tui.widgets.delta_bar import DeltaBar
from ps_tui.tui.widgets.sector_strip import SectorStrip
from ps_tui.tui.workspace import Workspace


class ReferenceScreen(FeedScreen):
    """Keeps the reference of the delta up to date; subclasses say the session."""

    def __init__(self, services: Services, workspace: Workspace) -> None:
        super().__init__(services, workspace)
        self.session_laps: tuple[Lap, ...] = ()
        """The newest of the session, in driving order."""
        self.session_best: Lap | None = None
        self.delta_bar = DeltaBar(dom_id="delta")
        self.sector_strip = SectorStrip(dom_id="sectors")
        self.lap = RunningLap(self.delta_bar, self.sector_strip)
        self._shelf = ReferenceShelf(services.library)
        self._reference_of: Wanted | None = None

    def session_id(self) -> str | None:
        """Return the session whose laps are driven against."""
        raise NotImplementedError

    @property
    def is_reference_stale(self) -> bool:
        """Whether the game has told of another car or track since."""
        wanted = self._reference_of
        return wanted is not None and wanted.identity != self.services.live.identity

    def want_reference(self) -> None:
        """Have the reference made ready if what it is made of has changed."""
        lap = self.lap
        wanted = Wanted(
            lap.kind,
            self.session_id(),
            self.session_laps,
            self.services.live.identity,
            self.session_best,
            lap.typed_ms,
            self.workspace.compared.reference_id,
        )
        if wanted != self._reference_of:
            self._reference_of = wanted
            start(
                self, partial(self._prepare, wanted), group="reference", exclusive=True
            )

    async def _prepare(self, wanted: Wanted) -> None:
        """Show what is known at once, and again when new laps have been measured."""
        await self._adopt(wanted)
        if wanted.session_id is None:
            return
        library = self.services.library
        session = await library.session(wanted.session_id, counted=False)
        if await measure_laps(library, session):
            await self._adopt(wanted)

    async def _adopt(self, wanted: Wanted) -> None:
        reference = await self._shelf.prepare(wanted)
        last = await stored_lap(self.services.library, wanted.laps)
        if wanted == self._reference_of:
            self.lap.adopt(reference)
            self.lap.keep(last)

    def action_reference(self) -> None:
        """Drive against the next kind of reference."""
        kind = self.lap.kind.next
        if kind is ReferenceKind.TYPED and self.lap.typed_ms is None:
            kind = kind.next
        self._choose(kind)

    def _choose(self, kind: ReferenceKind) -> None:
        self.lap.choose(kind)
        self.want_reference()

    def action_type_reference(self) -> None:
        """Drive against a time that is typed."""
        self.app.push_screen(lap_time_form(self.lap.typed_ms), self._typed)

    def _typed(self, lap_time_ms: int | None) -> None:
        if lap_time_ms is not None:
            self.lap.typed_ms = lap_time_ms
            self._choose(ReferenceKind.TYPED)
