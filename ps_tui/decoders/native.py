"""Our own frames: one serialised TelemetryFrame (proto/telemetry.proto) a datagram.

Protobuf accepts much that is no frame, an empty datagram among it, so that every
value is checked here: what the ten core fields may hold decides whether there is
a frame at all; a further channel that makes no sense is only left out.
"""

from __future__ import annotations

from math import hypot, isnan, nan
from operator import attrgetter, gt, lt

from google.protobuf.message import DecodeError

from ps_tui.decoders.text import clean_name
from ps_tui.domain.channel import wheel_keys
from ps_tui.domain.frame import Decoded, Frame, Identity, Rejected
from ps_tui.wire.telemetry_pb2 import TelemetryFrame

_LIMIT = 1e8
"""Beyond any metre, millisecond, degree or newton of a drive."""

_BOUNDS: dict[str, tuple[float, float]] = {
    "clutch": (0.0, 1.0),
    "best_lap_time": (1.0, _LIMIT),
    "fuel": (0.0, 10_000.0),
    "max_rpm": (0.0, 50_000.0),
    "sector1_time": (1.0, _LIMIT),
    "sector2_time": (1.0, _LIMIT),
    "ers_charge": (0.0, 1.0),
}
"""Channels with bounds of their own; they come first."""

SCALARS: tuple[str, ...] = (
    *_BOUNDS,
    "world_x",
    "world_y",
    "world_z",
    "g_lateral",
    "g_longitudinal",
    "g_vertical",
    "delta",
    "track_position",
    "session_time",
    "session_type",
    "lap_distance",
    "drs_open",
    "flag",
)
"""Optional fields that become channels of the same name."""

QUADRUPLES: tuple[str, ...] = (
    "tyre_temperature",
    "tyre_pressure",
    "tyre_wear",
    "brake_temperature",
    "suspension_travel",
    "wheel_slip",
)
"""Repeated fields of four wheels; another number of values is as good as none."""

CHANNELS: tuple[str, ...] = (
    *SCALARS,
    *(key for stem in QUADRUPLES for key in wheel_keys(stem)),
)

_WHEEL_BOUNDS = tuple(
    (0.0, 1.0) if stem == "tyre_wear" else (-_LIMIT, _LIMIT) for stem in QUADRUPLES
)
_LOWS = tuple(low for low, _ in _BOUNDS.values())
_HIGHS = tuple(high for _, high in _BOUNDS.values())
_TOLERANCE = 0.01

_EPOCH_FROM_MS = 946_684_800_000
_EPOCH_UNTIL_MS = 7_258_118_400_000
"""The years 2000 to 2200: a sender's timestamp that is a date lies between."""
_INT64_MS = 1 << 53

_read_core = attrgetter(
    "timestamp",
    "throttle",
    "brake",
    "steering",
    "speed",
    "gear",
    "rpm",
    "lap_time",
    "lap_number",
    "normalized_position",
)
_read_facts = attrgetter("sequence", "in_pit", "lap_valid", "last_lap_time")
_read_scalars = attrgetter(*SCALARS)
_read_quadruples = attrgetter(*QUADRUPLES)
_read_identity = attrgetter("car", "driver", "track", "layout", "track_length")
_NO_IDENTITY = ("", "", "", "", 0.0)
_NO_QUADRUPLE = [nan, nan, nan, nan]

Core = tuple[int, float, float, float, float, int, int, int, int, float]
"""Fields 1 to 10 in the order of Frame."""

