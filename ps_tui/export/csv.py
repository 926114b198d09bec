"""Laps as comma-separated values, full rate, one row per frame.

The header begins with the seeds' TelemetryFrame in its order; the game's further
channels follow under their keys. Floats are written with the fewest digits that
give the same float32 back; a missing value is an empty field.
"""

from __future__ import annotations

from io import TextIOWrapper
from typing import BinaryIO

import numpy as np

from ps_tui.domain.channel import FRAME_CHANNELS
from ps_tui.domain.models import Column, LapTrace


class CsvExporter:
    """Implements ``ports.Exporter``."""

    def write(self, trace: LapTrace, out: BinaryIO) -> None:
        """Write header and rows to ``out``, which stays open."""
        leading = [channel.key for channel in FRAME_CHANNELS]
        keys = leading + [key for key in trace.columns if key not in leading]
        rows = zip(*(_as_text(trace.columns[key]) for key in keys), strict=True)
        text = TextIOWrapper(out, encoding="ascii", newline="", write_through=True)
        try:
            text.write(",".join(keys) + "\n")
            text.writelines(",".join(row) + "\n" for row in rows)
        finally:
            text.detach()


def _as_text(column: Column) -> list[str]:
    values = np.asarray(column)
    if values.dtype.kind != "f":
        return [str(value) for value in values.tolist()]
    text: list[str] = values.astype(str).tolist()
    missing = np.isnan(values).tolist()
    return [
        "" if absent else value.removesuffix(".0")
        for value, absent in zip(text, missing, strict=True)
    ]
