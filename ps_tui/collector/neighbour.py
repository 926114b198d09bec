"""The other process that records into the same database: noticed, told of, shown."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from ps_tui.collector.feed import Feed
from ps_tui.collector.lines import Lines
from ps_tui.collector.notices import Notices
from ps_tui.collector.selection import RecordingSelection
from ps_tui.collector.watch import Watcher
from ps_tui.domain.errors import PsError
from ps_tui.domain.recording import Alert

_log = logging.getLogger(__name__)
WATCH_AFTER_S = 1.5
"""So long must nothing arrive here before what another process records is shown."""


class Neighbour:
    """Shows on ``feed`` what another process records, while nothing arrives here.

    ``count_packets`` tells how many packets have arrived so far.
    """

    def __init__(
        self,
        recording: RecordingSelection,
        watcher: Watcher,
        feed: Feed,
        *,
        lines: Lines,
        count_packets: Callable[[], int],
        notices: Notices,
    ) -> None:
        self._recording = recording
        self._watcher = watcher
        self._feed = feed
        self._lines = lines
        self._count_packets = count_packets
        self._notices = notices
        self._packets_seen = 0
        self._heard_at = 0.0
        self.is_shown = False

    async def look(self) -> None:
        """See who else records, and tell when that begins and ends."""
        before = self._recording.other
        try:
            other = await self._recording.refresh_other()
        except PsError as error:
            _log.warning("who else records is unknown: %s", error)
            return
        if before is not None and other is None:
            text = f"{before.recorder.label} has ended its recording."
            self._notices.publish(Alert(text, "information"))
        elif before is None and other is not None:
            who = f"{other.recorder.label} (pid {other.recorder.pid})"
            self._notices.publish(
                Alert(
                    f"{who} records the session “{other.session_name}” into this"
                    " database now. What arrives here is not recorded.",
                )
            )

    async def show(self) -> bool:
        """Begin or end to show what the other records; say whether it just ended."""
        other = self._recording.other
        if other is not None and self._is_deaf():
            self._watcher.start(other)
            self.is_shown = True
        elif self.is_shown:
            await self.hide()
            return True
        return False

    async def hide(self) -> None:
        """Show what arrives here again."""
        await self._watcher.stop()
        if not self.is_shown:
            return
        self.is_shown = False
        self._feed.live.expect(self._feed.channels)
        if self._lines.is_open:
            self._feed.live.start()

    def _is_deaf(self) -> bool:
        """Say whether nothing arrives here."""
        now = asyncio.get_running_loop().time()
        packets = self._count_packets()
        if packets != self._packets_seen:
            self._packets_seen, self._heard_at = packets, now
        return not self._lines.is_open or now - self._heard_at > WATCH_AFTER_S
