"""The table of export formats: what each is called, and what writes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import BinaryIO, NamedTuple, Protocol

from ps_tui.domain.errors import UsageError
from ps_tui.export.selection import LapSelection


class LapWriter(Protocol):
    """Writes laps in a format that other tools read."""

    def write_laps(self, laps: LapSelection, out: BinaryIO) -> Mapping[str, bytes]:
        """Write laps to ``out``, which stays open.

        Returns what belongs into files beside, by their suffix.
        """
        ...


class Format(NamedTuple):
    """One format. ``make`` raises PsError where a package is missing."""

    suffix: str
    make: Callable[[], LapWriter]


def _csv(units: str = "file") -> LapWriter:
    from ps_tui.export.csv import CsvExporter

    return CsvExporter(units)


def _json() -> LapWriter:
    from ps_tui.export.json import JsonExporter

    return JsonExporter()


def _parquet() -> LapWriter:
    from ps_tui.export.parquet import ParquetExporter

    return ParquetExporter()


def _motec() -> LapWriter:
    from ps_tui.export.motec.exporter import MotecExporter

    return MotecExporter()


FORMATS: dict[str, Format] = {
    "csv": Format(".csv", _csv),
    "json": Format(".json", _json),
    "parquet": Format(".parquet", _parquet),
    "motec": Format(".ld", _motec),
}

UNITS = ("file", "row", "none")
"""Where the units of a CSV file go: a second file, a second header row, nowhere."""


def writer_of(format_name: str, *, units: str = "file") -> LapWriter:
    """Return the writer of a format. Raises UsageError for an unknown one."""
    if format_name not in FORMATS:
        raise UsageError(
            f"There is no export format {format_name!r}.",
            f"Known: {', '.join(FORMATS)}.",
        )
    if format_name == "csv":
        return _csv(units)
    return FORMATS[format_name].make()
