"""The Project CARS games and Automobilista 2, in either of their protocols."""

from __future__ import annotations

from ps_tui.decoders.project_cars.decoder import ProjectCarsDecoder
from ps_tui.decoders.project_cars.parts import CHANNELS

__all__ = ["CHANNELS", "ProjectCarsDecoder"]
