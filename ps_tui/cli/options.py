"""Options and output that several verbs share."""

from __future__ import annotations

import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    import msgspec

    from ps_tui.config import Settings
    from ps_tui.domain.ports import Library
    from ps_tui.storage.sqlite.store import SqliteStore

Command = TypeVar("Command", bound=Callable[..., Any])
Result = TypeVar("Result")
Answer = TypeVar("Answer")
Draft = TypeVar("Draft", bound="msgspec.Struct")

SOURCES = (
    "native",
    "assetto-corsa",
    "f1",
    "forza",
    "dirt-rally",
    "ea-wrc",
    "lfs",
    "beamng",
    "gran-turismo-7",
    "project-cars",
    "acc",
)
"""Names of the decoder registry; a test compares them, so that help needs no import."""


GIVEN = "ps_tui.given"
"""Where a call keeps its flags and the settings file that they name."""


def with_options(
    *options: Callable[[Any], Any],
) -> Callable[[Command], Command]:
    """Return one decorator that adds several options, in this order."""

    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


source_options = with_options(
    click.option(
        "--source",
        type=click.Choice(("auto", *SOURCES)),
        help="Whose telemetry; auto (the default) is whichever game sends.",
    ),
    click.option(
        "--host", help="Address of the game where it is to be asked, else to listen on."
    ),
    click.option(
        "--port", type=click.IntRange(0, 65535), help="UDP port, else the usual ones."
    ),
    click.option(
        "--forward",
        multiple=True,
        metavar="[SOURCE=]HOST:PORT",
        help="Pass each packet on as it came; repeatable.",
    ),
    click.option(
        "--forward-native",
        multiple=True,
        metavar="[SOURCE=]HOST:PORT",
        help="Pass decoded frames on, for another ps-tui; repeatable. Two games at "
        "once need a port each.",
    ),
)
SOURCE_FLAGS = ("source", "host", "port", "forward", "forward_native")
"""What these options are called in the settings."""

capture_option = click.option(
    "--capture",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.pcap",
    help="Also write every packet to a file that Wireshark opens.",
)


def given_flags(options: dict[str, Any]) -> dict[str, Any]:
    """Take the source options that a person gave out of ``options``."""
    given = {key: options.pop(key) for key in SOURCE_FLAGS}
    return {key: value for key, value in given.items() if value not in (None, ())}


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
yes_option = click.option("--yes", is_flag=True, help="Do not ask.")


def ask_database(
    settings: Settings,
    question: Callable[[SqliteStore], Awaitable[Result]],
    *,
    create: bool = False,
) -> Result:
    """Open the database, put one question to it and close it again.

    Raises DatabaseError where there is none yet and ``create`` is not set.
    """
    import asyncio

    from ps_tui.runtime import open_database

    async def answer() -> Result:
        async with open_database(settings, create=create) as database:
            return await question(database)

    return asyncio.run(answer())


def ask(
    settings: Settings,
    question: Callable[[Library], Awaitable[Result]],
    *,
    create: bool = False,
) -> Result:
    """Put one question to the library, as ``ask_database`` does."""
    return ask_database(settings, lambda one: question(one.library), create=create)


def print_json(value: Any) -> None:
    """Print one JSON document to stdout."""
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2))


def print_record(record: Any, *, as_json: bool) -> None:
    """Print a record that was made or changed: its id, or all of it as JSON."""
    if as_json:
        print_json(record)
    else:
        click.echo(record.id)


def changed(draft: type[Draft], record: Any, fields: dict[str, Any]) -> Draft:
    """Return the draft of a record with those fields replaced that are given."""
    kept = {name: getattr(record, name) for name in draft.__struct_fields__}
    given = {name: value for name, value in fields.items() if value is not None}
    return draft(**kept | given)


def print_table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    """Print aligned columns to stdout, or say on stderr that there are none."""
    if not rows:
        click.echo("Nothing here yet.", err=True)
        return
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    for row in (header, *rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def narrate(text: str) -> None:
    """Tell a person on stderr what is happening."""
    click.echo(text, err=True)


def narrate_failure(cause: str, remedy: str) -> None:
    """Tell a person on stderr what failed, and what to do."""
    narrate(f"ps-tui: {cause}")
    if remedy:
        narrate(f"  → {remedy}")


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something is done; ``--yes`` has answered already.

    Raises click.Abort on no, KeyboardInterrupt on Ctrl-C, and UsageError where
    nobody can answer.
    """
    if yes:
        return
    from ps_tui.domain.errors import UsageError

    try:
        is_agreed = answered(lambda: click.confirm(question, err=True))
    except click.Abort:
        raise UsageError("Nobody is there to confirm this.", "Add --yes.") from None
    if not is_agreed:
        raise click.Abort


def answered(ask: Callable[[], Answer]) -> Answer:
    """Return what is answered at the terminal.

    Raises KeyboardInterrupt at the first Ctrl-C, also within an event loop, which
    would wait for the answer first, and click.Abort where nobody can answer.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return ask()
    except click.Abort:
        if sys.stdin.isatty():
            raise KeyboardInterrupt from None
        raise
    finally:
        signal.signal(signal.SIGINT, before)
