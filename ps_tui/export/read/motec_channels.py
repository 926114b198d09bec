"""Which of our channels a channel of a MoTeC log is, and in what measure.

Known are the names of our own export and those of Assetto Corsa Competizione. A channel
in a unit that is not known is passed over rather than read wrongly.
"""

from __future__ import annotations

from typing import NamedTuple

from ps_tui.domain.channel import CHANNELS
from ps_tui.export.motec.channels import LEFT_OUT, motec_name
from ps_tui.export.read.ld import LogChannel
from ps_tui.export.selection import channel_of


class Alias(NamedTuple):
    """``factor`` turns the log's value into ours; ``None`` leaves it to the unit."""

    key: str
    factor: float | None = None


KPA_PER_PSI = 6.894757293168
_CORNERS = {"lf": "fl", "rf": "fr", "lr": "rl", "rr": "rr"}
_PER_CORNER = {
    "sus_travel": Alias("suspension_travel"),
    "brake_temp": Alias("brake_temperature"),
    # Written without a unit; the values are psi.
    "tyre_press": Alias("tyre_pressure", KPA_PER_PSI),
    "tyre_tair": Alias("tyre_inner_temperature"),
    "wheel_speed": Alias("wheel_rim_speed"),
}

ALIASES: dict[str, Alias] = {
    **{
        motec_name(channel_of(key)).name.lower(): Alias(key)
        for key in CHANNELS
        if key not in LEFT_OUT
    },
    "speed": Alias("speed"),
    "throttle": Alias("throttle"),
    "brake": Alias("brake"),
    "clutch": Alias("clutch"),
    "steerangle": Alias("steering_angle"),
    "rpms": Alias("rpm"),
    "gear": Alias("gear"),
    # Labelled m/s², but the values are g.
    "g_lat": Alias("g_lateral", 1.0),
    "g_lon": Alias("g_longitudinal", 1.0),
    "tc": Alias("tc_active"),
    "abs": Alias("abs_active"),
    **{
        f"{stem}_{theirs}": Alias(f"{alias.key}_{ours}", alias.factor)
        for stem, alias in _PER_CORNER.items()
        for theirs, ours in _CORNERS.items()
    },
}

_NO_UNIT = {"": 1.0, "%": 0.01, "..": 1.0, "no": 1.0, "ratio": 1.0}
_FACTORS: dict[str, dict[str, float]] = {
    "": _NO_UNIT,
    "laps": {"laps": 1.0, "": 1.0},
    "km/h": {"km/h": 1.0, "kph": 1.0, "m/s": 3.6, "mph": 1.609344},
    "m/s": {"m/s": 1.0, "km/h": 1 / 3.6, "kph": 1 / 3.6},
    "rpm": {"rpm": 1.0, "1/min": 1.0},
    "ms": {"s": 1000.0, "ms": 1.0},
    "s": {"s": 1.0, "ms": 0.001},
    "m": {"m": 1.0, "cm": 0.01, "mm": 0.001, "km": 1000.0},
    "g": {"g": 1.0, "m/s2": 1 / 9.80665, "m/s/s": 1 / 9.80665},
    "°": {"deg": 1.0, "rad": 57.29577951308232},
    "rad": {"rad": 1.0, "deg": 0.017453292519943295},
    "°C": {"c": 1.0, "°c": 1.0},
    "kPa": {"kpa": 1.0, "bar": 100.0, "psi": KPA_PER_PSI},
    "l": {"l": 1.0, "": 1.0},
}


def alias_of(channel: LogChannel) -> tuple[str, float] | None:
    """Return key and factor, ``None`` where the channel means nothing here."""
    alias = ALIASES.get(channel.name.lower())
    if alias is None:
        return None
    if alias.factor is not None:
        return alias.key, alias.factor
    unit = CHANNELS[alias.key].unit
    theirs = channel.unit.lower()
    factor = _FACTORS.get(unit, {unit.lower(): 1.0}).get(theirs)
    return None if factor is None else (alias.key, factor)
