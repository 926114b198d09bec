"""The seams of the program: what each layer needs of the layers it may not see.

Screens and commands are given :class:`Services`; what stands behind each protocol
is chosen in ``ps_tui.runtime`` alone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from ps_tui.domain.clock import Clock
from ps_tui.domain.crew_ports import Crew
from ps_tui.domain.frame import Decoded, Frame, Identity
from ps_tui.domain.garage_ports import Garage, Workbench
from ps_tui.domain.health import (
    Backup,
    DatabaseInfo,
    HealthReport,
    RepairReport,
    RepairStep,
)
from ps_tui.domain.lap_board import BoardRow
from ps_tui.domain.lap_figures import LapBook
from ps_tui.domain.markers import Markers
from ps_tui.domain.models import (
    ActiveRecorder,
    Deletion,
    Event,
    EventDraft,
    Lap,
    LapDraft,
    LapNotes,
    LapTrace,
    Session,
    SessionDraft,
)
from ps_tui.domain.network_ports import (
    CaptureControl,
    Doctor,
    Playback,
    SourceSwitch,
)
from ps_tui.domain.recording import (
    FeedStatus,
    LapProgress,
    Notice,
)
from ps_tui.domain.studio import Studio
from ps_tui.domain.upkeep import DemoDrive
from ps_tui.domain.upkeep_ports import Content, Schema


class Decoder(Protocol):
    """Datagrams of one stream to frames. Total: no input makes it raise."""

    @property
    def source(self) -> str:
        """The registry name of the game."""
        ...

    @property
    def channels(self) -> tuple[str, ...]:
        """Keys of what ``Frame.extra`` holds, in its order."""
        ...

    @property
    def identity(self) -> Identity | None:
        """Who drives what, as far as the stream has told; updated by ``decode``.

        The same object as long as nothing changed.
        """
        ...

    def decode(self, datagram: bytes, received_us: int) -> Decoded: ...


class Library(LapBook, Markers, Protocol):
    """Events, sessions, laps and markers, to read and to edit.

    Each lookup takes a public id, or the unique end of one. Raises NotFoundError
    for an unknown id, DatabaseError where the database refuses.
    """

    async def events(self, *, deleted: bool = False) -> list[Event]:
        """Return the events, newest first; with ``deleted`` only deleted ones."""
        ...

    async def event(self, event_id: str) -> Event: ...
    async def create_event(self, draft: EventDraft) -> Event: ...
    async def edit_event(self, event_id: str, draft: EventDraft) -> Event: ...

    async def delete_event(self, event_id: str) -> Deletion:
        """Soft-delete an event with its sessions and laps.

        Raises RecorderBusyError while one of its sessions records.
        """
        ...

    async def restore_event(self, event_id: str) -> Event:
        """Bring back an event and exactly what was deleted with it."""
        ...

    async def sessions(
        self, event_id: str | None = None, *, deleted: bool = False
    ) -> list[Session]:
        """Return the sessions of an event, or all, newest first."""
        ...

    async def session(self, session_id: str, *, counted: bool = True) -> Session:
        """Return one session; not ``counted``, without laps, frames and best."""
        ...

    async def create_session(self, draft: SessionDraft) -> Session: ...
    async def edit_session(self, session_id: str, draft: SessionDraft) -> Session: ...
    async def delete_session(self, session_id: str) -> Deletion: ...
    async def restore_session(self, session_id: str) -> Session: ...

    async def laps(self, session_id: str, *, deleted: bool = False) -> list[Lap]:
        """Return the finished laps of a session in driving order."""
        ...

    async def lap(self, lap_id: str) -> Lap: ...
    async def create_lap(self, session_id: str, draft: LapDraft) -> Lap:
        """Store a lap that was timed by hand.

        Raises UsageError for a number that is taken or a time that is none,
        RecorderBusyError while somebody records into the session.
        """
        ...

    async def delete_lap(self, lap_id: str) -> Deletion: ...
    async def restore_lap(self, lap_id: str) -> Lap: ...

    async def exclude_lap(self, lap_id: str, reason: str) -> Lap:
        """Take a lap out of bests and averages; it stays in every list."""
        ...

    async def include_lap(self, lap_id: str) -> Lap:
        """Let an excluded lap count again."""
        ...

    async def note_lap(self, lap_id: str, notes: LapNotes) -> Lap:
        """Replace what a person wrote about a lap."""
        ...

    async def load_trace(self, lap_id: str) -> LapTrace:
        """Return all frames of a lap. Raises DatabaseError on a damaged trace."""
        ...


class Care(Protocol):
    """Health, repair and copies of the database."""

    async def info(self) -> DatabaseInfo: ...

    async def check(self, *, deep: bool = False, quick: bool = False) -> HealthReport:
        """Run every check; safe while recording.

        ``quick`` takes a few milliseconds, for a start; ``deep`` as long as it does.
        """
        ...

    async def plan_repair(self) -> list[RepairStep]:
        """Return what :meth:`repair` would do, changing nothing."""
        ...

    async def repair(self) -> RepairReport:
        """Back up, then repair; what is removed goes to quarantine."""
        ...

    async def backup(
        self, target: Path | None = None, reason: str = "manual"
    ) -> Backup:
        """Write a verified copy to ``target``, by default beside the database."""
        ...

    async def backups(self) -> list[Backup]:
        """Return the copies beside the database, newest first."""
        ...

    async def auto_backup(self, reason: str) -> Backup | None:
        """Back up if anything changed since the last copy, then thin out old ones.

        Never raises for want of room or a missing folder: the result, or its
        absence, is for a log. Call it when a session ends and every 15 minutes
        while recording.
        """
        ...

    async def verify_backup(self, name: Path) -> Backup:
        """Check a copy from its first byte to its last. Raises DatabaseError."""
        ...

    async def pin_backup(self, name: Path, *, pinned: bool = True) -> Backup:
        """Keep a copy for good, or let the rotation have it again."""
        ...

    async def undo_repair(self, run: str) -> int:
        """Put back what a repair took away; return how many rows."""
        ...

    async def restore(self, source: Path) -> Backup:
        """Put a backup's content in place, after a backup of what is there now.

        ``source`` is a file, or the name of a copy beside the database. Returns
        the safety backup.
        """
        ...

    async def reset(self) -> Backup:
        """Empty the database, after a backup. Returns the backup."""
        ...


class LiveView(Protocol):
    """The newest telemetry, to be pulled by the screen's own clock."""

    @property
    def latest(self) -> Frame | None: ...
    @property
    def identity(self) -> Identity: ...
    @property
    def progress(self) -> LapProgress: ...

    @property
    def lap_can_count(self) -> bool:
        """Whether the running lap can still become a best: flying and valid so far."""
        ...

    def status(self) -> FeedStatus: ...

    def value(self, channel: str) -> float | None:
        """Return a further channel of the latest frame by its key."""
        ...

    def lap_board(self) -> Sequence[BoardRow]:
        """Return every car whose laps the game tells, the quickest first."""
        ...

    def frames_since(self, cursor: int) -> tuple[int, list[Frame]]:
        """Return the cursor to continue from and the frames after ``cursor``.

        At most the last minute is kept; cursor 0 asks for all of it.
        """
        ...


