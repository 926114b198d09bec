"""Moves the lines between the sectors of a track."""

from __future__ import annotations

from ps_tui.domain.lap_figures import THIRDS, SectorLines
from ps_tui.domain.models import Session
from ps_tui.domain.ports import Library
from ps_tui.tui.dialogs.form import Field, FormDialog, Values


def sector_form(
    library: Library, session: Session, lines: SectorLines
) -> FormDialog[SectorLines]:
    """Return the form; saving stores the lines of the session's track."""
    labels = ("End of S1 %", "End of S2 %")
    fields = [
        Field(
            f"line{number}",
            label,
            _percent(line),
            _percent(third),
            _check_share,
            is_required=False,
        )
        for number, (label, line, third) in enumerate(
            zip(labels, lines, THIRDS, strict=True), start=1
        )
    ]

    async def save(values: Values) -> SectorLines:
        first, second = (
            _moved(typed, line, third)
            for typed, line, third in zip(values.values(), lines, THIRDS, strict=True)
        )
        await library.move_sector_lines(session.track, session.layout, (first, second))
        return first, second

    where = " ".join(filter(None, (session.track, session.layout))) or session.name
    return FormDialog(f"Sectors of {where}; empty is a third", fields, save)


def _percent(line: float) -> str:
    return f"{line * 100:.2f}"


def _moved(typed: str | None, line: float, third: float) -> float:
    """Return where a line goes; one that was not touched stays to the last digit."""
    if typed is None:
        return third
    return line if typed == _percent(line) else _share(typed)


def _share(text: str) -> float:
    return float(text.replace(",", ".").rstrip(" %")) / 100.0


def _check_share(text: str) -> str | None:
    try:
        share = _share(text)
    except ValueError:
        return f"{text!r} is no number."
    return None if 0.0 < share < 1.0 else "Type a share of the lap between 0 and 100."
