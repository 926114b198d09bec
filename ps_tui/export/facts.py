"""What is known of laps beside their frames, as plain data.

JSON files hold it, Parquet and .ldx carry it, CSV has it in a second file. Reading
such a file back gives laps their times, classes and notes again.

``{"format": "ps-tui laps", "version": 1, "channels": [{key, label, unit, decimals}],
"event": {name, …} | null, "sessions": [{name, car, …, "laps": [{lap_number, …}],
"markers": [{lap_number, at_ms, position, note, …}]}]}``; ``at_ms`` counts from where
the lap began, and is null between laps.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from ps_tui.domain.channel import Channel
from ps_tui.domain.markers import Marker
from ps_tui.domain.models import Event, Lap, Session
from ps_tui.export.selection import LapSelection

FORMAT = "ps-tui laps"
VERSION = 1

_EVENT = ("id", "name", "description", "location", "start_date", "end_date")
_SESSION = ("id", "name", "source", "car", "driver", "track", "layout", "tags")
_LAP = (
    "id",
    "lap_number",
    "lap_time_ms",
    "kind",
    "valid",
    "is_official",
    "reason",
    "clock_time_ms",
    "started_us",
    "ended_us",
    "frame_count",
    "top_speed_kmh",
    "driver",
    "stint",
    "tags",
    "notes",
    "excluded_us",
    "excluded_reason",
)


class LapFacts(msgspec.Struct):
    """A lap as files describe it; the fields are those of ``domain.models.Lap``."""

    lap_number: int
    lap_time_ms: int | None = None
    kind: str = "partial"
    valid: bool = True
    is_official: bool = False
    reason: str | None = None
    clock_time_ms: int | None = None
    driver: str | None = None
    stint: int | None = None
    tags: str | None = None
    notes: str | None = None
    excluded_us: int | None = None
    excluded_reason: str | None = None


class MarkerFacts(msgspec.Struct):
    """A marker as files describe it."""

    lap_number: int | None = None
    at_ms: int | None = None
    received_us: int | None = None
    position: float | None = None
    note: str = ""


class SessionFacts(msgspec.Struct):
    """A session as files describe it."""

    id: str | None = None
    name: str | None = None
    car: str | None = None
    driver: str | None = None
    track: str | None = None
    layout: str | None = None
    tags: str | None = None
    laps: list[LapFacts] = []
    markers: list[MarkerFacts] = []


class Facts(msgspec.Struct):
    """The whole description; unknown fields of later versions are passed over."""

    format: str
    version: int
    sessions: list[SessionFacts] = []


def describe(selection: LapSelection, keys: Iterable[str] = ()) -> dict[str, Any]:
    """Return everything known of the laps but their frames."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "channels": [_of_channel(selection.channel(key)) for key in keys],
        "event": None if selection.event is None else of_event(selection.event),
        "sessions": [
            of_session(outing.session)
            | {
                "laps": [of_lap(lap) for lap in outing.laps],
                "markers": [of_marker(marker) for marker in outing.markers],
            }
            for outing in selection.outings
        ],
    }


def of_event(event: Event) -> dict[str, Any]:
    """Return what files say of an event."""
    return {name: getattr(event, name) for name in _EVENT}


def of_session(session: Session | None) -> dict[str, Any]:
    """Return what files say of a session, everything empty where it is unknown."""
    return {name: getattr(session, name, None) for name in _SESSION}


def of_lap(lap: Lap) -> dict[str, Any]:
    """Return what files say of a lap."""
    facts = {name: getattr(lap, name) for name in _LAP}
    return facts | {"kind": lap.kind.value}


def of_marker(marker: Marker) -> dict[str, Any]:
    """Return what files say of a marker."""
    facts = MarkerFacts(
        marker.lap_number,
        marker.since_line_ms,
        marker.received_us,
        marker.position,
        marker.note,
    )
    return msgspec.structs.asdict(facts)


def _of_channel(channel: Channel) -> dict[str, Any]:
    return {
        "key": channel.key,
        "label": channel.label,
        "unit": channel.unit,
        "decimals": channel.decimals,
    }


def parse_facts(text: bytes | str) -> Facts | None:
    """Return a description; ``None`` where the text is none of ours."""
    try:
        facts = msgspec.json.decode(text, type=Facts)
    except msgspec.DecodeError:
        return None
    return facts if facts.format == FORMAT and facts.version == VERSION else None
