"""Migrations, and whether the tables are what they made."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ps_tui.domain.units import format_bytes
from ps_tui.domain.upkeep import MigrationState, SchemaStatus
from ps_tui.tui.dialogs.form import Field
from ps_tui.tui.upkeep.command import Call, Command, Effect, Outcome, given
from ps_tui.tui.words import counted, moment

_HEADER = ("SET", "REVISION", "NAME", "STATE", "APPLIED", "BY")


async def _status(call: Call) -> Outcome:
    state = await given(call.services.schema).status()
    said = (
        f"Revision {state.revision} of {state.latest}, {len(state.pending)} pending.\n"
        f"{state.path}\n"
        f"{format_bytes(state.size_bytes)}, {format_bytes(state.wal_bytes)} of WAL,"
        f" {state.free_pages} of {state.page_count} pages free,"
        f" ps-tui {state.app_version}, SQLite {state.sqlite_version}"
    )
    is_good = not any(step.is_changed for step in state.migrations)
    return Outcome(said, _HEADER, [_step(step) for step in state.migrations], is_good)


def _step(step: MigrationState) -> tuple[str, ...]:
    words = "applied, file unchanged" if step.is_applied else "pending"
    return (
        step.namespace or "ps-tui",
        f"{step.revision:04}",
        step.name,
        "changed since it was applied" if step.is_changed else words,
        moment(step.applied_us),
        step.app_version or "",
    )


def check_revision(text: str) -> str | None:
    """Say what is wrong with a revision that was typed."""
    return None if text.isdigit() and int(text) else f"{text!r} is no revision: type 2."


async def _up_to(call: Call) -> Sequence[Field]:
    hint = "empty: the newest"
    return (Field("to", "Revision", "", hint, check_revision, is_required=False),)


def _number(call: Call, key: str) -> int | None:
    return int(call.text(key)) if call.text(key) else None


def _nothing(state: SchemaStatus) -> Outcome:
    return Outcome(f"Nothing to apply: revision {state.revision} is the newest.")


async def _plan_migrate(call: Call) -> str | Outcome:
    state = await given(call.services.schema).status()
    to = _number(call, "to")
    steps = [one for one in state.pending if to is None or one.revision <= to]
    if not steps:
        return _nothing(state)
    listed = "\n".join(f"{step.revision:04} {step.name}" for step in steps)
    return f"To be applied, each whole or not at all:\n{listed}\nA backup comes first."


async def _migrate(call: Call) -> Outcome:
    count = await given(call.services.schema).migrate(_number(call, "to"))
    return Outcome(f"{counted(count, 'migration')} applied.")


async def _show_sql(call: Call) -> Outcome:
    schema = given(call.services.schema)
    script = await schema.pending_sql(_number(call, "to"))
    if not script:
        return _nothing(await schema.status())
    return Outcome("What migrate would apply:", (), _lines(script))


async def _new(call: Call) -> Sequence[Field]:
    return (
        Field("name", "Name", "", "add_weather"),
        Field("folder", "Folder", "", "empty: beside those of this program"),
    )


async def _draft(call: Call) -> Outcome:
    schema = given(call.services.schema)
    made = await schema.draft(call.text("name"), call.path("folder"))
    return Outcome(f"Write it in {made}.")


async def _which(call: Call) -> Sequence[Field]:
    return (Field("revision", "Revision", "", "2", check_revision),)


async def _plan_resolve(call: Call, *, is_baseline: bool) -> str:
    wanted = call.text("revision")
    what = f"All migrations up to {wanted} are" if is_baseline else f"{wanted} is"
    return f"{what} marked as applied. No table changes; refused where one is missing."


async def _resolve(call: Call, *, is_baseline: bool) -> Outcome:
    wanted = int(call.text("revision"))
    await given(call.services.schema).resolve(wanted, baseline=is_baseline)
    up_to = "all up to " if is_baseline else ""
    return Outcome(f"Marked {up_to}{wanted} as applied.")


async def _plan_rollback(call: Call, *, from_backup: bool) -> str:
    state = await given(call.services.schema).status()
    what = (
        f"The automatic backup from before revision {state.revision} is put back,"
        " with the data of then."
        if from_backup
        else f"What only revision {state.revision} can hold is dropped."
    )
    return (
        f"{what} A backup is written first.\n"
        "Then ps-tui ends: this version migrates again when it opens the file."
    )


async def _roll_back(call: Call, *, from_backup: bool) -> Outcome:
    way = await given(call.services.schema).rollback(from_backup=from_backup)
    return Outcome(f"Back by {way}. This ps-tui migrates again when it opens the file.")


async def _drift(call: Call) -> Outcome:
    found = await given(call.services.schema).drift()
    if not found:
        return Outcome("Every table, index and trigger is as the migrations make it.")
    rows: list[tuple[str, ...]] = []
    for entry in found:
        rows.append((f"{entry.kind} {entry.type} {entry.name}",))
        rows += [(f"    {line}",) for line in entry.diff]
    said = f"{counted(len(found), 'object')} not as the migrations make them."
    return Outcome(said, (), rows, is_good=False)


async def _validate(call: Call) -> Outcome:
    problems = await given(call.services.schema).validate()
    if not problems:
        return Outcome(
            "References are indexed, no index repeats another, files unchanged."
        )
    said = f"{counted(len(problems), 'rule')} broken."
    return Outcome(said, (), [(problem,) for problem in problems], is_good=False)


async def _plan_push(call: Call) -> str | Outcome:
    found = await given(call.services.schema).drift()
    if not found:
        return Outcome("Nothing to change.")
    listed = "\n".join(f"{entry.kind} {entry.type} {entry.name}" for entry in found)
    return (
        f"Made as the files have it, without a migration:\n{listed}\n"
        "A backup comes first; what would lose data is refused."
    )


async def _push(call: Call) -> Outcome:
    steps = await given(call.services.schema).push()
    rows = [(step.action, step.name) for step in steps]
    return Outcome(f"{counted(len(steps), 'change')} made.", ("DONE", "OBJECT"), rows)


def _lines(text: str) -> list[tuple[str, ...]]:
    return [(line,) for line in text.splitlines()]


COMMANDS = (
    Command("status", "Revision, migrations, checksums, sizes, versions", _status),
    Command(
        "migrate",
        "Apply what is missing",
        _migrate,
        fields=_up_to,
        plan=_plan_migrate,
        working="Backing up, then migrating",
        needs_idle=True,
        effect=Effect.CHANGED,
    ),
    Command("migrate --sql", "Show what would be applied", _show_sql),
    Command(
        "migrate create",
        "Development: begin a migration",
        _draft,
        fields=_new,
    ),
    Command(
        "resolve --applied",
        "Mark one migration as applied",
        partial(_resolve, is_baseline=False),
        fields=_which,
        plan=partial(_plan_resolve, is_baseline=False),
        effect=Effect.CHANGED,
    ),
    Command(
        "resolve --baseline",
        "Mark all up to one as applied",
        partial(_resolve, is_baseline=True),
        fields=_which,
        plan=partial(_plan_resolve, is_baseline=True),
        effect=Effect.CHANGED,
    ),
    Command(
        "rollback",
        "Go back one revision, for an older ps-tui",
        partial(_roll_back, from_backup=False),
        plan=partial(_plan_rollback, from_backup=False),
        word="rollback",
        working="Backing up, then going back",
        needs_idle=True,
        effect=Effect.LEAVES,
    ),
    Command(
        "rollback --from-backup",
        "The same by the automatic backup, with its data",
        partial(_roll_back, from_backup=True),
        plan=partial(_plan_rollback, from_backup=True),
        word="rollback",
        working="Backing up, then going back",
        needs_idle=True,
        effect=Effect.LEAVES,
    ),
    Command("drift", "Compare with what the migrations make", _drift),
    Command("validate", "Check the rules of the schema and its files", _validate),
    Command(
        "push",
        "Development: apply a changed schema",
        _push,
        plan=_plan_push,
        needs_idle=True,
        effect=Effect.CHANGED,
    ),
)
