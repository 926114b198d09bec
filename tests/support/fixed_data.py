"""The race weekend that tests and screenshots show: the same on every machine."""

from __future__ import annotations

from functools import cache

from ps_tui.domain.channel import wheel_keys
from ps_tui.domain.diagnosis import (
    Diagnosis,
    Finding,
    LocalAddress,
    PortReport,
    RefusedReport,
    SenderReport,
    SourceReport,
    TalkReport,
)
from ps_tui.domain.frame import Frame, Identity
from ps_tui.domain.models import (
    Event,
    EventStatus,
    Lap,
    LapKind,
    LapTrace,
    Session,
    SessionStatus,
    best_lap,
)

NOW_US = 1_794_834_000_000_000
"""2026-11-16 13:00 UTC."""
MINUTE_US = 60_000_000
DAY_US = 24 * 60 * MINUTE_US
RATE_HZ = 30

IDENTITY = Identity(
    car="Ferrari 488 GT3",
    driver="Ada Lovelace",
    track="Monza",
    layout="GP",
    track_length_m=5793.0,
    max_rpm=7500.0,
)

_QUIET_GAMES = (
    ("forza", "Forza", 5300, "Data Out to this computer, port 5300, Car Dash"),
    ("gran-turismo-7", "Gran Turismo 7", 33740, "nothing; --host is the console"),
    ("project-cars", "Project CARS 2, AMS2", 5606, "UDP frequency 5, protocol 2"),
    ("dirt-rally", "DiRT Rally", 20778, "extradata 3, port 20778, delay 1"),
    ("ea-wrc", "EA SPORTS WRC", 20779, "the default packet, port 20779"),
    ("outgauge", "Live for Speed, BeamNG", 4444, "OutGauge to port 4444"),
)
DIAGNOSIS = Diagnosis(
    finding=Finding.PORT_HELD,
    words="Port 20777 is held by SimHub (pid 4120).",
    remedy="Let SimHub forward to 20778 and start ps-tui with --port 20778.",
    ports=(
        PortReport(9996, ("assetto-corsa",), True),
        PortReport(20777, ("f1",), False, "SimHub (pid 4120)", "in use"),
    ),
    sources=(
        SourceReport(
            "assetto-corsa",
            "Assetto Corsa",
            9996,
            Finding.MENU,
            "answers, but sends no frames: it is in a menu",
            "Load a session and go on track.",
            "nothing; ps-tui asks the game",
        ),
        SourceReport(
            "f1",
            "EA SPORTS F1 23 to 25",
            20777,
            Finding.PORT_HELD,
            "its port is held by SimHub (pid 4120)",
            "Let SimHub forward to 20778 and start ps-tui with --port 20778.",
            "UDP Telemetry On, IP 192.168.0.7, port 20778, 60 Hz, format 2025",
        ),
        *(
            SourceReport(
                source, label, port, Finding.NOTHING, "nothing arrives", "", setting
            )
            for source, label, port, setting in _QUIET_GAMES
        ),
    ),
    senders=(SenderReport("192.168.0.2", 51423, 9996, "assetto-corsa", 12, 0.2, 3.0),),
    refused=(RefusedReport(408, 12, "an Assetto Corsa greeting", "192.168.0.2", 3.0),),
    talks=(TalkReport("assetto-corsa", "192.168.0.2:9996", 14, 12, 3.0, None),),
    addresses=(LocalAddress("eth0", "192.168.0.7"), LocalAddress("lo", "127.0.0.1")),
    firewall="Linux: sudo ufw allow 9996,20777/udp",
)

CORNERS = ((0.12, 82), (0.17, 96), (0.33, 150), (0.42, 118), (0.46, 165), (0.66, 134))
"""Where the braking points lie, and the speed in km/h left there."""

