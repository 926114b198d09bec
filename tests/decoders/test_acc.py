"""Assetto Corsa Competizione against messages built from the published layouts."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ps_tui.decoders.acc import CHANNELS, AccConversation, AccDecoder, detect
from ps_tui.decoders.conversation import NOTHING, TELEMETRY, Heard
from ps_tui.domain.channel import CHANNELS as TABLE
from ps_tui.domain.frame import Decoded, Frame, Identity, Rejected, Skipped
from ps_tui.domain.lap_detector import LapDetector
from ps_tui.domain.laps import LapCompleted, LapRevised
from ps_tui.domain.models import LapKind
from tests.support.acc import (
    NONE,
    car_update,
    entry,
    entry_list,
    event,
    lap,
    realtime,
    registration,
    text,
    track_data,
)
from tests.support.decoded import assert_sound, extra_of, mangled

START_US = 1_760_000_000_000_000
TICK_US = 100_000
EVERY_KIND = [
    registration(),
    realtime(),
    realtime(is_replay=True),
    car_update(),
    entry_list(4, 5),
    track_data(),
    entry(),
    event(),
]


def feed(*messages: bytes) -> list[Decoded]:
    decoder = AccDecoder()
    return [
        decoder.decode(message, START_US + index * TICK_US)
        for index, message in enumerate(messages)
    ]


def frame_of(*messages: bytes) -> tuple[Frame, dict[str, float]]:
    """Return the frame of the last message and its further channels."""
    decoded = feed(*messages)[-1]
    assert isinstance(decoded, Frame)
    return decoded, extra_of(AccDecoder(), decoded)


def test_update_of_the_car_in_view_is_a_frame() -> None:
    frame, extra = frame_of(track_data(), realtime(), car_update())
    assert (frame.speed_kmh, frame.gear) == (210.0, 4)
    assert (frame.lap_number, frame.lap_time_ms) == (3, 54_321)
    assert (frame.normalized_position, frame.in_pit) == (0.5, False)
    assert (frame.lap_valid, frame.last_lap_ms) == (True, 111_000)
    assert frame.received_us == START_US + 2 * TICK_US
    assert extra == {
        "lap_distance": 2261.0,
        "track_position": 3,
        "delta": -250,
        "best_lap_time": 110_000,
        "sector1_time": 36_100,
        "last_sector1_time": 36_000,
        "last_sector2_time": 36_500,
        "last_sector3_time": 38_500,
        "session_time": 61.5,
        "session_type": 2.0,
        "air_temperature": 22,
        "track_temperature": 31,
    }


def test_what_the_game_does_not_send_is_absent() -> None:
    frame, extra = frame_of(realtime(), car_update())
    assert (frame.throttle, frame.brake, frame.steering, frame.rpm) == (None,) * 4
    assert "lap_distance" not in extra


def test_none_of_the_times_is_a_time() -> None:
    fresh = car_update(
        best=lap(), last=lap(-1), current=lap(NONE, (NONE, NONE, NONE)), delta=NONE
    )
    frame, extra = frame_of(realtime(), fresh)
    assert (frame.lap_time_ms, frame.last_lap_ms) == (None, None)
    assert not {key for key in extra if "sector" in key or "lap" in key}
    assert "delta" not in extra


@pytest.mark.parametrize(("raw", "gear"), [(0, None), (1, -1), (2, 0), (8, 6)])
def test_gears(raw: int, gear: int | None) -> None:
    assert frame_of(realtime(), car_update(gear=raw))[0].gear == gear


@pytest.mark.parametrize(
    ("location", "in_pit"), [(0, None), (1, False), (2, True), (3, True), (4, True)]
)
def test_locations(location: int, in_pit: bool | None) -> None:
    assert frame_of(realtime(), car_update(location=location))[0].in_pit is in_pit


@pytest.mark.parametrize(("spline", "share"), [(-0.01, 0.0), (1.02, 1.0)])
def test_spline_beyond_the_line_stays_at_it(spline: float, share: float) -> None:
    frame, _ = frame_of(realtime(), car_update(spline=spline))
    assert frame.normalized_position == share


def test_invalid_lap() -> None:
    current = lap(1000, is_invalid=True)
    assert frame_of(realtime(), car_update(current=current))[0].lap_valid is False


def test_other_messages_and_cars_have_no_frames() -> None:
    decoded = feed(
        car_update(),
        realtime(),
        car_update(5),
        event(),
        entry_list(4),
        entry(5),
        registration(error="wrong password", success=0),
    )
    assert all(isinstance(part, Skipped) for part in decoded)
    assert decoded[-1] == Skipped("registration refused: wrong password")


def test_registration_is_a_greeting() -> None:
    assert feed(registration()) == [Identity()]


def test_car_driver_and_track_are_named_whichever_comes_first() -> None:
    expected = Identity(
        car="Audi R8 LMS Evo II",
        driver="Second Driver",
        track="Kyalami",
        track_length_m=4522.0,
    )
    parts = [
        track_data(),
        entry(drivers=("First Driver", "Second Driver")),
        realtime(),
        car_update(driver=1),
    ]
    for order in (parts, parts[::-1], [*parts[2:], *parts[:2]]):
        decoder = AccDecoder()
        for message in (*order, realtime(), car_update(driver=1)):
            decoder.decode(message, START_US)
        assert decoder.identity == expected
        known = decoder.identity
        decoder.decode(car_update(driver=1), START_US)
        assert decoder.identity is known


def test_model_of_a_later_game_and_a_car_that_left() -> None:
    decoder = AccDecoder()
    for message in (entry(model=250, drivers=()), realtime(), car_update()):
        decoder.decode(message, START_US)
    assert decoder.identity == Identity(car="car model 250")
    decoder.decode(entry_list(9), START_US)
    decoder.decode(car_update(driver=3), START_US)
    assert decoder.identity == Identity()


@pytest.mark.parametrize(
    "between",
    [realtime(5), realtime(session=(0, 2, 10)), realtime(session=(0, 1, 4))],
    ids=["view", "session", "kind"],
)
def test_another_view_or_session_is_another_session(between: bytes) -> None:
    focused = 5 if between == realtime(5) else 4
    decoded = feed(realtime(), car_update(), between, car_update(focused))
    frames = [part for part in decoded if isinstance(part, Frame)]
    assert [frame.session_uid for frame in frames] == [1, 2]


def test_laps_that_fall_are_another_session() -> None:
    decoded = feed(realtime(), car_update(laps=2), car_update(laps=0))
    frames = [part for part in decoded if isinstance(part, Frame)]
    assert [frame.session_uid for frame in frames] == [1, 2]


def test_laps_are_cut_at_the_line_with_the_time_of_the_game() -> None:
    """Three laps of 100.05 s at ten updates a second, the counter one update late."""
    decoder, detector = AccDecoder(), LapDetector()
    decoder.decode(realtime(), START_US)
    kinds: dict[int, LapKind] = {}
    times_ms: dict[int, int | None] = {}
    for tick in range(2600):
        driven_ms = tick * 100
        done, since_ms = divmod(driven_ms, 100_050)
        counted = done if since_ms >= 100 else max(done - 1, 0)
        message = car_update(
            laps=counted,
            spline=since_ms / 100_050,
            last=lap(100_050 + counted) if counted else lap(),
            current=lap(since_ms),
        )
        frame = decoder.decode(message, START_US + driven_ms * 1000)
        assert isinstance(frame, Frame)
        for happened in detector.feed(frame):
            if isinstance(happened, LapCompleted | LapRevised):
                times_ms[happened.lap_number] = happened.lap_time_ms
            if isinstance(happened, LapCompleted):
                kinds[happened.lap_number] = happened.kind
    assert kinds == {1: LapKind.FLYING, 2: LapKind.FLYING}
    assert times_ms == {1: 100_051, 2: 100_052}


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\0",
        b"\x08\0\0\0",
        car_update()[:-1],
        car_update() + b"\0",
        car_update(gear=30),
        car_update(location=5),
        car_update(speed=2000),
        car_update(spline=float("nan")),
        car_update(spline=1.5),
        car_update(current=lap(1000, range(9))),
        realtime(time_ms=float("inf")),
        realtime(air=200),
        track_data(length_m=-1),
        entry()[:-2],
        entry_list(1, 2) + b"\0",
        event() + b"\0",
        registration() + b"\0",
    ],
)
def test_impossible_messages_are_rejected(message: bytes) -> None:
    assert isinstance(feed(realtime(), message)[1], Rejected)
    assert not detect(message)


@pytest.mark.parametrize("message", EVERY_KIND)
def test_every_message_is_detected(message: bytes) -> None:
    assert detect(message)


def test_every_channel_is_in_the_table_once() -> None:
    assert set(CHANNELS) <= set(TABLE)
    assert len(set(CHANNELS)) == len(CHANNELS)
    assert len(feed(realtime(), car_update())[1].extra) == len(CHANNELS)  # type: ignore[union-attr]


# The conversation


def test_registration_request() -> None:
    (request,) = AccConversation("Name", "pässword", 250).requests()
    assert request == (
        b"\x01\x04"
        + text("Name")
        + text("pässword")
        + struct.pack("<i", 250)
        + text("")
    )


def test_registered_client_asks_for_entries_and_track_and_unregisters() -> None:
    talk = AccConversation()
    assert list(talk.farewell()) == []
    talk.requests()
    heard = talk.hear(registration(connection_id=300))
    assert heard == Heard(
        is_answer=True,
        replies=(struct.pack("<Bi", 10, 300), struct.pack("<Bi", 11, 300)),
    )
    unregister = struct.pack("<Bi", 9, 300)
    assert list(talk.farewell()) == [unregister]
    again = list(talk.requests())
    assert [request[0] for request in again] == [9, 1]
    assert list(talk.farewell()) == []


def test_refused_registration_says_why() -> None:
    talk = AccConversation()
    heard = talk.hear(registration(error="wrong password", success=0))
    assert (heard.is_answer, heard.replies) == (True, ())
    assert talk.complaint == "wrong password"
    talk.hear(registration())
    assert talk.complaint is None


def test_entry_list_is_asked_for_again_while_a_car_is_unknown() -> None:
    talk = AccConversation()
    talk.hear(registration())
    assert list(talk.reminders()) == []
    assert talk.hear(entry(4)) == NOTHING
    assert talk.hear(car_update(4)) == TELEMETRY
    assert list(talk.reminders()) == []
    talk.hear(car_update(5))
    assert list(talk.reminders()) == [struct.pack("<Bi", 10, 7)]
    assert list(talk.reminders()) == []
    talk.hear(car_update(4, driver_count=2))
    assert list(talk.reminders()) == [struct.pack("<Bi", 10, 7)]


def test_updates_are_telemetry_and_the_rest_is_not() -> None:
    talk = AccConversation()
    kinds = [talk.hear(message).is_telemetry for message in EVERY_KIND]
    assert kinds == [False, True, True, True, False, False, False, False]


# Whatever arrives


@given(
    message=st.one_of(
        st.binary(max_size=4096),
        st.tuples(st.integers(1, 7), st.binary(max_size=200)).map(
            lambda parts: bytes((parts[0],)) + parts[1]
        ),
        mangled(EVERY_KIND),
    )
)
def test_any_bytes_are_a_sound_frame_or_a_reason_for_none(message: bytes) -> None:
    decoder, talk = AccDecoder(), AccConversation()
    for at, datagram in enumerate(
        (realtime(), message, car_update(), entry(), message)
    ):
        assert_sound(decoder, decoder.decode(datagram, START_US + at * TICK_US))
        talk.hear(datagram)
    talk.reminders()
    talk.farewell()
