"""What the collector is given by the composition root."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ps_tui.domain.clock import Clock
from ps_tui.domain.models import RecorderInfo
from ps_tui.domain.ports import Library
from ps_tui.domain.recording_ports import RecordingStore, Spill


class Backing(msgspec.Struct, frozen=True):
    """The database from both of its sides, the clock, and who this process is."""

    store: RecordingStore
    library: Library
    clock: Clock
    me: RecorderInfo
    find_spill: Callable[[], Spill] | None = None
    """Gives, when it is first needed, what takes frames while the database does not."""
