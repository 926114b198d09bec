"""What warms up, wears and empties while the demo car drives."""

from __future__ import annotations

_FUEL_L = 48.0
_FUEL_L_PER_S = 0.034
"""At full throttle."""
_AIR_C = 24.0
_TYRE_START_C = 62.0
_BRAKE_START_C = 180.0
_COLD_PRESSURE_KPA = 158.0
_WEAR_PER_S = 4e-5


class Body:
    """Tyres, brakes and tank; temperatures follow the work that is done."""

    WHEEL_STEMS = (
        "tyre_temperature",
        "tyre_pressure",
        "tyre_wear",
        "brake_temperature",
        "wheel_slip",
    )

    def __init__(self) -> None:
        self.fuel_l = _FUEL_L
        self.tyres_c = [_TYRE_START_C] * 4
        self.brakes_c = [_BRAKE_START_C] * 4
        self.wear = [0.0] * 4
        self.slips = [0.0] * 4

    def step(
        self,
        step_s: float,
        *,
        speed_ms: float,
        throttle: float,
        brake: float,
        lateral_g: float,
        slip: float,
    ) -> None:
        """Advance by ``step_s``; ``slip`` 0 to 1 is how much the car slides."""
        self.fuel_l -= _FUEL_L_PER_S * throttle * step_s
        cornering = min(abs(lateral_g), 2.0)
        leaning = 0.2 * min(max(lateral_g, -2.0), 2.0)
        wind = 0.3 + speed_ms / 60
        rolling = min(speed_ms / 40, 1.2)
        for wheel in range(4):
            is_front = wheel < 2
            # In a right turn, lateral_g below 0, the load is on the left.
            side = 1 - leaning if wheel % 2 == 0 else 1 + leaning
            pedal = 1.2 * brake + 0.3 * throttle if is_front else brake + 0.4 * throttle
            work = cornering * side + pedal + (2.5 * slip if is_front else 0.0)
            cooling = 0.05 * (self.tyres_c[wheel] - _AIR_C) * wind
            self.tyres_c[wheel] += (4.6 * work * rolling - cooling) * step_s
            self.wear[wheel] += _WEAR_PER_S * work * step_s
            braking = brake * speed_ms * (6.5 if is_front else 4.0)
            airflow = 0.09 * (self.brakes_c[wheel] - _AIR_C) * wind
            self.brakes_c[wheel] += (braking - airflow) * step_s
            locking = (0.07 + 0.55 * slip) * brake if is_front else 0.07 * brake
            self.slips[wheel] = (0.0 if is_front else 0.06 * throttle) - locking

    def wheels(self) -> tuple[list[float], ...]:
        """Return the quadruples named by WHEEL_STEMS."""
        pressures = [_COLD_PRESSURE_KPA + 0.42 * (c - _AIR_C) for c in self.tyres_c]
        return self.tyres_c, pressures, self.wear, self.brakes_c, self.slips
