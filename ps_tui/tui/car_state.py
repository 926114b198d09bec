"""What the game tells of the car besides the gauges; nothing of it is ever guessed."""

from __future__ import annotations

from typing import NamedTuple

from ps_tui.domain.channel import wheel_keys
from ps_tui.domain.ports import LiveView
from ps_tui.tui.fuel_watch import FuelWatch, Tank, tank_of

Wheels = tuple[float | None, ...]
NO_WHEELS: Wheels = (None, None, None, None)


class Tyres(NamedTuple):
    """Front left, front right, rear left, rear right; ``None`` where not sent."""

    surface_c: Wheels = NO_WHEELS
    core_c: Wheels = NO_WHEELS
    wear: Wheels = NO_WHEELS
    pressure_kpa: Wheels = NO_WHEELS
    brake_c: Wheels = NO_WHEELS
    age_laps: float | None = None

    @property
    def is_sent(self) -> bool:
        """Whether there is anything to show."""
        return any(value is not None for row in self[:5] for value in row)


class CarState(NamedTuple):
    """One look at the car. Whatever the game does not send is ``None``."""

    tyres: Tyres = Tyres()
    tank: Tank | None = None
    laps_left: float | None = None
    burn: float | None = None
    fuel_margin_laps: float | None = None
    """The game's own figure: laps more than the race needs, or fewer."""
    ers_charge: float | None = None
    ers_mode: float | None = None
    drs_open: float | None = None
    drs_allowed: float | None = None
    boost_kpa: float | None = None

    @property
    def is_sent(self) -> bool:
        """Whether there is anything to show."""
        return self.tyres.is_sent or any(
            value is not None for value in (self.tank, *self[4:])
        )


class RaceState(NamedTuple):
    """Where the car is in the race; gaps in milliseconds."""

    place: float | None = None
    ahead_ms: float | None = None
    behind_ms: float | None = None
    leader_ms: float | None = None
    last_lap_ms: float | None = None
    best_lap_ms: float | None = None
    """The game's own times, also of laps driven before it was listened to."""

    @property
    def is_sent(self) -> bool:
        """Whether there is a place or a gap to show."""
        return any(value is not None for value in self[:4])


_STEMS = (
    "tyre_temperature",
    "tyre_inner_temperature",
    "tyre_wear",
    "tyre_pressure",
    "brake_temperature",
)
_TYRE_KEYS = tuple(wheel_keys(stem) for stem in _STEMS)


class CarReader:
    """Reads the car from the live view; keeps the burn of the laps it saw."""

    def __init__(self, live: LiveView) -> None:
        self._live = live
        self._fuel = FuelWatch()

    def car(self) -> CarState:
        """Return the car as the newest frame has it."""
        value = self._live.value
        tank = tank_of(value("fuel"), value("fuel_mass"), value("fuel_fraction"))
        frame = self._live.latest
        self._fuel.update(frame.lap_number if frame is not None else None, tank)
        surface, core, wear, pressure, brakes = (
            tuple(value(key) for key in keys) for keys in _TYRE_KEYS
        )
        return CarState(
            tyres=Tyres(surface, core, wear, pressure, brakes, value("tyre_age")),
            tank=tank,
            laps_left=None if tank is None else self._fuel.laps_left(tank),
            burn=None if tank is None else self._fuel.burn_per_lap,
            fuel_margin_laps=value("fuel_laps"),
            ers_charge=value("ers_charge"),
            ers_mode=value("ers_mode"),
            drs_open=value("drs_open"),
            drs_allowed=value("drs_allowed"),
            boost_kpa=value("boost_pressure"),
        )

    def race(self) -> RaceState:
        """Return the place, the gaps and the game's own lap times."""
        value = self._live.value
        return RaceState(
            value("track_position"),
            value("gap_ahead"),
            value("gap_behind"),
            value("gap_leader"),
            value("last_lap_time"),
            value("best_lap_time"),
        )
