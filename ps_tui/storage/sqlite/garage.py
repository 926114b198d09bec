"""Vehicles, their parts lists and their setups on SQLite."""

from __future__ import annotations

import sqlite3

from ps_tui.domain.errors import UsageError
from ps_tui.domain.garage import (
    Configuration,
    ConfigurationDraft,
    Setup,
    SetupDraft,
    Vehicle,
    VehicleDraft,
)
from ps_tui.domain.models import Deletion, Session
from ps_tui.storage.sqlite import queries, shelves
from ps_tui.storage.sqlite.drafts import days
from ps_tui.storage.sqlite.lookup import key_of, session_key
from ps_tui.storage.sqlite.shelved import Owner, Shelved, reading_user
from ps_tui.storage.sqlite.shelves import Shelf, Values

_PLAIN = {"id": "t.id", "name": "t.name", "created_us": "t.created_us"}
_OF_VEHICLE = _PLAIN | {
    "vehicle_id": "(SELECT id FROM vehicles WHERE n = t.vehicle_n)",
    "description": "t.description",
    "deleted_us": "t.deleted_us",
}


def _count(table: str) -> str:
    return (
        f"(SELECT count(*) FROM {table} WHERE vehicle_n = t.n"
        " AND deleted_us IS t.deleted_us)"
    )


VEHICLES = Shelf(
    "vehicles",
    "vehicle",
    VehicleDraft,
    Vehicle,
    _PLAIN
    | {
        "description": "t.description",
        "tags": "t.tags",
        "in_service_date": "t.in_service_date",
        "out_of_service_date": "t.out_of_service_date",
        "configuration_count": _count("vehicle_configurations"),
        "setup_count": _count("vehicle_setups"),
        "session_count": "(SELECT count(*) FROM sessions"
        " WHERE vehicle_n = t.n AND deleted_us IS NULL)",
        "deleted_us": "t.deleted_us",
    },
    frozenset({"tags"}),
    "t.name COLLATE NOCASE",
)
CONFIGURATIONS = Shelf(
    "vehicle_configurations",
    "configuration",
    ConfigurationDraft,
    Configuration,
    _OF_VEHICLE | {"parts": "t.parts"},
    frozenset({"parts"}),
)
SETUPS = Shelf(
    "vehicle_setups",
    "setup",
    SetupDraft,
    Setup,
    _OF_VEHICLE
    | {
        "parameters": "t.parameters",
        "configuration_id": "(SELECT id FROM vehicle_configurations"
        " WHERE n = t.configuration_n)",
    },
    frozenset({"parameters"}),
)
_PARTS_OF_VEHICLE = ("vehicle_configurations", "vehicle_setups")
_ASSIGN = (
    "UPDATE sessions SET vehicle_n = ?, configuration_n = ?, setup_n = ?,"
    " updated_us = ? WHERE n = ?"
)


