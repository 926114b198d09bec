"""Which backups stay: the newest, and ever fewer of the older ones.

The last 8, then one an hour for 12 hours, one a day for 7 days, one a week for 4
weeks, one a month for 6 months, each the newest of its hour, day, week or month.
Pinned ones stay for good. A copy that could not be verified counts for nothing and
goes only once a newer verified one exists. Two verified ones always stay, and the
newest from before a migration.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from ps_tui.storage.sqlite.manifest import Manifest, copies_in, manifest_path

LAST = 8
ALWAYS = 2
_SPANS: tuple[tuple[int, Callable[[datetime], object]], ...] = (
    (12, lambda moment: (moment.date(), moment.hour)),
    (7, lambda moment: moment.date()),
    (4, lambda moment: moment.isocalendar()[:2]),
    (6, lambda moment: (moment.year, moment.month)),
)


class Copy(NamedTuple):
    """What the rule needs to know of a backup."""

    created_us: int
    is_verified: bool = True
    is_pinned: bool = False
    reason: str = ""


def kept(copies: Sequence[Copy]) -> set[int]:
    """Return the indices of the copies that stay."""
    newest_first = sorted(
        range(len(copies)), key=lambda index: copies[index].created_us, reverse=True
    )
    good = [index for index in newest_first if copies[index].is_verified]
    stay = {index for index, copy in enumerate(copies) if copy.is_pinned}
    stay.update(good[: max(LAST, ALWAYS)])
    for count, span_of in _SPANS:
        spans: set[object] = set()
        for index in good:
            span = span_of(_moment(copies[index]))
            if span not in spans and len(spans) < count:
                spans.add(span)
                stay.add(index)
    for index in newest_first:
        if copies[index].reason.startswith("before migration"):
            stay.add(index)
            break
    newest_good_us = copies[good[0]].created_us if good else -1
    stay.update(
        index
        for index in newest_first
        if not copies[index].is_verified and copies[index].created_us > newest_good_us
    )
    return stay


def prune(folder: Path, database: str) -> list[Path]:
    """Delete the copies of a database that need not stay; return them."""
    found = copies_in(folder, database)
    stay = kept([_copy(manifest) for _, manifest in found])
    gone = [copy for index, (copy, _) in enumerate(found) if index not in stay]
    for copy in gone:
        # The manifest last: a copy without one would never be listed again.
        with contextlib.suppress(OSError):
            copy.unlink(missing_ok=True)
            manifest_path(copy).unlink(missing_ok=True)
    return gone


def _copy(manifest: Manifest) -> Copy:
    return Copy(
        manifest.created_us, manifest.verified, manifest.pinned, manifest.reason
    )


def _moment(copy: Copy) -> datetime:
    return datetime.fromtimestamp(copy.created_us / 1_000_000, UTC)
