"""Sends a recorded session again, as native frames with names and numbers."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan
from typing import Any

from ps_tui.collector.pcap import Datagram
from ps_tui.collector.replay import Progress, sending_to
from ps_tui.decoders.native import CHANNELS
from ps_tui.decoders.native_encoder import encode_native
from ps_tui.domain.channel import FRAME_CHANNELS, FRAME_FIELDS, LAP_FACTS
from ps_tui.domain.errors import UsageError
from ps_tui.domain.frame import Frame, Identity
from ps_tui.domain.models import LapTrace, Session
from ps_tui.domain.ports import Library

IDENTITY_EVERY = 120
"""Frames between two that name car and track, for listeners that come late."""
_FIELDS = dict(
    zip((channel.key for channel in FRAME_CHANNELS), FRAME_FIELDS, strict=True)
) | dict(zip(LAP_FACTS, ("in_pit", "lap_valid", "last_lap_ms"), strict=True))
_INTEGERS = frozenset(
    ("timestamp_ms", "gear", "lap_time_ms", "lap_number", "last_lap_ms")
)
_FLAGS = frozenset(("in_pit", "lap_valid"))
_NOWHERE = ("0.0.0.0", 0)


async def replay_session(
    library: Library,
    session_id: str,
    target: tuple[str, int],
    *,
    speed: float = 1.0,
    loop: bool = False,
    on_progress: Progress | None = None,
) -> int:
    """Send every frame of a session to ``target`` and return how many.

    Arguments as those of ``replay``. Raises NotFoundError for an unknown session,
    UsageError for one without frames, NetworkError for the host.
    """
    session = await library.session(session_id)
    laps = [lap for lap in await library.laps(session.id) if lap.frame_count]
    if not laps:
        raise UsageError(f"Session {session.name!r} holds no frames.", "Give another.")
    total = sum(lap.frame_count for lap in laps)
    async with sending_to(*target, speed, total, on_progress) as sending:
        while True:
            sequence = 0
            for lap in laps:
                trace = await library.load_trace(lap.id)
                await sending.send_all(_datagrams(trace, session, sequence))
                sequence += lap.frame_count
            if not loop:
                break
            await sending.begin_anew()
    return sending.progress.count


def _datagrams(trace: LapTrace, session: Session, sequence: int) -> Iterator[Datagram]:
    identity = Identity(
        car=session.car,
        driver=session.driver,
        track=session.track,
        layout=session.layout,
    )
    for frame in _frames(trace):
        is_due = sequence % IDENTITY_EVERY == 0
        payload = encode_native(
            frame, CHANNELS, identity if is_due else None, sequence=sequence
        )
        sequence += 1
        yield Datagram(frame.received_us, _NOWHERE, _NOWHERE, payload)


def _frames(trace: LapTrace) -> Iterator[Frame]:
    """Yield the rows of a trace as frames with the channels of native messages."""
    columns = {key: column.tolist() for key, column in trace.columns.items()}
    received_us = columns["received_us"]
    fields = {field: columns[key] for key, field in _FIELDS.items() if key in columns}
    absent = [float("nan")] * len(received_us)
    extras = zip(*(columns.get(key, absent) for key in CHANNELS), strict=True)
    for row, extra in enumerate(extras):
        values: dict[str, Any] = {
            field: _value(field, column[row]) for field, column in fields.items()
        }
        values["timestamp_ms"] = values["timestamp_ms"] or int(received_us[row]) // 1000
        yield Frame(received_us=int(received_us[row]), extra=tuple(extra), **values)


def _value(field: str, value: float) -> float | int | bool | None:
    if isnan(value):
        return None
    if field in _FLAGS:
        return bool(value)
    return int(value) if field in _INTEGERS else value
