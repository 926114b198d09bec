"""How a session that opened by itself is called, and when a drive is another one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from itertools import chain, count

from ps_tui.domain.frame import Identity


def session_name(identity: Identity, now_us: int) -> str:
    """Return track and car where the game tells them, else the local time."""
    track = " ".join(filter(None, (identity.track, identity.layout)))
    names = ", ".join(filter(None, (track, identity.car)))
    if names:
        return names
    now = datetime.fromtimestamp(now_us / 1e6, tz=UTC).astimezone()
    return f"Session of {now:%Y-%m-%d %H:%M}"


def unlike(name: str, taken: Collection[str]) -> str:
    """Return ``name`` with a number behind it where it is taken: ``monza (2)``."""
    numbered = (f"{name} ({number})" for number in count(2))
    return next(each for each in chain((name,), numbered) if each not in taken)


def is_elsewhere(known: Identity, newer: Identity) -> bool:
    """Say whether ``newer`` names another track, layout or car than ``known``."""
    return any(
        before is not None and after is not None and before != after
        for before, after in (
            (known.track, newer.track),
            (known.layout, newer.layout),
            (known.car, newer.car),
        )
    )
