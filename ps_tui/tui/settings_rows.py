"""The rows of the Settings screen: what each setting is and how it is typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ps_tui.config import Settings
from ps_tui.tui.keymap import key_by_id, key_word
from ps_tui.tui.keys import KEYS, Key
from ps_tui.tui.theme import THEMES
from ps_tui.tui.words import counted

AT_ONCE, NEXT_START = "at once", "next start"
SWITCH = ("no", "yes")


class Setting(NamedTuple):
    """One row. ``kind`` says how its text is read: text, number, list or switch."""

    key: str
    label: str
    meaning: str
    kind: str = "text"
    choices: tuple[str, ...] = ()
    takes_effect: str = NEXT_START


SETTINGS: tuple[Setting, ...] = (
    Setting("source", "Source", "Whose telemetry; auto is whichever game sends"),
    Setting("host", "Address", "Of the game that is asked, else to listen on"),
    Setting("port", "UDP port", "Empty: the usual ones of the source", "number"),
    Setting(
        "forward", "Forward packets", "[SOURCE=]HOST:PORT, several with spaces", "list"
    ),
    Setting(
        "forward_native",
        "Forward frames",
        "The same for decoded frames, for another ps-tui",
        "list",
    ),
    Setting("steering_lock_deg", "Steering lock", "Lock to lock, in degrees", "number"),
    Setting(
        "speed_unit",
        "Speed",
        "As it is shown; stored and exported is km/h",
        choices=("km/h", "mph"),
        takes_effect=AT_ONCE,
    ),
    Setting(
        "temperature_unit",
        "Temperature",
        "As it is shown; stored and exported is °C",
        choices=("°C", "°F"),
        takes_effect=AT_ONCE,
    ),
    Setting(
        "theme",
        "Theme",
        "Colours; contrast tells states apart without red and green",
        choices=tuple(theme.name for theme in THEMES),
        takes_effect=AT_ONCE,
    ),
    Setting(
        "fps",
        "Live frames/s",
        "How often Live is drawn",
        "number",
        ("10", "20", "30", "60"),
        AT_ONCE,
    ),
    Setting(
        "ascii",
        "Plain signs",
        "No braille and no block characters",
        "switch",
        SWITCH,
        AT_ONCE,
    ),
    Setting("keys", "Keys", "Another key for anything", takes_effect=AT_ONCE),
    Setting("db", "Database", "File; empty: in the user's data folder"),
    Setting("backup_copy_to", "Second folder", "Gets a copy of each backup"),
)
BY_KEY = {setting.key: setting for setting in SETTINGS}


def shown(setting: Setting, settings: Settings) -> str:
    """Write the value of a setting, as it would be typed."""
    value = getattr(settings, setting.key)
    if setting.key == "keys":
        return f"{counted(len(value), 'key')} changed" if value else ""
    if setting.kind == "switch":
        return SWITCH[bool(value)]
    if isinstance(value, tuple):
        return " ".join(value)
    if isinstance(value, float):
        return f"{value:g}"
    return "" if value is None else str(value)


def typed(setting: Setting, text: str | None) -> Any:
    """Return the value that a text means; what is no number stays a text.

    Settings refuses that by its own rules, with the reason.
    """
    if not text:
        return None
    if setting.kind == "switch":
        return text == SWITCH[1]
    if setting.kind == "list":
        return tuple(text.replace(",", " ").split())
    if setting.kind == "number":
        try:
            return int(text) if setting.key != "steering_lock_deg" else float(text)
        except ValueError:
            return text
    return text


# Keys

NOT_TO_REMAP = frozenset({"app.quit", "app.interrupt"})
"""The ways out that work when nothing else does."""
EVERYWHERE = frozenset({"app", "screen"})
LISTLESS = frozenset({"live", "compare", "list", "result"})
"""Scopes of screens without a table, whose keys may be those of a table."""
PLACES = frozenset(
    {
        "events",
        "crew",
        "sessions",
        "live",
        "laps",
        "compare",
        "garage",
        "database",
        "commands",
        "settings",
        "doctor",
        "studio",
        "sql",
        "list",
        "result",
    }
)


def keys_now(row: Key, changed: Mapping[str, str]) -> tuple[str, ...]:
    """Return the keys of an action, as changed by the person."""
    return tuple(changed.get(row.id, row.key).split(","))


def words_now(row: Key, changed: Mapping[str, str]) -> str:
    """Write the keys of an action for people."""
    return " ".join(map(key_word, keys_now(row, changed)))


def remappable() -> Sequence[Key]:
    """Return every action that may get another key."""
    return [row for row in KEYS if row.id not in NOT_TO_REMAP]


def clash(key_id: str, key: str, changed: Mapping[str, str]) -> Key | None:
    """Return the action that has this key already where both could be meant."""
    wanted = key_by_id(key_id)
    if wanted is None:
        return None
    for row in KEYS:
        if row.id != key_id and key in keys_now(row, changed) and _meet(wanted, row):
            return row
    return None


def _meet(one: Key, other: Key) -> bool:
    scopes = {one.scope, other.scope}
    if len(scopes) == 1 or one.is_priority or other.is_priority:
        return True
    if scopes & EVERYWHERE:
        return scopes <= EVERYWHERE | PLACES
    return "list" in scopes and scopes <= PLACES and not scopes <= LISTLESS
