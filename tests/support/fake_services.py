"""Services in memory with fixed data, for the tests of the screens and screenshots.

Each fake keeps what was asked of it in plain attributes; ``faults.next_error`` is
raised by the next call and then forgotten.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from ps_tui.domain.diagnosis import Diagnosis
from ps_tui.domain.errors import GoneError, PsError, RecorderBusyError
from ps_tui.domain.frame import Frame, Identity
from ps_tui.domain.health import (
    Backup,
    CheckResult,
    DatabaseInfo,
    HealthReport,
    RepairReport,
    RepairStep,
    Verdict,
)
from ps_tui.domain.lap_board import BoardRow
from ps_tui.domain.models import (
    ActiveRecorder,
    Deletion,
    Event,
    EventDraft,
    EventStatus,
    Lap,
    LapNotes,
    LapTrace,
    RecorderInfo,
    Session,
    SessionDraft,
    SessionStatus,
)
from ps_tui.domain.ports import Services
from ps_tui.domain.recording import (
    CaptureStatus,
    FeedCounters,
    FeedState,
    FeedStatus,
    FoundSource,
    LapProgress,
    Notice,
    SessionClosed,
    SessionOpened,
)
from ps_tui.domain.upkeep import DemoDrive
from tests.support.fake_crew import FakeCrew
from tests.support.fake_garage import FakeGarage
from tests.support.fake_lap_book import FakeLapBook
from tests.support.fake_markers import FakeMarkers
from tests.support.fake_studio import FakeStudio
from tests.support.fake_upkeep import FakeContent, FakeSchema
from tests.support.fake_workbench import FakeWorkbench
from tests.support.fixed_data import (
    DIAGNOSIS,
    IDENTITY,
    NOW_US,
    fixed_events,
    fixed_frames,
    fixed_laps,
    fixed_sessions,
    fixed_trace,
)

Row = TypeVar("Row", Event, Session, Lap)
OTHER_RECORDER = ActiveRecorder(
    session_id="s-other",
    session_name="Endurance",
    recorder=RecorderInfo(
        pid=4120, process_started_us=NOW_US, boot_id="boot", host="rig"
    ),
    heartbeat_us=NOW_US,
    is_own=False,
)


class FakeClock:
    """Stands still until told otherwise."""

    def __init__(self, now_us: int = NOW_US) -> None:
        self.time_us = now_us

    def now_us(self) -> int:
        return self.time_us


class Faults:
    """Raises the error that a test asked for, once."""

    def __init__(self) -> None:
        self.next_error: PsError | None = None

    def check(self) -> None:
        error, self.next_error = self.next_error, None
        if error is not None:
            raise error


def _found(rows: dict[str, Row], row_id: str, noun: str) -> Row:
    if row_id not in rows:
        raise GoneError(noun, row_id)
    return rows[row_id]


class FakeLibrary(FakeLapBook, FakeMarkers):
    """Events, sessions and laps in three dictionaries; deleted ones keep a date."""

    def __init__(self, clock: FakeClock, *, is_empty: bool = False) -> None:
        self.faults = Faults()
        self.recording_id: Callable[[], str | None] = lambda: None
        self.traces_loaded: list[str] = []
        self.make_trace: Callable[[Lap], LapTrace] = fixed_trace
        self._clock = clock
        self._made = 0
        super().__init__()
        self.all_events: dict[str, Event] = {}
        self.all_sessions: dict[str, Session] = {}
        self.all_laps: dict[str, Lap] = {}
        if not is_empty:
            self.all_events = {event.id: event for event in fixed_events()}
            self.all_sessions = {one.id: one for one in fixed_sessions()}
            self.all_laps = {lap.id: lap for lap in fixed_laps()}

    def _next_id(self, stem: str) -> str:
        self._made += 1
        return f"{stem}-new-{self._made}"

    async def events(self, *, deleted: bool = False) -> list[Event]:
        self.faults.check()
        rows = [e for e in self.all_events.values() if bool(e.deleted_us) is deleted]
        return sorted(rows, key=lambda event: -event.created_us)

    async def event(self, event_id: str) -> Event:
        self.faults.check()
        return _found(self.all_events, event_id, "event")

    async def create_event(self, draft: EventDraft) -> Event:
        self.faults.check()
        event = Event(
            id=self._next_id("e"),
            status=EventStatus.ACTIVE,
            created_us=self._clock.now_us(),
            **msgspec.structs.asdict(draft),
        )
        self.all_events[event.id] = event
        return event

    async def edit_event(self, event_id: str, draft: EventDraft) -> Event:
        self.faults.check()
        event = _found(self.all_events, event_id, "event")
        changed = msgspec.structs.replace(event, **msgspec.structs.asdict(draft))
        self.all_events[event_id] = changed
        return changed

    async def delete_event(self, event_id: str) -> Deletion:
        self.faults.check()
        event = _found(self.all_events, event_id, "event")
        sessions = await self.sessions(event_id)
        for session in sessions:
            self._refuse_recording(session)
        for session in sessions:
            await self.delete_session(session.id)
        self.all_events[event_id] = self._deleted(event)
        laps = sum(session.lap_count for session in sessions)
        return Deletion(event_id, event.name, len(sessions), laps)

    async def restore_event(self, event_id: str) -> Event:
        self.faults.check()
        event = _restored(_found(self.all_events, event_id, "event"))
        self.all_events[event_id] = event
        for session in list(self.all_sessions.values()):
            if session.event_id == event_id:
                self.all_sessions[session.id] = _restored(session)
        return event

    async def sessions(
        self, event_id: str | None = None, *, deleted: bool = False
    ) -> list[Session]:
        self.faults.check()
        rows = [
            session
            for session in self.all_sessions.values()
            if bool(session.deleted_us) is deleted
            and (event_id is None or session.event_id == event_id)
        ]
        return sorted(rows, key=lambda session: -session.created_us)

    async def session(self, session_id: str, *, counted: bool = True) -> Session:
        self.faults.check()
        return _found(self.all_sessions, session_id, "session")

    async def create_session(self, draft: SessionDraft) -> Session:
        self.faults.check()
        session = Session(
            id=self._next_id("s"),
            status=SessionStatus.PENDING,
            created_us=self._clock.now_us() + self._made,
            **msgspec.structs.asdict(draft),
        )
        self.all_sessions[session.id] = session
        return session

    async def edit_session(self, session_id: str, draft: SessionDraft) -> Session:
        self.faults.check()
        session = _found(self.all_sessions, session_id, "session")
        changed = msgspec.structs.replace(session, **msgspec.structs.asdict(draft))
        self.all_sessions[session_id] = changed
        return changed

    async def delete_session(self, session_id: str) -> Deletion:
        self.faults.check()
        session = _found(self.all_sessions, session_id, "session")
        self._refuse_recording(session)
        self.all_sessions[session_id] = self._deleted(session)
        return Deletion(session_id, session.name, 0, session.lap_count)

    async def restore_session(self, session_id: str) -> Session:
        self.faults.check()
        session = _restored(_found(self.all_sessions, session_id, "session"))
        self.all_sessions[session_id] = session
        return session

    async def laps(self, session_id: str, *, deleted: bool = False) -> list[Lap]:
        self.faults.check()
        return [
            lap
            for lap in self.all_laps.values()
            if lap.session_id == session_id and bool(lap.deleted_us) is deleted
        ]

    async def lap(self, lap_id: str) -> Lap:
        self.faults.check()
        return _found(self.all_laps, lap_id, "lap")

    async def delete_lap(self, lap_id: str) -> Deletion:
        self.faults.check()
        lap = _found(self.all_laps, lap_id, "lap")
        self.all_laps[lap_id] = self._deleted(lap)
        return Deletion(lap_id, f"lap {lap.lap_number}", 0, 1)

    async def restore_lap(self, lap_id: str) -> Lap:
        self.faults.check()
        lap = _restored(_found(self.all_laps, lap_id, "lap"))
        self.all_laps[lap_id] = lap
        return lap

    async def exclude_lap(self, lap_id: str, reason: str) -> Lap:
        excluded_us = self._clock.now_us()
        return self._change_lap(lap_id, excluded_us=excluded_us, excluded_reason=reason)

    async def include_lap(self, lap_id: str) -> Lap:
        return self._change_lap(lap_id, excluded_us=None, excluded_reason=None)

    async def note_lap(self, lap_id: str, notes: LapNotes) -> Lap:
        return self._change_lap(lap_id, **msgspec.structs.asdict(notes))

    def _change_lap(self, lap_id: str, **changes: Any) -> Lap:
        self.faults.check()
        lap = _found(self.all_laps, lap_id, "lap")
        self.all_laps[lap_id] = msgspec.structs.replace(lap, **changes)
        return self.all_laps[lap_id]

    async def load_trace(self, lap_id: str) -> LapTrace:
        self.faults.check()
        self.traces_loaded.append(lap_id)
        return self.make_trace(_found(self.all_laps, lap_id, "lap"))

    def _deleted(self, row: Row) -> Row:
        changes: dict[str, Any] = {"deleted_us": self._clock.now_us()}
        return msgspec.structs.replace(row, **changes)

    def _refuse_recording(self, session: Session) -> None:
        if session.id == self.recording_id():
            raise RecorderBusyError(
                f"{session.name} is being recorded.", "Press R to stop it first."
            )


def _restored(row: Row) -> Row:
    changes: dict[str, Any] = {"deleted_us": None}
    return msgspec.structs.replace(row, **changes)


CHECKS = (
    CheckResult("Schema fingerprint", Verdict.OK, elapsed_ms=1.2),
    CheckResult("Foreign keys", Verdict.OK, elapsed_ms=3.8),
    CheckResult("Quick check", Verdict.OK, elapsed_ms=41.0),
    CheckResult("Orphaned sessions", Verdict.OK, elapsed_ms=0.6),
    CheckResult("Orphaned laps", Verdict.OK, elapsed_ms=0.9),
    CheckResult("Invalid references", Verdict.OK, elapsed_ms=0.7),
    CheckResult(
        "Laps without frames",
        Verdict.ERROR,
        2,
        "Press p: removes 2 empty laps",
        "",
        2.1,
    ),
    CheckResult("Frames out of order", Verdict.OK, elapsed_ms=12.4),
    CheckResult("Duplicate lap numbers", Verdict.OK, elapsed_ms=1.1),
    CheckResult("Stuck in recording", Verdict.OK, elapsed_ms=0.3),
    CheckResult("WAL size", Verdict.OK, elapsed_ms=0.1),
    CheckResult("Free disk", Verdict.OK, elapsed_ms=0.1),
    CheckResult(
        "Backup age",
        Verdict.WARNING,
        1,
        "Press b: the newest backup is 9 days old",
        "",
        0.2,
    ),
)
TRACES = CheckResult("Trace checksums", Verdict.OK, elapsed_ms=310.0)


class FakeCare:
    """A database with two empty laps and an old backup, until it is repaired."""

    def __init__(self, clock: FakeClock) -> None:
        self.faults = Faults()
        self.checks = list(CHECKS)
        self.checks_run: list[bool] = []
        self.repairs_done = 0
        self.replaced_by: list[str] = []
        self.verified: list[str] = []
        self.undone: list[str] = []
        self.gate: Callable[[], Awaitable[None]] | None = None
        """Awaited by a check, so that a test can hold it under way."""
        self._clock = clock
        self.all_backups = [
            self._backup("monza-2026-11-07.db", 9, "manual"),
            self._backup("before-repair-2026-10-20.db", 27, "before repair"),
        ]

    def _backup(self, name: str, age_days: int, reason: str) -> Backup:
        return Backup(
            path=f"/home/ada/.local/share/ps-tui/backups/{name}",
            size_bytes=48_400_000 - age_days * 100_000,
            created_us=self._clock.now_us() - age_days * 86_400_000_000,
            reason=reason,
            session_count=5,
            lap_count=24,
            sha256="9f" * 32,
        )

    async def info(self) -> DatabaseInfo:
        return DatabaseInfo(
            path="/home/ada/.local/share/ps-tui/purple-sector.db",
            size_bytes=48_500_000,
            wal_bytes=1_310_720,
            disk_free_bytes=120 * 2**30,
            revision=1,
            sqlite_version="3.45.1",
        )

    async def check(self, *, deep: bool = False, quick: bool = False) -> HealthReport:
        self.faults.check()
        if self.gate is not None:
            await self.gate()
        self.checks_run.append(deep)
        return HealthReport([*self.checks, TRACES] if deep else list(self.checks))

    async def plan_repair(self) -> list[RepairStep]:
        self.faults.check()
        return [
            RepairStep(check.name, "Move to quarantine", check.count)
            for check in self.checks
            if check.status is Verdict.ERROR
        ]

    async def repair(self) -> RepairReport:
        steps = await self.plan_repair()
        self.checks = [
            msgspec.structs.replace(check, status=Verdict.OK, count=0, remedy="")
            if check.status is Verdict.ERROR
            else check
            for check in self.checks
        ]
        self.repairs_done += 1
        backup = await self.backup(reason="before repair")
        return RepairReport(steps, backup.path)

    async def backup(
        self, target: Path | None = None, reason: str = "manual"
    ) -> Backup:
        self.faults.check()
        backup = self._backup("now.db" if target is None else str(target), 0, reason)
        self.all_backups.insert(0, backup)
        return backup

    async def backups(self) -> list[Backup]:
        return list(self.all_backups)

    async def verify_backup(self, name: Path) -> Backup:
        self.faults.check()
        self.verified.append(name.name)
        return next(one for one in self.all_backups if one.path.endswith(name.name))

    async def pin_backup(self, name: Path, *, pinned: bool = True) -> Backup:
        copy = await self.verify_backup(name)
        changed = msgspec.structs.replace(copy, is_pinned=pinned)
        self.all_backups[self.all_backups.index(copy)] = changed
        return changed

    async def undo_repair(self, run: str) -> int:
        self.faults.check()
        self.undone.append(run)
        return 2

    async def restore(self, source: Path) -> Backup:
        self.faults.check()
        self.replaced_by.append(source.name)
        return await self.backup(reason=f"before restore of {source.name}")

    async def reset(self) -> Backup:
        self.replaced_by.append("nothing")
        return await self.backup(reason="before reset")


class FakeLive:
    """Two laps driven, the third under way; ``feed`` replaces the status."""

    def __init__(self, clock: FakeClock, *, is_empty: bool = False) -> None:
        self.identity = Identity() if is_empty else IDENTITY
        self.progress = (
            LapProgress() if is_empty else LapProgress(3, 108_092, True, 107_880)
        )
        self.lap_can_count = True
        self.frames: list[Frame] = []
        if not is_empty:
            self.frames = fixed_frames(clock.now_us() - 40_000_000, 107_880, 3)[:1200]
        self.extra: dict[str, float] = {} if is_empty else {"clutch": 0.0, "fuel": 38.2}
        self.board: list[BoardRow] = []
        self.feed = FeedStatus(
            state=FeedState.WAITING if is_empty else FeedState.LIVE,
            source="assetto-corsa",
            endpoint="127.0.0.1:9996",
            rate_hz=0.0 if is_empty else 59.8,
            age_s=None if is_empty else 0.02,
            counters=FeedCounters(packets=8641, frames=8162, repeated=479),
            queue_depth=0 if is_empty else 12,
            queue_capacity=4096,
        )

    @property
    def latest(self) -> Frame | None:
        return self.frames[-1] if self.frames else None

    def status(self) -> FeedStatus:
        return self.feed

    def value(self, channel: str) -> float | None:
        return self.extra.get(channel)

    def lap_board(self) -> list[BoardRow]:
        return self.board

    def frames_since(self, cursor: int) -> tuple[int, list[Frame]]:
        return len(self.frames), self.frames[cursor:]


class FakeControl:
    """Recording as a person sees it: no process, no socket, no queue."""

    def __init__(self, library: FakeLibrary, clock: FakeClock) -> None:
        self.faults = Faults()
        self.session: Session | None = None
        self.selected: Session | None = None
        self.other: ActiveRecorder | None = None
        self.subscribers: list[Callable[[Notice], None]] = []
        self.calls: list[str] = []
        self._library = library
        self._clock = clock
        library.recording_id = lambda: self.session.id if self.session else None

    async def select(self, session_id: str | None) -> None:
        self.calls.append(f"select {session_id}")
        self.selected = await self._library.session(session_id) if session_id else None

    async def start(self) -> Session:
        self.faults.check()
        self.calls.append("start")
        if self.other is not None:
            raise RecorderBusyError(
                f"Process {self.other.recorder.pid} records into this database.",
                "Stop it there, or open another database with --db.",
            )
        if self.session is not None:
            await self.stop()
        session = self.selected or await self._library.create_session(
            SessionDraft(name="2026-11-16 13:00")
        )
        return self.open(session, is_automatic=False)

    def open(self, session: Session, *, is_automatic: bool) -> Session:
        """Begin to record, as telemetry without a session does by itself."""
        self.session = self._mark(session, SessionStatus.RECORDING)
        self.selected = self.session
        self.publish(SessionOpened(session.id, session.name, is_automatic))
        return self.session

    async def stop(self) -> Session | None:
        self.calls.append("stop")
        session, self.session = self.session, None
        if session is None:
            return None
        done = self._mark(session, SessionStatus.COMPLETED)
        self.publish(SessionClosed(session.id, session.name))
        return done

    def publish(self, notice: Notice) -> None:
        """Tell every subscriber."""
        for subscriber in list(self.subscribers):
            subscriber(notice)

    def subscribe(self, callback: Callable[[Notice], None]) -> Callable[[], None]:
        """Register a subscriber; returns how to remove it."""
        self.subscribers.append(callback)
        return lambda: self.subscribers.remove(callback)

    def _mark(self, session: Session, status: SessionStatus) -> Session:
        changed = msgspec.structs.replace(
            session, status=status, started_us=self._clock.now_us()
        )
        self._library.all_sessions[session.id] = changed
        return changed


class FakeDoctor:
    """Finds what it is told to find."""

    def __init__(self, diagnosis: Diagnosis = DIAGNOSIS) -> None:
        self.diagnosis = diagnosis
        self.looks = 0

    async def examine(self) -> Diagnosis:
        self.looks += 1
        return self.diagnosis


class FakePlayback:
    """A capture that stands where it is put."""

    def __init__(self) -> None:
        self.path = Path("spa.pcap")
        self.position_s, self.duration_s, self.speed = 62.0, 340.0, 1.0
        self.is_paused = self.is_over = False

    def pause(self) -> None:
        self.is_paused = True

    def resume(self) -> None:
        self.is_paused = False

    def seek(self, position_s: float) -> None:
        self.position_s, self.is_over = position_s, False

    def set_speed(self, speed: float) -> None:
        self.speed = speed


class FakeCaptures:
    """A capture that counts nothing; ``ended`` is what the next stop returns."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.status: CaptureStatus | None = None
        self.ended: dict[str, Any] = {"datagrams": 120, "size_bytes": 9000}

    def capture_status(self) -> CaptureStatus | None:
        return self.status

    def start_capture(self, path: Path) -> None:
        self.faults.check()
        self.status = CaptureStatus(str(path), 0, 24)

    async def stop_capture(self) -> CaptureStatus | None:
        if self.status is None:
            return None
        done = CaptureStatus(self.status.path, **self.ended)
        self.status = None
        return done


