"""What is drawn: the panels and their X axis, and the saved layout they came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ps_tui.domain.garage import PlotLayout
from ps_tui.tui.compare.panels import DEFAULT_PANELS, Panel, from_configs, to_configs

DEFAULT_NAME = "Default"


class Plot(NamedTuple):
    """Panels over the place on the lap, or over time."""

    panels: tuple[Panel, ...] = DEFAULT_PANELS
    is_over_time: bool = False

    def configs(self) -> list[dict[str, Any]]:
        """Return what a saved layout keeps."""
        return to_configs(self.panels, is_over_time=self.is_over_time)


def plot_of(configs: Sequence[Mapping[str, Any]]) -> Plot:
    """Return what a saved layout draws; all panels share one X axis."""
    is_over_time = any(config.get("xAxis") == "time" for config in configs[:1])
    return Plot(from_configs(configs), is_over_time)


@dataclass
class Drawn:
    """The plot on the screen; ``layout`` is the one loaded or saved last."""

    plot: Plot = field(default_factory=Plot)
    layout: PlotLayout | None = None

    @property
    def is_modified(self) -> bool:
        """Whether the plot is not what its layout has."""
        saved = Plot() if self.layout is None else plot_of(self.layout.configs)
        return self.plot != saved

    @property
    def title(self) -> str:
        """Name the layout, with ``(modified)``; nothing for the default panels."""
        if self.layout is None and not self.is_modified:
            return ""
        name = DEFAULT_NAME if self.layout is None else self.layout.name
        return f"{name} (modified)" if self.is_modified else name

    def load(self, layout: PlotLayout) -> None:
        """Draw a saved layout."""
        self.plot, self.layout = plot_of(layout.configs), layout
