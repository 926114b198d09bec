"""Times, sizes, ids, identities and the best lap."""

from __future__ import annotations

import uuid

import pytest

from ps_tui.domain.frame import Frame, Identity
from ps_tui.domain.ids import new_id, short_id
from ps_tui.domain.models import (
    Lap,
    LapKind,
    Session,
    SessionStatus,
    best_lap,
    mixed_tracks,
)
from ps_tui.domain.units import (
    NO_TIME,
    format_age,
    format_bytes,
    format_gap,
    format_lap_time,
)


@pytest.mark.parametrize(
    ("lap_time_ms", "written"),
    [
        (None, NO_TIME),
        (-1, NO_TIME),
        (0, "0:00.000"),
        (59_999, "0:59.999"),
        (60_000, "1:00.000"),
        (344_684, "5:44.684"),
        (3_600_000, "60:00.000"),
    ],
)
def test_lap_times(lap_time_ms: int | None, written: str) -> None:
    assert format_lap_time(lap_time_ms) == written


@pytest.mark.parametrize(
    ("gap_ms", "written"),
    [(None, ""), (0, "+0.000"), (123, "+0.123"), (-4_567, "-4.567")],
)
def test_gaps(gap_ms: int | None, written: str) -> None:
    assert format_gap(gap_ms) == written


@pytest.mark.parametrize(
    ("size", "written"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (3_355_443, "3.2 MiB"),
        (120 * 1024**3, "120 GiB"),
        (5 * 1024**5, "5120 TiB"),
    ],
)
def test_sizes(size: int, written: str) -> None:
    assert format_bytes(size) == written


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0, "0 s"),
        (89, "89 s"),
        (180, "3 min"),
        (7_200, "2 h"),
        (259_200, "3 d"),
    ],
)
def test_ages(seconds: float, written: str) -> None:
    assert format_age(seconds) == written


@pytest.mark.parametrize(
    ("places", "named"),
    [
        ([("Monza", "GP"), ("Monza", "GP"), (None, None)], ""),
        ([("Monza", "GP"), ("Monza", None)], ""),
        ([("Monza", "GP"), ("Spa", None), ("Monza", None)], "Monza and Spa."),
        ([("Monza", "GP"), ("Monza", "Junior")], "Monza GP and Monza Junior."),
        ([("A", None), ("B", None), ("C", "x")], "A, B and C."),
    ],
)
def test_laps_of_several_tracks_do_not_compare(
    places: list[tuple[str | None, str | None]], named: str
) -> None:
    sessions = [
        Session("s", "s", "auto", SessionStatus.COMPLETED, 0, track=track, layout=one)
        for track, one in places
    ]
    said = mixed_tracks(sessions)
    assert bool(said) == bool(named)
    assert named in said


def test_ids_are_version_7_and_sort_by_creation() -> None:
    moments_ms = [0, 1, 1_700_000_000_000, 1_700_000_000_001]
    ids = [new_id(moment_ms) for moment_ms in moments_ms]

    assert ids == sorted(ids)
    for made, moment_ms in zip(ids, moments_ms, strict=True):
        parsed = uuid.UUID(made)
        assert (parsed.version, parsed.variant) == (7, uuid.RFC_4122)
        assert parsed.int >> 80 == moment_ms
        assert made.endswith(short_id(made))
    assert len({new_id(5) for _ in range(100)}) == 100


def test_an_identity_learns_and_never_forgets() -> None:
    known = Identity(car="R8", track="monza")
    merged = known.merged(Identity(track="imola", max_rpm=8500.0))

    assert merged == Identity(car="R8", track="imola", max_rpm=8500.0)
    assert known.merged(Identity()) is known


def test_further_channels_of_a_frame() -> None:
    frame = Frame(received_us=1, timestamp_ms=1, extra=(1.5, float("nan")))

    assert [frame.extra_value(index) for index in range(3)] == [1.5, None, None]


def lap(number: int, lap_time_ms: int | None, **fields: object) -> Lap:
    known: dict[str, object] = {"kind": LapKind.FLYING, "valid": True, **fields}
    return Lap(
        id=str(number),
        session_id="s",
        lap_number=number,
        lap_time_ms=lap_time_ms,
        started_us=0,
        **known,  # type: ignore[arg-type]
    )


def test_only_whole_valid_flying_laps_are_best() -> None:
    counting = [lap(1, 90_000), lap(2, 89_000), lap(3, 89_500)]
    others = [
        lap(4, 80_000, valid=False),
        lap(5, None),
        lap(6, 70_000, is_open=True),
        *(lap(7, 60_000, kind=kind) for kind in LapKind if kind is not LapKind.FLYING),
    ]

    assert best_lap(counting + others) == counting[1]
    assert best_lap(others) is None
    assert best_lap([]) is None
