"""Packets built in code, field by field, by offsets written down once more here."""

from __future__ import annotations

import struct
from collections.abc import Mapping

CAR_INFO_OFFSETS: Mapping[str, tuple[int, str]] = {
    "mark": (0, "<4s"),
    "size": (4, "<i"),
    "speed_kmh": (8, "<f"),
    "speed_mph": (12, "<f"),
    "speed_ms": (16, "<f"),
    "abs_on": (20, "<B"),
    "abs_acting": (21, "<B"),
    "tc_acting": (22, "<B"),
    "tc_on": (23, "<B"),
    "in_pit": (24, "<B"),
    "limiter": (25, "<B"),
    "g_lateral": (28, "<f"),
    "g_vertical": (32, "<f"),
    "g_longitudinal": (36, "<f"),
    "lap_time_ms": (40, "<i"),
    "last_lap_ms": (44, "<i"),
    "best_lap_ms": (48, "<i"),
    "completed_laps": (52, "<i"),
    "throttle": (56, "<f"),
    "brake": (60, "<f"),
    "clutch_released": (64, "<f"),
    "rpm": (68, "<f"),
    "steering_deg": (72, "<f"),
    "raw_gear": (76, "<i"),
    "cg_height": (80, "<f"),
    "wheel_speed": (84, "<4f"),
    "slip_angle": (100, "<4f"),
    "slip_angle_contact": (116, "<4f"),
    "wheel_slip": (132, "<4f"),
    "tyre_slip": (148, "<4f"),
    "tyre_slip_normalized": (164, "<4f"),
    "wheel_load": (180, "<4f"),
    "tyre_friction": (196, "<4f"),
    "self_aligning_torque": (212, "<4f"),
    "tyre_dirt": (228, "<4f"),
    "camber": (244, "<4f"),
    "tyre_radius": (260, "<4f"),
    "tyre_radius_loaded": (276, "<4f"),
    "suspension_travel": (292, "<4f"),
    "position": (308, "<f"),
    "road_slope": (312, "<f"),
    "world": (316, "<3f"),
}


def car_info(**fields: float | tuple[float, ...]) -> bytes:
    """Return an RTCarInfo of a car at rest in neutral, with ``fields`` set."""
    packet = bytearray(328)
    packet[:8] = b"a\0\0\0" + (328).to_bytes(4, "little")
    defaults: dict[str, float | tuple[float, ...]] = {
        "raw_gear": 1,
        "clutch_released": 1.0,
        "rpm": 900.0,
    }
    for name, value in (defaults | fields).items():
        offset, layout = CAR_INFO_OFFSETS[name]
        values = value if isinstance(value, tuple) else (value,)
        struct.pack_into(layout, packet, offset, *values)
    return bytes(packet)


def read_car_info(packet: bytes, name: str) -> tuple[float, ...]:
    """Return the numbers of one field, straight from its offset."""
    offset, layout = CAR_INFO_OFFSETS[name]
    return struct.unpack_from(layout, packet, offset)


def handshake_reply(
    car: str = "ks_audi_r8_lms",
    driver: str = "Player 01",
    track: str = "monza",
    layout: str = "",
    *,
    terminator: str = "%",
) -> bytes:
    """Return the 408 bytes that answer operation 0, old memory included."""

    def text(value: str) -> bytes:
        units = (value + terminator).encode("utf-16-le")
        return units + b"\x41\x30" * ((100 - len(units)) // 2)

    return struct.pack(
        "<100s100sii100s100s",
        text(car),
        text(driver),
        4242,
        1,
        text(track),
        text(layout),
    )


def any_lap(
    lap_time_ms: int = 90_000,
    *,
    car_id: int = 0,
    lap_number: int = 1,
    driver: str = "Player 01",
    car: str = "ks_audi_r8_lms",
) -> bytes:
    """Return an RTLap: 212 bytes for a finished lap of any car."""
    names = [f"{name}%".encode("utf-16-le") for name in (driver, car)]
    return struct.pack("<ii100s100si", car_id, lap_number, *names, lap_time_ms)
