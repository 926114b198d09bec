"""The one table of keys: bindings, key bar, help and remapping all read it.

Each key belongs to a scope: ``app`` works everywhere, ``screen`` on every screen,
``list`` in every table, and the rest on the screen of that name. A person remaps
by id (``[keys]`` in the settings file); two actions of one scope never share a key.
"""

from __future__ import annotations

from typing import NamedTuple

from textual.binding import Binding, BindingType


class Key(NamedTuple):
    """One key. ``rank`` orders the key bar, first is lowest; 0 keeps it out."""

    scope: str
    name: str
    key: str
    action: str
    label: str
    help: str
    rank: int = 0
    is_priority: bool = False

    @property
    def id(self) -> str:
        """The name under which a person remaps this key."""
        return f"{self.scope}.{self.name}"

    def binding(self) -> Binding:
        """Return this key as Textual wants it."""
        return Binding(
            self.key,
            self.action,
            self.label,
            show=self.rank > 0,
            tooltip=self.help,
            id=self.id,
            priority=self.is_priority,
        )


KEYS: tuple[Key, ...] = (
    Key("app", "events", "1", "go('events')", "Events", "Show the events."),
    Key("app", "sessions", "2", "go('sessions')", "Sessions", "Show the sessions."),
    Key("app", "live", "3", "go('live')", "Live", "Show the car as it is now."),
    Key("app", "laps", "4", "go('laps')", "Laps", "Show the laps of the session."),
    Key("app", "compare", "5", "go('compare')", "Compare", "Lay laps over each other."),
    Key("app", "garage", "6", "go('garage')", "Garage", "Show cars and setups."),
    Key("app", "database", "7", "go('database')", "Database", "Show the database."),
    Key("app", "settings", "8", "go('settings')", "Settings", "Show the settings."),
    Key("app", "health", "h", "health", "Health", "Run every health check.", 92),
    Key("app", "help", "question_mark,f1", "help", "Help", "Say what works here.", 80),
    Key("app", "palette", "ctrl+p", "command_palette", "Palette", "Find any action."),
    Key("app", "leave", "q", "leave", "Leave", "Leave; asks while recording.", 90),
    Key(
        "app",
        "quit",
        "ctrl+q",
        "quit",
        "Quit",
        "Quit at once; what is recorded is kept.",
        is_priority=True,
    ),
    Key(
        "app",
        "interrupt",
        "ctrl+c",
        "interrupt",
        "Quit",
        "Leave; a second time quits at once.",
        is_priority=True,
    ),
    Key("screen", "back", "escape", "back", "Back", "Go back one level.", 94),
    Key("screen", "record", "R", "record", "Record", "Start or stop recording.", 50),
    Key("screen", "undo", "u", "undo", "Undo", "Bring back what was deleted.", 28),
    Key("screen", "mark", "m", "mark", "Mark", "Mark this moment.", 27),
    Key("screen", "markers", "M", "markers", "Markers", "List the marked moments."),
    Key("screen", "why", "w", "why", "No data?", "Doctor: why is there no data?", 29),
    Key("doctor", "look", "r", "look", "Look again", "Look again now.", 10),
    Key("dialog", "cancel", "escape", "cancel", "Cancel", "Close; change nothing."),
    Key("confirm", "yes", "enter,y", "yes", "Yes", "Do it."),
    Key("confirm", "no", "n", "cancel", "No", "Close; change nothing."),
    Key("help", "close", "escape,q,question_mark,f1", "close", "Close", "Close."),
    Key("help", "down", "down,j,space", "down", "Down", "Scroll down."),
    Key("help", "up", "up,k", "up", "Up", "Scroll up."),
    Key("list", "down", "down,j", "cursor_down", "Down", "Move one row down."),
    Key("list", "up", "up,k", "cursor_up", "Up", "Move one row up."),
    Key("list", "open", "l", "select_cursor", "Open", "Open, as enter does."),
    Key("list", "first", "g,home", "first", "First", "Go to the first row."),
    Key("list", "last", "G,end", "last", "Last", "Go to the last row."),
    Key("list", "page_down", "pagedown", "page_down", "Page down", "One page down."),
    Key("list", "page_up", "pageup", "page_up", "Page up", "One page up."),
    Key(
        "events",
        "open",
        "enter",
        "open",
        "Open",
        "Open this event.",
        10,
    ),
    Key("events", "new", "n", "new", "New", "Make an event.", 15),
    Key("events", "edit", "e", "edit", "Edit", "Edit this event.", 20),
    Key("events", "delete", "d", "delete", "Delete", "Delete this event.", 25),
    Key("events", "filter", "slash", "filter", "Filter", "Show matching rows.", 30),
    Key("events", "crew", "c", "crew", "Crew", "People, prizes and winners.", 22),
    Key("crew", "open", "enter", "open", "Role", "Change role or winners.", 10),
    Key("crew", "new", "n", "new", "Person", "Add a person.", 15),
    Key("crew", "new_prize", "p", "new_prize", "Prize", "Add a prize.", 16),
    Key("crew", "edit", "e", "edit", "Edit", "Edit the person or the prize.", 20),
    Key("crew", "delete", "d", "delete", "Remove", "Take it off the event.", 25),
    Key("crew", "filter", "slash", "filter", "Filter", "Show matching rows.", 30),
    Key(
        "sessions",
        "open",
        "enter",
        "open",
        "Open",
        "Open this session.",
        10,
    ),
    Key("sessions", "new", "n", "new", "New", "Make a session, ready for R.", 15),
    Key("sessions", "edit", "e", "edit", "Edit", "Edit this session.", 20),
    Key("sessions", "delete", "d", "delete", "Delete", "Delete this session.", 25),
    Key("sessions", "filter", "slash", "filter", "Filter", "Show matching rows.", 30),
    Key(
        "sessions",
        "all",
        "a",
        "all",
        "All",
        "Show the sessions of all events, or of the one.",
        35,
    ),
    Key("sessions", "vehicle", "v", "vehicle", "Car", "Note car and setup.", 33),
    Key(
        "live",
        "freeze",
        "space",
        "freeze",
        "Freeze",
        "Hold the display or playback.",
        10,
    ),
    Key(
        "live",
        "shorter",
        "left_square_bracket",
        "window(-1)",
        "Shorter",
        "Show fewer seconds in the plots.",
        15,
    ),
    Key(
        "live",
        "longer",
        "right_square_bracket",
        "window(1)",
        "Longer",
        "Show more seconds in the plots.",
        20,
    ),
    Key("live", "page", "t", "page", "Tyres", "Show tyres and fuel, or the plots.", 12),
    Key(
        "live",
        "reference",
        "f",
        "reference",
        "Reference",
        "Change what the delta is against.",
        13,
    ),
    Key(
        "live",
        "type_reference",
        "F",
        "type_reference",
        "Type a time",
        "Type a lap time to drive against.",
    ),
    Key("live", "maths", "p", "maths", "Maths", "Choose math channels to show.", 23),
    Key("live", "board", "b", "board", "Cars", "Show the laps of every car.", 17),
    Key("live", "capture", "c", "capture", "Capture", "Write packets to a file.", 24),
    Key("live", "source", "s", "source", "Source", "Show the next game.", 14),
    Key("live", "earlier", "comma", "seek(-5)", "-5 s", "Go 5 seconds back.", 11),
    Key("live", "later", "full_stop", "seek(5)", "+5 s", "Go 5 seconds on.", 11),
    Key("live", "slower", "less_than_sign", "speed(-1)", "Slower", "Play slower."),
    Key("live", "faster", "greater_than_sign", "speed(1)", "Faster", "Play faster."),
    Key("laps", "compare", "c", "compare", "Compare", "Compare this lap, or not.", 16),
    Key("laps", "reference", "r", "reference", "Reference", "Compare with this.", 18),
    Key("laps", "statistics", "s", "statistics", "Statistics", "Pace, fuel.", 22),
    Key("laps", "exclude", "x", "exclude", "Count", "Let it count, or not.", 20),
    Key("laps", "notes", "t", "notes", "Tag", "Tags, note, driver, stint.", 22),
    Key("laps", "lines", "L", "lines", "Sectors", "Move the sector lines."),
    Key("laps", "export", "E", "export", "Export", "Write this lap to a file.", 24),
    Key("laps", "delete", "d", "delete", "Delete", "Delete this lap.", 25),
    Key("laps", "filter", "slash", "filter", "Filter", "Show matching rows.", 30),
    Key("garage", "open", "enter", "open", "Open", "Open what it holds.", 10),
    Key("garage", "new", "n", "new", "Car", "Make a car.", 15),
    Key("garage", "parts", "p", "new_parts", "Parts", "Make a parts list.", 16),
    Key("garage", "setup", "s", "new_setup", "Setup", "Make a setup.", 17),
    Key("garage", "compare", "c", "compare", "Compare", "Compare two setups.", 18),
    Key("garage", "edit", "e", "edit", "Edit", "Edit name and notes.", 20),
    Key("garage", "delete", "d", "delete", "Delete", "Delete this.", 25),
    Key("garage", "copy", "y", "copy", "Copy", "Copy parts list or setup.", 26),
    Key("garage", "filter", "slash", "filter", "Filter", "Show matching rows.", 30),
    Key("studio", "open", "enter", "open", "Open", "Open or follow this.", 10),
    Key("studio", "filter", "slash", "filter", "Filter", "Show matching rows.", 12),
    Key("studio", "sort", "o", "sort", "Sort", "Sort by a column.", 14),
    Key("studio", "sql", "s", "sql", "SQL", "Ask in SQL.", 16),
    Key("studio", "edit", "e", "edit", "Edit", "Correct this value.", 11),
    Key("studio", "frames", "f", "frames", "Frames", "Open the lap's frames.", 13),
    Key(
        "studio",
        "next",
        "right_square_bracket",
        "page(1)",
        "Next page",
        "Turn to the next page.",
        20,
    ),
    Key(
        "studio",
        "previous",
        "left_square_bracket",
        "page(-1)",
        "Page before",
        "Turn to the page before.",
    ),
    Key("studio", "right", "right", "columns(1)", "Right", "Show columns right."),
    Key("studio", "left", "left", "columns(-1)", "Left", "Show columns left."),
    Key(
        "sql_editor",
        "run",
        "enter",
        "run",
        "Run",
        "Run it.",
        10,
        is_priority=True,
    ),
    Key(
        "sql_editor",
        "newline",
        "ctrl+j",
        "newline",
        "New line",
        "Begin a new line.",
        is_priority=True,
    ),
    Key("sql", "laps", "ctrl+l", "laps", "Laps", "Choose laps for frames.", 14),
    Key("sql", "export", "ctrl+s", "export", "Export", "Write all rows.", 16),
    Key("sql", "plan", "ctrl+t", "plan", "Plan", "Show the plan alone.", 18),
    Key("sql", "filter", "slash", "filter", "Filter", "Show matching rows."),
    Key(
        "sql",
        "next",
        "right_square_bracket",
        "page(1)",
        "Next page",
        "Show the next rows.",
        20,
    ),
    Key(
        "sql",
        "previous",
        "left_square_bracket",
        "page(-1)",
        "Page before",
        "Show the rows before.",
    ),
    Key("sql", "right", "right", "columns(1)", "Right", "Show columns right."),
    Key("sql", "left", "left", "columns(-1)", "Left", "Show columns left."),
    Key("pick", "choose", "enter", "done", "Choose", "Take this one."),
    Key("pick", "mark", "space", "mark", "Mark", "Mark several."),
    Key("pick", "filter", "slash", "filter", "Filter", "Show matching rows."),
    Key("rows", "down", "down", "row(1)", "Down", "Go to the next row."),
    Key("rows", "up", "up", "row(-1)", "Up", "Go to the row before."),
    Key("compare_setups", "all", "a", "all", "All", "Show all, or differences."),
    Key("compare", "best", "b", "best", "Quickest laps", "Take quick laps.", 5),
    Key("compare", "open", "enter", "open", "Look", "Look at this row.", 10),
    Key("compare", "down", "down,j", "row(1)", "Down", "Next row of the table."),
    Key("compare", "up", "up,k", "row(-1)", "Up", "Previous row of the table."),
    Key("compare", "left", "left", "move(-1)", "Left", "Move the cursor back."),
    Key("compare", "right", "right", "move(1)", "Right", "Move the cursor on."),
    Key("compare", "far_left", "shift+left", "fast(-1)", "Left", "Ten columns back."),
    Key("compare", "far_right", "shift+right", "fast(1)", "Right", "Ten columns on."),
    Key("compare", "line", "home,g", "to(0.0)", "Line", "Go to the line."),
    Key("compare", "finish", "end,G", "to(1.0)", "Finish", "Go to the next line."),
    Key("compare", "corner", "full_stop", "corner(1)", "Corner", "Next corner.", 15),
    Key("compare", "corner_back", "comma", "corner(-1)", "Back", "Previous corner."),
    Key("compare", "nearer", "plus,equals_sign", "zoom(1)", "Zoom", "Look nearer.", 20),
    Key("compare", "farther", "minus", "zoom(-1)", "Farther", "Show more of the lap."),
    Key("compare", "whole", "0", "zoom(0)", "Whole lap", "Show the whole lap.", 35),
    Key("compare", "earlier", "left_square_bracket", "pan(-1)", "Pan", "Move back."),
    Key("compare", "later", "right_square_bracket", "pan(1)", "Pan", "Move on."),
    Key("compare", "versus", "v", "versus", "Versus", "Look at the next lap.", 25),
    Key("compare", "reference", "r", "reference", "Swap", "Make this lap A.", 30),
    Key("compare", "take_out", "c", "take_out", "Drop", "Compare without it.", 32),
    Key("compare", "clear", "C", "clear", "Clear", "Take every lap out."),
    Key("compare", "division", "t", "division", "Parts", "Corners or sectors.", 40),
    Key("compare", "panels", "p", "panels", "Panels", "Choose the channels.", 22),
    Key("compare", "layouts", "L", "layouts", "Layouts", "Load or save panels."),
    Key("compare", "formula", "f", "formula", "Formula", "Make a math channel."),
    Key("compare", "statistics", "s", "statistics", "Statistics", "Pace, fuel.", 42),
    Key("panels", "done", "enter", "done", "Draw", "Draw what is marked."),
    Key("panels", "mark", "space", "mark", "Mark", "Draw this channel, or not."),
    Key("panels", "together", "t", "together", "Together", "In the panel above."),
    Key("panels", "new", "n", "new", "New", "Make a math channel."),
    Key("panels", "edit", "e", "edit", "Edit", "Edit this math channel."),
    Key("panels", "delete", "d", "delete", "Delete", "Delete this math channel."),
    Key("panels", "filter", "slash", "filter", "Filter", "Show matching rows."),
    Key("live_maths", "done", "enter", "done", "Show", "Show what is marked."),
    Key("live_maths", "mark", "space", "mark", "Read", "Read it out, or not."),
    Key("live_maths", "trace", "t", "trace", "Trace", "Draw it in place of a plot."),
    Key("live_maths", "new", "n", "new", "New", "Make a math channel."),
    Key("live_maths", "filter", "slash", "filter", "Filter", "Show matching rows."),
    Key("layouts", "done", "enter", "done", "Load", "Draw these panels."),
    Key("layouts", "new", "n", "new", "New", "Save the panels under a name."),
    Key("layouts", "overwrite", "s", "overwrite", "Save", "Save the panels here."),
    Key("layouts", "rename", "e", "rename", "Rename", "Give another name."),
    Key("layouts", "star", "space", "star", "Default", "Begin with these panels."),
    Key("layouts", "delete", "d", "delete", "Delete", "Delete this layout."),
    Key("layouts", "undo", "u", "undo", "Undo", "Bring back what was deleted."),
    Key("compare", "map", "o", "map", "Map", "Losses or pedals on the map.", 45),
    Key("compare", "axis", "x", "axis", "X axis", "Draw over place, or over time.", 44),
    Key("markers", "done", "enter", "done", "Look", "Go to this moment."),
    Key("markers", "edit", "e", "edit", "Words", "Change the words."),
    Key("markers", "delete", "d", "delete", "Delete", "Delete this marker."),
    Key("markers", "undo", "u", "undo", "Undo", "Bring back what was deleted."),
    Key("markers", "filter", "slash", "filter", "Filter", "Show matching rows."),
    Key(
        "database", "deep", "D", "deep_check", "Deep check", "Read every trace too.", 10
    ),
    Key("database", "repair", "p", "repair", "Repair", "Show the repair, then do.", 15),
    Key("database", "studio", "t", "studio", "Tables", "Browse the tables.", 18),
    Key("database", "commands", "c", "commands", "Commands", "Every command.", 12),
    Key("database", "restore", "o", "restore", "Restore", "Put a backup in place."),
    Key("database", "reset", "X", "reset", "Reset", "Empty the database."),
    Key("database", "backup", "b", "backup", "Backup", "Write a verified copy.", 20),
    Key("settings", "open", "enter", "open", "Change", "Change this setting.", 10),
    Key("settings", "default", "d", "default", "Default", "Back to the default.", 15),
    Key("settings", "restart", "r", "restart", "Start anew", "With new settings.", 20),
    Key("settings", "filter", "slash", "filter", "Filter", "Show matching rows.", 30),
    Key("commands", "open", "enter", "open", "Run", "Run this command.", 10),
    Key("commands", "filter", "slash", "filter", "Filter", "Show matching rows.", 12),
    Key(
        "commands",
        "next",
        "right_square_bracket",
        "page(1)",
        "Result",
        "Turn to the next page of the result.",
        14,
    ),
    Key(
        "commands",
        "previous",
        "left_square_bracket",
        "page(-1)",
        "Page before",
        "Turn to the page before of the result.",
    ),
    Key("result", "down", "down,j", "down", "Down", "One line down."),
    Key("result", "up", "up,k", "up", "Up", "One line up."),
    Key("result", "left", "left", "left", "Left", "Show what is left."),
    Key("result", "right", "right", "right", "Right", "Show what is right."),
    Key("result", "page_down", "pagedown", "page(1)", "Page down", "One page down."),
    Key("result", "page_up", "pageup", "page(-1)", "Page up", "One page up."),
    Key("result", "first", "g,home", "first", "First", "Go to the first line."),
    Key("result", "last", "G,end", "last", "Last", "Go to the last line."),
)

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
