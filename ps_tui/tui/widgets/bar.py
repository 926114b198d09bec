"""Bars of one row, to an eighth of a cell."""

from __future__ import annotations

_EIGHTHS = " ▏▎▍▌▋▊▉"


def bar_cells(share: float, width: int, *, is_ascii: bool = False) -> tuple[str, str]:
    """Return the filled and the empty cells of a bar; together ``width`` long.

    The last filled cell may be a part of a block, to be drawn on the colour of the
    empty part. Shares beyond 0 and 1 are drawn as these.
    """
    share = max(0.0, min(share, 1.0))
    if is_ascii:
        count = round(share * width)
        return "#" * count, "." * (width - count)
    whole, rest = divmod(round(share * width * 8), 8)
    filled = "█" * whole + (_EIGHTHS[rest] if rest else "")
    return filled, " " * (width - len(filled))


def absent_bar(width: int, *, is_ascii: bool = False) -> str:
    """Return what stands in place of a bar whose value is not known."""
    return ("- " if is_ascii else "┄") * (width // 2 if is_ascii else width)


def centred_bar(value: float, width: int, *, is_ascii: bool = False) -> str:
    """Return a bar that grows from its centre, for a value from -1 to 1.

    ``width`` should be odd: the centre is a cell of its own.
    """
    half = width // 2
    count = min(half, round(abs(value) * half))
    block, centre, empty = ("#", "|", ".") if is_ascii else ("█", "┃", " ")
    grown = block * count
    rest = empty * (half - count)
    if value < 0:
        return f"{rest}{grown}{centre}{empty * half}"
    return f"{empty * half}{centre}{grown}{rest}"
