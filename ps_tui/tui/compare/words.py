"""A row of the table of losses in words: what was done differently."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ps_tui.tui import measures

if TYPE_CHECKING:
    from ps_tui.analysis.losses import LossRow

LEAST_M = 2.0
LEAST_KMH = 1.0
LEAST_MS = 40.0
"""Differences below these are not worth a word."""


def signed(value: float | None, decimals: int = 0) -> str:
    """Write a difference with its sign, nothing known as a dash."""
    if value is None:
        return "–"
    text = f"{value:+z.{decimals}f}"
    return "0" if float(text) == 0.0 and not decimals else text


def speed(value_kmh: float | None, *, is_change: bool = False) -> str:
    """Write a speed, or a difference of speeds, in the unit that is shown."""
    if value_kmh is None:
        return signed(None)
    if is_change:
        return signed(measures.change(value_kmh, "km/h"))
    return plain(measures.amount(value_kmh, "km/h"))


def seconds(value_ms: float | None, decimals: int = 3) -> str:
    """Write a difference of times in seconds."""
    return "–" if value_ms is None else f"{value_ms / 1000:+z.{decimals}f}"


def plain(value: float | None, decimals: int = 0, scale: float = 1.0) -> str:
    """Write a value, nothing known as a dash."""
    return "–" if value is None else f"{value * scale:z.{decimals}f}"


def verdict(row: LossRow, letter: str) -> str:
    """Say what a lap lost or gained in a part."""
    if row.loss_ms is None:
        return f"{row.part.name}: not driven by both"
    if abs(row.loss_ms) < 1.0:
        return f"{row.part.name}: {letter} as quick as A"
    word = "loses" if row.loss_ms > 0.0 else "gains"
    return f"{row.part.name}: {letter} {word} {abs(row.loss_ms) / 1000:.3f} s"


def reasons(row: LossRow, unit: str) -> list[str]:
    """Say what a lap did differently from its reference, in driving order."""
    lap, other = row.lap, row.reference
    found = [
        _braking(row, unit),
        _differs(row.min_speed_change_kmh, LEAST_KMH, "slower", "faster", "km/h"),
        _differs(row.throttle_change, LEAST_M, "earlier", "later", unit),
        _differs(
            _change(lap.exit_speed_kmh, other.exit_speed_kmh),
            LEAST_KMH,
            "slower",
            "faster",
            "km/h",
        ),
        _more(lap.coasting_ms, other.coasting_ms, "coasts"),
        _more(lap.overlap_ms, other.overlap_ms, "both pedals"),
    ]
    forms = (
        "{}",
        "{} at its slowest",
        "throttle {}",
        "leaves {}",
        "{}",
        "{}",
    )
    words = [form.format(text) for text, form in zip(found, forms, strict=True) if text]
    return words or ["no difference worth a word"]


def _braking(row: LossRow, unit: str) -> str:
    lap, other = row.lap.brake_place, row.reference.brake_place
    if lap is None and other is None:
        return ""
    if lap is None:
        return "does not brake"
    if other is None:
        return "brakes, A does not"
    text = _differs(row.brake_change, LEAST_M, "earlier", "later", unit)
    return f"brakes {text}" if text else ""


def _differs(
    value: float | None, least: float, below: str, above: str, unit: str
) -> str:
    if value is None or abs(value) < least:
        return ""
    shown = abs(measures.change(value, unit))
    return f"{shown:.0f} {measures.label(unit)} {below if value < 0.0 else above}"


def _change(own: float | None, other: float | None) -> float | None:
    return None if own is None or other is None else own - other


def _more(lap_ms: float | None, other_ms: float | None, noun: str) -> str:
    if lap_ms is None or other_ms is None or abs(lap_ms - other_ms) < LEAST_MS:
        return ""
    return f"{noun} {(lap_ms - other_ms) / 1000:+z.2f} s"
