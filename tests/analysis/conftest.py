from __future__ import annotations

import pytest

from ps_tui.demo.driver import DEMO_CHANNELS, demo_frames
from ps_tui.domain.models import LapTrace
from tests.support.synthetic_laps import traces_of


@pytest.fixture(scope="session")
def demo_traces() -> list[LapTrace]:
    """Laps of the built-in driver: out, flying, flying but invalid, flying."""
    return traces_of(list(demo_frames(lap_count=4)), DEMO_CHANNELS)[:4]
