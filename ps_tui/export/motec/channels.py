"""What each channel is called and measured in, in a MoTeC log.

The names are those that i2's own worksheets look for. A channel that is not listed
goes under the label of the table of channels, so that every name leads back to one key.
"""

from __future__ import annotations

from typing import NamedTuple

from ps_tui.analysis.driven_lap import is_step
from ps_tui.domain.channel import CHANNELS, Channel

LATITUDE = "GPS Latitude"
LONGITUDE = "GPS Longitude"
SESSION_LAP = "Lap Number"
LEFT_OUT = ("received_us", "timestamp")
"""Clocks in microseconds and of the sender: the place in the log says the time."""


class MotecName(NamedTuple):
    """``factor`` turns our value into the log's."""

    name: str
    unit: str
    factor: float = 1.0
    short_name: str = ""


NAMES: dict[str, MotecName] = {
    "throttle": MotecName("Throttle Pos", "%", 100.0, "Thr Pos"),
    "brake": MotecName("Brake Pos", "%", 100.0, "Brk Pos"),
    "clutch": MotecName("Clutch Pos", "%", 100.0, "Clu Pos"),
    "steering": MotecName("Steering Pos", "%", 100.0, "Str Pos"),
    "steering_angle": MotecName("Steering Angle", "deg", 1.0, "Str Ang"),
    "speed": MotecName("Ground Speed", "km/h", 1.0, "Gnd Spd"),
    "gear": MotecName("Gear", "", 1.0, "Gear"),
    "rpm": MotecName("Engine RPM", "rpm", 1.0, "RPM"),
    "lap_time": MotecName("Lap Time Running", "s", 0.001, "LapTime"),
    "lap_number": MotecName("Game Lap Number", "", 1.0, "GameLap"),
    "normalized_position": MotecName("Lap Position", "%", 100.0, "Lap Pos"),
    "lap_distance": MotecName("Lap Distance", "m", 1.0, "LapDist"),
    "fuel": MotecName("Fuel Level", "l", 1.0, "FuelLvl"),
    "g_lateral": MotecName("G Force Lat", "G", 1.0, "G Lat"),
    "g_longitudinal": MotecName("G Force Long", "G", 1.0, "G Long"),
    "g_vertical": MotecName("G Force Vert", "G", 1.0, "G Vert"),
    "engine_temperature": MotecName("Eng Temp", "C", 1.0, "EngTemp"),
    "oil_temperature": MotecName("Eng Oil Temp", "C", 1.0, "OilTemp"),
}

UNITS = {"°": "deg", "°C": "C", "g": "G", "ms": "s", "": ""}
_UNIT_FACTORS = {"ms": 0.001}

_RUNNING_MS = ("lap_time", "delta", "gap_ahead", "gap_behind", "gap_leader")


def motec_name(channel: Channel) -> MotecName:
    """Return name, unit and factor of a channel."""
    if channel.key in NAMES:
        return NAMES[channel.key]
    unit = UNITS.get(channel.unit, channel.unit)
    return MotecName(channel.label[:31], unit, _UNIT_FACTORS.get(channel.unit, 1.0))


def is_held(key: str) -> bool:
    """Say whether a channel jumps, so that it must not be drawn as a slope."""
    if is_step(key):
        return True
    channel = CHANNELS.get(key)
    return channel is not None and channel.unit == "ms" and key not in _RUNNING_MS
