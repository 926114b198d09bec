"""The .ldx file beside a log: XML with the lap beacons, as the games write it.

Times are microseconds since the log began. i2 takes what lies before the first beacon
as the out lap, number 0, and counts the laps from there. Details are free text; one of
ours carries what is known of the laps, so that reading the log back restores it.
Markers are a group of their own behind the beacons, which alone cut laps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from xml.sax.saxutils import quoteattr

import msgspec

from ps_tui.domain.models import best_lap
from ps_tui.domain.units import format_lap_time
from ps_tui.export.motec.timeline import Segment

FACTS_ID = "Purple Sector Laps"


class PlacedMarker(NamedTuple):
    """A moment that somebody marked, in ms since the log began."""

    at_ms: float
    name: str


def ldx(
    segments: Sequence[Segment], markers: Sequence[PlacedMarker], about: dict[str, Any]
) -> bytes:
    """Return the file: a beacon where each lap begins, and one where the last ends."""
    edges_ms = [segment.start_ms for segment in segments]
    edges_ms += [segment.end_ms for segment in segments[-1:]]
    beacons = [
        _line("BCN", f"{number}, id=99", edge_ms)
        for number, edge_ms in enumerate(edges_ms)
    ]
    marked = [_line("MKR", marker.name, marker.at_ms) for marker in markers]
    lines = [
        '<?xml version="1.0"?>',
        '<LDXFile Locale="C" DefaultLocale="C" Version="1.6">',
        " <Layers>",
        "  <Layer>",
        "   <MarkerBlock>",
        *_group("Beacons", 0, beacons),
        *(_group("Markers", 1, marked) if marked else ()),
        "   </MarkerBlock>",
        "   <RangeBlock/>",
        "  </Layer>",
        "  <Details>",
        *(
            f"   <String Id={quoteattr(name)} Value={quoteattr(value)}/>"
            for name, value in _details(segments, about).items()
        ),
        "  </Details>",
        " </Layers>",
        "</LDXFile>",
    ]
    return ("\n".join(lines) + "\n").encode()


def _line(class_name: str, name: str, at_ms: float) -> str:
    return (
        f'     <Marker Version="100" ClassName="{class_name}" Name={quoteattr(name)}'
        f' Flags="13" Time="{at_ms * 1000.0:.17e}"/>'
    )


def _group(name: str, index: int, lines: Sequence[str]) -> list[str]:
    return [
        f'    <MarkerGroup Name="{name}" Index="{index}">',
        *lines,
        "    </MarkerGroup>",
    ]


def _details(segments: Sequence[Segment], about: dict[str, Any]) -> dict[str, str]:
    laps = [segment.lap for segment in segments]
    details = {"Total Laps": str(len(laps) + 2)}
    best = best_lap(laps)
    if best is not None:
        details["Fastest Time"] = format_lap_time(best.lap_time_ms)
        details["Fastest Lap"] = str(laps.index(best) + 1)
    return details | {FACTS_ID: msgspec.json.encode(about).decode()}
