"""Laps as comma-separated values, full rate, one row per frame.

The header begins with the seeds' TelemetryFrame in its order; the game's further
channels follow under their keys. In a file of several laps ``session``, ``lap`` and
``class`` stand between the two. Floats are written with the fewest digits that give
the same float32 back; a missing value is an empty field.

Spreadsheets and pandas want one header row, so units are in a second file,
``NAME.meta.json``, with all that is known of the laps. Tools that expect units below
the names, as most data loggers write them, get them there with ``units="row"``.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from typing import BinaryIO

import msgspec

from ps_tui.domain.channel import FRAME_CHANNELS, Channel
from ps_tui.export import facts
from ps_tui.export.selection import LapSelection
from ps_tui.export.text import as_text

LAP_COLUMNS = ("session", "lap", "class")
META_SUFFIX = ".meta.json"

_LEADING = [channel.key for channel in FRAME_CHANNELS]


class CsvExporter:
    """Implements ``formats.LapWriter``."""

    def __init__(self, units: str = "file") -> None:
        self._has_units_row = units == "row"
        self._has_meta = units != "none"

    def write_laps(self, laps: LapSelection, out: BinaryIO) -> Mapping[str, bytes]:
        """Write all laps below one header; return the second file, by its suffix."""
        if len(laps.laps) == 1:
            (trace,) = laps.traces()
            keys = _LEADING + [key for key in trace.columns if key not in _LEADING]
            with _text(out) as text:
                self._write_header(keys, text, laps.channel)
                columns = (as_text(trace.columns[key], "") for key in keys)
                rows = zip(*columns, strict=True)
                text.writelines(",".join(row) + "\n" for row in rows)
        else:
            keys = laps.keys()
            self._write_many(laps, keys, out)
        if not self._has_meta:
            return {}
        about = msgspec.json.encode(facts.describe(laps, keys))
        return {META_SUFFIX: msgspec.json.format(about, indent=1) + b"\n"}

    def _write_many(
        self, laps: LapSelection, keys: Sequence[str], out: BinaryIO
    ) -> None:
        first, rest = keys[: len(_LEADING)], keys[len(_LEADING) :]
        with _text(out) as text:
            self._write_header([*first, *LAP_COLUMNS, *rest], text, laps.channel)
            for trace in laps.traces():
                count = len(trace.columns["received_us"])
                lap = trace.lap
                which = _quoted(lap.session_id, str(lap.lap_number), lap.kind.value)
                columns = [
                    as_text(trace.columns[key], "")
                    if key in trace.columns
                    else [""] * count
                    for key in keys
                ]
                columns.insert(len(first), [which] * count)
                rows = zip(*columns, strict=True)
                text.writelines(",".join(row) + "\n" for row in rows)

    def _write_header(
        self,
        keys: Sequence[str],
        text: TextIOWrapper,
        channel: Callable[[str], Channel],
    ) -> None:
        text.write(",".join(keys) + "\n")
        if self._has_units_row:
            units = ["" if key in LAP_COLUMNS else channel(key).unit for key in keys]
            text.write(",".join(units) + "\n")


@contextmanager
def _text(out: BinaryIO) -> Iterator[TextIOWrapper]:
    text = TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    try:
        yield text
    finally:
        text.detach()


def _quoted(*fields: str) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(fields)
    return line.getvalue()
