"""A formula as words: numbers, names and signs."""

from __future__ import annotations

import re
from enum import Enum

import msgspec

from ps_tui.analysis.maths.errors import FormulaError

MAX_LENGTH = 4096
"""Characters of one formula; a longer one is refused unread."""

MAX_NAME_LENGTH = 64
_SHOWN_LENGTH = 24


class Kind(Enum):
    NUMBER = "number"
    NAME = "name"
    SIGN = "sign"
    END = "end"


class Token(msgspec.Struct, frozen=True, gc=False):
    kind: Kind
    text: str
    position: int


_TOKEN = re.compile(
    r"(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<sign><=|>=|==|!=|[-+*/%^<>(),])"
    r"|(?P<space>[ \t\r\n]+)"
)
_INSTEAD = {
    "=": "Write == to compare; a formula assigns nothing.",
    "!": "Write != for “not equal”.",
    ".": "Names have no parts: write just the channel, for example speed.",
    "[": "Parentheses are round.",
    "{": "Parentheses are round.",
    "×": "Write * to multiply.",
    "·": "Write * to multiply.",
    "÷": "Write / to divide.",
    "−": "Write - to subtract.",
    "²": "Write ^2.",
    "³": "Write ^3.",
    '"': "A formula has no texts, only numbers and channels.",
    "'": "A formula has no texts, only numbers and channels.",
    ";": "Separate what a function is given by commas.",
    "&": "Multiply two comparisons to have both: (a > 1) * (b > 2).",
    "|": "Take the max of two comparisons to have either: max(a > 1, b > 2).",
}


def tokenize(text: str) -> list[Token]:
    """Return the words of a formula and an END. Raises FormulaError."""
    if len(text) > MAX_LENGTH:
        raise FormulaError(
            f"The formula is too long: {len(text):,} characters.",
            f"At most {MAX_LENGTH:,} are read; divide it into several math channels.",
            position=MAX_LENGTH,
        )
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _unreadable(text, at)
        word, kind = match.group(), match.lastgroup
        if kind == "name" and len(word) > MAX_NAME_LENGTH:
            raise FormulaError(
                f"“{word[:_SHOWN_LENGTH]}…” is too long for a name.",
                f"A name has at most {MAX_NAME_LENGTH} characters.",
                position=at,
                length=len(word),
            )
        if kind != "space":
            tokens.append(Token(Kind(kind), word, at))
        at = match.end()
    tokens.append(Token(Kind.END, "", len(text)))
    return tokens


def _unreadable(text: str, at: int) -> FormulaError:
    sign = text[at]
    remedy = _INSTEAD.get(
        sign, "A formula has numbers, channels, + - * / % ^, comparisons and functions."
    )
    return FormulaError(f"“{sign}” has no meaning here.", remedy, position=at)
