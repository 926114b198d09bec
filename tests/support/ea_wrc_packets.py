"""EA SPORTS WRC packets, built by offset."""

from __future__ import annotations

import struct

from ps_tui.decoders.ea_wrc import SIZE

OFFSETS = {
    "uid": (0, "Q"), "game_time": (8, "f"), "gear": (37, "B"), "neutral": (38, "B"),
    "reverse": (39, "B"), "speed": (41, "f"), "x": (49, "f"), "y": (53, "f"),
    "z": (57, "f"), "acceleration": (73, "3f"), "left": (85, "3f"),
    "ahead": (97, "3f"), "up": (109, "3f"), "hubs": (121, "4f"), "rims": (153, "4f"),
    "brakes": (169, "4f"), "max_rpm": (185, "f"), "rpm": (193, "f"),
    "throttle": (197, "f"), "brake": (201, "f"), "clutch": (205, "f"),
    "steering": (209, "f"), "handbrake": (213, "f"), "time": (217, "f"),
    "distance": (221, "d"), "length": (229, "d"),
}  # fmt: skip


def wrc(**fields: float | tuple[float, ...]) -> bytes:
    """Return a packet from a stage of 10 km, the car facing up the map."""
    packet = bytearray(SIZE)
    defaults: dict[str, float | tuple[float, ...]] = {
        "game_time": 100.0,
        "reverse": 10,
        "length": 10_000.0,
        "left": (-1.0, 0.0, 0.0),
        "ahead": (0.0, 0.0, -1.0),
        "up": (0.0, 1.0, 0.0),
    }
    for name, value in (defaults | fields).items():
        offset, code = OFFSETS[name]
        values = value if isinstance(value, tuple) else (value,)
        struct.pack_into("<" + code, packet, offset, *values)
    return bytes(packet)
