"""Asks for a lap time."""

from __future__ import annotations

from ps_tui.domain.units import format_lap_time, parse_lap_time
from ps_tui.tui.dialogs.form import Field, FormDialog, Values


def lap_time_form(lap_time_ms: int | None) -> FormDialog[int]:
    """Return the form; its result is the time in milliseconds."""
    known = format_lap_time(lap_time_ms) if lap_time_ms else ""

    def check(text: str) -> str | None:
        if parse_lap_time(text) is None:
            return f"{text!r} is no lap time: write it as 1:47.880."
        return None

    async def save(values: Values) -> int:
        return parse_lap_time(values["time"] or "") or 0

    field = Field("time", "Lap time", known, "1:47.880", check)
    return FormDialog("Drive against a time", [field], save)
