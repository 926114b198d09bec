"""Saved plot layouts and channels made of formulas on SQLite."""

from __future__ import annotations

import sqlite3

from ps_tui.domain.errors import UsageError
from ps_tui.domain.garage import (
    MathChannel,
    MathChannelDraft,
    PlotLayout,
    PlotLayoutDraft,
)
from ps_tui.domain.models import Deletion
from ps_tui.storage.sqlite import shelves
from ps_tui.storage.sqlite.lookup import key_of
from ps_tui.storage.sqlite.queries import LOCAL_USER
from ps_tui.storage.sqlite.shelved import Shelved, reading_user
from ps_tui.storage.sqlite.shelves import Shelf, Values

_PLAIN = {
    "id": "t.id",
    "name": "t.name",
    "created_us": "t.created_us",
    "deleted_us": "t.deleted_us",
}
LAYOUTS = Shelf(
    "saved_plot_layouts",
    "layout",
    PlotLayoutDraft,
    PlotLayout,
    _PLAIN
    | {
        "description": "t.description",
        "configs": "t.configs",
        "layout": "t.layout",
        "is_default": "t.is_default",
    },
    frozenset({"configs", "layout"}),
    "t.name COLLATE NOCASE",
)
MATH_CHANNELS = Shelf(
    "math_telemetry_channels",
    "channel",
    MathChannelDraft,
    MathChannel,
    _PLAIN | {"formula": "t.formula", "unit": "t.unit"},
)
DEFAULT_LAYOUT = (
    "SELECT n FROM saved_plot_layouts"
    f" WHERE user_n = {LOCAL_USER} AND is_default = 1 AND deleted_us IS NULL"
)
_CLEAR_DEFAULT = (
    "UPDATE saved_plot_layouts SET is_default = 0"
    f" WHERE user_n = {LOCAL_USER} AND is_default = 1"
)
_SET_DEFAULT = (
    "UPDATE saved_plot_layouts SET is_default = 1, deleted_us = NULL WHERE n = ?"
)


class SqliteWorkbench(Shelved):
    """Workbench on SQLite; see ``domain.garage_ports``."""

    async def layouts(self, *, deleted: bool = False) -> list[PlotLayout]:
        """Return the layouts by name."""
        return await self._list(LAYOUTS, "user_n", reading_user, deleted=deleted)

    async def default_layout(self) -> PlotLayout | None:
        """Return the layout that a plot screen begins with."""

        def work(connection: sqlite3.Connection) -> PlotLayout | None:
            row = connection.execute(DEFAULT_LAYOUT).fetchone()
            return None if row is None else shelves.one(connection, LAYOUTS, row[0])

        return await self._database.read(work)

    async def create_layout(self, draft: PlotLayoutDraft) -> PlotLayout:
        """Store a new layout of the local user."""
        return await self._create(
            LAYOUTS, "user_n", self._owning_user, shelves.checked(LAYOUTS, draft)
        )

    async def edit_layout(self, layout_id: str, draft: PlotLayoutDraft) -> PlotLayout:
        """Replace a layout."""
        return await self._edit(LAYOUTS, layout_id, shelves.checked(LAYOUTS, draft))

    async def make_default(self, layout_id: str | None) -> None:
        """Make a layout the default in place of the one before, or have none."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(_CLEAR_DEFAULT)
            if layout_id is not None:
                key = key_of(connection, LAYOUTS.table, layout_id)
                connection.execute(_SET_DEFAULT, (key,))

        await self._database.write(work)

    async def delete_layout(self, layout_id: str) -> Deletion:
        """Delete a layout; it is then the default no more."""

        def work(connection: sqlite3.Connection, now_us: int) -> Deletion:
            key = key_of(connection, LAYOUTS.table, layout_id)
            connection.execute(
                "UPDATE saved_plot_layouts SET is_default = 0 WHERE n = ?", (key,)
            )
            return shelves.delete(connection, LAYOUTS, key, now_us)

        return await self._write(work)

    async def restore_layout(self, layout_id: str) -> PlotLayout:
        """Bring back a layout."""
        return await self._restore(LAYOUTS, layout_id)

    async def math_channels(self, *, deleted: bool = False) -> list[MathChannel]:
        """Return the channels, oldest first."""
        return await self._list(MATH_CHANNELS, "user_n", reading_user, deleted=deleted)

    async def create_math_channel(self, draft: MathChannelDraft) -> MathChannel:
        """Store a new channel. Raises UsageError where the name is taken."""
        return await self._create(
            MATH_CHANNELS, "user_n", self._owning_user, _channel_values(draft)
        )

    async def edit_math_channel(
        self, channel_id: str, draft: MathChannelDraft
    ) -> MathChannel:
        """Replace a channel."""
        return await self._edit(MATH_CHANNELS, channel_id, _channel_values(draft))

    async def delete_math_channel(self, channel_id: str) -> Deletion:
        """Delete a channel; its name is then free."""
        return await self._delete(MATH_CHANNELS, channel_id)

    async def restore_math_channel(self, channel_id: str) -> MathChannel:
        """Bring back a channel. Raises UsageError where the name is taken."""
        return await self._restore(MATH_CHANNELS, channel_id)


def _channel_values(draft: MathChannelDraft) -> Values:
    if not draft.formula.strip():
        raise UsageError("A formula is missing.", "Write one, such as speed / 3.6.")
    return shelves.checked(MATH_CHANNELS, draft)
