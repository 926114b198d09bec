"""A rear-driven touring car as point mass with tyres, wings, engine and gears.

The model is that of textbook lap simulations: grip grows with load and downforce,
and what cornering takes of it is not there for driving or braking (the friction
circle).
"""

from __future__ import annotations

from math import pi, sqrt

GRAVITY = 9.81
MASS_KG = 1280.0
GRIP = 1.38
DOWNFORCE = 1.5
"""N per (m/s)²."""
DRAG = 0.62
"""N per (m/s)²."""
ROLLING_N = 180.0
BRAKE_N = 22_000.0
"""At full pedal, before the tyres give in."""
POWER_W = 365_000.0
REAR_SHARE = 0.66
WHEEL_RADIUS_M = 0.33
WHEELBASE_M = 2.65
STEERING_RATIO = 13.5
HALF_LOCK_RAD = 4.7
UNDERSTEER_S2 = 0.0009
"""Further steering per (m/s)² of speed."""

GEAR_RATIOS = (11.4, 8.5, 6.75, 5.5, 4.6, 3.9)
"""Turns of the engine per turn of the wheels, from first gear."""
IDLE_RPM = 1500.0
UP_RPM = 7900.0
DOWN_RPM = 5300.0
MAX_RPM = 8200.0


def engine_rpm(speed_ms: float, gear: int) -> float:
    """Return the engine speed with the clutch closed."""
    turns = speed_ms / (2 * pi * WHEEL_RADIUS_M) * GEAR_RATIOS[max(gear, 1) - 1]
    return min(max(turns * 60, IDLE_RPM), MAX_RPM)


def drive_limit_n(speed_ms: float, gear: int) -> float:
    """Return the force at the wheels at full throttle."""
    share = engine_rpm(speed_ms, gear) / UP_RPM
    power_w = POWER_W * share * (1.9 - 0.9 * share)
    return power_w / max(speed_ms, 8.0)


def grip_n(speed_ms: float, factor: float = 1.0) -> float:
    """Return all the force that four tyres can pass on."""
    return GRIP * factor * (MASS_KG * GRAVITY + DOWNFORCE * speed_ms * speed_ms)


def grip_left_n(speed_ms: float, curvature: float, factor: float = 1.0) -> float:
    """Return what cornering leaves of the grip."""
    total_n = grip_n(speed_ms, factor)
    cornering_n = MASS_KG * speed_ms * speed_ms * curvature
    return sqrt(max(total_n * total_n - cornering_n * cornering_n, 0.0))


def resistance_n(speed_ms: float) -> float:
    """Return drag and rolling resistance."""
    return DRAG * speed_ms * speed_ms + (ROLLING_N if speed_ms > 0 else 0.0)


def corner_speed_ms(curvature: float, factor: float = 1.0) -> float:
    """Return the speed at which cornering takes all of the grip."""
    spare = MASS_KG * abs(curvature) - GRIP * factor * DOWNFORCE
    if spare <= 1e-6:
        return 120.0
    return min(sqrt(GRIP * factor * MASS_KG * GRAVITY / spare), 120.0)


def steering_share(speed_ms: float, curvature: float) -> float:
    """Return the steering wheel, -1 to 1, that holds a curvature."""
    angle = WHEELBASE_M * curvature * (1 + UNDERSTEER_S2 * speed_ms * speed_ms)
    return min(max(angle * STEERING_RATIO / HALF_LOCK_RAD, -1.0), 1.0)
