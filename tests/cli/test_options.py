"""Options that are written down twice, so that help needs no imports, agree."""

from __future__ import annotations

from ps_tui.cli.options import SOURCES
from ps_tui.decoders import registry


def test_sources_of_the_help_are_those_of_the_registry() -> None:
    assert set(SOURCES) == set(registry.SOURCES)
