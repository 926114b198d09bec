"""In which units speeds and temperatures are shown: one choice for all screens.

What is stored, compared and exported stays in km/h and °C; only text passes here.
Like a locale the choice belongs to the whole program, so that no drawing function
has to carry it.
"""

from __future__ import annotations

from typing import NamedTuple

KMH_PER_MPH = 1.609344
"""The international mile of 1959, in kilometres."""


class _Way(NamedTuple):
    label: str
    scale: float = 1.0
    offset: float = 0.0


_WAYS = {
    "mph": ("km/h", _Way("mph", 1.0 / KMH_PER_MPH)),
    "°F": ("°C", _Way("°F", 1.8, 32.0)),
}
_shown: dict[str, _Way] = {}


def use(*units: str) -> None:
    """Show these units from now on: ``mph``, ``°F``; others are those stored."""
    _shown.clear()
    _shown.update(dict(_WAYS[unit] for unit in units if unit in _WAYS))


def label(unit: str) -> str:
    """Return the name of the unit that stands for a stored one."""
    return _shown[unit].label if unit in _shown else unit


def amount(value: float, unit: str) -> float:
    """Return a stored value in the unit that is shown."""
    way = _shown.get(unit)
    return value if way is None else value * way.scale + way.offset


def stored(shown: float, unit: str) -> float:
    """Return what :func:`amount` was given."""
    way = _shown.get(unit)
    return shown if way is None else (shown - way.offset) / way.scale


def change(value: float, unit: str) -> float:
    """Return the difference of two stored values in the unit that is shown."""
    way = _shown.get(unit)
    return value if way is None else value * way.scale
