"""Copies of the database: made, listed, verified, pinned, put back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path, PurePath

from ps_tui.domain.health import Backup
from ps_tui.domain.units import format_bytes
from ps_tui.tui.dialogs.form import Field
from ps_tui.tui.dialogs.pick import Option
from ps_tui.tui.upkeep.command import CHOICE, Call, Command, Effect, Outcome
from ps_tui.tui.words import counted, moment

_ALL = ""
_HEADER = ("NAME", "MADE", "REASON", "SIZE", "SESSIONS", "LAPS", "", "")


async def _target(call: Call) -> Sequence[Field]:
    place = "empty: beside the database"
    return (Field("target", "File", "", place, is_required=False),)


async def _back_up(call: Call) -> Outcome:
    made = await call.services.care.backup(call.path("target"))
    said = f"Wrote {PurePath(made.path).name}, {format_bytes(made.size_bytes)}."
    if made.copied_to:
        said += f" The same is in {made.copied_to}."
    if made.copy_problem:
        said += f" {made.copy_problem}"
    return Outcome(said, _HEADER, [_row(made)], made.is_verified)


async def _list(call: Call) -> Outcome:
    found = await call.services.care.backups()
    said = f"{counted(len(found), 'backup')} beside the database."
    return Outcome(
        said if found else "No backups yet; backup writes one.",
        _HEADER,
        [_row(copy) for copy in found],
    )


def _row(copy: Backup) -> tuple[str, ...]:
    return (
        PurePath(copy.path).name,
        moment(copy.created_us),
        copy.reason,
        format_bytes(copy.size_bytes),
        str(copy.session_count),
        str(copy.lap_count),
        "pinned" if copy.is_pinned else "",
        "" if copy.is_verified else "not verified",
    )


async def _copies(call: Call) -> list[Option]:
    return [_option(copy) for copy in await call.services.care.backups()]


async def _all_or_one(call: Call) -> list[Option]:
    found = await _copies(call)
    return [Option(_ALL, "All of them"), *found] if found else []


def _option(copy: Backup) -> Option:
    note = f"{moment(copy.created_us)}, {counted(copy.lap_count, 'lap')}"
    return Option(copy.path, PurePath(copy.path).name, note)


async def _verify(call: Call) -> Outcome:
    care, chosen = call.services.care, call.text(CHOICE)
    paths = [chosen] if chosen else [copy.path for copy in await care.backups()]
    good = [await care.verify_backup(Path(path)) for path in paths]
    said = f"{counted(len(good), 'copy', 'copies')} good, from first byte to last."
    return Outcome(said, _HEADER, [_row(copy) for copy in good])


async def _pin(call: Call, *, is_pinned: bool) -> Outcome:
    path = _chosen(call)
    copy = await call.services.care.pin_backup(path, pinned=is_pinned)
    what = "stays for good" if is_pinned else "may go with the rotation"
    return Outcome(f"{path.name} {what}.", _HEADER, [_row(copy)])


async def _file(call: Call) -> Sequence[Field]:
    return (Field("file", "File", "", "a backup from anywhere"),)


def _chosen(call: Call) -> Path:
    return call.path(CHOICE) or call.path("file") or Path()


async def _plan_restore(call: Call) -> str:
    copy = await call.services.care.verify_backup(_chosen(call))
    info = await call.services.care.info()
    counts = (
        f"{counted(copy.session_count, 'session')} and {counted(copy.lap_count, 'lap')}"
    )
    return (
        f"Everything in {PurePath(info.path).name} is replaced by"
        f" {PurePath(copy.path).name} of {moment(copy.created_us)}: {counts}.\n"
        "It was read and is good. What is there now is backed up first; other"
        " windows may stay open."
    )


async def _restore(call: Call) -> Outcome:
    return _replaced(await call.services.care.restore(_chosen(call)))


async def _plan_reset(call: Call) -> str:
    info = await call.services.care.info()
    size = format_bytes(info.size_bytes)
    return f"This empties {info.path} ({size}). A backup is written first."


async def _reset(call: Call) -> Outcome:
    return _replaced(await call.services.care.reset())


def _replaced(safety: Backup) -> Outcome:
    name = PurePath(safety.path).name
    return Outcome(f"What was there before is in {name}.", _HEADER, [_row(safety)])


COMMANDS = (
    Command(
        "backup",
        "Write a verified copy",
        _back_up,
        fields=_target,
        working="Writing and verifying a backup",
        effect=Effect.CHANGED,
    ),
    Command("backups", "List the copies beside the database", _list),
    Command(
        "backup --verify",
        "Read a copy from its first byte to its last",
        _verify,
        options=_all_or_one,
        working="Reading",
    ),
    Command(
        "backup --pin",
        "Keep a copy for good",
        partial(_pin, is_pinned=True),
        options=_copies,
        effect=Effect.CHANGED,
    ),
    Command(
        "backup --unpin",
        "Let the rotation have a copy again",
        partial(_pin, is_pinned=False),
        options=_copies,
        effect=Effect.CHANGED,
    ),
    Command(
        "restore",
        "Put a copy of the list in place",
        _restore,
        options=_copies,
        plan=_plan_restore,
        word="restore",
        working="Putting the backup in place",
        needs_idle=True,
        effect=Effect.REPLACED,
    ),
    Command(
        "restore FILE",
        "Put a backup from anywhere in place",
        _restore,
        fields=_file,
        plan=_plan_restore,
        word="restore",
        working="Putting the backup in place",
        needs_idle=True,
        effect=Effect.REPLACED,
    ),
    Command(
        "reset",
        "Empty the database",
        _reset,
        plan=_plan_reset,
        word="reset",
        working="Backing up, then emptying",
        needs_idle=True,
        effect=Effect.REPLACED,
    ),
)
