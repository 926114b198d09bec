"""Native datagrams of a made-up drive."""

from __future__ import annotations

from typing import Any

from ps_tui.wire.telemetry_pb2 import TelemetryFrame

STARTED_MS = 1_760_000_000_000
STEP_MS = 20


def native_frame(index: int, *, lap_ms: int = 60_000, **fields: Any) -> bytes:
    """Return sample ``index`` of a drive at 50 Hz with laps of ``lap_ms``."""
    clock_ms = index * STEP_MS
    values: dict[str, Any] = {
        "timestamp": STARTED_MS + clock_ms,
        "speed": 150.0,
        "throttle": 0.5,
        "gear": 3,
        "rpm": 6000,
        "normalized_position": clock_ms % lap_ms / lap_ms,
        "lap_number": 1 + clock_ms // lap_ms,
        "lap_time": clock_ms % lap_ms,
    }
    return TelemetryFrame(**(values | fields)).SerializeToString()