SESSION_ROWS = (
    # id, event, name, status, age in minutes, car, track, laps
    ("s-race", "e-monza", "Race", SessionStatus.PENDING, 4, None, None, 0),
    ("s-quali", "e-monza", "Qualifying", SessionStatus.COMPLETED, 95, 0, "Monza", 9),
    ("s-practice", "e-monza", "Practice", SessionStatus.COMPLETED, 1500, 0, "Monza", 6),
    ("s-spa", "e-spa", "Session 1", SessionStatus.INTERRUPTED, 11_600, 1, "Spa", 4),
    (
        "s-loose",
        None,
        "2026-10-30 Imola",
        SessionStatus.COMPLETED,
        24_600,
        1,
        "Imola",
        5,
    ),
)
CARS = ("Ferrari 488 GT3", "Porsche 911 GT3 R")
BASE_MS = {
    "s-quali": 107_880,
    "s-practice": 109_310,
    "s-spa": 138_420,
    "s-loose": 102_700,
}
OFFSETS_MS = (0, 1_460, 212, 0, 388, 96, 5_920, 141, 0)
"""How much slower than the base each lap was; the fourth is the quickest."""


def _lap(session_id: str, number: int, count: int, started_us: int) -> Lap:
    base_ms = BASE_MS[session_id]
    kind, valid, reason = LapKind.FLYING, True, None
    time_ms: int | None = base_ms + OFFSETS_MS[number - 1] + 37 * number % 90
    if number == 1:
        kind, time_ms = LapKind.OUT, base_ms + 24_310
    elif number == 4:
        time_ms = base_ms
    elif number == 6:
        valid = False
    elif number == count and session_id == "s-quali":
        kind, time_ms, reason = LapKind.PARTIAL, None, "teleported to the pits"
    elif number == count:
        kind, time_ms = LapKind.IN, base_ms + 11_050
    duration_ms = time_ms or 41_300
    return Lap(
        id=f"{session_id}-l{number}",
        session_id=session_id,
        lap_number=number,
        lap_time_ms=time_ms,
        kind=kind,
        valid=valid,
        started_us=started_us,
        ended_us=started_us + duration_ms * 1000,
        frame_count=duration_ms * 60 // 1000,
        clock_time_ms=time_ms,
        is_official=time_ms is not None,
        reason=reason,
        top_speed_kmh=271.0 + (number * 7 % 5) * 1.3,
    )


@cache
def fixed_laps() -> tuple[Lap, ...]:
    """Return every lap of every session."""
    laps: list[Lap] = []
    for (
        session_id,
        _event,
        _name,
        _status,
        age_min,
        _car,
        _track,
        count,
    ) in SESSION_ROWS:
        started_us = NOW_US - age_min * MINUTE_US
        for number in range(1, count + 1):
            lap = _lap(session_id, number, count, started_us)
            laps.append(lap)
            started_us = lap.ended_us or started_us
    return tuple(laps)


@cache
def fixed_sessions() -> tuple[Session, ...]:
    """Return the sessions, newest first."""
    sessions = []
    for session_id, event_id, name, status, age_min, car, track, count in SESSION_ROWS:
        laps = [lap for lap in fixed_laps() if lap.session_id == session_id]
        best = best_lap(laps)
        started_us = NOW_US - age_min * MINUTE_US
        sessions.append(
            Session(
                id=session_id,
                event_id=event_id,
                name=name,
                source="assetto-corsa" if count else "auto",
                status=status,
                created_us=started_us,
                started_us=started_us if count else None,
                ended_us=laps[-1].ended_us if laps else None,
                car=None if car is None else CARS[car],
                track=track,
                layout="GP" if track == "Monza" and count else None,
                driver="Ada Lovelace" if count else None,
                tags="dry, soft" if session_id == "s-quali" else None,
                lap_count=count,
                frame_count=sum(lap.frame_count for lap in laps),
                best_lap_time_ms=best.lap_time_ms if best else None,
            )
        )
    return tuple(sessions)


@cache
def fixed_events() -> tuple[Event, ...]:
    """Return the events, newest first."""
    rows = (
        ("e-monza", "Monza weekend", EventStatus.ACTIVE, "Monza", "2026-11-14", 2),
        ("e-spa", "Spa track day", EventStatus.COMPLETED, "Spa-Francorchamps", None, 9),
        (
            "e-ring",
            "24 h Nürburgring",
            EventStatus.DRAFT,
            "Nordschleife",
            "2027-05-27",
            12,
        ),
    )
    events = []
    for event_id, name, status, location, start_date, age_days in rows:
        sessions = [one for one in fixed_sessions() if one.event_id == event_id]
        bests = [one.best_lap_time_ms for one in sessions if one.best_lap_time_ms]
        events.append(
            Event(
                id=event_id,
                name=name,
                status=status,
                created_us=NOW_US - age_days * DAY_US,
                location=location,
                description="Second round of the club cup"
                if bests and start_date
                else None,
                start_date=start_date,
                end_date="2026-11-16" if event_id == "e-monza" else None,
                session_count=len(sessions),
                lap_count=sum(one.lap_count for one in sessions),
                best_lap_time_ms=min(bests, default=None),
            )
        )
    return tuple(events)


