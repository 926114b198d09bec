"""Forza packets, built by offset."""

from __future__ import annotations

import struct


def forza(size: int = 311, **fields: float) -> bytes:
    """Return a packet of a car that stands on track, with ``fields`` set."""
    packet = bytearray(size)
    dash = 244 if size in (323, 324) else 232
    offsets: dict[str, tuple[int, str]] = {
        "race_on": (0, "i"),
        "timestamp_ms": (4, "I"),
        "max_rpm": (8, "f"),
        "rpm": (16, "f"),
        "right": (20, "f"),
        "up": (24, "f"),
        "ahead": (28, "f"),
        "velocity_z": (40, "f"),
        "yaw": (56, "f"),
        "slip_fl": (84, "f"),
        "car": (212, "i"),
        "x": (dash, "f"),
        "z": (dash + 8, "f"),
        "speed": (dash + 12, "f"),
        "temperature_rr": (dash + 36, "f"),
        "fuel": (dash + 44, "f"),
        "distance": (dash + 48, "f"),
        "best": (dash + 52, "f"),
        "last": (dash + 56, "f"),
        "current": (dash + 60, "f"),
        "race_time": (dash + 64, "f"),
        "lap": (dash + 68, "H"),
        "place": (dash + 70, "B"),
        "throttle": (dash + 71, "B"),
        "brake": (dash + 72, "B"),
        "clutch": (dash + 73, "B"),
        "handbrake": (dash + 74, "B"),
        "gear": (dash + 75, "B"),
        "steer": (dash + 76, "b"),
        "wear_fl": (311, "f"),
        "track": (327, "i"),
    }
    for name, value in {"race_on": 1, "car": 77, **fields}.items():
        offset, code = offsets[name]
        struct.pack_into("<" + code, packet, offset, value)
    return bytes(packet)
