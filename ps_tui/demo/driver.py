"""Drives the demo car round the circuit in simulated time, 60 frames a second.

Deterministic: the same seed gives the same frames. What the game would call
official, the lap time, is measured where the model crosses the line.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import nan, pi, sin
from random import Random

from ps_tui.decoders.native import CHANNELS
from ps_tui.demo import car
from ps_tui.demo.body import Body
from ps_tui.demo.circuit import PIT_BOX_M, PIT_ENTRY_M, PIT_EXIT_M, Circuit
from ps_tui.demo.plan import PIT_SPEED_MS, LapPlan, Mistake, Stint, plan_lap
from ps_tui.domain.channel import wheel_keys
from ps_tui.domain.frame import Frame, Identity

DEMO_CHANNELS = CHANNELS
"""Keys of the demo frames' ``extra``."""

FRAMES_PER_SECOND = 60
DEFAULT_SEED = 7
FIXED_START_US = 1_767_261_600_000_000
"""2026-01-01 10:00 UTC: when drives in fixed test data begin."""

_STEP_S = 1 / FRAMES_PER_SECOND
_LOOK_AHEAD_S = 0.05
_PIT_STOP_S = 6.0
_FIRST_WAIT_S = 1.5
_THROTTLE_RISE, _THROTTLE_FALL = 4.5, 9.0
_BRAKE_RISE, _BRAKE_FALL = 7.0, 5.0
"""Full pedals a second."""
_SHIFT_S = 0.09
_WIDE_M = 7.5
_TAIL_FRAMES = 30

_ABSENT = (nan,) * len(DEMO_CHANNELS)
_SLOTS = tuple(
    DEMO_CHANNELS.index(key)
    for key in (
        "clutch",
        "best_lap_time",
        "fuel",
        "world_x",
        "world_y",
        "world_z",
        "g_lateral",
        "g_longitudinal",
        "g_vertical",
        "max_rpm",
        "lap_distance",
        "session_time",
    )
)
_WHEEL_SLOTS = tuple(
    DEMO_CHANNELS.index(wheel_keys(stem)[0]) for stem in Body.WHEEL_STEMS
)