def car_and_race() -> dict[str, float]:
    """Return what an F1 car tells besides the gauges."""
    extra: dict[str, float] = {
        "fuel_mass": 38.2,
        "ers_charge": 0.64,
        "ers_mode": 3,
        "drs_allowed": 1,
        "drs_open": 1,
        "track_position": 4,
        "gap_ahead": 1_234,
        "gap_leader": 72_345,
        "boost_pressure": 123.0,
        "tyre_age": 12,
        "flag": 3,
        "safety_car": 2,
    }
    for stem, value in (
        ("tyre_temperature", 98.0),
        ("tyre_inner_temperature", 92.0),
        ("tyre_wear", 0.12),
        ("tyre_pressure", 158.0),
        ("brake_temperature", 412.0),
    ):
        extra.update(dict.fromkeys(wheel_keys(stem), value))
    return extra


def driven(position: float) -> tuple[float, float, float, float]:
    """Return throttle, brake, steering and km/h at a share of the lap."""
    speed, throttle, brake, steering = 276.0, 1.0, 0.0, 0.0
    for index, (apex, least) in enumerate(CORNERS):
        gap = position - apex
        if -0.035 < gap <= 0:
            share = 1 + gap / 0.035
            speed = 276 - (276 - least) * share**1.4
            throttle, brake = 0.0, min(1.0, 1.25 - share)
            steering = (-1) ** index * 0.45 * share**2
        elif 0 < gap < 0.09:
            share = gap / 0.09
            speed = min(speed, least + (276 - least) * share**0.7)
            throttle = min(1.0, 0.25 + share * 2)
            steering = (-1) ** index * 0.45 * (1 - share) ** 2
    return throttle, max(0.0, brake), steering, speed


def fixed_frames(start_us: int, duration_ms: int, lap_number: int) -> list[Frame]:
    """Return the frames of one driven lap, in a list of the caller's own."""
    return list(_driven_frames(start_us, duration_ms, lap_number))


@cache
def _driven_frames(
    start_us: int, duration_ms: int, lap_number: int
) -> tuple[Frame, ...]:
    count = duration_ms * RATE_HZ // 1000
    frames = []
    for index in range(count):
        position = index / count
        throttle, brake, steering, speed = driven(position)
        gear = 1 + min(5, int(speed // 48))
        elapsed_ms = index * 1000 // RATE_HZ
        frames.append(
            Frame(
                received_us=start_us + elapsed_ms * 1000,
                timestamp_ms=(start_us // 1000) + elapsed_ms,
                throttle=throttle,
                brake=brake,
                steering=steering,
                speed_kmh=speed,
                gear=gear,
                rpm=4200 + (speed % 48) / 48 * 3200,
                lap_time_ms=elapsed_ms,
                lap_number=lap_number,
                normalized_position=position,
            )
        )
    return tuple(frames)


@cache
def fixed_trace(lap: Lap) -> LapTrace:
    """Return the channels of one lap as arrays."""
    import numpy as np

    duration_ms = lap.lap_time_ms or 41_300
    frames = fixed_frames(lap.started_us, duration_ms, lap.lap_number)
    columns = {
        "received_us": np.array([frame.received_us for frame in frames], np.int64),
        "timestamp": np.array([frame.timestamp_ms for frame in frames], np.int64),
    }
    for key, field in (
        ("throttle", "throttle"),
        ("brake", "brake"),
        ("steering", "steering"),
        ("speed", "speed_kmh"),
        ("gear", "gear"),
        ("rpm", "rpm"),
        ("lap_time", "lap_time_ms"),
        ("lap_number", "lap_number"),
        ("normalized_position", "normalized_position"),
    ):
        values = [getattr(frame, field) for frame in frames]
        columns[key] = np.array(values, np.float32)
    return LapTrace(lap=lap, columns=columns)
