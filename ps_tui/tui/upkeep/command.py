"""What a command of the database is: what it asks, what it warns of, what it does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from enum import Enum
from pathlib import Path
from typing import NamedTuple, TypeVar

from ps_tui.domain.errors import UsageError
from ps_tui.domain.ports import Services
from ps_tui.tui.dialogs.form import Field, Values
from ps_tui.tui.dialogs.pick import Option
from ps_tui.tui.workspace import Workspace

Part = TypeVar("Part")
CHOICE = "choice"
"""The key of what was picked, among the values."""


class Call(NamedTuple):
    """One call of a command: the services, the screens' state, what was typed."""

    services: Services
    workspace: Workspace
    values: Values

    def text(self, key: str) -> str:
        """Return what was typed or picked, empty where nothing was."""
        return self.values.get(key) or ""

    def path(self, key: str) -> Path | None:
        """Return the file that was typed, with ``~`` for the own folder."""
        return Path(self.text(key)).expanduser() if self.text(key) else None


class Outcome(NamedTuple):
    """What came of a call: a sentence, and a table or lines."""

    said: str
    header: tuple[str, ...] = ()
    rows: Sequence[tuple[str, ...]] = ()
    is_good: bool = True


class Effect(Enum):
    """What a command leaves behind, apart from what it says."""

    NONE = "none"
    CHANGED = "changed"
    """Rows or the file changed: lists and health are out of date."""
    REPLACED = "replaced"
    """Other rows than before: nothing that was selected is there for certain."""
    LEAVES = "leaves"
    """This window cannot go on with the file as it is now."""


class Command(NamedTuple):
    """One row of the list. ``name`` is what stands behind ``ps-tui db``.

    ``options`` is asked first, then ``fields``, both only where given. ``plan``
    tells what would happen, for a person to agree to; an outcome in its place ends
    the call. ``word`` has to be typed to agree. ``needs_idle`` refuses while this
    window records. ``place`` is shown where there is nothing to run.
    """

    name: str
    meaning: str
    run: Callable[[Call], Awaitable[Outcome]]
    options: Callable[[Call], Awaitable[Sequence[Option]]] | None = None
    fields: Callable[[Call], Awaitable[Sequence[Field]]] | None = None
    plan: Callable[[Call], Awaitable[str | Outcome]] | None = None
    word: str = ""
    working: str = "Working"
    needs_idle: bool = False
    effect: Effect = Effect.NONE
    place: str = ""


def given(part: Part | None) -> Part:
    """Return a service. Raises UsageError where a capture is played instead."""
    if part is None:
        raise UsageError("There is no database file here.", "Open it without --play.")
    return part
