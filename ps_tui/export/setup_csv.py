"""Setups as CSV: one parameter per line, in the order of the setup."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import TextIO

from ps_tui.domain.errors import UsageError
from ps_tui.domain.garage import Parameter
from ps_tui.domain.setups import parse_value, value_text

HEADER = ("key", "value", "units")


def write_setup(parameters: Iterable[Parameter], out: TextIO) -> None:
    """Write the parameters under a header line."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    for one in parameters:
        writer.writerow((one.key, value_text(one.value), one.units))


def read_setup(source: TextIO) -> tuple[Parameter, ...]:
    """Return the parameters of a file with the columns key, value and units.

    Raises UsageError with the line where a key is missing or stands twice.
    """
    try:
        rows = csv.DictReader(source)
        names = [name.strip().lower() for name in rows.fieldnames or ()]
        rows.fieldnames = names
        if not {"key", "value"} <= set(names):
            raise UsageError(
                "The file has no columns key and value.",
                f"Its first line must be {','.join(HEADER)}.",
            )
        found: dict[str, Parameter] = {}
        for row in rows:
            key = (row["key"] or "").strip()
            if not key or key in found:
                problem = f"{key!r} stands there twice" if key else "a key is missing"
                raise UsageError(f"Line {rows.line_num}: {problem}.")
            value = parse_value((row["value"] or "").strip())
            found[key] = Parameter(key, value, (row.get("units") or "").strip())
    except (csv.Error, UnicodeDecodeError) as error:
        raise UsageError(f"This is no CSV file: {error}.") from error
    return tuple(found.values())
