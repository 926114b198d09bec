"""What replaces or empties the database: asked for by a word that has to be typed."""

from __future__ import annotations

from pathlib import Path, PurePath

from ps_tui.domain.health import Backup
from ps_tui.domain.ports import Care
from ps_tui.tui.dialogs.form import Field, FormDialog, Values

RESTORE = "restore"
RESET = "reset"


def restore_form(care: Care, backups: list[Backup]) -> FormDialog[Backup]:
    """Return the form; its result is the safety copy of what was there before."""

    async def save(values: Values) -> Backup:
        return await care.restore(Path(values["backup"] or ""))

    newest = PurePath(backups[0].path).name if backups else ""
    fields = [
        Field("backup", "Backup", newest, "a name of the list, or a file"),
        _word("it replaces everything", RESTORE),
    ]
    return FormDialog("Put a backup in place", fields, save)


def reset_form(care: Care) -> FormDialog[Backup]:
    """Return the form; its result is the safety copy of what was there before."""

    async def save(values: Values) -> Backup:
        return await care.reset()

    return FormDialog(
        "Empty the database", [_word("it empties everything", RESET)], save
    )


def _word(what: str, word: str) -> Field:
    def check(text: str) -> str | None:
        if text == word:
            return None
        return f"Type {word}: {what}, after a backup."

    return Field("word", f"Type {word}", "", word, check, must_be_typed=True)
