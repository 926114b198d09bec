"""Tables, pages and rows of the studio as columns, records and lines of text."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ps_tui.domain.studio import Page, Reference, Row, Table, Value
from ps_tui.domain.units import format_lap_time
from ps_tui.tui.widgets.details import Line
from ps_tui.tui.widgets.record_table import Cell, Column, Record
from ps_tui.tui.words import counted, moment

TABLE_COLUMNS = (
    Column("name", "Table", 24, is_flexible=True),
    Column("rows", "Rows", 10, is_right=True),
    Column("columns", "Columns", 7, rank=2, is_right=True),
    Column("refers", "Refers to", 30, rank=1),
)
ROW_COLUMNS = (
    Column("sign", "", 1),
    Column("name", "Column", 18),
    Column("value", "Value", 16, is_flexible=True),
    Column("means", "Means", 24, rank=1),
)
LEAST_WIDTH = 4
MOST_WIDTH = 26
LONGEST_LINES = 400


def shown(value: Value) -> Cell:
    """Write a value in one line of plain characters; missing is told as such."""
    if value is None:
        return Cell("null", "dim")
    if isinstance(value, float):
        text = repr(value)
        return Cell(text if len(text) <= 12 else f"{value:.6g}")
    return Cell(one_line(str(value)))


def one_line(text: str) -> str:
    """Replace what a terminal would act on."""
    return "".join(sign if sign.isprintable() else "·" for sign in text)


def number(count: int | None) -> str:
    """Write a count with thin gaps: ``20 000``; ``many`` where it is unknown."""
    return "many" if count is None else f"{count:,}".replace(",", " ")


def table_records(tables: Sequence[Table]) -> list[Record]:
    """Return one record per table."""
    records = []
    for table in tables:
        refers = dict.fromkeys(
            column.refers_to for column in table.columns if column.refers_to
        )
        cells = {
            "name": Cell(one_line(table.name)),
            "rows": Cell(number(table.row_count), "" if table.row_count else "dim"),
            "columns": Cell(str(len(table.columns))),
            "refers": Cell(one_line(", ".join(refers)), "dim"),
        }
        records.append(Record(table.name, cells))
    return records


def table_lines(table: Table) -> list[Line]:
    """Return what a table is made of."""
    note = "view" if table.is_view else "" if table.is_editable else "read only"
    lines: list[Line] = [
        [(one_line(table.name), "bold $foreground"), (f"   {note}", "$muted")]
    ]
    for column in table.columns:
        sign = "*" if column.is_key else " "
        lines.append(
            [
                (f"{sign} {one_line(column.name):<18.18} ", "$foreground"),
                (f"{column.type.lower():<8}", "$muted"),
                (f"> {column.refers_to}" if column.refers_to else "", "$accent"),
            ]
        )
    return lines


def page_columns(names: Sequence[str], rows: Sequence[Sequence[Value]]) -> list[Column]:
    """Return a column per name, as wide as this page needs."""
    columns = []
    for index, name in enumerate(names):
        texts = [shown(row[index]).text for row in rows]
        width = max([len(name), *map(len, texts)])
        is_right = any(isinstance(row[index], int | float) for row in rows)
        columns.append(
            Column(
                str(index),
                one_line(name),
                max(LEAST_WIDTH, min(MOST_WIDTH, width)),
                rank=index,
                is_right=is_right,
            )
        )
    return columns


def visible(columns: Sequence[Column], shift: int) -> list[Column]:
    """Return the columns from ``shift`` on, the first always before them."""
    return [*columns[:1], *columns[1 + shift :]]


def page_records(rows: Sequence[Sequence[Value]]) -> list[Record]:
    """Return one record per row; its key is its place on the page."""
    return [
        Record(
            str(place), {str(index): shown(value) for index, value in enumerate(row)}
        )
        for place, row in enumerate(rows)
    ]


def preview_lines(page: Page, place: int) -> list[Line]:
    """Return the values of one row of a page below each other."""
    return [
        [(f"{one_line(name):<18.18} ", "$muted"), (shown(value).text, "$foreground")]
        for name, value in zip(page.columns, page.rows[place], strict=True)
    ]


def row_records(row: Row, table: Table) -> list[Record]:
    """Return the columns of a row, then the rows that refer to it."""
    towards = {reference.column: reference for reference in row.references}
    records = []
    for name, value in row.values.items():
        column = table.column(name)
        cells = {
            "sign": Cell("*" if column and column.is_key else "", "dim"),
            "name": Cell(
                one_line(name), "" if column and column.is_editable else "dim"
            ),
            "value": shown(value),
            "means": _means(name, value, towards.get(name)),
        }
        records.append(Record(f"column {name}", cells))
    for place, reference in enumerate(row.referenced_by):
        cells = {
            "sign": Cell("<", "accent"),
            "name": Cell(one_line(reference.table), "accent"),
            "value": Cell(
                f"{counted(reference.count, 'row')} by {one_line(reference.column)}",
                "" if reference.count else "dim",
            ),
        }
        records.append(Record(f"rows {place}", cells))
    return records


def value_lines(name: str, value: Value) -> list[Line]:
    """Return a value whole; JSON is laid out."""
    text = str(value)
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            text = json.dumps(json.loads(value), indent=2, ensure_ascii=False)
        except ValueError:
            text = value
    elif value is None:
        text = "null"
    lines: list[Line] = [[(one_line(name), "bold $foreground")]]
    shown_lines = text.splitlines()[:LONGEST_LINES] or [""]
    return lines + [[(one_line(line), "$foreground")] for line in shown_lines]


def _means(name: str, value: Value, reference: Reference | None) -> Cell:
    if reference is not None:
        return Cell(f"> {reference.table} {one_line(reference.label)}", "accent")
    if isinstance(value, int):
        if name.endswith("_us") and value > 0:
            try:
                return Cell(moment(value), "dim")
            except (ValueError, OverflowError, OSError):
                return Cell("")
        if name.endswith("time_ms"):
            return Cell(format_lap_time(value), "dim")
    return Cell("")
