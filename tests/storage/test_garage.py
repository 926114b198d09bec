"""Vehicles with parts and setups: stored whole, linked right, deleted softly."""

from __future__ import annotations

import msgspec
import pytest

from ps_tui.domain.errors import NotFoundError, UsageError
from ps_tui.domain.garage import (
    ConfigurationDraft,
    Parameter,
    SetupDraft,
    VehicleDraft,
)
from ps_tui.domain.models import SessionDraft
from ps_tui.storage.sqlite import SqliteStore
from tests.support.recordings import ManualClock

CAR = VehicleDraft(
    "Merlin GT",
    "The blue one",
    ("gt4", "rain"),
    in_service_date="2026-03-01",
    out_of_service_date="2026-11-01",
)
WINGS = SetupDraft(
    "Rain",
    description="More wing",
    parameters=(Parameter("wing", 7, "clicks"), Parameter("pads", "soft")),
)


async def test_every_field_of_a_vehicle_comes_back(store: SqliteStore) -> None:
    made = await store.garage.create_vehicle(CAR)
    assert msgspec.to_builtins(CAR).items() <= msgspec.to_builtins(made).items()
    assert await store.garage.vehicle(made.id) == made
    edited = await store.garage.edit_vehicle(made.id[-6:], VehicleDraft(" Spare "))
    assert (edited.id, edited.name, edited.tags) == (made.id, "Spare", ())


async def test_parts_and_parameters_come_back(store: SqliteStore) -> None:
    garage = store.garage
    car = await garage.create_vehicle(CAR)
    parts = {"gearbox": "short", "seat": "Anna"}
    fitted = await garage.create_configuration(
        car.id, ConfigurationDraft("Sprint", "Short gears", parts)
    )
    setup = await garage.create_setup(
        car.id, msgspec.structs.replace(WINGS, configuration_id=fitted.id)
    )
    assert await garage.configurations(car.id) == [fitted]
    assert fitted.parts == parts
    assert await garage.setups(car.id) == [setup]
    assert (setup.configuration_id, setup.parameters) == (fitted.id, WINGS.parameters)
    counted = await garage.vehicle(car.id)
    assert (counted.configuration_count, counted.setup_count) == (1, 1)
    edited = await garage.edit_setup(setup.id, SetupDraft("Dry"))
    assert (edited.name, edited.configuration_id, edited.parameters) == (
        "Dry",
        None,
        (),
    )
    renamed = await garage.edit_configuration(fitted.id, ConfigurationDraft("Long"))
    assert (renamed.name, renamed.parts) == ("Long", {})


@pytest.mark.parametrize(
    "parameters",
    [
        ({"key": 1, "value": 2},),
        ({"value": 2},),
        (Parameter("wing", [1]),),  # type: ignore[arg-type]
        ("wing",),
    ],
)
async def test_json_of_the_wrong_shape_is_refused(
    store: SqliteStore, parameters: object
) -> None:
    car = await store.garage.create_vehicle(CAR)
    with pytest.raises(UsageError, match="setup cannot be stored"):
        await store.garage.create_setup(
            car.id,
            SetupDraft("X", parameters=parameters),  # type: ignore[arg-type]
        )
    with pytest.raises(UsageError, match="configuration cannot be stored"):
        await store.garage.create_configuration(
            car.id,
            ConfigurationDraft("X", parts={"gearbox": 5}),  # type: ignore[dict-item]
        )
    assert await store.garage.setups(car.id) == []


async def test_nonsense_is_refused(store: SqliteStore) -> None:
    with pytest.raises(UsageError, match="name is missing"):
        await store.garage.create_vehicle(VehicleDraft("  "))
    with pytest.raises(UsageError, match="ends before"):
        await store.garage.create_vehicle(
            VehicleDraft(
                "X", in_service_date="2026-02-01", out_of_service_date="2026-01-01"
            )
        )
    with pytest.raises(NotFoundError, match="no vehicle"):
        await store.garage.setups("00000000")


async def test_a_session_knows_what_it_was_driven_with(store: SqliteStore) -> None:
    garage = store.garage
    car, other = [await garage.create_vehicle(CAR) for _ in range(2)]
    setup = await garage.create_setup(car.id, WINGS)
    session = await store.library.create_session(SessionDraft("Q"))
    with pytest.raises(UsageError, match="another vehicle"):
        await garage.assign(session.id, other.id, setup_id=setup.id)
    assigned = await garage.assign(session.id, car.id, setup_id=setup.id)
    assert (assigned.vehicle_id, assigned.setup_id) == (car.id, setup.id)
    assert (await garage.vehicle(car.id)).session_count == 1
    cleared = await garage.assign(session.id, None)
    assert (cleared.vehicle_id, cleared.setup_id) == (None, None)


async def test_deleting_a_vehicle_takes_its_parts_and_restoring_brings_them_back(
    store: SqliteStore, clock: ManualClock
) -> None:
    garage = store.garage
    car = await garage.create_vehicle(CAR)
    session = await store.library.create_session(SessionDraft("Q"))
    await garage.assign(session.id, car.id)
    kept = await garage.create_setup(car.id, WINGS)
    dropped = await garage.create_setup(car.id, WINGS)
    await garage.delete_setup(dropped.id)
    clock.advance(1)
    assert (await garage.delete_vehicle(car.id)).name == "Merlin GT"
    assert await garage.vehicles() == []
    assert [gone.id for gone in await garage.vehicles(deleted=True)] == [car.id]
    assert await garage.setups(car.id) == []
    assert (await store.library.session(session.id)).vehicle_id == car.id
    await garage.restore_vehicle(car.id)
    assert [setup.id for setup in await garage.setups(car.id)] == [kept.id]
    await garage.restore_setup(dropped.id)
    assert len(await garage.setups(car.id)) == 2
