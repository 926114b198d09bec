"""The one table of channels: what each is called, measured in, and can reach.

Gauges, CSV headers and chart axes all read it, so that a new game adds a decoder
and no second list of names.
"""

from __future__ import annotations

import msgspec


class Channel(msgspec.Struct, frozen=True, gc=False):
    """One measured quantity; ``minimum`` and ``maximum`` bound its gauge."""

    key: str
    label: str
    unit: str = ""
    decimals: int = 2
    minimum: float = 0.0
    maximum: float = 1.0


FRAME_CHANNELS: tuple[Channel, ...] = (
    Channel("timestamp", "Timestamp", "ms", 0, 0.0, 0.0),
    Channel("throttle", "Throttle"),
    Channel("brake", "Brake"),
    Channel("steering", "Steering", "", 2, -1.0, 1.0),
    Channel("speed", "Speed", "km/h", 0, 0.0, 350.0),
    Channel("gear", "Gear", "", 0, -1.0, 8.0),
    Channel("rpm", "Engine speed", "rpm", 0, 0.0, 9000.0),
    Channel("lap_time", "Lap clock", "ms", 0, 0.0, 0.0),
    Channel("lap_number", "Lap", "", 0, 0.0, 0.0),
    Channel("normalized_position", "Track position", "", 4),
)
"""The seeds' TelemetryFrame, in the order of every export."""

FRAME_FIELDS: tuple[str, ...] = (
    "timestamp_ms",
    "throttle",
    "brake",
    "steering",
    "speed_kmh",
    "gear",
    "rpm",
    "lap_time_ms",
    "lap_number",
    "normalized_position",
)
"""The attributes of Frame that hold FRAME_CHANNELS, in the same order."""

LAP_FACTS: tuple[str, ...] = ("in_pit", "lap_valid", "last_lap_time")
"""Facts of Frame that lap detection reads, stored before a frame's ``extra``."""

FIELD_OF: dict[str, str] = {
    **dict(zip((one.key for one in FRAME_CHANNELS), FRAME_FIELDS, strict=True)),
    **dict(zip(LAP_FACTS, ("in_pit", "lap_valid", "last_lap_ms"), strict=True)),
}
"""The attribute of Frame by the channel that it holds."""

WHEELS: tuple[str, ...] = ("fl", "fr", "rl", "rr")


def wheel_keys(stem: str) -> tuple[str, ...]:
    """Return the four channel keys of one quantity measured at each wheel."""
    return tuple(f"{stem}_{wheel}" for wheel in WHEELS)


def _wheels(
    stem: str, label: str, unit: str, decimals: int, minimum: float, maximum: float
) -> tuple[Channel, ...]:
    return tuple(
        Channel(
            f"{stem}_{wheel}",
            f"{label} {wheel.upper()}",
            unit,
            decimals,
            minimum,
            maximum,
        )
        for wheel in WHEELS
    )


