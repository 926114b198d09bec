"""The signs that stand beside every colour, with an ASCII set for plain terminals."""

from __future__ import annotations

from typing import NamedTuple

from ps_tui.domain.health import Verdict


class Glyphs(NamedTuple):
    """One sign per state; each is one cell wide."""

    recording: str = "●"
    idle: str = "○"
    watching: str = "◉"
    ok: str = "✔"
    warning: str = "▲"
    error: str = "✖"
    best: str = "★"
    branch: str = "├ "
    last_branch: str = "└ "
    brand: str = "▌"

    def of(self, verdict: Verdict) -> str:
        """Return the sign of a verdict."""
        if verdict is Verdict.OK:
            return self.ok
        return self.warning if verdict is Verdict.WARNING else self.error


UNICODE = Glyphs()
ASCII = Glyphs("*", "-", "@", "+", "!", "x", "*", "|-", "`-", "|")
TONES = {Verdict.OK: "success", Verdict.WARNING: "warning", Verdict.ERROR: "error"}
"""The theme colour of a verdict."""
