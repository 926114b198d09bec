"""OutGauge, OutSim and MotionSim packets, built by offset."""

from __future__ import annotations

import struct

GAUGE_OFFSETS = {
    "time": (0, "I"), "car": (4, "4s"), "flags": (8, "H"), "gear": (10, "B"),
    "speed": (12, "f"), "rpm": (16, "f"), "turbo": (20, "f"), "engine": (24, "f"),
    "fuel": (28, "f"), "oil": (36, "f"), "lamps": (40, "I"), "lit": (44, "I"),
    "throttle": (48, "f"), "brake": (52, "f"), "clutch": (56, "f"),
}  # fmt: skip


def gauge(size: int = 92, **fields: float | bytes) -> bytes:
    packet = bytearray(size)
    for name, value in ({"car": b"XRT\0", "gear": 1} | fields).items():
        offset, code = GAUGE_OFFSETS[name]
        struct.pack_into("<" + code, packet, offset, value)
    return bytes(packet)


def out_sim(
    time_ms: int = 0,
    *,
    heading: float = 0.0,
    acceleration: tuple[float, float, float] = (0.0, 0.0, 0.0),
    velocity: tuple[float, float, float] = (0.0, 0.0, 0.0),
    position: tuple[int, int, int] = (0, 0, 0),
    inputs: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0, 0.0),
    gear: int = 1,
    engine: float = 0.0,
    distance: float = 0.0,
) -> bytes:
    """Return an OutSim of all blocks."""
    main = struct.pack("<3f3f", 0, 0, 0, heading, 0, 0)
    main += struct.pack("<3f3f3i", *acceleration, *velocity, *position)
    wheels = b"".join(
        struct.pack(
            "<7f4B2f", n, 0, 0, 0, 1000 * n, 10 * n, 0, 0, 0, 1, 0, n / 10, n / 4
        )
        for n in (1, 2, 3, 4)
    )
    return (
        b"LFST"
        + struct.pack("<iI", 0, time_ms)
        + main
        + struct.pack("<5f", *inputs)
        + struct.pack("<B3xff", gear, engine, 0)
        + struct.pack("<2f", distance, 0)
        + wheels
        + bytes(8)
    )


def only_blocks(datagram: bytes, options: int) -> bytes:
    """Return what of an OutSim of all blocks is left with ``OutSim Opts options``."""
    sizes = (4, 4, 4, 60, 20, 12, 8, 160, 8)
    kept, at = b"", 0
    for bit, size in enumerate(sizes):
        if options >> bit & 1:
            kept += datagram[at : at + size]
        at += size
    return kept


def motion_sim(**fields: float) -> bytes:
    names = ("x", "y", "z", "vx", "vy", "vz", "right", "ahead", "up")
    values = [0.0] * 21
    for name, value in fields.items():
        values[14 if name == "yaw" else names.index(name)] = value
    return struct.pack("<4s21f", b"BNG1", *values)
