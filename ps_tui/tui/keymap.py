"""What reads the one table of keys: bindings, key bar, help and remapping."""

from __future__ import annotations

from textual.binding import BindingType

from ps_tui.tui.keys import KEYS, Key

_BY_ID = {key.id: key for key in KEYS}

WORDS = {
    "question_mark": "?",
    "slash": "/",
    "escape": "esc",
    "enter": "enter",
    "space": "space",
    "full_stop": ".",
    "comma": ",",
    "down": "↓",
    "up": "↑",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "left": "←",
    "right": "→",
    "shift+left": "⇧←",
    "shift+right": "⇧→",
    "plus": "+",
    "equals_sign": "=",
    "minus": "-",
    "less_than_sign": "<",
    "greater_than_sign": ">",
}


def keys_of(*scopes: str) -> tuple[Key, ...]:
    """Return the keys of these scopes, in the order of the table."""
    return tuple(key for key in KEYS if key.scope in scopes)


def bindings(*scopes: str) -> list[BindingType]:
    """Return the bindings of these scopes, for the BINDINGS of a class."""
    return [key.binding() for key in keys_of(*scopes)]


def key_by_id(binding_id: str | None) -> Key | None:
    """Return the table's row with this id."""
    return _BY_ID.get(binding_id or "")


def key_word(key: str) -> str:
    """Write a key as people read it: ``?`` for ``question_mark``."""
    first = key.split(",")[0]
    return WORDS.get(first, first)
