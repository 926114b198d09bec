"""What a person writes about a lap: why it does not count, tags, a file name."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from ps_tui.domain.models import Lap, LapNotes, Session
from ps_tui.domain.ports import Library
from ps_tui.domain.units import format_lap_time
from ps_tui.tui.dialogs.form import Field, FormDialog, Values

EXPORT_SUFFIXES = (".csv", ".json", ".parquet", ".ld")
Export = Callable[[str, Path], Awaitable[list[Path]]]


def exclude_form(library: Library, lap: Lap) -> FormDialog[Lap]:
    """Return the form; saving takes the lap out of bests and averages."""

    async def save(values: Values) -> Lap:
        return await library.exclude_lap(lap.id, values["reason"] or "")

    field = Field("reason", "Reason", "", "cut the chicane, traffic, test")
    return FormDialog(f"Lap {lap.lap_number} shall not count", [field], save)


def notes_form(library: Library, lap: Lap) -> FormDialog[Lap]:
    """Return the form of tags, note, driver and stint."""
    stint = "" if lap.stint is None else str(lap.stint)
    fields = [
        Field("tags", "Tags", lap.tags or "", "quali, new tyres", is_required=False),
        Field("notes", "Note", lap.notes or ""),
        Field("driver", "Driver", lap.driver or ""),
        Field("stint", "Stint", stint, "1", _check_stint),
    ]

    async def save(values: Values) -> Lap:
        typed = values["stint"]
        notes = LapNotes(
            tags=values["tags"],
            notes=values["notes"],
            driver=values["driver"],
            stint=int(typed) if typed else None,
        )
        return await library.note_lap(lap.id, notes)

    return FormDialog(f"Lap {lap.lap_number}", fields, save)


def _check_stint(text: str) -> str | None:
    return None if text.isdecimal() else f"{text!r} is no number of a stint."


def export_form(
    export: Export, lap: Lap, session: Session | None
) -> FormDialog[list[Path]]:
    """Return the form; the suffix of the file chooses the format."""

    async def save(values: Values) -> list[Path]:
        return await export(lap.id, _path(values["file"] or ""))

    field = Field("file", "File", export_name(lap, session), "", _check_file)
    return FormDialog(f"Export lap {lap.lap_number}", [field], save)


def export_name(lap: Lap, session: Session | None) -> str:
    """Suggest a name that says which lap it is and works on every system."""
    parts = [session.track if session else None, session.car if session else None]
    parts.append(f"lap {lap.lap_number}")
    if lap.lap_time_ms is not None:
        parts.append(format_lap_time(lap.lap_time_ms).replace(":", "."))
    words = " ".join(part for part in parts if part)
    return re.sub(r"[^\w.-]+", "-", words) + ".csv"


def _path(text: str) -> Path:
    return Path(text).expanduser()


def _check_file(text: str) -> str | None:
    path = _path(text)
    if path.suffix.lower() not in EXPORT_SUFFIXES:
        return f"The name has to end in {', '.join(EXPORT_SUFFIXES)}."
    if path.exists():
        return f"{path.name} exists; choose another name."
    if not path.absolute().parent.is_dir():
        return f"There is no folder {path.absolute().parent}."
    return None
