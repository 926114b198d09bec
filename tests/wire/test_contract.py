"""Field numbers and types that other programs rely on."""

from __future__ import annotations

from ps_tui.domain.channel import CHANNELS, wheel_keys
from ps_tui.wire.telemetry_pb2 import TelemetryFrame

FIELDS = TelemetryFrame.DESCRIPTOR.fields_by_number


def test_original_fields_keep_numbers_and_types() -> None:
    original = {
        number: (FIELDS[number].name, FIELDS[number].type) for number in range(1, 15)
    }
    int64, int32, real = 3, 5, 2
    assert original == {
        1: ("timestamp", int64),
        2: ("speed", real),
        3: ("throttle", real),
        4: ("brake", real),
        5: ("steering", real),
        6: ("gear", int32),
        7: ("rpm", int32),
        8: ("normalized_position", real),
        9: ("lap_number", int32),
        10: ("lap_time", int32),
        11: ("session_time", real),
        12: ("session_type", int32),
        13: ("track_position", int32),
        14: ("delta", int32),
    }


def test_additions_begin_at_twenty_and_may_be_absent() -> None:
    additions = [field for number, field in FIELDS.items() if number > 14]
    assert min(field.number for field in additions) == 20
    assert all(field.has_presence or field.is_repeated for field in additions)


def test_every_measured_addition_is_a_known_channel() -> None:
    identity = {"car", "driver", "track", "layout", "track_length", "sequence"}
    names = {field.name for number, field in FIELDS.items() if number > 10} - identity
    repeated = {field.name for field in FIELDS.values() if field.is_repeated}
    keys = {key for name in repeated for key in wheel_keys(name)} | (names - repeated)
    assert keys <= CHANNELS.keys()
