"""A bar of laps on a terminal, for what takes longer than a moment."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

OnLap = Callable[[int, int], None]


@contextmanager
def lap_progress() -> Iterator[OnLap]:
    """Draw a bar on a terminal, from two laps on; elsewhere nothing."""
    if not sys.stderr.isatty():
        yield lambda done, of: None
        return
    bar: Any = None

    def show(done: int, of: int) -> None:
        nonlocal bar
        if bar is None and of > 1:
            bar = click.progressbar(length=of, label="Laps", file=sys.stderr)
        if bar is not None:
            bar.update(done - bar.pos)

    try:
        yield show
    finally:
        if bar is not None:
            bar.render_finish()
