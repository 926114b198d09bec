"""Plot layouts and math channels in memory."""

from __future__ import annotations

import msgspec

from ps_tui.domain.errors import NotFoundError, PsError, UsageError
from ps_tui.domain.garage import (
    MathChannel,
    MathChannelDraft,
    PlotLayout,
    PlotLayoutDraft,
)
from ps_tui.domain.models import Deletion
from tests.support.fixed_data import NOW_US


class FakeWorkbench:
    """Empty at first; ``next_error`` is raised by the next call that changes."""

    def __init__(self) -> None:
        self.next_error: PsError | None = None
        self.all_layouts: dict[str, PlotLayout] = {}
        self.all_channels: dict[str, MathChannel] = {}

    def _check(self) -> None:
        error, self.next_error = self.next_error, None
        if error is not None:
            raise error

    async def layouts(self, *, deleted: bool = False) -> list[PlotLayout]:
        rows = [x for x in self.all_layouts.values() if bool(x.deleted_us) is deleted]
        return sorted(rows, key=lambda layout: layout.name)

    async def default_layout(self) -> PlotLayout | None:
        return next((one for one in await self.layouts() if one.is_default), None)

    async def create_layout(self, draft: PlotLayoutDraft) -> PlotLayout:
        self._check()
        layout = PlotLayout(
            id=f"layout-{len(self.all_layouts) + 1}",
            created_us=NOW_US,
            **msgspec.structs.asdict(draft),
        )
        self.all_layouts[layout.id] = layout
        return layout

    async def edit_layout(self, layout_id: str, draft: PlotLayoutDraft) -> PlotLayout:
        self._check()
        changes = msgspec.structs.asdict(draft)
        return self._layout(layout_id, **changes)

    async def make_default(self, layout_id: str | None) -> None:
        for key in self.all_layouts:
            self._layout(key, is_default=key == layout_id)

    async def delete_layout(self, layout_id: str) -> Deletion:
        layout = self._layout(layout_id, deleted_us=NOW_US, is_default=False)
        return Deletion(layout_id, layout.name)

    async def restore_layout(self, layout_id: str) -> PlotLayout:
        return self._layout(layout_id, deleted_us=None)

    def _layout(self, layout_id: str, **changes: object) -> PlotLayout:
        if layout_id not in self.all_layouts:
            raise NotFoundError(f"There is no layout {layout_id}.")
        changed = msgspec.structs.replace(self.all_layouts[layout_id], **changes)
        self.all_layouts[layout_id] = changed
        return changed

    async def math_channels(self, *, deleted: bool = False) -> list[MathChannel]:
        rows = self.all_channels.values()
        return [one for one in rows if bool(one.deleted_us) is deleted]

    async def create_math_channel(self, draft: MathChannelDraft) -> MathChannel:
        self._check()
        self._refuse_taken(draft.name, "")
        channel = MathChannel(
            id=f"math-{len(self.all_channels) + 1}",
            created_us=NOW_US,
            **msgspec.structs.asdict(draft),
        )
        self.all_channels[channel.id] = channel
        return channel

    async def edit_math_channel(
        self, channel_id: str, draft: MathChannelDraft
    ) -> MathChannel:
        self._check()
        self._refuse_taken(draft.name, channel_id)
        return self._channel(channel_id, **msgspec.structs.asdict(draft))

    async def delete_math_channel(self, channel_id: str) -> Deletion:
        channel = self._channel(channel_id, deleted_us=NOW_US)
        return Deletion(channel_id, channel.name)

    async def restore_math_channel(self, channel_id: str) -> MathChannel:
        return self._channel(channel_id, deleted_us=None)

    def _channel(self, channel_id: str, **changes: object) -> MathChannel:
        changed = msgspec.structs.replace(self.all_channels[channel_id], **changes)
        self.all_channels[channel_id] = changed
        return changed

    def _refuse_taken(self, name: str, but: str) -> None:
        for one in self.all_channels.values():
            if one.name == name and one.id != but and one.deleted_us is None:
                raise UsageError(f"There is a channel {name} already.", "Rename it.")