EXTRA_CHANNELS: tuple[Channel, ...] = (
    Channel("in_pit", "In pit", "", 0),
    Channel("lap_valid", "Lap valid", "", 0),
    Channel("last_lap_time", "Last lap", "ms", 0, 0.0, 0.0),
    Channel("best_lap_time", "Best lap", "ms", 0, 0.0, 0.0),
    Channel("session_time", "Session time", "s", 3, 0.0, 0.0),
    Channel("session_type", "Session type", "", 0, 0.0, 0.0),
    Channel("track_position", "Place", "", 0, 1.0, 30.0),
    Channel("delta", "Delta", "ms", 0, -5000.0, 5000.0),
    Channel("clutch", "Clutch"),
    Channel("fuel", "Fuel", "l", 1, 0.0, 120.0),
    Channel("world_x", "World X", "m", 2, 0.0, 0.0),
    Channel("world_y", "World Y", "m", 2, 0.0, 0.0),
    Channel("world_z", "World Z", "m", 2, 0.0, 0.0),
    Channel("g_lateral", "Lateral G", "g", 2, -4.0, 4.0),
    Channel("g_longitudinal", "Longitudinal G", "g", 2, -4.0, 4.0),
    Channel("g_vertical", "Vertical G", "g", 2, -4.0, 4.0),
    Channel("max_rpm", "Rev limit", "rpm", 0, 0.0, 20000.0),
    Channel("lap_distance", "Lap distance", "m", 1, 0.0, 0.0),
    Channel("sector1_time", "Sector 1", "ms", 0, 0.0, 0.0),
    Channel("sector2_time", "Sector 2", "ms", 0, 0.0, 0.0),
    Channel("last_sector1_time", "Last sector 1", "ms", 0, 0.0, 0.0),
    Channel("last_sector2_time", "Last sector 2", "ms", 0, 0.0, 0.0),
    Channel("last_sector3_time", "Last sector 3", "ms", 0, 0.0, 0.0),
    Channel("ers_charge", "ERS charge"),
    Channel("drs_open", "DRS open", "", 0),
    Channel("flag", "Flag", "", 0, 0.0, 4.0),
    Channel("fuel_mass", "Fuel", "kg", 2, 0.0, 110.0),
    Channel("fuel_laps", "Fuel lasts", "laps", 2, -5.0, 30.0),
    Channel("gap_ahead", "Gap ahead", "ms", 0, 0.0, 60_000.0),
    Channel("gap_behind", "Gap behind", "ms", 0, 0.0, 60_000.0),
    Channel("gap_leader", "Gap to the leader", "ms", 0, 0.0, 120_000.0),
    Channel("sector", "Sector", "", 0, 1.0, 3.0),
    Channel("ers_mode", "ERS mode", "", 0, 0.0, 3.0),
    Channel("ers_harvested", "ERS harvested", "MJ", 3, 0.0, 9.0),
    Channel("ers_deployed", "ERS deployed", "MJ", 3, 0.0, 9.0),
    Channel("drs_allowed", "DRS allowed", "", 0),
    Channel("safety_car", "Safety car", "", 0, 0.0, 3.0),
    Channel("tyre_compound", "Tyre compound", "", 0, 0.0, 25.0),
    Channel("tyre_age", "Tyre age", "laps", 0, 0.0, 60.0),
    Channel("brake_bias", "Brake bias", "", 2),
    Channel("weather", "Weather", "", 0, 0.0, 5.0),
    Channel("air_temperature", "Air temperature", "°C", 0, 0.0, 50.0),
    Channel("track_temperature", "Track temperature", "°C", 0, 0.0, 70.0),
    Channel("steering_angle", "Steering angle", "°", 1, -540.0, 540.0),
    Channel("abs_enabled", "ABS enabled", "", 0),
    Channel("abs_active", "ABS active", "", 0),
    Channel("tc_enabled", "Traction control enabled", "", 0),
    Channel("tc_active", "Traction control active", "", 0),
    Channel("speed_limiter", "Speed limiter", "", 0),
    Channel("cg_height", "Centre of gravity height", "m", 3),
    Channel("road_slope", "Road slope", "", 3, -1.0, 1.0),
    Channel("fuel_fraction", "Fuel share"),
    Channel("heading", "Heading", "°", 1, 0.0, 360.0),
    Channel("handbrake", "Handbrake"),
    Channel("engine_power", "Engine power", "kW", 0, 0.0, 1000.0),
    Channel("engine_torque", "Engine torque", "Nm", 0, 0.0, 1000.0),
    Channel("boost_pressure", "Boost", "kPa", 1, -100.0, 300.0),
    Channel("engine_temperature", "Engine temperature", "°C", 0, 0.0, 150.0),
    Channel("oil_temperature", "Oil temperature", "°C", 0, 0.0, 200.0),
    *_wheels("tyre_temperature", "Tyre temperature", "°C", 0, 0.0, 140.0),
    *_wheels("tyre_inner_temperature", "Tyre core temperature", "°C", 0, 0.0, 140.0),
    *_wheels("tyre_pressure", "Tyre pressure", "kPa", 1, 0.0, 300.0),
    *_wheels("tyre_wear", "Tyre wear", "", 2, 0.0, 1.0),
    *_wheels("brake_temperature", "Brake temperature", "°C", 0, 0.0, 1200.0),
    *_wheels("suspension_travel", "Suspension travel", "m", 4, 0.0, 0.3),
    *_wheels("wheel_slip", "Slip ratio", "", 3, -1.0, 1.0),
    *_wheels("wheel_speed", "Wheel speed", "rad/s", 1, 0.0, 300.0),
    *_wheels("slip_angle", "Slip angle", "°", 2, -20.0, 20.0),
    *_wheels("slip_angle_contact", "Slip angle at contact", "°", 2, -20.0, 20.0),
    *_wheels("tyre_slip", "Combined slip", "", 3, 0.0, 2.0),
    *_wheels("tyre_slip_normalized", "Normalised slip", "", 3, 0.0, 2.0),
    *_wheels("wheel_load", "Wheel load", "N", 0, 0.0, 20000.0),
    *_wheels("tyre_friction", "Friction coefficient", "", 3, 0.0, 3.0),
    *_wheels("self_aligning_torque", "Self-aligning torque", "Nm", 1, -400.0, 400.0),
    *_wheels("tyre_dirt", "Tyre dirt", "", 3, 0.0, 5.0),
    *_wheels("camber", "Camber", "rad", 4, -0.2, 0.2),
    *_wheels("tyre_radius", "Tyre radius", "m", 4, 0.0, 0.5),
    *_wheels("tyre_radius_loaded", "Loaded tyre radius", "m", 4, 0.0, 0.5),
    *_wheels("slip_ratio_normalized", "Normalised slip ratio", "", 3, -2.0, 2.0),
    *_wheels("slip_angle_normalized", "Normalised slip angle", "", 3, -2.0, 2.0),
    *_wheels("wheel_rim_speed", "Wheel rim speed", "m/s", 1, 0.0, 100.0),
)

CHANNELS: dict[str, Channel] = {
    channel.key: channel for channel in FRAME_CHANNELS + EXTRA_CHANNELS
}


def stored_channels(decoder_channels: tuple[str, ...]) -> tuple[str, ...]:
    """Return the keys packed beside a stored frame's columns, in their order."""
    return LAP_FACTS + decoder_channels
