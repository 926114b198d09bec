"""Reads along while another process records into the same database."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from ps_tui.collector.live import LiveState
from ps_tui.collector.pipeline import LapDetection
from ps_tui.collector.waiting import wait_until
from ps_tui.domain.errors import PsError
from ps_tui.domain.models import ActiveRecorder
from ps_tui.domain.ports import RecordingStore

_log = logging.getLogger(__name__)


class Watcher:
    """Feeds the live view from the rows that the other recorder commits."""

    def __init__(
        self,
        store: RecordingStore,
        live: LiveState,
        make_detector: Callable[[int], LapDetection],
        *,
        poll_s: float = 0.25,
    ) -> None:
        self._store = store
        self._live = live
        self._make_detector = make_detector
        self._poll_s = poll_s

    async def watch(self, other: ActiveRecorder, closing: asyncio.Event) -> None:
        """Follow ``other`` until its session is over, or ``closing`` is set."""
        detector = self._make_detector(1)
        row = -1
        seen: ActiveRecorder | None = other
        while (
            seen is not None
            and seen.session_id == other.session_id
            and not closing.is_set()
        ):
            try:
                row, frames = await self._store.tail(other.session_id, row)
                for frame in frames:
                    self._live.last_packet_us = frame.received_us
                    self._live.append(frame)
                    self._live.note(detector.feed(frame))
                seen = await self._store.active_recorder()
            except PsError as error:
                _log.warning("watching: %s", error)
            await wait_until(closing, self._poll_s)