class FakeSources:
    """Two games that send; ``cycle`` shows the other one."""

    def __init__(self, live: FakeLive) -> None:
        self.shown = 0
        self._live = live

    def found(self) -> list[FoundSource]:
        return [
            FoundSource(
                key,
                key,
                key,
                "192.168.0.2",
                FeedState.LIVE,
                at == self.shown,
                FeedCounters(),
            )
            for at, key in enumerate(("assetto-corsa", "f1"))
        ]

    def choose(self, key: str | None) -> None:
        self.shown = ("assetto-corsa", "f1").index(key or "assetto-corsa")

    def cycle(self) -> str | None:
        self.shown = 1 - self.shown
        source = self.found()[self.shown].source
        self._live.feed = msgspec.structs.replace(
            self._live.feed, stream=self._live.feed.stream + 1, source=source
        )
        self._live.frames = []
        return source


class FakeServices:
    """All fakes together; ``bundle`` is what screens are given."""

    doctor: FakeDoctor | None = None
    playback: FakePlayback | None = None
    sources: FakeSources | None = None
    captures: FakeCaptures | None = None

    def __init__(self, *, is_empty: bool = False) -> None:
        self.clock = FakeClock()
        self.library = FakeLibrary(self.clock, is_empty=is_empty)
        self.care = FakeCare(self.clock)
        self.live = FakeLive(self.clock, is_empty=is_empty)
        self.control = FakeControl(self.library, self.clock)
        self.workbench = FakeWorkbench()
        self.garage = FakeGarage(is_empty=is_empty)
        self.studio = FakeStudio()
        self.crew = FakeCrew(is_empty=is_empty)
        self.content = FakeContent()
        self.schema = FakeSchema()
        self.garage.session_of = lambda key: self.library.all_sessions[key]
        self.doctor = FakeDoctor()
        self.exported: list[tuple[str, Path]] = []
        self.extra_channels: tuple[str, ...] = ()

    async def export(self, lap_id: str, target: Path) -> list[Path]:
        """Write nothing, and keep what was asked for."""
        self.library.faults.check()
        self.exported.append((lap_id, target))
        return [target]

    @property
    def bundle(self) -> Services:
        """What screens are given; what a test takes away is not there."""
        return Services(
            library=self.library,
            care=self.care,
            live=self.live,
            recording=self.control,
            clock=self.clock,
            subscribe=self.control.subscribe,
            garage=self.garage,
            workbench=self.workbench,
            studio=self.studio,
            crew=self.crew,
            content=self.content,
            schema=self.schema,
            extra_channels=lambda _source: self.extra_channels,
            drive_demo=lambda: DemoDrive(IDENTITY, (), []),
            doctor=self.doctor,
            export=self.export,
            playback=self.playback,
            sources=self.sources,
            captures=self.captures,
        )

    async def connect(self) -> Services:
        """Return the services at once."""
        return self.bundle
