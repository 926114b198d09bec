"""Options written down twice, so that help needs no imports, agree; questions end."""

from __future__ import annotations

import asyncio
import signal

import pytest

from ps_tui.cli.options import SOURCES, answered
from ps_tui.decoders import registry


def test_sources_of_the_help_are_those_of_the_registry() -> None:
    assert set(SOURCES) == set(registry.SOURCES)


def test_the_first_ctrl_c_ends_a_question_within_an_event_loop() -> None:
    async def ask() -> None:
        answered(lambda: signal.raise_signal(signal.SIGINT))

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(ask())
    assert signal.getsignal(signal.SIGINT) is before
