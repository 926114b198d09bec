"""What is wrong with a formula, where, and what to write instead."""

from __future__ import annotations

from ps_tui.domain.errors import UsageError


class FormulaError(UsageError):
    """A formula that is not understood or not allowed.

    ``position`` is the index of the first wrong character, ``length`` how many
    characters are wrong, at least 1; both for marking it while it is typed.
    """

    def __init__(
        self, cause: str, remedy: str = "", *, position: int = 0, length: int = 1
    ) -> None:
        super().__init__(cause, remedy)
        self.position = position
        self.length = max(length, 1)
