"""A bar on a terminal, for what takes longer than a moment."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from ps_tui.domain.progress import heard_by

OnLap = Callable[[int, int], None]
_SHOWN_AFTER_S = 0.5
_STEPS = 1000


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


@contextmanager
def work_progress(label: str) -> Iterator[None]:
    """Draw a bar of long work on a terminal, where the work knows its length."""
    if not sys.stderr.isatty():
        yield
        return
    began_s = time.monotonic()
    bar: Any = None

    def show(share: float) -> None:
        nonlocal bar
        if bar is None and time.monotonic() - began_s > _SHOWN_AFTER_S:
            bar = click.progressbar(length=_STEPS, label=label, file=sys.stderr)
        if bar is not None:
            bar.update(round(share * _STEPS) - bar.pos)

    try:
        with heard_by(show):
            yield
    finally:
        if bar is not None:
            bar.update(_STEPS - bar.pos)
            bar.render_finish()
