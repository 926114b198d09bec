"""A garage in memory: two cars, as the tests and screenshots show them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from ps_tui.domain.errors import NotFoundError, PsError
from ps_tui.domain.garage import (
    Configuration,
    ConfigurationDraft,
    Parameter,
    Setup,
    SetupDraft,
    Vehicle,
    VehicleDraft,
)
from ps_tui.domain.models import Deletion, Session
from tests.support.fixed_data import DAY_US, NOW_US

DRY = (
    Parameter("Front wing", 4.0, "clicks"),
    Parameter("Rear wing", 7.0, "clicks"),
    Parameter("Ride height front", 52.0, "mm"),
    Parameter("Ride height rear", 64.5, "mm"),
    Parameter("Brake bias", 56.5, "%"),
    Parameter("Tyre pressure", 26.8, "psi"),
    Parameter("Pads", "2"),
)
WET = (
    Parameter("Front wing", 6.0, "clicks"),
    Parameter("Rear wing", 10.0, "clicks"),
    Parameter("Ride height front", 56.0, "mm"),
    Parameter("Ride height rear", 68.5, "mm"),
    Parameter("Brake bias", 55.0, "%"),
    Parameter("Tyre pressure", 29.5, "psi"),
    Parameter("Pads", "2"),
    Parameter("Traction control", 5.0),
)


class FakeGarage:
    """Cars, parts lists and setups in one dictionary each."""

    def __init__(self, *, is_empty: bool = False) -> None:
        self.next_error: PsError | None = None
        self.assigned: dict[str, tuple[str | None, str | None, str | None]] = {}
        self.session_of: Callable[[str], Session] | None = None
        self._made = 0
        self.all_vehicles: dict[str, Vehicle] = {}
        self.all_configurations: dict[str, Configuration] = {}
        self.all_setups: dict[str, Setup] = {}
        if not is_empty:
            self._fill()

    def _fill(self) -> None:
        ferrari = Vehicle(
            "v-ferrari",
            "Ferrari 488 GT3",
            NOW_US - 90 * DAY_US,
            "Chassis 07, the spare engine is in it",
            ("gt3", "sprint"),
            "2026-03-01",
            session_count=3,
        )
        porsche = Vehicle("v-porsche", "Porsche 911 GT3 R", NOW_US, session_count=2)
        self.all_vehicles = {one.id: one for one in (ferrari, porsche)}
        sprint = Configuration(
            "c-sprint",
            ferrari.id,
            "Sprint",
            NOW_US,
            "Short gears, small tank",
            {"Gearbox": "short", "Fuel tank": "70 l", "Brake discs": "380 mm"},
        )
        self.all_configurations = {sprint.id: sprint}
        setups = (
            Setup("u-dry", ferrari.id, "Dry", NOW_US, sprint.id, None, DRY),
            Setup("u-wet", ferrari.id, "Wet", NOW_US, sprint.id, "Monza, 12 °C", WET),
            Setup("u-base", porsche.id, "Base", NOW_US),
        )
        self.all_setups = {one.id: one for one in setups}

    def _check(self) -> None:
        error, self.next_error = self.next_error, None
        if error is not None:
            raise error

    def _next_id(self, stem: str) -> str:
        self._made += 1
        return f"{stem}-new-{self._made}"

    async def vehicles(self, *, deleted: bool = False) -> list[Vehicle]:
        self._check()
        return [
            self._counted(one)
            for one in self.all_vehicles.values()
            if bool(one.deleted_us) is deleted
        ]

    def _counted(self, vehicle: Vehicle) -> Vehicle:
        return msgspec.structs.replace(
            vehicle,
            configuration_count=len(_of(self.all_configurations, vehicle.id)),
            setup_count=len(_of(self.all_setups, vehicle.id)),
        )

    async def vehicle(self, vehicle_id: str) -> Vehicle:
        return self._counted(_found(self.all_vehicles, vehicle_id))

    async def create_vehicle(self, draft: VehicleDraft) -> Vehicle:
        self._check()
        fields = msgspec.structs.asdict(draft)
        made = Vehicle(id=self._next_id("v"), created_us=NOW_US, **fields)
        self.all_vehicles[made.id] = made
        return made

    async def edit_vehicle(self, vehicle_id: str, draft: VehicleDraft) -> Vehicle:
        self._check()
        return _edit(self.all_vehicles, vehicle_id, msgspec.structs.asdict(draft))

    async def delete_vehicle(self, vehicle_id: str) -> Deletion:
        self._check()
        return _delete(self.all_vehicles, vehicle_id)

    async def restore_vehicle(self, vehicle_id: str) -> Vehicle:
        return _edit(self.all_vehicles, vehicle_id, {"deleted_us": None})

    async def configurations(self, vehicle_id: str) -> list[Configuration]:
        return _of(self.all_configurations, vehicle_id)

    async def create_configuration(
        self, vehicle_id: str, draft: ConfigurationDraft
    ) -> Configuration:
        self._check()
        fields = msgspec.structs.asdict(draft) | {"vehicle_id": vehicle_id}
        made = Configuration(id=self._next_id("c"), created_us=NOW_US, **fields)
        self.all_configurations[made.id] = made
        return made

    async def edit_configuration(
        self, configuration_id: str, draft: ConfigurationDraft
    ) -> Configuration:
        self._check()
        fields = msgspec.structs.asdict(draft)
        return _edit(self.all_configurations, configuration_id, fields)

    async def delete_configuration(self, configuration_id: str) -> Deletion:
        return _delete(self.all_configurations, configuration_id)

    async def restore_configuration(self, configuration_id: str) -> Configuration:
        return _edit(self.all_configurations, configuration_id, {"deleted_us": None})

    async def setups(self, vehicle_id: str) -> list[Setup]:
        return _of(self.all_setups, vehicle_id)

    async def create_setup(self, vehicle_id: str, draft: SetupDraft) -> Setup:
        self._check()
        fields = msgspec.structs.asdict(draft) | {"vehicle_id": vehicle_id}
        made = Setup(id=self._next_id("u"), created_us=NOW_US, **fields)
        self.all_setups[made.id] = made
        return made

    async def edit_setup(self, setup_id: str, draft: SetupDraft) -> Setup:
        self._check()
        return _edit(self.all_setups, setup_id, msgspec.structs.asdict(draft))

    async def delete_setup(self, setup_id: str) -> Deletion:
        return _delete(self.all_setups, setup_id)

    async def restore_setup(self, setup_id: str) -> Setup:
        return _edit(self.all_setups, setup_id, {"deleted_us": None})

    async def assign(
        self,
        session_id: str,
        vehicle_id: str | None,
        *,
        configuration_id: str | None = None,
        setup_id: str | None = None,
    ) -> Session:
        self._check()
        self.assigned[session_id] = (vehicle_id, configuration_id, setup_id)
        assert self.session_of is not None
        return self.session_of(session_id)


def _of(rows: dict[str, Any], vehicle_id: str) -> list[Any]:
    return [
        one
        for one in rows.values()
        if one.vehicle_id == vehicle_id and one.deleted_us is None
    ]


def _found(rows: dict[str, Any], row_id: str) -> Any:
    if row_id not in rows:
        raise NotFoundError(f"There is no {row_id}.")
    return rows[row_id]


def _edit(rows: dict[str, Any], row_id: str, changes: dict[str, Any]) -> Any:
    rows[row_id] = msgspec.structs.replace(_found(rows, row_id), **changes)
    return rows[row_id]


def _delete(rows: dict[str, Any], row_id: str) -> Deletion:
    gone = _edit(rows, row_id, {"deleted_us": NOW_US})
    return Deletion(row_id, gone.name)
