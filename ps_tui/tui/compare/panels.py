"""Which channels are drawn in which panel, and how their values are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isnan
from typing import Any

import msgspec

from ps_tui.domain.channel import CHANNELS, Channel
from ps_tui.tui import measures

MOST_PANELS = 6
MOST_CHANNELS = 2
"""In one panel: one axis on either side."""
LEAST_PANEL_ROWS = 4
BASIC_CHANNELS = ("speed", "throttle", "brake", "steering", "gear", "rpm")
IN_PERCENT = frozenset(
    {"throttle", "brake", "clutch", "steering", "handbrake", "fuel_fraction"}
)
PEDALS = ("throttle", "brake")


class Panel(msgspec.Struct, frozen=True):
    """One chart of the stack: one channel, or two with an axis each.

    Throttle and brake share one axis, the brake below zero, so that the two are
    told apart without colour.
    """

    channels: tuple[str, ...]

    @property
    def is_pedals(self) -> bool:
        return set(self.channels) == set(PEDALS)


DEFAULT_PANELS = (Panel(("speed",)), Panel(PEDALS), Panel(("steering",)))
"""The panels of a new comparison: those of Purple Sector, the speed first."""


def channel_of(key: str, units: Mapping[str, str]) -> Channel:
    """Return a channel of the table, or a math channel; ``units`` has theirs."""
    known = CHANNELS.get(key)
    if known is not None:
        return known
    return Channel(key, key, units.get(key, ""), 2, 0.0, 0.0)


def table_unit(key: str) -> str:
    """Return the stored unit of a channel of the table; a formula's unit is its own."""
    known = CHANNELS.get(key)
    return known.unit if known is not None else ""


def title(channel: Channel) -> str:
    """Return label and unit: ``Speed km/h``."""
    unit = measures.label(table_unit(channel.key)) or channel.unit
    unit = "%" if channel.key in IN_PERCENT else unit
    return f"{channel.label} {unit}".strip()


def written(channel: Channel, value: float | None) -> str:
    """Write a value as people read it; nothing known is a dash."""
    if value is None or isnan(value):
        return "–"
    if channel.key in IN_PERCENT:
        return f"{value * 100:z.0f}"
    if channel.key == "gear":
        return {0: "N", -1: "R"}.get(round(value), f"{value:.0f}")
    shown = measures.amount(value, table_unit(channel.key))
    return f"{shown:z.{min(channel.decimals, 3)}f}"


def keys_of(panels: Iterable[Panel]) -> tuple[str, ...]:
    """Return every channel of some panels once, in their order."""
    return tuple(dict.fromkeys(key for panel in panels for key in panel.channels))


def to_configs(
    panels: Sequence[Panel], *, is_over_time: bool = False
) -> list[dict[str, Any]]:
    """Return panels as a saved plot layout keeps them."""
    axis = "time" if is_over_time else "position"
    return [{"channels": list(panel.channels), "xAxis": axis} for panel in panels]


def from_configs(configs: Iterable[Mapping[str, Any]]) -> tuple[Panel, ...]:
    """Return the panels of a saved layout; what is not understood is left out."""
    panels = []
    for config in configs:
        keys = config.get("channels")
        names = [key for key in keys if isinstance(key, str)] if keys else []
        if names:
            panels.append(Panel(tuple(names[:MOST_CHANNELS])))
    return tuple(panels[:MOST_PANELS]) or DEFAULT_PANELS


def toggled(panels: Sequence[Panel], key: str) -> tuple[Panel, ...]:
    """Return the panels with a channel in a panel of its own, or without it.

    Throttle and brake come together. The last panel stays.
    """
    without = [
        Panel(left)
        for panel in panels
        if (left := tuple(one for one in panel.channels if one != key))
    ]
    if key in keys_of(panels):
        return tuple(without) or tuple(panels)
    if key in PEDALS:
        other = PEDALS[1 - PEDALS.index(key)]
        for index, panel in enumerate(without):
            if panel.channels == (other,):
                without[index] = Panel(PEDALS)
                return tuple(without)
    if len(without) >= MOST_PANELS:
        return tuple(panels)
    return (*without, Panel((key,)))


def joined(panels: Sequence[Panel], key: str) -> tuple[Panel, ...]:
    """Return the panels with a channel moved into the one above, or out of it.

    A panel has room for two.
    """
    found = list(panels)
    for index, panel in enumerate(found):
        if key not in panel.channels:
            continue
        if len(panel.channels) > 1 and len(found) < MOST_PANELS:
            rest = tuple(one for one in panel.channels if one != key)
            found[index : index + 1] = [Panel(rest), Panel((key,))]
        elif len(panel.channels) == 1 and index and len(found[index - 1].channels) == 1:
            found[index - 1 : index + 1] = [Panel((*found[index - 1].channels, key))]
        break
    return tuple(found)
