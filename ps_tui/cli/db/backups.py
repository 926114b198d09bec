"""Copies of the database: made, listed, verified, pinned, put back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ps_tui.cli.db.opening import with_store
from ps_tui.cli.narration import counted
from ps_tui.cli.options import (
    answered,
    confirm,
    json_option,
    narrate,
    print_json,
    print_table,
    yes_option,
)
from ps_tui.config import Settings
from ps_tui.domain.errors import (
    DamagedDatabaseError,
    NotADatabaseError,
    UsageError,
)
from ps_tui.domain.health import Backup
from ps_tui.domain.ports import Care
from ps_tui.domain.units import format_bytes

if TYPE_CHECKING:
    from ps_tui.storage.sqlite.care import SqliteCare

TIMER = """\b
A copy every night at three, if anything has changed, from cron:
  0 3 * * *  ps-tui db backup --auto
\b
From systemd: in ~/.config/systemd/user/ps-tui-backup.service
  [Service]
  Type=oneshot
  ExecStart=%h/.local/bin/ps-tui db backup --auto
in ~/.config/systemd/user/ps-tui-backup.timer
  [Timer]
  OnCalendar=*-*-* 03:00
  Persistent=true
  [Install]
  WantedBy=timers.target
then: systemctl --user enable --now ps-tui-backup.timer"""

_PATH = click.Path(path_type=Path)


@click.command("backup", epilog=TIMER)
@click.argument("target", type=_PATH, required=False)
@click.option("--verify", is_flag=True, help="Check TARGET, or all copies, instead.")
@click.option("--pin", is_flag=True, help="Keep TARGET for good, or the new copy.")
@click.option("--unpin", is_flag=True, help="Let the rotation have TARGET again.")
@click.option("--auto", is_flag=True, help="Only what changed; thins out old ones.")
@click.option(
    "--copy-to",
    type=_PATH,
    envvar="PS_TUI_BACKUP_COPY_TO",
    help="A second folder, such as a USB stick; it may be missing.",
)
@json_option
@click.pass_obj
def backup(
    settings: Settings,
    /,
    target: Path | None,
    *,
    as_json: bool,
    copy_to: Path | None,
    **flags: bool,
) -> None:
    """Write a verified copy, by default into the folder beside the database."""
    if flags["verify"]:
        _verify(settings, target, as_json=as_json)
        return
    if flags["unpin"] or (flags["pin"] and target is not None):
        if target is None:
            raise UsageError("Name the copy to unpin.", "See `ps-tui db backups`.")
        is_pinned = flags["pin"]
        named = target
        _tell(
            with_store(
                settings, lambda store: store.care.pin_backup(named, pinned=is_pinned)
            ),
            "Pinned" if is_pinned else "Unpinned",
            as_json=as_json,
        )
        return

    async def make(care: SqliteCare) -> Backup | None:
        if flags["auto"]:
            return await care.backup_if_changed("timer")
        made = await care.backup(target)
        return await care.pin_backup(Path(made.path)) if flags["pin"] else made

    made = with_store(settings, lambda store: make(store.care), copy_folder=copy_to)
    if made is None:
        if as_json:
            print_json(None)
        narrate("Nothing has changed since the newest backup.")
        return
    _tell(made, "Wrote", as_json=as_json)
    if made.copy_problem:
        narrate(made.copy_problem)


@click.command("backups")
@json_option
@click.pass_obj
def backups(settings: Settings, *, as_json: bool) -> None:
    """List the copies beside the database, newest first."""
    found = _copies(settings)
    if as_json:
        print_json(found)
        return
    rows = [
        (
            copy.path,
            copy.reason,
            format_bytes(copy.size_bytes),
            str(copy.lap_count),
            "pinned" if copy.is_pinned else "",
            "" if copy.is_verified else "not verified",
        )
        for copy in found
    ]
    print_table(("FILE", "REASON", "SIZE", "LAPS", "", ""), rows)


@click.command("restore")
@click.argument("source", type=_PATH, required=False)
@click.option("--latest", is_flag=True, help="The newest copy beside the database.")
@yes_option
@json_option
@click.pass_obj
def restore(
    settings: Settings, source: Path | None, *, latest: bool, yes: bool, as_json: bool
) -> None:
    """Put a backup's content in place; what is there now is backed up first.

    SOURCE is a file or the name of a copy. Other windows may stay open.
    """
    if (source is None) is not latest:
        raise UsageError("Name a backup file, or say --latest.")

    from ps_tui.collector.clock import SystemClock
    from ps_tui.runtime import database_path
    from ps_tui.storage.sqlite.backup import find_backup, list_backups
    from ps_tui.storage.sqlite.damaged import set_aside
    from ps_tui.storage.sqlite.verifying import verify_copy

    path = database_path(settings)
    chosen = find_backup(path, source) if source else _newest(list_backups(path))
    verify_copy(chosen)
    confirm(f"Replace everything by the content of {chosen}?", yes=yes)
    if not path.exists():
        _replace(path, chosen, None, as_json=as_json)
        return
    try:
        made = with_store(settings, lambda store: store.care.restore(chosen))
    except (DamagedDatabaseError, NotADatabaseError):
        aside = set_aside(path, SystemClock().now_us())
        _replace(path, chosen, aside, as_json=as_json)
    else:
        _tell_safety(made, "restore", as_json=as_json)


def _replace(path: Path, chosen: Path, aside: Path | None, *, as_json: bool) -> None:
    """Put a copy where nothing is, or nothing is any more."""
    from ps_tui.storage.sqlite.damaged import put_copy

    put_copy(path, chosen)
    if as_json:
        print_json({"restored": str(chosen), "damaged": aside and str(aside)})
    elif aside is not None:
        narrate(f"Done. The damaged file is kept as {aside}.")
    else:
        narrate(f"Done. {path} is what {chosen} holds.")


@click.command("reset")
@yes_option
@json_option
@click.pass_obj
def reset(settings: Settings, *, yes: bool, as_json: bool) -> None:
    """Empty the database, after a backup and a typed confirmation."""

    async def empty(care: Care) -> Backup:
        info = await care.info()
        if not yes:
            _expect_word("reset", f"This empties {info.path}.")
        return await care.reset()

    made = with_store(settings, lambda store: empty(store.care))
    _tell_safety(made, "reset", as_json=as_json)


def _expect_word(word: str, what: str) -> None:
    """Have a word typed before something is done that a yes is too little for."""
    try:
        typed = answered(
            lambda: click.prompt(
                f"{what} Type {word} to go on", err=True, default="", show_default=False
            )
        )
    except click.Abort:
        typed = ""
    if typed.strip() != word:
        if not sys.stdin.isatty():
            raise UsageError(f"Nobody typed {word}.", "Add --yes.")
        raise click.Abort


def _verify(settings: Settings, target: Path | None, *, as_json: bool) -> None:
    from ps_tui.runtime import database_path
    from ps_tui.storage.sqlite.copies import verified

    names = [target] if target else [Path(copy.path) for copy in _copies(settings)]
    if not names:
        raise _no_backup()
    path = database_path(settings)
    good = [verified(path, name) for name in names]
    if as_json:
        print_json(good)
    else:
        named = "1 copy is" if len(good) == 1 else f"{len(good)} copies are"
        narrate(f"{named} good from the first byte to the last.")


def _copies(settings: Settings) -> list[Backup]:
    """Return the copies, whether or not the database itself can be opened."""
    from ps_tui.runtime import database_path
    from ps_tui.storage.sqlite.copies import listed
    from ps_tui.storage.sqlite.opening import check_place

    path = database_path(settings)
    found = listed(path)
    if not found and not path.exists():
        check_place(path, create=False)
    return found


def _no_backup() -> UsageError:
    return UsageError("There is no backup yet.", "`ps-tui db backup` makes one.")


def _newest(copies: list[Backup]) -> Path:
    """Return the newest copy that was verified, or the newest where none was."""
    if not copies:
        raise _no_backup()
    verified = [copy for copy in copies if copy.is_verified]
    return Path((verified or copies)[0].path)


def _tell(made: Backup, done: str, *, as_json: bool) -> None:
    if as_json:
        print_json(made)
        return
    verified = "verified" if made.is_verified else "not verified"
    narrate(
        f"{done} {made.path}: {format_bytes(made.size_bytes)}, "
        f"{counted(made.session_count, 'session')},"
        f" {counted(made.lap_count, 'lap')}, {verified}."
    )
    if made.copied_to:
        narrate(f"The same is in {made.copied_to}.")


def _tell_safety(made: Backup, before: str, *, as_json: bool) -> None:
    if as_json:
        print_json(made)
    else:
        narrate(f"Done. The state before the {before} is in {made.path}.")


COMMANDS = {"backup": backup, "backups": backups, "restore": restore, "reset": reset}
