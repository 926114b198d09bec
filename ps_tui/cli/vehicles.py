"""``ps-tui vehicles``: cars, and their setups as files."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from ps_tui.cli.narration import counted
from ps_tui.cli.options import (
    ask_database,
    changed,
    json_option,
    print_json,
    print_record,
    print_table,
    with_options,
)
from ps_tui.cli.removal import Removal, Words, add_removal
from ps_tui.config import Settings
from ps_tui.domain.errors import NotFoundError
from ps_tui.domain.garage import Setup, SetupDraft, Vehicle, VehicleDraft
from ps_tui.domain.garage_ports import Garage
from ps_tui.domain.ids import short_id

if TYPE_CHECKING:
    from ps_tui.domain.garage import Configuration

Result = TypeVar("Result")
SHORTEST_END = 4


def ask_garage(
    settings: Settings,
    question: Callable[[Garage], Awaitable[Result]],
    *,
    create: bool = False,
) -> Result:
    """Put one question to the garage, as ``ask_database`` does."""
    return ask_database(settings, lambda one: question(one.garage), create=create)


@click.group("vehicles")
def command() -> None:
    """List and edit cars, and carry their setups in files."""


@command.command("list")
@click.option("--deleted", is_flag=True, help="Only deleted ones.")
@json_option
@click.pass_obj
def list_vehicles(settings: Settings, /, *, deleted: bool, as_json: bool) -> None:
    """List the cars by name."""
    cars = ask_garage(settings, lambda garage: garage.vehicles(deleted=deleted))
    if as_json:
        print_json(cars)
        return
    rows = [
        (
            short_id(car.id),
            car.name,
            ", ".join(car.tags),
            str(car.configuration_count),
            str(car.setup_count),
            str(car.session_count),
        )
        for car in cars
    ]
    print_table(("ID", "NAME", "TAGS", "PARTS LISTS", "SETUPS", "SESSIONS"), rows)


@command.command("show")
@click.argument("vehicle_id")
@json_option
@click.pass_obj
def show_vehicle(settings: Settings, /, vehicle_id: str, *, as_json: bool) -> None:
    """Show a car with its parts lists and setups."""

    async def look_up(
        garage: Garage,
    ) -> tuple[Vehicle, list[Configuration], list[Setup]]:
        car = await garage.vehicle(vehicle_id)
        parts = await garage.configurations(car.id)
        return car, parts, await garage.setups(car.id)

    car, parts, setups = ask_garage(settings, look_up)
    if as_json:
        print_json({"vehicle": car, "configurations": parts, "setups": setups})
        return
    dates = " to ".join(filter(None, (car.in_service_date, car.out_of_service_date)))
    facts = ", ".join(filter(None, (*car.tags, dates)))
    click.echo(f"{car.name} ({facts})" if facts else car.name)
    if car.description:
        click.echo(car.description)
    rows = [
        (short_id(one.id), "parts", one.name, f"{len(one.parts)} parts")
        for one in parts
    ]
    rows += [
        (short_id(one.id), "setup", one.name, f"{len(one.parameters)} values")
        for one in setups
    ]
    print_table(("ID", "KIND", "NAME", "HOLDS"), rows)


vehicle_options = with_options(
    click.option("--description"),
    click.option("--tag", "tags", multiple=True, help="Can be given several times."),
    click.option("--in-service", "in_service_date", help="First day, YYYY-MM-DD."),
    click.option("--until", "out_of_service_date", help="Last day, YYYY-MM-DD."),
)


@command.command("new")
@click.argument("name")
@vehicle_options
@json_option
@click.pass_obj
def new_vehicle(settings: Settings, /, *, as_json: bool, **fields: Any) -> None:
    """Make a car and print its id."""
    draft = VehicleDraft(**fields)
    car = ask_garage(settings, lambda one: one.create_vehicle(draft), create=True)
    print_record(car, as_json=as_json)


@command.command("edit")
@click.argument("vehicle_id")
@click.option("--name")
@vehicle_options
@json_option
@click.pass_obj
def edit_vehicle(
    settings: Settings, /, vehicle_id: str, *, as_json: bool, **fields: Any
) -> None:
    """Change what is given of a car; the rest stays."""
    fields["tags"] = fields["tags"] or None

    async def change(garage: Garage) -> Vehicle:
        car = await garage.vehicle(vehicle_id)
        return await garage.edit_vehicle(car.id, changed(VehicleDraft, car, fields))

    print_record(ask_garage(settings, change), as_json=as_json)


def _describe(car: Vehicle) -> str:
    parts = counted(car.configuration_count, "parts list")
    return f"car {car.name!r} with {parts} and {counted(car.setup_count, 'setup')}"


add_removal(
    command,
    Removal[Garage](
        "vehicles",
        "vehicle",
        lambda database: database.garage,
        look_up=lambda garage, record_id: garage.vehicle(record_id),
        delete=lambda garage, record_id: garage.delete_vehicle(record_id),
        restore=lambda garage, record_id: garage.restore_vehicle(record_id),
        describe=_describe,
        words=Words(
            help="Delete a car with its parts lists and setups; softly."
            " Its sessions stay.",
            restore_help="Bring a car back with what went with it.",
        ),
    ),
)


@command.command("export-setup")
@click.argument("setup_id")
@click.option("-o", "--output", type=click.File("w", "utf-8", lazy=True), default="-")
@json_option
@click.pass_obj
def export_setup(
    settings: Settings, /, setup_id: str, *, output: TextIO, as_json: bool
) -> None:
    """Write a setup as CSV with the columns key, value and units."""
    setup = ask_garage(settings, lambda garage: find_setup(garage, setup_id))
    if as_json:
        print_json(setup)
        return
    from ps_tui.export.setup_csv import write_setup

    write_setup(setup.parameters, output)


@command.command("import-setup")
@click.argument("vehicle_id")
@click.argument("file", type=click.File("r", "utf-8-sig"))
@click.option("--name", help="By default that of the file.")
@click.option("--replace", metavar="SETUP_ID", help="Put the values into this setup.")
@json_option
@click.pass_obj
def import_setup(
    settings: Settings,
    /,
    vehicle_id: str,
    file: TextIO,
    *,
    name: str | None,
    replace: str | None,
    as_json: bool,
) -> None:
    """Make a setup of a car from a CSV file (- for stdin) and print its id."""
    from pathlib import PurePath

    from ps_tui.export.setup_csv import read_setup

    parameters = read_setup(file)
    stem = "Imported" if file is sys.stdin else PurePath(file.name).stem

    async def store(garage: Garage) -> Setup:
        car = await garage.vehicle(vehicle_id)
        if replace is None:
            draft = SetupDraft(name or stem, parameters=parameters)
            return await garage.create_setup(car.id, draft)
        setup = await find_setup(garage, replace)
        fields = {"name": name, "parameters": parameters}
        return await garage.edit_setup(setup.id, changed(SetupDraft, setup, fields))

    print_record(ask_garage(settings, store), as_json=as_json)


async def find_setup(garage: Garage, setup_id: str) -> Setup:
    """Return a setup by its id or the unique end of one. Raises NotFoundError."""
    wanted = setup_id.strip().lower()
    found = [
        setup
        for car in await garage.vehicles()
        for setup in await garage.setups(car.id)
        if len(wanted) >= SHORTEST_END and setup.id.endswith(wanted)
    ]
    if len(found) == 1:
        return found[0]
    how_many = "More than one setup has" if found else "There is no setup with"
    raise NotFoundError(
        f"{how_many} the id {setup_id}.", "`ps-tui vehicles show` lists them."
    )
