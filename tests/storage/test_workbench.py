"""Saved plots and formulas: JSON as it was, one default, names unique while alive."""

from __future__ import annotations

import pytest

from ps_tui.domain.errors import UsageError
from ps_tui.domain.garage import MathChannelDraft, PlotLayoutDraft
from ps_tui.storage.sqlite import SqliteStore

PLOTS = PlotLayoutDraft(
    "Braking",
    "Pedals and speed",
    [{"channels": ["speed", "brake"], "axis": "distance"}],
    {"rows": [[0]], "heights": [2.5]},
)
SPEED = MathChannelDraft("Speed in m/s", "speed / 3.6", "m/s")


async def test_a_layout_comes_back_and_is_edited(store: SqliteStore) -> None:
    made = await store.workbench.create_layout(PLOTS)
    assert (made.configs, made.layout) == (PLOTS.configs, PLOTS.layout)
    assert await store.workbench.layouts() == [made]
    edited = await store.workbench.edit_layout(made.id, PlotLayoutDraft("Empty"))
    assert (edited.id, edited.configs, edited.layout) == (made.id, [], {})


async def test_one_layout_at_most_is_the_default(store: SqliteStore) -> None:
    bench = store.workbench
    one, two = [await bench.create_layout(PLOTS) for _ in range(2)]
    assert await bench.default_layout() is None
    for layout in (one, two):
        await bench.make_default(layout.id)
        found = await bench.default_layout()
        assert found is not None
        assert (found.id, found.is_default) == (layout.id, True)
    assert [layout.is_default for layout in await bench.layouts()].count(True) == 1
    await bench.delete_layout(two.id)
    assert await bench.default_layout() is None
    assert not (await bench.restore_layout(two.id)).is_default
    await bench.make_default(None)
    assert await bench.default_layout() is None


async def test_json_that_is_no_list_of_plots_is_refused(store: SqliteStore) -> None:
    with pytest.raises(UsageError, match="layout cannot be stored"):
        await store.workbench.create_layout(
            PlotLayoutDraft("X", configs={"speed": 1})  # type: ignore[arg-type]
        )


async def test_a_channel_name_is_taken_once(store: SqliteStore) -> None:
    bench = store.workbench
    made = await bench.create_math_channel(SPEED)
    assert (made.formula, made.unit) == ("speed / 3.6", "m/s")
    with pytest.raises(UsageError, match="of this name already") as caught:
        await bench.create_math_channel(SPEED)
    assert caught.value.remedy
    other = await bench.create_math_channel(MathChannelDraft("Other", "rpm"))
    with pytest.raises(UsageError, match="of this name already"):
        await bench.edit_math_channel(other.id, SPEED)
    await bench.delete_math_channel(made.id)
    again = await bench.edit_math_channel(other.id, SPEED)
    assert again.name == SPEED.name
    with pytest.raises(UsageError, match="of this name already"):
        await bench.restore_math_channel(made.id)
    assert [gone.id for gone in await bench.math_channels(deleted=True)] == [made.id]
    assert await bench.math_channels() == [again]


async def test_a_channel_needs_a_formula(store: SqliteStore) -> None:
    with pytest.raises(UsageError, match="formula is missing"):
        await store.workbench.create_math_channel(MathChannelDraft("X", " "))