_INTEGER_SIZES = (0, *(1 + (bits + 6) // 7 for bits in range(1, 65)))
"""Bytes of an integer by how many bits it has: a tag, and one for each seven bits."""


class NativeDecoder:
    """Reads TelemetryFrame messages; missing optional fields stay missing.

    A timestamp of 0 is replaced by the time of reception.
    """

    source = "native"
    channels = CHANNELS

    def __init__(self) -> None:
        self.identity: Identity | None = None
        self._sent_identity: tuple[object, ...] = _NO_IDENTITY
        self._sends_options = False

    def decode(self, datagram: bytes, received_us: int) -> Decoded:
        """Return the frame of a message, or why there is none.

        A message that carries names and nothing else gives an Identity.
        """
        try:
            message = TelemetryFrame.FromString(datagram)
        except DecodeError:
            return Rejected("no TelemetryFrame message")
        core: Core = _read_core(message)
        # fmt: off
        (
            timestamp_ms, throttle, brake, steering, speed_kmh,
            gear, rpm, lap_time_ms, lap_number, position,
        ) = core
        # fmt: on
        if not (
            0.0 <= throttle <= 1.0
            and 0.0 <= brake <= 1.0
            and -1.0 <= steering <= 1.0
            and -1000.0 <= speed_kmh <= 1000.0
            and -1 <= gear <= 20
            and 0 <= rpm <= 50_000
            and lap_time_ms >= 0
            and 0 <= lap_number <= 100_000
            and 0.0 <= position <= 1.0
            and _EPOCH_FROM_MS <= timestamp_ms < _EPOCH_UNTIL_MS
        ):
            return self._decode_unusual(message, core, received_us)
        if not self._sends_options:
            sequence = message.sequence
            if len(datagram) == _bare_size(core, sequence):
                # fmt: off
                return Frame(
                    received_us, timestamp_ms, throttle, brake, steering, speed_kmh,
                    gear, rpm, lap_time_ms, lap_number, position,
                    None, None, None, sequence or None,
                )
                # fmt: on
        return self._with_options(message, core, received_us)

    def _decode_unusual(
        self, message: TelemetryFrame, core: Core, received_us: int
    ) -> Decoded:
        """Forgive overshoots and missing clocks; refuse what is out of range."""
        # fmt: off
        (
            timestamp_ms, throttle, brake, steering, speed_kmh,
            gear, rpm, lap_time_ms, lap_number, position,
        ) = core
        # fmt: on
        for name, value, low, high in (
            ("throttle", throttle, -0.01, 1.01),
            ("brake", brake, -0.01, 1.01),
            ("steering", steering, -1.01, 1.01),
            ("speed", speed_kmh, -1000.0, 1000.0),
            ("gear", gear, -1, 20),
            ("rpm", rpm, -1000, 50_000),
            ("lap_time", lap_time_ms, 0, 1 << 31),
            ("lap_number", lap_number, 0, 100_000),
            ("normalized_position", position, -0.01, 1.01),
            ("timestamp", timestamp_ms, 0, _INT64_MS),
        ):
            if not low <= value <= high:
                return Rejected(f"{name} out of range")
        if timestamp_ms < _EPOCH_FROM_MS and sum(value != 0 for value in core) < 3:
            if _read_identity(message) != _NO_IDENTITY and not any(core):
                self._learn_identity(message)
                return self.identity or Rejected("names without a letter")
            return Rejected("a message without the fields of a frame")
        clamped: Core = (
            timestamp_ms or received_us // 1000,
            min(max(throttle, 0.0), 1.0),
            min(max(brake, 0.0), 1.0),
            min(max(steering, -1.0), 1.0),
            speed_kmh,
            gear,
            max(rpm, 0),
            lap_time_ms,
            lap_number,
            min(max(position, 0.0), 1.0),
        )
        return self._with_options(message, clamped, received_us)

    def _with_options(
        self, message: TelemetryFrame, core: Core, received_us: int
    ) -> Frame:
        """Add what fields 11 and up say to the ten core fields."""
        if _read_identity(message) != self._sent_identity:
            self._learn_identity(message)
        has = message.HasField
        sequence, in_pit, lap_valid, last_lap_ms = _read_facts(message)
        extra = _extra(message)
        self._sends_options = bool(extra)
        return Frame(
            received_us,
            *core,
            in_pit if in_pit or has("in_pit") else None,
            lap_valid if lap_valid or has("lap_valid") else None,
            last_lap_ms if last_lap_ms > 0 else None,
            sequence if sequence or has("sequence") else None,
            None,
            extra,
        )

    def _learn_identity(self, message: TelemetryFrame) -> None:
        sent = _read_identity(message)
        if sent == _NO_IDENTITY:
            return
        self._sent_identity = sent
        car, driver, track, layout, track_length_m = sent
        max_rpm = message.max_rpm
        newer = Identity(
            car=clean_name(car),
            driver=clean_name(driver),
            track=clean_name(track),
            layout=clean_name(layout),
            track_length_m=track_length_m if 0 < track_length_m < 1e6 else None,
            max_rpm=max_rpm if 0 < max_rpm < 50_000 else None,
        )
        known = self.identity or Identity()
        merged = known.merged(newer)
        if merged != known:
            self.identity = merged


def _bare_size(core: Core, sequence: int) -> int:
    """Return how many bytes fields 1 to 10 and the sequence take at least.

    A datagram of that size has no room for any other field; to ask for all 29 of
    them costs more than the rest of decoding. Zero is not sent, and a float takes
    four bytes behind its tag.
    """
    # fmt: off
    (
        _, throttle, brake, steering, speed,
        gear, rpm, lap_time, lap_number, position,
    ) = core
    # fmt: on
    sizes = _INTEGER_SIZES
    size = (
        7  # a date, until the year 2109
        + sizes[gear.bit_length()]  # too few in reverse, which goes the long way
        + sizes[rpm.bit_length()]
        + sizes[lap_time.bit_length()]
        + sizes[lap_number.bit_length()]
    )
    if throttle:
        size += 5
    if brake:
        size += 5
    if steering:
        size += 5
    if speed:
        size += 5
    if position:
        size += 5
    if sequence:
        size += 1 + sizes[sequence.bit_length()]  # its tag takes two bytes
    return size


def _extra(message: TelemetryFrame) -> tuple[float, ...]:
    """Return the channels that are there, NaN in the gaps, nothing behind the last."""
    has = message.HasField
    scalars = _read_scalars(message)
    values = [
        value + 0.0 if value or has(name) else nan
        for name, value in zip(SCALARS, scalars, strict=True)
    ]
    # NaN, for what is absent, is neither below nor above its bounds.
    if (
        not hypot(*scalars) < _LIMIT
        or any(map(lt, values, _LOWS))
        or any(map(gt, values, _HIGHS))
    ):
        values = [
            _bounded(value, *_BOUNDS.get(name, (-_LIMIT, _LIMIT)))
            for name, value in zip(SCALARS, values, strict=True)
        ]
    quadruples = _read_quadruples(message)
    if not any(quadruples):
        while values and isnan(values[-1]):
            del values[-1]
        return tuple(values)
    length = 0
    for quadruple, (low, high) in zip(quadruples, _WHEEL_BOUNDS, strict=True):
        wheels = quadruple[:]
        if len(wheels) == 4:
            # The first one tells NaN, which is neither below nor above anything.
            if not hypot(*wheels) < _LIMIT or min(wheels) < low or max(wheels) > high:
                wheels = [_bounded(value, low, high) for value in wheels]
            values += wheels
            length = len(values)
        else:
            values += _NO_QUADRUPLE
    return tuple(values[:length])


def _bounded(value: float, low: float, high: float) -> float:
    """Forgive a rounding error beyond a bound; blank what is further out."""
    if low <= value <= high:
        return value
    if low - _TOLERANCE <= value <= high + _TOLERANCE:
        return min(max(value, low), high)
    return nan
