"""Reads along while another process records into the same database."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from functools import partial

from ps_tui.collector.backing import Backing
from ps_tui.collector.lap_cutter import LapDetection
from ps_tui.collector.live import LiveState
from ps_tui.decoders.registry import SourceSpec
from ps_tui.domain.errors import NotFoundError, PsError
from ps_tui.domain.frame import Identity
from ps_tui.domain.laps import LapStarted
from ps_tui.domain.models import ActiveRecorder

_log = logging.getLogger(__name__)
_LAPS_EVERY = 4
"""The finished laps are read at every so many looks at the frames."""


class Watcher:
    """Feeds a live view from what another recorder commits."""

    def __init__(
        self,
        backing: Backing,
        specs: Mapping[str, SourceSpec],
        live: LiveState,
        make_detector: Callable[[int], LapDetection],
        *,
        poll_s: float = 0.25,
    ) -> None:
        self._backing = backing
        self._specs = specs
        self._live = live
        self._make_detector = make_detector
        self._poll_s = poll_s
        self._task: asyncio.Task[None] | None = None

    @property
    def is_watching(self) -> bool:
        return self._task is not None and not self._task.done()

    def start(self, other: ActiveRecorder) -> None:
        """Follow ``other`` until its session is over, or until :meth:`stop`."""
        if not self.is_watching:
            who = f"{other.recorder.label} (pid {other.recorder.pid})"
            self._live.watch(who, ())
            self._task = asyncio.create_task(self._watch(other, who), name="watcher")

    async def stop(self) -> None:
        """Look away at once."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _watch(self, other: ActiveRecorder, who: str) -> None:
        judge = self._live.judge
        try:
            await self._follow(other, who)
        finally:
            self._live.judge = judge

    async def _follow(self, other: ActiveRecorder, who: str) -> None:
        row, looks = -1, 0
        detector: LapDetection | None = None
        while True:
            try:
                seen = await self._backing.store.active_recorder()
                if seen is None or seen.session_id != other.session_id:
                    return
                if looks == 0:
                    await self._introduce(other.session_id, who)
                if looks % _LAPS_EVERY == 0:
                    laps = await self._backing.library.laps(other.session_id)
                    self._live.show_laps(laps)
                    newest = max((lap.lap_number for lap in laps), default=0)
                    if detector is None:
                        detector = self._make_detector(newest + 1)
                        self._live.judge = partial(getattr, detector, "can_count")
                looks += 1
                row = await self._read_on(other.session_id, row, detector)
            except PsError as error:
                _log.warning("watching: %s", error)
            await asyncio.sleep(self._poll_s)

    async def _introduce(self, session_id: str, who: str) -> None:
        """Show who drives what, and read the channels of that game."""
        try:
            session = await self._backing.library.session(session_id)
        except NotFoundError:
            return
        spec = self._specs.get(session.source)
        self._live.watch(who, () if spec is None else spec.make_decoder().channels)
        self._live.identity = Identity(
            car=session.car,
            driver=session.driver,
            track=session.track,
            layout=session.layout,
        )

    async def _read_on(
        self, session_id: str, row: int, detector: LapDetection | None
    ) -> int:
        """Show the frames behind ``row``; return the row to continue from."""
        row, frames = await self._backing.store.tail(session_id, row)
        for frame in frames:
            self._live.last_packet_us = frame.received_us
            self._live.append(frame)
            if detector is not None:
                # Times come from the database: this window may have seen half a lap.
                events = detector.feed(frame)
                self._live.note([one for one in events if type(one) is LapStarted])
        return row
