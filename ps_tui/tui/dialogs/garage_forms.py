"""The forms of the garage: cars, parts lists, setups and their rows."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ps_tui.domain.garage import (
    Configuration,
    ConfigurationDraft,
    Parameter,
    Setup,
    SetupDraft,
    Vehicle,
    VehicleDraft,
)
from ps_tui.domain.garage_ports import Garage
from ps_tui.domain.setups import parse_value, value_text
from ps_tui.tui.dialogs.event_form import check_day
from ps_tui.tui.dialogs.form import Field, FormDialog, Values
from ps_tui.tui.dialogs.rows_form import RowsDialog, TypedRow


def vehicle_form(garage: Garage, vehicle: Vehicle | None = None) -> FormDialog[Vehicle]:
    """Return the form of a car; saving makes one, or changes the one given."""
    draft = vehicle or VehicleDraft("")
    fields = [
        Field("name", "Name", draft.name, "Ferrari 488 GT3"),
        Field("tags", "Tags", ", ".join(draft.tags), "gt3, rain"),
        Field("description", "Notes", draft.description or ""),
        Field(
            "in_service_date", "In service", draft.in_service_date or "", "", check_day
        ),
        Field(
            "out_of_service_date",
            "Until",
            draft.out_of_service_date or "",
            "",
            check_day,
        ),
    ]

    async def save(values: Values) -> Vehicle:
        tags = (values.pop("tags") or "").split(",")
        made = VehicleDraft(
            values["name"] or "",
            values["description"],
            tuple(tag.strip() for tag in tags if tag.strip()),
            values["in_service_date"],
            values["out_of_service_date"],
        )
        if vehicle is None:
            return await garage.create_vehicle(made)
        return await garage.edit_vehicle(vehicle.id, made)

    return FormDialog("Edit car" if vehicle else "New car", fields, save)


def configuration_form(
    garage: Garage, vehicle: Vehicle, configuration: Configuration | None = None
) -> FormDialog[Configuration]:
    """Return the form of a parts list: its name, not its parts."""
    draft = configuration or ConfigurationDraft("")
    fields = [
        Field("name", "Name", draft.name, "Sprint"),
        Field("description", "Notes", draft.description or ""),
    ]

    async def save(values: Values) -> Configuration:
        made = ConfigurationDraft(
            values["name"] or "", values["description"], draft.parts
        )
        if configuration is None:
            return await garage.create_configuration(vehicle.id, made)
        return await garage.edit_configuration(configuration.id, made)

    verb = "Edit" if configuration else "New"
    return FormDialog(f"{verb} parts list of {vehicle.name}", fields, save)


def setup_form(
    garage: Garage,
    vehicle: Vehicle,
    configurations: Sequence[Configuration],
    setup: Setup | None = None,
) -> FormDialog[Setup]:
    """Return the form of a setup: its name and parts list, not its values."""
    draft = setup or SetupDraft("")
    ids = {one.name.casefold(): one.id for one in configurations}
    names = {one.id: one.name for one in configurations}
    known = ", ".join(names.values())

    def check_parts(text: str) -> str | None:
        if text.casefold() in ids:
            return None
        return (
            f"Parts lists of this car: {known}." if known else "It has no parts list."
        )

    fields = [
        Field("name", "Name", draft.name, "Qualifying"),
        Field(
            "configuration",
            "For parts",
            names.get(draft.configuration_id or "", ""),
            known or "any",
            check_parts,
        ),
        Field("description", "Notes", draft.description or ""),
    ]

    async def save(values: Values) -> Setup:
        made = SetupDraft(
            values["name"] or "",
            ids.get((values["configuration"] or "").casefold()),
            values["description"],
            draft.parameters,
        )
        if setup is None:
            return await garage.create_setup(vehicle.id, made)
        return await garage.edit_setup(setup.id, made)

    verb = "Edit" if setup else "New"
    return FormDialog(f"{verb} setup of {vehicle.name}", fields, save)


def parts_form(
    garage: Garage, configuration: Configuration
) -> RowsDialog[Configuration]:
    """Return the grid of a parts list."""

    async def save(rows: list[TypedRow]) -> Configuration:
        draft = ConfigurationDraft(
            configuration.name,
            configuration.description,
            dict(rows),  # type: ignore[arg-type]
        )
        return await garage.edit_configuration(configuration.id, draft)

    rows = list(configuration.parts.items())
    return RowsDialog(f"Parts of {configuration.name}", ("Part", "Fitted"), rows, save)


def parameters_form(garage: Garage, setup: Setup) -> RowsDialog[Setup]:
    """Return the grid of a setup."""

    async def save(rows: list[TypedRow]) -> Setup:
        parameters = [
            Parameter(key, parse_value(value), units) for key, value, units in rows
        ]
        return await garage.edit_setup(setup.id, setup_draft(setup, parameters))

    rows = [(one.key, value_text(one.value), one.units) for one in setup.parameters]
    columns = ("Parameter", "Value", "Units")
    return RowsDialog(f"Setup {setup.name}", columns, rows, save)


def setup_draft(setup: Setup, parameters: Sequence[Parameter]) -> SetupDraft:
    """Return a setup as a draft with other values."""
    return SetupDraft(
        setup.name, setup.configuration_id, setup.description, tuple(parameters)
    )


async def copy_of(
    garage: Garage, vehicle_id: str, record: Configuration | Setup
) -> Configuration | Setup:
    """Store a copy under a name of its own."""
    name = f"{record.name} copy"
    if isinstance(record, Configuration):
        return await garage.create_configuration(
            vehicle_id, ConfigurationDraft(name, record.description, record.parts)
        )
    draft = setup_draft(record, record.parameters)
    return await garage.create_setup(
        vehicle_id, msgspec.structs.replace(draft, name=name)
    )