class SqliteGarage(Shelved):
    """Garage on SQLite; see ``domain.garage_ports``."""

    async def vehicles(self, *, deleted: bool = False) -> list[Vehicle]:
        """Return the cars by name; with ``deleted`` only deleted ones."""
        return await self._list(VEHICLES, "user_n", reading_user, deleted=deleted)

    async def vehicle(self, vehicle_id: str) -> Vehicle:
        """Return one car, deleted or not."""
        return await self._database.read(
            lambda connection: shelves.one(
                connection, VEHICLES, key_of(connection, "vehicles", vehicle_id)
            )
        )

    async def create_vehicle(self, draft: VehicleDraft) -> Vehicle:
        """Store a new car of the local user."""
        values = _vehicle_values(draft)
        return await self._create(VEHICLES, "user_n", self._owning_user, values)

    async def edit_vehicle(self, vehicle_id: str, draft: VehicleDraft) -> Vehicle:
        """Replace what a person filled in about a car."""
        return await self._edit(VEHICLES, vehicle_id, _vehicle_values(draft))

    async def delete_vehicle(self, vehicle_id: str) -> Deletion:
        """Delete a car with its parts lists and setups; its sessions stay."""

        def work(connection: sqlite3.Connection, now_us: int) -> Deletion:
            key = key_of(connection, "vehicles", vehicle_id)
            for table in _PARTS_OF_VEHICLE:
                connection.execute(
                    f"UPDATE {table} SET deleted_us = ?"
                    " WHERE vehicle_n = ? AND deleted_us IS NULL",
                    (now_us, key),
                )
            return shelves.delete(connection, VEHICLES, key, now_us)

        return await self._write(work)

    async def restore_vehicle(self, vehicle_id: str) -> Vehicle:
        """Bring back a car and exactly what was deleted with it."""

        def work(connection: sqlite3.Connection) -> Vehicle:
            key = key_of(connection, "vehicles", vehicle_id)
            for table in _PARTS_OF_VEHICLE:
                connection.execute(
                    f"UPDATE {table} SET deleted_us = NULL WHERE vehicle_n = ?1 AND"
                    " deleted_us = (SELECT deleted_us FROM vehicles WHERE n = ?1)",
                    (key,),
                )
            return shelves.restore(connection, VEHICLES, key)

        return await self._database.write(work)

    async def configurations(self, vehicle_id: str) -> list[Configuration]:
        """Return the parts lists of a car, oldest first."""
        return await self._list(CONFIGURATIONS, "vehicle_n", _vehicle(vehicle_id))

    async def create_configuration(
        self, vehicle_id: str, draft: ConfigurationDraft
    ) -> Configuration:
        """Store a new parts list of a car."""
        values = shelves.checked(CONFIGURATIONS, draft)
        return await self._create(
            CONFIGURATIONS, "vehicle_n", _vehicle(vehicle_id), values
        )

    async def edit_configuration(
        self, configuration_id: str, draft: ConfigurationDraft
    ) -> Configuration:
        """Replace a parts list."""
        values = shelves.checked(CONFIGURATIONS, draft)
        return await self._edit(CONFIGURATIONS, configuration_id, values)

    async def delete_configuration(self, configuration_id: str) -> Deletion:
        """Delete a parts list; setups made for it stay."""
        return await self._delete(CONFIGURATIONS, configuration_id)

    async def restore_configuration(self, configuration_id: str) -> Configuration:
        """Bring back a parts list."""
        return await self._restore(CONFIGURATIONS, configuration_id)

    async def setups(self, vehicle_id: str) -> list[Setup]:
        """Return the setups of a car, oldest first."""
        return await self._list(SETUPS, "vehicle_n", _vehicle(vehicle_id))

    async def create_setup(self, vehicle_id: str, draft: SetupDraft) -> Setup:
        """Store a new setup of a car."""
        values = shelves.checked(SETUPS, draft)

        def work(connection: sqlite3.Connection, now_us: int) -> Setup:
            key = key_of(connection, "vehicles", vehicle_id)
            linked = _linked(connection, values, key)
            owner = {"vehicle_n": key}
            return shelves.create(connection, SETUPS, owner, linked, now_us)

        return await self._write(work)

    async def edit_setup(self, setup_id: str, draft: SetupDraft) -> Setup:
        """Replace a setup."""
        values = shelves.checked(SETUPS, draft)

        def work(connection: sqlite3.Connection, now_us: int) -> Setup:
            key = key_of(connection, "vehicle_setups", setup_id)
            (vehicle_n,) = connection.execute(
                "SELECT vehicle_n FROM vehicle_setups WHERE n = ?", (key,)
            ).fetchone()
            linked = _linked(connection, values, vehicle_n)
            return shelves.edit(connection, SETUPS, key, linked, now_us)

        return await self._write(work)

    async def delete_setup(self, setup_id: str) -> Deletion:
        """Delete a setup; sessions driven with it stay."""
        return await self._delete(SETUPS, setup_id)

    async def restore_setup(self, setup_id: str) -> Setup:
        """Bring back a setup."""
        return await self._restore(SETUPS, setup_id)

    async def assign(
        self,
        session_id: str,
        vehicle_id: str | None,
        *,
        configuration_id: str | None = None,
        setup_id: str | None = None,
    ) -> Session:
        """Note what a session was driven with; ``None`` takes it off again."""

        def work(connection: sqlite3.Connection, now_us: int) -> Session:
            session_n = session_key(connection, session_id)
            vehicle_n = _key_or_none(connection, "vehicles", vehicle_id)
            parts = [
                _key_or_none(connection, "vehicle_configurations", configuration_id),
                _key_or_none(connection, "vehicle_setups", setup_id),
            ]
            for table, part in zip(_PARTS_OF_VEHICLE, parts, strict=True):
                _refuse_foreign(connection, table, part, vehicle_n)
            row = (vehicle_n, *parts, now_us, session_n)
            connection.execute(_ASSIGN, row)
            return queries.session(connection, session_n)

        return await self._write(work)


def _vehicle(vehicle_id: str) -> Owner:
    return lambda connection: key_of(connection, "vehicles", vehicle_id)


def _vehicle_values(draft: VehicleDraft) -> Values:
    values = shelves.checked(VEHICLES, draft)
    values["in_service_date"], values["out_of_service_date"] = days(
        draft.in_service_date, draft.out_of_service_date, "vehicle"
    )
    return values


def _linked(connection: sqlite3.Connection, values: Values, vehicle_n: int) -> Values:
    """Return the values of a setup with its parts list as a key."""
    linked = dict(values)
    table = "vehicle_configurations"
    key = _key_or_none(connection, table, linked.pop("configuration_id"))
    _refuse_foreign(connection, table, key, vehicle_n)
    return linked | {"configuration_n": key}


def _key_or_none(
    connection: sqlite3.Connection, table: str, public_id: str | None
) -> int | None:
    return None if public_id is None else key_of(connection, table, public_id)


def _refuse_foreign(
    connection: sqlite3.Connection, table: str, key: int | None, vehicle_n: int | None
) -> None:
    if key is None:
        return
    (owner,) = connection.execute(
        f"SELECT vehicle_n FROM {table} WHERE n = ?", (key,)
    ).fetchone()
    if owner != vehicle_n:
        noun = "configuration" if table == "vehicle_configurations" else "setup"
        raise UsageError(
            f"This {noun} is of another vehicle.", "Choose one of its own."
        )