class RecordingControl(Protocol):
    """Starts and stops recording, as ``R`` does."""

    @property
    def session(self) -> Session | None:
        """The session being recorded by this process."""
        ...

    @property
    def selected(self) -> Session | None:
        """The session that ``start`` and arriving telemetry would record into."""
        ...

    @property
    def other(self) -> ActiveRecorder | None:
        """The other process that records into this database, if any."""
        ...

    async def select(self, session_id: str | None) -> None: ...

    async def start(self) -> Session:
        """Record into the selected session, or into a new one."""
        ...

    async def stop(self) -> Session | None:
        """Commit everything and close the session; it stays off until asked."""
        ...


class Services(msgspec.Struct, frozen=True):
    """Everything that screens and commands may use."""

    library: Library
    care: Care
    live: LiveView
    recording: RecordingControl
    clock: Clock
    subscribe: Callable[[Callable[[Notice], None]], Callable[[], None]]
    """Calls back on the event loop for each notice; returns how to stop."""
    sources: SourceSwitch | None = None
    captures: CaptureControl | None = None
    doctor: Doctor | None = None
    export: Callable[[str, Path], Awaitable[list[Path]]] | None = None
    """Writes the lap with this id; the suffix of the file is its format.

    Returns the files that were written. Raises PsError.
    """
    playback: Playback | None = None
    """Set where a capture is played instead of a game."""
    garage: Garage | None = None
    workbench: Workbench | None = None
    studio: Studio | None = None
    crew: Crew | None = None
    content: Content | None = None
    schema: Schema | None = None
    extra_channels: Callable[[str], tuple[str, ...]] = lambda _source: ()
    """Returns the keys of what ``Frame.extra`` of a game holds, by its name."""
    drive_demo: Callable[[], DemoDrive] | None = None
    """Drives the laps of a demo seed; takes a moment, so call it in a thread."""
