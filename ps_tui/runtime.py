"""The composition root: the one file that knows every concrete class."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import msgspec

from ps_tui.collector.backing import Backing
from ps_tui.collector.choice import chosen_sources, targets
from ps_tui.collector.clock import SystemClock
from ps_tui.collector.collector import Collector, Outputs
from ps_tui.collector.doctor import CollectorDoctor
from ps_tui.collector.nowhere import no_backing
from ps_tui.collector.safekeeping import AutomaticBackups
from ps_tui.collector.sessions import busy_error
from ps_tui.collector.summary import counters_of, outputs_of
from ps_tui.config import Settings, data_path
from ps_tui.decoders.registry import SOURCES
from ps_tui.domain.clock import Clock
from ps_tui.domain.garage_ports import Workbench
from ps_tui.domain.models import EventDraft, SessionStatus
from ps_tui.domain.ports import Library, Services
from ps_tui.domain.recording import Notice, SessionOpened
from ps_tui.domain.upkeep import DemoDrive
from ps_tui.logfile import log_to_file
from ps_tui.storage.process import own_recorder
from ps_tui.storage.sqlite.store import SqliteStore, open_store

if TYPE_CHECKING:
    from ps_tui.collector.importing import CaptureClock, Progress
    from ps_tui.collector.pcap import PcapReader
    from ps_tui.domain.crew_ports import Crew
    from ps_tui.domain.upkeep_ports import Content, Schema
    from ps_tui.export.read.filing import LapFiling

DATABASE_NAME = "purple-sector.db"
DEMO_DATABASE_NAME = "demo.db"
DEMO_SOURCE = "demo"


def database_path(settings: Settings, *, demo: bool = False) -> Path:
    """Return where the database is. The demo never mixes with what was driven."""
    name = DEMO_DATABASE_NAME if demo else DATABASE_NAME
    return (settings.db or data_path() / name).expanduser().absolute()


@asynccontextmanager
async def open_database(
    settings: Settings, *, create: bool = True
) -> AsyncIterator[SqliteStore]:
    """Open the database for one command. Raises DatabaseError."""
    store = await open_store(
        database_path(settings),
        SystemClock(),
        create=create,
        side_folder=data_path(),
    )
    try:
        yield store
    finally:
        await store.close()


def lap_filing(store: SqliteStore) -> LapFiling:
    """Return what writes laps of files into an open database."""
    from ps_tui.export.read.filing import LapFiling

    return LapFiling(store.recording, store.library, own_recorder())


class RecordInto(msgspec.Struct, frozen=True):
    """Names of the event and the session to record into, and who hears of it."""

    event: str | None = None
    session: str | None = None
    tell: Callable[[Notice], None] | None = None


class Runtime:
    """An open database with a collector that records into it."""

    def __init__(self, store: SqliteStore, collector: Collector, clock: Clock) -> None:
        self._store = store
        self._collector = collector
        self.services = Services(
            library=store.library,
            care=store.care,
            live=collector.live,
            recording=collector.recording,
            clock=clock,
            subscribe=collector.notices.subscribe,
            sources=collector.selection,
            captures=collector.captures,
            garage=store.garage,
            workbench=store.workbench,
            studio=store.studio,
            crew=cast("Crew", _Later(lambda: store.crew)),
            content=cast("Content", _Later(lambda: store.content)),
            schema=cast("Schema", _Later(lambda: store.schema)),
            extra_channels=_extra_channels,
            drive_demo=_drive_demo,
            doctor=CollectorDoctor(collector, clock),
            export=partial(_export_lap, store.library, store.workbench),
        )
        self._session_ids: list[str] = []
        collector.notices.subscribe(self._note)

    def _note(self, notice: Notice) -> None:
        if isinstance(notice, SessionOpened):
            self._session_ids.append(notice.session_id)

    async def select(self, names: RecordInto) -> None:
        """Choose the event, made where there is none, and the session.

        A session that waits for its first frame is taken, by its name or its id; any
        other is made as soon as it is recorded into, and not before. With no session
        name telemetry opens one by itself, in the named event.
        """
        library, recording = self._store.library, self._collector.recording
        if names.event is not None:
            known = {event.name: event.id for event in await library.events()}
            event_id = known.get(names.event)
            if event_id is None:
                event_id = (await library.create_event(EventDraft(names.event))).id
            recording.select_event(event_id)
        recording.name_next(names.session)
        if names.session is None:
            return
        for session in await library.sessions(recording.event_id):
            is_named = names.session in (session.name, session.id)
            if is_named and session.status is SessionStatus.PENDING:
                await recording.select(session.id)
                return

    async def import_capture(
        self, path: Path, clock: CaptureClock, on_progress: Progress | None = None
    ) -> PcapReader:
        """Put a capture through the collector; the reader has counted what it holds.

        Raises UsageError, NotFoundError and PsError for the file, DatabaseError.
        """
        from ps_tui.collector.importing import import_capture

        return await import_capture(
            path, self._collector, clock, on_progress=on_progress
        )

    def summary(self) -> dict[str, Any]:
        """Return the counters of the whole run, and what was recorded."""
        last = self._session_ids[-1] if self._session_ids else None
        sessions = {"session_id": last, "session_ids": self._session_ids}
        return counters_of(self._collector) | sessions | outputs_of(self._collector)


class _Later:
    """Stands for a service that few starts need; it is made when it is asked."""

    def __init__(self, make: Callable[[], object]) -> None:
        self._make = make

    def __getattr__(self, name: str) -> Any:
        return getattr(self._make(), name)


def _extra_channels(source: str) -> tuple[str, ...]:
    """Return what the frames of a game hold besides their fields, in its order."""
    spec = SOURCES.get("native" if source == DEMO_SOURCE else source)
    return () if spec is None else spec.make_decoder().channels


def _drive_demo() -> DemoDrive:
    from ps_tui.demo.laps import driven_laps

    return driven_laps()


async def _export_lap(
    library: Library, workbench: Workbench, lap_id: str, target: Path
) -> list[Path]:
    from ps_tui.export.one_lap import export_lap

    return await export_lap(library, workbench, lap_id, target)


class Listening:
    """A collector that records nothing: for captures, and to find out what is wrong."""

    def __init__(self, collector: Collector, clock: Clock) -> None:
        self._collector = collector
        self.live = collector.live
        self.subscribe = collector.notices.subscribe
        self.doctor = CollectorDoctor(collector, clock)

    def summary(self) -> dict[str, Any]:
        """Return the counters of the whole run."""
        return counters_of(self._collector) | outputs_of(self._collector)


@asynccontextmanager
async def open_runtime(
    settings: Settings,
    *,
    demo: bool = False,
    keep_trying: bool = True,
    into: RecordInto = RecordInto(),  # noqa: B008  frozen
    capture: Path | None = None,
) -> AsyncIterator[Runtime]:
    """Open database and collector; leaving commits and closes both.

    Event and session of ``into`` are chosen before anything can arrive, so that no
    telemetry opens a session of its own; a named session records from the start.

    ``keep_trying`` shows a taken port on the screens instead of raising
    NetworkError, and watches another recorder instead of raising
    RecorderBusyError. Raises DatabaseError and UsageError.
    """
    log_to_file()
    source = chosen_sources(settings)
    if demo:
        source = msgspec.structs.replace(SOURCES["native"], name=DEMO_SOURCE, port=0)
        settings = msgspec.structs.replace(settings, host="127.0.0.1")
    clock = SystemClock()
    store = await open_store(
        database_path(settings, demo=demo),
        clock,
        copy_folder=settings.backup_copy_to,
        side_folder=data_path(),
    )
    try:
        collector = Collector(
            source,
            _backing(store, clock),
            host=settings.host,
            port=None if demo else settings.port,
            outputs=Outputs(targets(settings), capture),
        )
        runtime = Runtime(store, collector, clock)
        backups = AutomaticBackups(store.care)
        collector.notices.subscribe(backups.note)
        try:
            if into.tell is not None:
                collector.notices.subscribe(into.tell)
            other = await collector.recording.refresh_other()
            if not keep_trying and other is not None:
                raise busy_error(other)
            await collector.check()
            await runtime.select(into)
            await collector.start(keep_trying=keep_trying)
            if into.session is not None:
                await collector.recording.start()
            async with _driver(collector) if demo else contextlib.nullcontext():
                yield runtime
        finally:
            try:
                await collector.stop()
            finally:
                await backups.close()
    finally:
        await store.close()


def _backing(store: SqliteStore, clock: Clock) -> Backing:
    return Backing(
        store.recording,
        store.library,
        clock,
        own_recorder(),
        find_spill=lambda: store.spill,
    )


@asynccontextmanager
async def open_listening(
    settings: Settings, *, keep_trying: bool = False, capture: Path | None = None
) -> AsyncIterator[Listening]:
    """Listen without a database. Raises NetworkError, UsageError and PsError."""
    log_to_file()
    clock = SystemClock()
    collector = Collector(
        chosen_sources(settings),
        no_backing(clock),
        host=settings.host,
        port=settings.port,
        outputs=Outputs(targets(settings), capture, is_recorded=False),
    )
    try:
        await collector.start(keep_trying=keep_trying)
        yield Listening(collector, clock)
    finally:
        await collector.stop()


@asynccontextmanager
async def open_import(
    settings: Settings, into: RecordInto
) -> AsyncIterator[tuple[Runtime, CaptureClock]]:
    """Open the database for a capture whose clock is that of what is stored."""
    from ps_tui.collector.importing import CaptureClock

    log_to_file()
    source = chosen_sources(settings)
    clock = CaptureClock(SystemClock().now_us)
    store = await open_store(database_path(settings), clock, side_folder=data_path())
    try:
        backing = Backing(store.recording, store.library, clock, own_recorder())
        collector = Collector(source, backing)
        runtime = Runtime(store, collector, clock)
        if into.tell is not None:
            collector.notices.subscribe(into.tell)
        await runtime.select(into)
        yield runtime, clock
    finally:
        await store.close()


@asynccontextmanager
async def open_playback(settings: Settings, path: Path) -> AsyncIterator[Runtime]:
    """Play a capture into a database that is gone afterwards.

    Raises UsageError, NotFoundError and PsError for the file.
    """
    from ps_tui.collector.playback import CapturePlayback, PlaybackClock, load

    log_to_file()
    source = chosen_sources(settings)
    datagrams = await asyncio.to_thread(load, path)
    clock = PlaybackClock()
    playback = CapturePlayback(path, datagrams, clock)
    with tempfile.TemporaryDirectory(
        prefix="ps-tui-", ignore_cleanup_errors=True
    ) as folder:
        store = await open_store(Path(folder) / DATABASE_NAME, clock)
        try:
            backing = Backing(store.recording, store.library, clock, own_recorder())
            collector = Collector(source, backing)
            runtime = Runtime(store, collector, clock)
            runtime.services = msgspec.structs.replace(
                runtime.services, captures=None, playback=playback
            )
            collector.origin = path.name
            for feed in collector.selection.feeds:
                feed.live.endpoint = path.name
                feed.live.start()
            playing = asyncio.create_task(playback.run(collector), name="playback")
            try:
                yield runtime
            finally:
                playback.close()
                await playing
                await collector.stop()
        finally:
            await store.close()


@asynccontextmanager
async def _driver(collector: Collector) -> AsyncIterator[None]:
    """Let the built-in driver send to the collector meanwhile."""
    if collector.recording.other is not None:
        yield  # another window drives the demo; this one watches
        return
    from ps_tui.demo.sender import drive

    driver = asyncio.create_task(drive("127.0.0.1", collector.port), name="demo")
    try:
        yield
    finally:
        driver.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await driver
