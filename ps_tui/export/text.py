"""Columns as text: the fewest digits that give the same number back."""

from __future__ import annotations

import numpy as np

from ps_tui.domain.models import Column


def as_text(column: Column, missing: str) -> list[str]:
    """Return one text per value, ``missing`` for NaN; whole numbers have no point."""
    values = np.asarray(column)
    if values.dtype.kind != "f":
        return [str(value) for value in values.tolist()]
    text: list[str] = values.astype(str).tolist()
    absent = np.isnan(values).tolist()
    return [
        missing if is_absent else value.removesuffix(".0")
        for value, is_absent in zip(text, absent, strict=True)
    ]
