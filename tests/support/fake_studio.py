"""Tables in memory, as the tests and screenshots of the studio show them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import msgspec

from ps_tui.domain.errors import PsError, UsageError
from ps_tui.domain.studio import Page, Reference, Row, Table, TableColumn, Value, View
from ps_tui.domain.upkeep import QueryResult
from tests.support.fixed_data import MINUTE_US, NOW_US, fixed_laps, fixed_trace

SESSIONS = ("n", "id", "name", "status", "tags", "created_us", "event_n")
LAPS = (
    "n",
    "id",
    "session_n",
    "lap_number",
    "lap_time_ms",
    "kind",
    "valid",
    "state",
    "frame_count",
    "top_speed_kmh",
    "started_us",
)


def _table(name: str, columns: Sequence[str], refers: dict[str, str]) -> Table:
    return Table(
        name,
        tuple(
            TableColumn(
                column,
                "INTEGER" if column.endswith(("n", "_us", "_ms", "number")) else "TEXT",
                column == "n",
                column in ("n", "id", "name"),
                refers.get(column),
                column in ("name", "status", "tags", "kind"),
            )
            for column in columns
        ),
        0,
        is_editable=True,
    )


class FakeStudio:
    """Sessions with their laps; ``asked`` keeps every statement."""

    def __init__(self) -> None:
        self.next_error: PsError | None = None
        self.asked: list[tuple[str, tuple[str, ...], int, int]] = []
        self.views: list[tuple[str, View, int]] = []
        self.updates: list[tuple[str, int, dict[str, str | None]]] = []
        self.gate: asyncio.Event | None = None
        """A query waits for it, so that a test can stop the query."""
        self.shown: dict[str, list[dict[str, Value]]] = {
            "sessions": [
                dict(
                    zip(SESSIONS, (n, f"s-{n}", name, status, tags, at, 1), strict=True)
                )
                for n, name, status, tags, at in (
                    (1, "Practice", "completed", '["dry"]', NOW_US - 90 * MINUTE_US),
                    (2, "Qualifying", "completed", None, NOW_US),
                )
            ],
            "laps": [
                {
                    "n": place,
                    "id": lap.id,
                    "session_n": 1 + place % 2,
                    "lap_number": lap.lap_number,
                    "lap_time_ms": lap.lap_time_ms,
                    "kind": lap.kind.value,
                    "valid": int(lap.valid),
                    "state": "sealed",
                    "frame_count": lap.frame_count,
                    "top_speed_kmh": lap.top_speed_kmh,
                    "started_us": lap.started_us,
                }
                for place, lap in enumerate(fixed_laps() * 12, 1)
            ],
        }
        self._tables = {
            "sessions": _table("sessions", SESSIONS, {"event_n": "events"}),
            "laps": _table("laps", LAPS, {"session_n": "sessions"}),
        }

    def _check(self) -> None:
        error, self.next_error = self.next_error, None
        if error is not None:
            raise error

    async def tables(self) -> list[Table]:
        self._check()
        return [
            msgspec.structs.replace(table, row_count=len(self.shown[name]))
            for name, table in self._tables.items()
        ]

    async def rows(
        self,
        table: str,
        view: View = View(),  # noqa: B008
        *,
        offset: int = 0,
        limit: int = 100,
    ) -> Page:
        self._check()
        self.views.append((table, view, offset))
        rows = self.shown[table]
        if view.where is not None:
            column, value = view.where
            rows = [row for row in rows if row[column] == value]
        if view.filter:
            wanted = view.filter
            rows = [row for row in rows if wanted in map(str, row.values())]
        if view.sort is not None:
            column = view.sort
            rows = sorted(
                rows, key=lambda row: str(row[column]), reverse=view.is_descending
            )
        page = rows[offset : offset + limit]
        return Page(
            tuple(column.name for column in self._tables[table].columns),
            tuple(tuple(row.values()) for row in page),
            tuple(int(str(row["n"])) for row in page),
            offset,
            len(rows),
        )

    async def row(self, table: str, key: int) -> Row:
        self._check()
        values = dict(self.shown[table][key - 1])
        if table == "sessions":
            count = sum(lap["session_n"] == key for lap in self.shown["laps"])
            back = Reference("session_n", "laps", view=View(where=("session_n", key)))
            return Row(
                table,
                key,
                values,
                referenced_by=(msgspec.structs.replace(back, count=count),),
            )
        session = int(str(values["session_n"]))
        name = str(self.shown["sessions"][session - 1]["name"])
        reference = Reference("session_n", "sessions", name, session)
        return Row(table, key, values, (reference,), lap_id=str(values["id"]))

    async def frames(self, lap_id: str, *, offset: int = 0, limit: int = 100) -> Page:
        lap = next(one for one in fixed_laps() if one.id == lap_id)
        trace = fixed_trace(lap)
        columns = [trace.columns[key].tolist() for key in trace.columns]
        total = len(columns[0])
        rows = tuple(zip(*columns, strict=True))[offset : offset + limit]
        keys = tuple(range(offset, offset + len(rows)))
        return Page(tuple(trace.columns), rows, keys, offset, total)

    async def update(
        self,
        table: str,
        key: int,
        changes: Mapping[str, str | None],
        *,
        seen: Mapping[str, Value],
    ) -> Row:
        self._check()
        self.updates.append((table, key, dict(changes)))
        self.shown[table][key - 1].update(changes)
        return await self.row(table, key)

    async def query(
        self,
        sql: str,
        *,
        frames_of: Sequence[str] = (),
        offset: int = 0,
        limit: int = 500,
        timeout_s: float = 10.0,
    ) -> QueryResult:
        self._check()
        self.asked.append((sql, tuple(frames_of), offset, limit))
        if self.gate is not None:
            await self.gate.wait()
        if not sql.upper().startswith("SELECT"):
            raise UsageError("This query fails: readonly.", "Only reading is allowed.")
        rows: list[list[Value]] = [
            [place, f"Lap {place}", 107.88 + place / 7] for place in range(1, 451)
        ]
        page = rows[offset : offset + limit]
        is_truncated = len(rows) > offset + limit
        plan = ["SEARCH laps USING INDEX laps_best (session_n=?)"]
        return QueryResult(["n", "lap", "seconds"], page, is_truncated, 1.25, plan)

    async def plan(self, sql: str, *, frames_of: Sequence[str] = ()) -> list[str]:
        self._check()
        return ["SCAN laps"]
