"""The everyday acts on a shelf: list, create, edit, delete, restore."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TypeVar

from ps_tui.domain.clock import Clock
from ps_tui.domain.models import Deletion
from ps_tui.storage.sqlite import shelves
from ps_tui.storage.sqlite.connection import Database
from ps_tui.storage.sqlite.lookup import key_of
from ps_tui.storage.sqlite.queries import LOCAL_USER
from ps_tui.storage.sqlite.shelves import Draft, Record, Shelf, Values
from ps_tui.storage.sqlite.users import local_user

T = TypeVar("T")
Owner = Callable[[sqlite3.Connection], int]
"""Finds the row that something belongs to, inside the transaction."""


class Shelved:
    """Base of the faces whose tables are shelves. Reads on the reader."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def _list(
        self,
        shelf: Shelf[Draft, Record],
        owner_column: str,
        owner: Owner,
        *,
        deleted: bool = False,
    ) -> list[Record]:
        return await self._database.read(
            lambda connection: shelves.listing(
                connection, shelf, owner_column, owner(connection), deleted=deleted
            )
        )

    async def _create(
        self,
        shelf: Shelf[Draft, Record],
        owner_column: str,
        owner: Owner,
        values: Values,
    ) -> Record:
        return await self._write(
            lambda connection, now_us: shelves.create(
                connection, shelf, {owner_column: owner(connection)}, values, now_us
            )
        )

    async def _edit(
        self, shelf: Shelf[Draft, Record], public_id: str, values: Values
    ) -> Record:
        return await self._write(
            lambda connection, now_us: shelves.edit(
                connection,
                shelf,
                key_of(connection, shelf.table, public_id),
                values,
                now_us,
            )
        )

    async def _delete(self, shelf: Shelf[Draft, Record], public_id: str) -> Deletion:
        return await self._write(
            lambda connection, now_us: shelves.delete(
                connection, shelf, key_of(connection, shelf.table, public_id), now_us
            )
        )

    async def _restore(self, shelf: Shelf[Draft, Record], public_id: str) -> Record:
        return await self._database.write(
            lambda connection: shelves.restore(
                connection, shelf, key_of(connection, shelf.table, public_id)
            )
        )

    async def _write(self, work: Callable[[sqlite3.Connection, int], T]) -> T:
        now_us = self._clock.now_us()
        return await self._database.write(lambda connection: work(connection, now_us))

    def _owning_user(self, connection: sqlite3.Connection) -> int:
        return local_user(connection, self._clock.now_us())


def reading_user(connection: sqlite3.Connection) -> int:
    """Return the key of the local user, 0 where there is none."""
    (user_n,) = connection.execute(f"SELECT {LOCAL_USER}").fetchone()
    return int(user_n or 0)
