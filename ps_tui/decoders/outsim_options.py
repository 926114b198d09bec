"""Recognises OutSim of settings that are not read, so that the right one is named.

Which blocks a packet holds cannot be told from its length alone: every setting of
that length is tried, and one whose values can be those of a car is enough.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from ps_tui.decoders.outsim import ALL_OPTIONS, MARK, OutSimReader

_NAME = "Live for Speed OutSim"
_ODD_NAME = (
    f"{_NAME} with other options: set OutSim Opts 1ff in the game's cfg.txt, then "
    "restart the game"
)
_CHECKED_BITS = 0x18
"""Motion and inputs: blocks whose values tell a car from chance."""
_LEAST_VALUE = 1e-6
"""Whole numbers that are read as floats are smaller."""


def marked_outsim(datagram: bytes) -> str | None:
    """Name OutSim that begins with the game's mark."""
    if datagram[:4] != MARK:
        return None
    return _NAME if len(datagram) == OutSimReader().size else _ODD_NAME


def odd_outsim(datagram: bytes) -> str | None:
    """Name OutSim of other options that has no mark, by values that a car can have."""
    readers = _readers().get(len(datagram), ())
    return _ODD_NAME if any(_is_car(each, datagram) for each in readers) else None


def _is_car(reader: OutSimReader, datagram: bytes) -> bool:
    found = reader.read(datagram)
    if found is None:
        return False
    values = (*(found.inputs or ()), *(found.motion or ()))
    return any(values) and all(x == 0 or abs(x) > _LEAST_VALUE for x in values)


@cache
def _readers() -> Mapping[int, list[OutSimReader]]:
    """Return a reader for each setting without a mark, by the size of its packets."""
    by_size: dict[int, list[OutSimReader]] = {}
    for options in range(0, ALL_OPTIONS + 1, 2):
        if options & _CHECKED_BITS:
            reader = OutSimReader(options)
            by_size.setdefault(reader.size, []).append(reader)
    return by_size