class Driver:
    """Car, driver and clock of one drive; :meth:`step` makes the next frame."""

    def __init__(
        self, seed: int = DEFAULT_SEED, *, started_us: int = FIXED_START_US
    ) -> None:
        self.circuit = Circuit()
        self.identity = Identity(
            car="Merlin GT 4.0",
            driver="Demo driver",
            track=self.circuit.name,
            layout=self.circuit.layout,
            track_length_m=self.circuit.length_m,
            max_rpm=car.MAX_RPM,
        )
        self.lap_number = 1
        self.lap_times_ms: list[int] = []
        """Of the finished laps, the out lap among them."""
        self._random = Random(seed)
        self._started_us = started_us
        self._body = Body()
        self._plan = self._next_plan()
        self._frame_count = 0
        self._lap_started_s = 0.0
        self._lap_valid = True
        self._best_ms: int | None = None
        self._distance_m = PIT_BOX_M
        self._is_in_pit = True
        self._wait_until_s = _FIRST_WAIT_S
        self._speed_ms = 0.0
        self._curvature = 0.0
        self._acceleration = 0.0
        self._throttle = 0.0
        self._brake = 0.0
        self._steering = 0.0
        self._gear = 1
        self._shift_until_s = 0.0

    def step(self) -> Frame:
        """Drive one sixtieth of a second and return the sample at its end."""
        self._frame_count += 1
        time_s = self._frame_count * _STEP_S
        demand_n = self._demand_n(time_s)
        self._press_pedals(demand_n)
        self._move(time_s)
        self._shift(time_s)
        self._steer(time_s)
        slip = self._slip()
        self._body.step(
            _STEP_S,
            speed_ms=self._speed_ms,
            throttle=self._throttle,
            brake=self._brake,
            lateral_g=self._lateral_g(),
            slip=slip,
        )
        return self._frame(time_s)

    def _demand_n(self, time_s: float) -> float:
        """Return the force at the wheels that the driver wants now."""
        if time_s < self._wait_until_s:
            return -car.BRAKE_N
        ahead_m = self._distance_m + self._speed_ms * _LOOK_AHEAD_S
        wanted_ms = self._wanted_ms(ahead_m)
        gain = (wanted_ms - self._speed_ms) / (_LOOK_AHEAD_S + 0.1)
        return car.MASS_KG * gain + car.resistance_n(self._speed_ms)

    def _wanted_ms(self, distance_m: float) -> float:
        if self._is_in_pit:
            return PIT_SPEED_MS if not self._stops_ahead() else self._stop_speed_ms()
        speeds_ms = self._plan.speeds_ms
        if distance_m < len(speeds_ms):
            return speeds_ms[int(distance_m)]
        # The next lap's plan is not made yet; the straight behind the line is long.
        return PIT_SPEED_MS if self._plan.stint is Stint.IN else 120.0

    def _stops_ahead(self) -> bool:
        """Say whether the car still has to reach its box."""
        length_m = self.circuit.length_m
        return self._distance_m > length_m / 2 or self._distance_m < PIT_BOX_M

    def _stop_speed_ms(self) -> float:
        left_m = (PIT_BOX_M - self._distance_m) % self.circuit.length_m
        return float(min(PIT_SPEED_MS, 0.4 + (2 * 3.5 * left_m) ** 0.5))

    def _press_pedals(self, demand_n: float) -> None:
        left_n = car.grip_left_n(self._speed_ms, self._curvature, self._plan.grip)
        engine_n = car.drive_limit_n(self._speed_ms, self._gear)
        traction_n = left_n * car.REAR_SHARE
        throttle = min(max(demand_n, 0.0), traction_n) / engine_n
        brake = max(-demand_n, 0.0) / car.BRAKE_N
        self._throttle = _moved(
            self._throttle, min(throttle, 1.0), _THROTTLE_RISE, _THROTTLE_FALL
        )
        self._brake = _moved(self._brake, min(brake, 1.0), _BRAKE_RISE, _BRAKE_FALL)

    def _move(self, time_s: float) -> None:
        speed_ms = self._speed_ms
        is_shifting = time_s < self._shift_until_s
        drive_n = self._throttle * car.drive_limit_n(speed_ms, self._gear)
        force_n = (0.0 if is_shifting else drive_n) - car.resistance_n(speed_ms)
        grip_n = car.grip_n(speed_ms, self._plan.grip)
        force_n -= min(self._brake * car.BRAKE_N, grip_n)
        after_ms = max(speed_ms + force_n / car.MASS_KG * _STEP_S, 0.0)
        self._acceleration = (after_ms - speed_ms) / _STEP_S
        moved_m = (speed_ms + after_ms) / 2 * _STEP_S
        self._speed_ms = after_ms
        before_m, after_m = self._distance_m, self._distance_m + moved_m
        if after_m >= self.circuit.length_m:
            after_m -= self.circuit.length_m
            before_m -= self.circuit.length_m
            self._cross_line(time_s - _STEP_S * after_m / moved_m)
        self._distance_m = after_m
        self._pass_marks(before_m, after_m, time_s)
        self._curvature = self.circuit.curvature_at(self._distance_m)

    def _pass_marks(self, before_m: float, after_m: float, time_s: float) -> None:
        """Notice pit entry, box and pit exit, and the edge of the track."""
        if self._is_in_pit:
            if before_m < PIT_EXIT_M <= after_m:
                self._is_in_pit = False
            elif before_m < PIT_BOX_M <= after_m:
                self._distance_m, self._speed_ms = PIT_BOX_M, 0.0
                self._wait_until_s = time_s + _PIT_STOP_S
                self._body = Body()
        elif self._plan.stint is Stint.IN:
            self._is_in_pit = after_m >= self.circuit.length_m - PIT_ENTRY_M
        if self._plan.mistake is Mistake.RUN_WIDE and self._wide_m() > _WIDE_M / 2:
            self._lap_valid = False

    def _cross_line(self, crossed_s: float) -> None:
        lap_time_ms = round((crossed_s - self._lap_started_s) * 1000)
        self.lap_times_ms.append(lap_time_ms)
        if self._plan.stint is Stint.FLYING and self._lap_valid:
            self._best_ms = min(self._best_ms or lap_time_ms, lap_time_ms)
        self._lap_started_s = crossed_s
        self._lap_valid = True
        self.lap_number += 1
        self._plan = self._next_plan()

    def _next_plan(self) -> LapPlan:
        return plan_lap(self.circuit, self.lap_number, self._random)

    def _shift(self, time_s: float) -> None:
        if time_s < self._shift_until_s:
            return
        rpm = car.engine_rpm(self._speed_ms, self._gear)
        if rpm >= car.UP_RPM and self._gear < len(car.GEAR_RATIOS):
            self._gear += 1
        elif rpm < car.DOWN_RPM and self._gear > 1 and self._fits(self._gear - 1):
            self._gear -= 1
        else:
            return
        self._shift_until_s = time_s + _SHIFT_S

    def _fits(self, gear: int) -> bool:
        """Say whether the engine survives that gear, with room to accelerate."""
        return car.engine_rpm(self._speed_ms, gear) < car.UP_RPM - 700

    def _steer(self, time_s: float) -> None:
        curvature = self.circuit.curvature_at(
            self._distance_m + self._speed_ms * _LOOK_AHEAD_S
        )
        wanted = car.steering_share(self._speed_ms, curvature)
        wanted += 0.35 * self._slip() * sin(time_s * 2 * pi * 2.2)
        wanted += self._random.gauss(0, 0.004) * min(self._speed_ms / 20, 1.0)
        self._steering += (wanted - self._steering) * 0.35

    def _lateral_g(self) -> float:
        """Return the lateral acceleration, positive to the left."""
        return -self._speed_ms * self._speed_ms * self._curvature / car.GRAVITY

    def _slip(self) -> float:
        """Return how much the car slides, 0 to 1: in and behind a mistake."""
        where = self._plan.where
        if where is None or self._speed_ms < 1:
            return 0.0
        inside_m = self._distance_m - (where.entry_m - 40)
        return max(0.0, 1 - abs(inside_m - 45) / 45)

    def _wide_m(self) -> float:
        """Return how far off its line the car is carried by running wide."""
        where = self._plan.where
        if where is None or self._plan.mistake is not Mistake.RUN_WIDE:
            return 0.0
        share = (self._distance_m - where.entry_m) / (where.exit_m + 90 - where.entry_m)
        return _WIDE_M * sin(pi * share) if 0 < share < 1 else 0.0

    def _frame(self, time_s: float) -> Frame:
        time_us = self._started_us + round(time_s * 1_000_000)
        lap_times_ms = self.lap_times_ms
        return Frame(
            received_us=time_us,
            timestamp_ms=time_us // 1000,
            throttle=self._throttle,
            brake=self._brake,
            steering=min(max(self._steering, -1.0), 1.0),
            speed_kmh=self._speed_ms * 3.6,
            gear=self._gear,
            rpm=round(self._rpm(time_s)),
            lap_time_ms=int((time_s - self._lap_started_s) * 1000),
            lap_number=self.lap_number,
            normalized_position=self._distance_m / self.circuit.length_m,
            in_pit=self._is_in_pit,
            lap_valid=self._lap_valid,
            last_lap_ms=lap_times_ms[-1] if lap_times_ms else None,
            sequence=self._frame_count,
            extra=self._extra(time_s),
        )

    def _rpm(self, time_s: float) -> float:
        rpm = car.engine_rpm(self._speed_ms, self._gear)
        if time_s < self._shift_until_s:
            rpm += self._random.gauss(0, 60)
        launch = car.IDLE_RPM + 2500 * self._throttle * (self._speed_ms < 5)
        return max(rpm, launch)

    def _extra(self, time_s: float) -> tuple[float, ...]:
        outwards = -1.0 if self._curvature > 0 else 1.0
        offset_m = outwards * self._wide_m()
        if self._is_in_pit:
            offset_m = self.circuit.pit_offset_m(self._distance_m)
        x, y, z = self.circuit.place(self._distance_m, offset_m)
        values = list(_ABSENT)
        for slot, value in zip(
            _SLOTS,
            (
                1.0 if time_s < self._shift_until_s else 0.0,
                nan if self._best_ms is None else float(self._best_ms),
                max(self._body.fuel_l, 0.0),
                x,
                y,
                z,
                self._lateral_g(),
                self._acceleration / car.GRAVITY,
                self._random.gauss(0, 0.03) * min(self._speed_ms / 30, 1.0),
                car.MAX_RPM,
                self._distance_m,
                time_s,
            ),
            strict=True,
        ):
            values[slot] = value
        for slot, wheels in zip(_WHEEL_SLOTS, self._body.wheels(), strict=True):
            values[slot : slot + 4] = wheels
        return tuple(values)


def _moved(now: float, wanted: float, rise: float, fall: float) -> float:
    """Return a pedal moved towards ``wanted`` as fast as a foot does."""
    if wanted > now:
        return min(now + rise * _STEP_S, wanted)
    return max(now - fall * _STEP_S, wanted)


def demo_frames(
    seed: int = DEFAULT_SEED,
    lap_count: int = 6,
    *,
    started_us: int = FIXED_START_US,
) -> Iterator[Frame]:
    """Yield ``lap_count`` laps from the pits on, and half a second of the next.

    The first is the out lap, the third leaves the track, the eighth ends in the
    pits. ``extra`` holds DEMO_CHANNELS.
    """
    driver = Driver(seed, started_us=started_us)
    while driver.lap_number <= lap_count:
        yield driver.step()
    for _ in range(_TAIL_FRAMES):
        yield driver.step()
