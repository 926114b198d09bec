"""Any table of the database, to look at and to correct: what a browser needs.

A value is what SQLite holds (``int``, ``float``, ``str`` or ``None``); bytes are told
as a text with their size. A row is known by its table and its row number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from ps_tui.domain.upkeep import QueryResult

Value = int | float | str | None


class TableColumn(msgspec.Struct, frozen=True):
    """One column. ``refers_to`` names the table that its values are keys of."""

    name: str
    type: str
    is_key: bool = False
    is_required: bool = False
    refers_to: str | None = None
    is_editable: bool = False


class Table(msgspec.Struct, frozen=True):
    """One table or view. ``row_count`` is ``None`` where counting took too long."""

    name: str
    columns: tuple[TableColumn, ...]
    row_count: int | None = None
    is_editable: bool = False
    is_view: bool = False

    def column(self, name: str) -> TableColumn | None:
        """Return a column by its name."""
        return next((one for one in self.columns if one.name == name), None)


class View(msgspec.Struct, frozen=True):
    """Which rows of a table are wanted, in which order.

    ``filter`` holds words that a row must contain, and conditions on columns:
    ``kind=flying lap_time_ms<90000 deleted_us=null Monza``. Conditions know
    ``=``, ``!=``, ``<``, ``<=``, ``>``, ``>=`` and ``~`` for "contains".
    """

    filter: str = ""
    where: tuple[str, Value] | None = None
    """A column and its exact value, from following a reference backwards."""
    sort: str | None = None
    is_descending: bool = False


class Page(msgspec.Struct, frozen=True):
    """Some rows of a table; long values are cut.

    ``keys`` are row numbers, ``None`` where a table has none. ``total`` is how many
    rows the filter leaves, ``None`` where counting took too long.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    keys: tuple[int | None, ...]
    offset: int
    total: int | None


class Reference(msgspec.Struct, frozen=True):
    """A way from a row to others.

    Towards one row ``key`` is its number and ``label`` what it is called; towards
    many ``view`` finds them and ``count`` is how many there are.
    """

    column: str
    table: str
    label: str = ""
    key: int | None = None
    view: View | None = None
    count: int = 1


class Row(msgspec.Struct, frozen=True):
    """One row whole, with the ways out of it."""

    table: str
    key: int
    values: dict[str, Value]
    references: tuple[Reference, ...] = ()
    referenced_by: tuple[Reference, ...] = ()
    lap_id: str | None = None
    """The lap whose frames this row stands for."""


class Studio(Protocol):
    """Reads every table and corrects single values.

    Names of tables and columns are looked up in the schema. Raises NotFoundError
    for those it does not have and for rows that are gone, UsageError for what
    makes no sense, DatabaseError where the database refuses. Cancelling a call stops
    the work behind it.
    """

    async def tables(self) -> list[Table]:
        """Return tables and views by name, with their number of rows."""
        ...

    async def rows(
        self,
        table: str,
        view: View = View(),  # noqa: B008  frozen
        *,
        offset: int = 0,
        limit: int = 100,
    ) -> Page: ...

    async def row(self, table: str, key: int) -> Row: ...

    async def frames(self, lap_id: str, *, offset: int = 0, limit: int = 100) -> Page:
        """Return frames of a lap, decoded, one per row."""
        ...

    async def update(
        self,
        table: str,
        key: int,
        changes: Mapping[str, str | None],
        *,
        seen: Mapping[str, Value],
    ) -> Row:
        """Change values, given as text, and note it in the audit table.

        ``seen`` holds the values that the person looked at. Raises UsageError
        where they are others by now, where a column may not be changed, and
        where a value does not fit.
        """
        ...

    async def query(
        self,
        sql: str,
        *,
        frames_of: Sequence[str] = (),
        offset: int = 0,
        limit: int = 500,
        timeout_s: float = 10.0,
    ) -> QueryResult:
        """Run one statement that reads; ``frames`` holds the frames of these laps."""
        ...

    async def plan(self, sql: str, *, frames_of: Sequence[str] = ()) -> list[str]:
        """Return how SQLite would run a statement."""
        ...
