"""How far work has come is heard by whoever started it."""

from __future__ import annotations

import asyncio

import pytest

from ps_tui.domain.progress import heard_by, teller


def test_nobody_needs_to_listen() -> None:
    teller()(0.5)


def test_a_part_of_the_work_is_told_as_its_share_of_the_whole() -> None:
    heard: list[float] = []
    with heard_by(heard.append):
        tell = teller(0.5, 0.9)
    for share in (0.0, 0.5, 1.0, 7.0, -1.0):
        tell(share)
    assert heard == pytest.approx([0.5, 0.7, 0.9, 0.9, 0.5])
    teller()(0.1)
    assert len(heard) == 5


async def test_what_works_in_a_thread_is_heard() -> None:
    heard: list[float] = []
    with heard_by(heard.append):
        await asyncio.to_thread(lambda: teller()(0.25))
    assert heard == [0.25]
