"""Screens can name what the frames of every game hold."""

from __future__ import annotations

from pathlib import Path

from ps_tui.config import Settings
from ps_tui.decoders.registry import SOURCES
from ps_tui.runtime import DEMO_SOURCE, open_runtime
from tests.support.command import free_udp_port


async def test_further_channels_are_those_of_the_decoder(tmp_path: Path) -> None:
    settings = Settings(db=tmp_path / "crew.db", source="native", port=free_udp_port())
    async with open_runtime(settings) as runtime:
        extra_channels = runtime.services.extra_channels
        for name, spec in SOURCES.items():
            assert extra_channels(name) == spec.make_decoder().channels
        assert "g_lateral" in extra_channels(DEMO_SOURCE)
        assert extra_channels("auto") == ()
