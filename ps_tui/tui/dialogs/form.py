"""Forms: one field per line, ``enter`` saves from any of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Generic, NamedTuple, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input, Label

from ps_tui.tui.dialogs.base import Dialog

Result = TypeVar("Result")
Values = dict[str, str | None]


class Field(NamedTuple):
    """One line of a form; an empty one is ``None`` in the values."""

    key: str
    label: str
    value: str = ""
    placeholder: str = ""
    check: Callable[[str], str | None] | None = None
    """Returns what is wrong with a text that was typed, ``None`` for nothing."""
    is_required: bool = True
    """Of the first field: whether it may stay empty."""
    must_be_typed: bool = False
    """Have ``check`` judge an empty field as well."""


class FormDialog(Dialog[Result], Generic[Result]):
    """Asks for a few texts; the first is focused, and required unless it says not.

    ``save`` gets the values by key. What it raises is shown in the form, with
    everything typed still there; what it returns is the result.
    """

    def __init__(
        self,
        title: str,
        fields: Sequence[Field],
        save: Callable[[Values], Awaitable[Result]],
    ) -> None:
        super().__init__(title)
        self._fields = fields
        self._save = save

    def compose_body(self) -> ComposeResult:
        for field in self._fields:
            with Horizontal(classes="field"):
                yield Label(field.label)
                yield Input(
                    field.value,
                    placeholder=field.placeholder,
                    id=field.key.replace("_", "-"),
                    compact=True,
                )

    def hint(self) -> str:
        return "enter save · tab next field · esc cancel"

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        if self.is_working:
            return
        for index, field in enumerate(self._fields):
            entry = self._input(field)
            text = entry.value.strip()
            problem = None
            is_first = index == 0 and not field.must_be_typed
            if not text and is_first and field.is_required:
                problem = f"Type a {field.label.lower()}, then press enter."
            elif field.check is not None and (text or field.must_be_typed):
                problem = field.check(text)
            if problem is not None:
                self.say(problem)
                entry.focus()
                return
        self.do(partial(self._save, self._values()), "Saving …")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if not self.is_working:
            self.say("")

    def _input(self, field: Field) -> Input:
        return self.query_one(f"#{field.key.replace('_', '-')}", Input)

    def _values(self) -> Values:
        return {
            field.key: self._input(field).value.strip() or None
            for field in self._fields
        }
