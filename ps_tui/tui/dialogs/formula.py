"""A channel of one's own: name, formula, unit, checked while it is typed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input, Label, Static

from ps_tui.domain.errors import PsError
from ps_tui.domain.garage import MathChannel, MathChannelDraft
from ps_tui.domain.garage_ports import Workbench
from ps_tui.domain.models import LapTrace
from ps_tui.tui.compat import start
from ps_tui.tui.dialogs.base import Dialog

if TYPE_CHECKING:
    from ps_tui.analysis.maths.channels import Formula

LABEL_WIDTH = 12
DEBOUNCE_S = 0.08
HINT = (
    "Channels such as speed, throttle, rpm; + - * / % ^ < > ==;\n"
    "functions such as derivative, integral, smooth, max, sqrt."
)
FIELDS = (
    ("name", "Name", "slip_front"),
    ("formula", "Formula", "derivative(speed) / 3.6"),
    ("unit", "Unit", "m/s²"),
)


def formulas_of(channels: Sequence[MathChannel]) -> tuple[Formula, ...]:
    """Return stored channels as the analysis reads them."""
    from ps_tui.analysis.maths.channels import Formula

    return tuple(Formula(one.name, one.formula, one.unit or "") for one in channels)


class FormulaDialog(Dialog[MathChannel]):
    """Shows under the formula where it is wrong, or what it gives on a lap.

    ``trace`` is the lap of the preview, ``others`` are the channels stored already.
    """

    def __init__(
        self,
        workbench: Workbench,
        others: Sequence[MathChannel],
        trace: LapTrace | None,
        *,
        channel: MathChannel | None = None,
        is_ascii: bool = False,
    ) -> None:
        super().__init__("Edit math channel" if channel else "New math channel")
        self._workbench = workbench
        self._others = [one for one in others if channel is None or one != channel]
        self._trace = trace
        self._channel = channel
        self._is_ascii = is_ascii

    def compose_body(self) -> ComposeResult:
        channel = self._channel
        given = (channel.name, channel.formula, channel.unit or "") if channel else ()
        for index, (key, label, example) in enumerate(FIELDS):
            is_formula = key == "formula"
            with Horizontal(classes="field -pointed" if is_formula else "field"):
                yield Label(label)
                yield Input(
                    given[index] if given else "",
                    placeholder=example,
                    id=key,
                    compact=True,
                    select_on_focus=False,
                )
            if is_formula:
                yield Static(id="pointer", markup=False)
        yield Static(id="preview", markup=False)

    def hint(self) -> str:
        return "enter save · tab next field · esc cancel"

    def on_mount(self) -> None:
        super().on_mount()
        self._look()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if not self.is_working:
            self.say("")
            self._look()

    def _look(self) -> None:
        start(self, self._check, group="check", exclusive=True)

    async def _check(self) -> None:
        """Say what is wrong, or what the formula gives; the newest text wins."""
        await asyncio.sleep(DEBOUNCE_S)
        text = self._text("formula")
        if not text:
            self._show("", HINT)
            return
        wrong, words = await asyncio.to_thread(self._judge, text, self._text("unit"))
        self._show(wrong, words)

    def _judge(self, text: str, unit: str) -> tuple[str, str]:
        from ps_tui.analysis.maths.channels import Formula
        from ps_tui.tui.compare import formulas

        error = formulas.problem(text, [one.name for one in self._others])
        if error is not None:
            mark = " " * error.position + "^" * error.length
            return mark, f"{error.cause} {error.remedy}".strip()
        if self._trace is None:
            return "", "The formula can be read. No lap is there to try it on."
        try:
            found = formulas.preview(
                Formula(formulas.PREVIEW_NAME, text, unit),
                formulas_of(self._others),
                self._trace,
                52,
                is_ascii=self._is_ascii,
            )
        except PsError as problem:
            return "", f"{problem.cause} {problem.remedy}".strip()
        lap = self._trace.lap.lap_number
        return "", f"Lap {lap}: {found.words}\n{found.bars}"

    def _show(self, mark: str, words: str) -> None:
        shift = round(self.query_one("#formula", Input).scroll_offset.x)
        shown = " " * LABEL_WIDTH + mark[shift:] if mark else ""
        self.query_one("#pointer", Static).update(shown)
        preview = self.query_one("#preview", Static)
        preview.update(words)
        preview.set_class(bool(mark), "-error")

    def _text(self, key: str) -> str:
        return self.query_one(f"#{key}", Input).value.strip()

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        if self.is_working:
            return
        for key, label, _example in FIELDS[:2]:
            if not self._text(key):
                self.say(f"Type a {label.lower()}, then press enter.")
                self.query_one(f"#{key}", Input).focus()
                return
        draft = MathChannelDraft(
            self._text("name"), self._text("formula"), self._text("unit") or None
        )
        self.do(partial(self._save, draft), "Saving …")

    async def _save(self, draft: MathChannelDraft) -> MathChannel:
        await asyncio.to_thread(self._verify, draft)
        if self._channel is None:
            return await self._workbench.create_math_channel(draft)
        return await self._workbench.edit_math_channel(self._channel.id, draft)

    def _verify(self, draft: MathChannelDraft) -> None:
        from ps_tui.analysis.maths.channels import Formula
        from ps_tui.tui.compare import formulas

        own = Formula(draft.name, draft.formula, draft.unit or "")
        formulas.verify(own, formulas_of(self._others))
