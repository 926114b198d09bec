"""Looking into the database: free queries, plans, and who has it open."""

from __future__ import annotations

import csv
import sys
from datetime import UTC, datetime
from itertools import chain, repeat

import click

from ps_tui.cli.db.opening import with_store
from ps_tui.cli.narration import counted
from ps_tui.cli.options import json_option, narrate, print_json, print_table
from ps_tui.config import Settings
from ps_tui.domain.upkeep import QueryResult


@click.command("sql")
@click.argument("query")
@click.option(
    "--lap", "laps", multiple=True, help="A lap for the table frames; repeatable."
)
@click.option("--limit", type=click.IntRange(1), default=1000, show_default=True)
@click.option(
    "--timeout", type=click.FloatRange(0.01), default=5.0, show_default=True, help="s"
)
@click.option("--plan", is_flag=True, help="Tell how it is answered.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@json_option
@click.pass_obj
def sql(
    settings: Settings,
    /,
    query: str,
    *,
    laps: tuple[str, ...],
    as_json: bool,
    **options: object,
) -> None:
    """Run one query that reads. The frames of each --lap are rows of `frames`."""
    result = with_store(
        settings,
        lambda store: store.content.query(
            query,
            laps=laps,
            limit=int(str(options["limit"])),
            timeout_s=float(str(options["timeout"])),
        ),
    )
    if as_json:
        print_json(result)
        return
    if options["as_csv"]:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(result.columns)
        writer.writerows(result.rows)
    else:
        print_table(
            tuple(result.columns), [tuple(map(_cell, row)) for row in result.rows]
        )
    _narrate(result, with_plan=bool(options["plan"]))


@click.command("explain")
@json_option
@click.pass_obj
def explain(settings: Settings, *, as_json: bool) -> None:
    """Every named query with its plan, time and index; indexes nobody uses."""
    found = with_store(settings, lambda store: store.content.explain())
    if as_json:
        print_json(found)
        return
    rows = [
        (
            query.name if first else "",
            f"{query.elapsed_us:.0f} µs" if first else "",
            step,
        )
        for query in found.queries
        for first, step in zip(chain([True], repeat(False)), query.plan, strict=False)
    ]
    print_table(("QUERY", "TIME", "PLAN"), rows)
    usage: dict[str, list[str]] = {}
    for query in found.queries:
        for index in query.indexes:
            usage.setdefault(index, []).append(query.name)
    click.echo()
    print_table(
        ("INDEX", "QUERIES", "USED BY"),
        [
            (index, str(len(names)), names[0] if len(names) == 1 else f"{names[0]}, …")
            for index, names in sorted(usage.items())
        ],
    )
    scans = [query.name for query in found.queries if query.is_scan]
    narrate(f"Unused indexes: {', '.join(found.unused) or 'none'}.")
    narrate(f"Queries that read a whole table: {', '.join(scans) or 'none'}.")


@click.command("locks")
@json_option
@click.pass_obj
def locks(settings: Settings, *, as_json: bool) -> None:
    """Which processes have the database open, since when, and what they do."""
    from ps_tui.collector.clock import SystemClock
    from ps_tui.runtime import database_path
    from ps_tui.storage.sqlite.holders import holders

    found = holders(database_path(settings), SystemClock().now_us())
    if as_json:
        print_json(found)
        return
    if not found:
        narrate("Nobody has it open.")
        return
    rows = [
        (str(holder.pid), holder.activity, _since(holder.since_us), holder.command)
        for holder in found
    ]
    print_table(("PROCESS", "DOES", "SINCE", "COMMAND"), rows)


def _narrate(result: QueryResult, *, with_plan: bool) -> None:
    more = ", and more; --limit shows them" if result.is_truncated else ""
    rows = counted(len(result.rows), "row")
    narrate(f"{rows} in {result.elapsed_ms:.1f} ms{more}.")
    if with_plan:
        for step in result.plan:
            narrate(f"  {step}")


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def _since(at_us: int | None) -> str:
    if at_us is None:
        return ""
    moment = datetime.fromtimestamp(at_us / 1_000_000, UTC).astimezone()
    return f"{moment:%Y-%m-%d %H:%M:%S}"


COMMANDS = {"sql": sql, "explain": explain, "locks": locks}
