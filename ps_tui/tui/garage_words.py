"""Cars, parts lists and setups in words and lines."""

from __future__ import annotations

from collections.abc import Callable

from ps_tui.domain.garage import Configuration, Setup, Vehicle
from ps_tui.domain.setups import value_text
from ps_tui.tui.widgets.details import Line, fact
from ps_tui.tui.words import counted, days

NameOf = Callable[[str | None], str]
"""Returns the name of a parts list by its id."""

KEY_WIDTH = 18


def holds(record: Vehicle | Configuration | Setup, name_of: NameOf) -> str:
    """Say in a few words what is in a record."""
    if isinstance(record, Vehicle):
        parts = counted(record.configuration_count, "parts list")
        return f"{parts}, {counted(record.setup_count, 'setup')}"
    if isinstance(record, Configuration):
        return counted(len(record.parts), "part")
    values = counted(len(record.parameters), "value")
    made_for = name_of(record.configuration_id)
    return f"{values}, for {made_for}" if made_for else values


def detail_lines(
    record: Vehicle | Configuration | Setup, name_of: NameOf
) -> list[Line]:
    """Return everything about a record, line by line."""
    lines: list[Line] = [[(record.name, "bold $foreground")]]
    if record.description:
        lines.append([(record.description, "$muted")])
    if isinstance(record, Vehicle):
        span = days(record.in_service_date, record.out_of_service_date)
        return [
            *lines,
            fact("Tags", ", ".join(record.tags)),
            fact("In use", span),
            fact("Sessions", str(record.session_count)),
            fact("Holds", holds(record, name_of)),
        ]
    if isinstance(record, Configuration):
        rows = [_row(key, value, "") for key, value in record.parts.items()]
    else:
        if made_for := name_of(record.configuration_id):
            lines.append(fact("For parts", made_for))
        rows = [
            _row(one.key, value_text(one.value), one.units) for one in record.parameters
        ]
    return [*lines, *(rows or [[("Nothing in it yet: enter opens it.", "$muted")]])]


def _row(key: str, value: str, units: str) -> Line:
    return [
        (f"{key:<{KEY_WIDTH}.{KEY_WIDTH}} ", "$muted"),
        (f"{value:>8}" if units else value, "$foreground"),
        (f" {units}", "$muted"),
    ]


def driven_with(
    vehicle: Vehicle, parts: list[Configuration], setups: list[Setup]
) -> list[tuple[str, str, str]]:
    """Return what a session can be driven with: key, label and note.

    The key is the ids of car, parts list and setup, joined by spaces.
    """
    names = {one.id: one.name for one in parts}
    rows = [(f"{vehicle.id} - -", vehicle.name, "")]
    rows += [
        (f"{vehicle.id} {one.id} -", f"{vehicle.name}, {one.name}", "parts list")
        for one in parts
    ]
    rows += [
        (
            f"{vehicle.id} {one.configuration_id or '-'} {one.id}",
            f"{vehicle.name}, {one.name}",
            f"setup for {names[one.configuration_id]}"
            if one.configuration_id in names
            else "setup",
        )
        for one in setups
    ]
    return rows
