"""What recording needs of a database, and of a disk while there is none to be had."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ps_tui.domain.frame import Frame
from ps_tui.domain.models import ActiveRecorder, RecorderInfo
from ps_tui.domain.recording import RecordingBatch, SpillRoom


class RecordingStore(Protocol):
    """What the recorder needs of a database."""

    async def begin_recording(
        self,
        session_id: str,
        recorder: RecorderInfo,
        channels: Sequence[str],
        since_us: int | None = None,
    ) -> None:
        """Claim the database for one recorder.

        ``channels`` names what each frame's packed part holds, ``since_us`` when the
        first frame was received that waits already. Raises RecorderBusyError while
        another live process records.
        """
        ...

    async def write(self, session_id: str, batch: RecordingBatch) -> None:
        """Commit a batch whole, or raise and leave nothing of it behind."""
        ...

    async def seal_lap(self, session_id: str, lap_number: int) -> None:
        """Turn the rows of a finished lap into its verified trace."""
        ...

    async def finish_recording(self, session_id: str) -> None:
        """Seal what is left and mark the session completed."""
        ...

    async def active_recorder(self) -> ActiveRecorder | None:
        """Return the live recording into this database, whoever makes it."""
        ...

    async def tail(
        self, session_id: str, after_row: int, limit: int = 2000
    ) -> tuple[int, list[Frame]]:
        """Return frames that a recorder wrote since ``after_row``, for a watcher.

        Returns the row to continue from and the frames; ``after_row`` -1 starts
        at the newest.
        """
        ...


class Spill(Protocol):
    """Where frames go while the database takes none, in their order.

    Once something is set aside, everything that follows has to be, until ``drain``
    has returned.
    """

    @property
    def frame_count(self) -> int:
        """How many frames wait."""
        ...

    async def put(self, session_id: str, batch: RecordingBatch) -> None:
        """Set a batch aside, on the disk when it returns.

        Raises StorageFullError where no disk takes it.
        """
        ...

    async def drain(self, session_id: str) -> int:
        """Write what was set aside into the database; return how many frames.

        Raises what the database raises; what is not written yet stays aside.
        """
        ...

    async def room(self, session_id: str) -> SpillRoom:
        """Say where frames are set aside, and about how many more fit there."""
        ...
