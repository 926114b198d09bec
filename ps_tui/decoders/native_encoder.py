"""Frames to native messages: what the demo and forwarding send."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

from ps_tui.decoders.native import QUADRUPLES, SCALARS
from ps_tui.domain.channel import wheel_keys
from ps_tui.domain.frame import Frame, Identity
from ps_tui.wire.telemetry_pb2 import TelemetryFrame

_INT_FIELDS = frozenset(
    field.name
    for field in TelemetryFrame.DESCRIPTOR.fields
    if field.cpp_type == field.CPPTYPE_INT32
)


def encode_native(
    frame: Frame,
    channels: Sequence[str],
    identity: Identity | None = None,
    sequence: int | None = None,
) -> bytes:
    """Return ``frame`` as one datagram for a native listener.

    ``channels`` names ``frame.extra``; channels without a field in the message are
    left out. The ten core fields cannot be absent on the wire: ``None`` becomes 0, and
    the first lap where none is counted yet, for a lap 0 would end where it begins.
    ``sequence`` goes before the frame's own.
    """
    message = TelemetryFrame(
        timestamp=frame.timestamp_ms,
        speed=frame.speed_kmh or 0.0,
        throttle=frame.throttle or 0.0,
        brake=frame.brake or 0.0,
        steering=frame.steering or 0.0,
        gear=frame.gear or 0,
        rpm=round(frame.rpm or 0.0),
        normalized_position=frame.normalized_position or 0.0,
        lap_number=1 if frame.lap_number is None else frame.lap_number,
        lap_time=frame.lap_time_ms or 0,
        in_pit=frame.in_pit,
        lap_valid=frame.lap_valid,
        last_lap_time=frame.last_lap_ms,
        sequence=frame.sequence if sequence is None else sequence,
    )
    _set_channels(message, dict(zip(channels, frame.extra, strict=False)))
    if identity is not None:
        _set_identity(message, identity)
    return message.SerializeToString()


def _set_channels(message: TelemetryFrame, values: dict[str, float]) -> None:
    for name in SCALARS:
        value = values.get(name)
        if value is None or isnan(value):
            continue
        if name == "drs_open":
            message.drs_open = bool(value)
        else:
            setattr(message, name, round(value) if name in _INT_FIELDS else value)
    for name in QUADRUPLES:
        wheels = [values.get(key, float("nan")) for key in wheel_keys(name)]
        if not all(map(isnan, wheels)):
            getattr(message, name).extend(wheels)


def _set_identity(message: TelemetryFrame, identity: Identity) -> None:
    for name in ("car", "driver", "track", "layout"):
        text = getattr(identity, name)
        if text:
            setattr(message, name, text)
    if identity.track_length_m is not None:
        message.track_length = identity.track_length_m
    if identity.max_rpm is not None:
        message.max_rpm = identity.max_rpm
