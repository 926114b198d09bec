"""Laps as one JSON document: what is known of them, and their frames by channel.

The document is that of :mod:`ps_tui.export.facts`; each lap has ``"frames"`` besides,
an object of one array per channel. Missing values are ``null``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO

import msgspec
import numpy as np

from ps_tui.domain.models import LapTrace
from ps_tui.export import facts
from ps_tui.export.selection import LapSelection
from ps_tui.export.text import as_text


class JsonExporter:
    """Implements ``formats.LapWriter``."""

    def write_laps(self, laps: LapSelection, out: BinaryIO) -> Mapping[str, bytes]:
        """Write all laps, one at a time in memory; there is no second file."""
        head = facts.describe(laps, laps.keys())
        head.pop("sessions")
        out.write(_opened(head) + b',\n"sessions":[')
        traces = laps.traces()
        for number, outing in enumerate(laps.outings):
            out.write(b"," if number else b"")
            out.write(b"\n" + _opened(facts.of_session(outing.session)))
            out.write(b',"laps":[')
            for place, lap in enumerate(outing.laps):
                out.write(b"," if place else b"")
                out.write(b"\n" + _opened(facts.of_lap(lap)))
                out.write(b',"frames":' + _frames(next(traces)) + b"}")
            markers = [facts.of_marker(marker) for marker in outing.markers]
            out.write(b'],"markers":' + msgspec.json.encode(markers) + b"}")
        # Ends the pass, so that whoever counts laps hears of the last one.
        next(traces, None)
        out.write(b"]}\n")
        return {}


def _opened(fields: dict[str, Any]) -> bytes:
    return msgspec.json.encode(fields)[:-1]


def _frames(trace: LapTrace) -> bytes:
    arrays = []
    for key, column in trace.columns.items():
        values = np.asarray(column)
        if values.dtype.kind == "f" and np.isinf(values).any():
            values = np.where(np.isinf(values), np.nan, values)
        arrays.append(f'"{key}":[{",".join(as_text(values, "null"))}]')
    return ("{" + ",".join(arrays) + "}").encode()
