"""What the Compare screen asks a thread to draw: a value, so that nothing changes
meanwhile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ps_tui.tui.compare.panels import Panel

if TYPE_CHECKING:
    from ps_tui.tui.compare.map_picture import MapPicture
    from ps_tui.tui.compare.picture import Picture
    from ps_tui.tui.compare.study import Division, Study

Size = tuple[int, int]


class Wish(NamedTuple):
    """Everything that a picture of the charts and of the map depends on."""

    study: Study
    window: tuple[float, float]
    is_over_time: bool
    panels: tuple[Panel, ...]
    units: tuple[tuple[str, str], ...]
    versus: int
    division: Division
    shows_pedals: bool
    chart_size: Size
    map_size: Size | None
    """``None`` where there is no room for a map."""
    is_ascii: bool

    def differs_in_window_only(self, other: Wish) -> bool:
        """Say whether a picture for ``other`` may stand for a moment."""
        return self._replace(window=other.window) == other

    def granted(self) -> tuple[Picture, MapPicture | None]:
        """Draw. Loads numpy: to be called in a thread."""
        from ps_tui.tui.compare import picture
        from ps_tui.tui.compare.axis import Shown

        charts = picture.draw(
            self.study,
            Shown(self.study.axis(is_over_time=self.is_over_time), self.window),
            self.panels,
            self.chart_size,
            dict(self.units),
            versus=self.versus,
            is_ascii=self.is_ascii,
        )
        return charts, self._map()

    def _map(self) -> MapPicture | None:
        from ps_tui.tui.compare import map_picture

        track, size, is_ascii = self.study.track, self.map_size, self.is_ascii
        if track is None or size is None:
            return None
        if not self.shows_pedals:
            rows = self.study.losses[self.versus, self.division]
            return map_picture.draw_losses(track, rows, size, is_ascii=is_ascii)
        letters = self.study.pedal_letters[self.versus]
        if letters is None:
            return None
        return map_picture.draw_pedals(track, letters, size, is_ascii=is_ascii)
