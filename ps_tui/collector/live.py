"""The newest telemetry in memory, for screens that pull it with their own clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from copy import copy
from itertools import islice

from ps_tui.collector.lap_progress import ProgressKeeper
from ps_tui.domain.channel import FRAME_CHANNELS, FRAME_FIELDS, LAP_FACTS
from ps_tui.domain.frame import Frame, Identity
from ps_tui.domain.lap_board import BoardRow, LapBoard
from ps_tui.domain.laps import LapEvent
from ps_tui.domain.models import Lap
from ps_tui.domain.recording import (
    FeedCounters,
    FeedState,
    FeedStatus,
    LapProgress,
    Outage,
    outage_text,
)

RING_US = 60_000_000
RING_FRAMES = 20_000
"""A minute at 330 Hz; a faster sender keeps a shorter past."""

SILENT_AFTER_US = 1_500_000
GREETING_US = 10_000_000
"""A game in its menus greets more often; once switched off it does not."""
_WARNING_US = 3_000_000
_RATE_SAMPLES = 9

_FIELD_OF = dict(
    zip((channel.key for channel in FRAME_CHANNELS), FRAME_FIELDS, strict=True)
) | dict(zip(LAP_FACTS, ("in_pit", "lap_valid", "last_lap_ms"), strict=True))


class LiveState:
    """What the Live screen and the status line read; implements ``LiveView``."""

    def __init__(
        self,
        now_us: Callable[[], int],
        *,
        source: str = "",
        endpoint: str = "",
        channels: Sequence[str] = (),
    ) -> None:
        self._now_us = now_us
        self._ring: deque[Frame] = deque(maxlen=RING_FRAMES)
        self._appended = 0
        self._extra_index = {key: index for index, key in enumerate(channels)}
        self._laps = ProgressKeeper()
        self._rates: deque[tuple[int, int]] = deque(maxlen=_RATE_SAMPLES)
        self._has_answered = False
        self._greeted_us = 0
        self._warning = ""
        self._warned_us = 0
        self._failure: tuple[str, str] | None = None
        self._is_started = False
        self._watching = ""
        self.counters = FeedCounters()
        self.source = source
        self.endpoint = endpoint
        self.latest: Frame | None = None
        self.identity = Identity()
        self.board = LapBoard()
        self.last_packet_us = 0
        self.hint = ("", "")
        """What to say, and to do, while nothing arrives."""
        self.queue: Callable[[], tuple[int, int]] = lambda: (0, 0)
        """Returns depth and capacity of the queue to the database."""
        self.outage: Callable[[], Outage | None] = lambda: None
        """Returns why nothing is saved, None while all is well."""
        self.judge: Callable[[], bool] = lambda: True
        """Returns whether the running lap can still count."""

    @property
    def progress(self) -> LapProgress:
        """Return the lap that is driven, with the last and the best one."""
        return self._laps.progress

    @property
    def lap_can_count(self) -> bool:
        """Say whether the running lap can still become a best."""
        return self.judge()

    def append(self, frame: Frame) -> None:
        """Take the newest frame."""
        self.latest = frame
        self._ring.append(frame)
        self._appended += 1

    def note(self, events: Sequence[LapEvent]) -> None:
        """Follow the laps."""
        self._laps.note(events)

    def note_answer(self, received_us: int, *, is_greeting: bool) -> None:
        """Note a good packet without a frame; a greeting answers our handshake."""
        self._has_answered = True
        if is_greeting:
            self._greeted_us = received_us

    def warn(self, message: str, now_us: int) -> None:
        """Show ``message`` for a few seconds beside the state."""
        self._warning = message
        self._warned_us = now_us

    def start(self) -> None:
        """Leave the state "starting" or "failed": there is a socket now."""
        self._is_started = True
        self._failure = None
        self._watching = ""

    def fail(self, message: str, remedy: str) -> None:
        """Say that there is no socket, and why."""
        self._failure = (message, remedy)

    def watch(self, who: str, channels: Sequence[str]) -> None:
        """Show what another process records from now on."""
        self._watching = who
        self._extra_index = {key: index for index, key in enumerate(channels)}

    def expect(self, channels: Sequence[str]) -> None:
        """Read ``Frame.extra`` as these keys from now on."""
        self._extra_index = {key: index for index, key in enumerate(channels)}

    def start_laps(self) -> None:
        """Forget last and best lap: another session begins."""
        self._laps.start_anew()
        self.board.clear()

    def show_laps(self, laps: Sequence[Lap]) -> None:
        """Take last and best lap from the finished laps of a session."""
        self._laps.show(laps)

    def restart(self) -> None:
        """Forget what was shown: what comes next is from elsewhere."""
        self._ring.clear()
        self.latest = None
        self.last_packet_us = 0
        self._rates.clear()
        self.start_laps()

    def tick(self) -> None:
        """Sample the packet rate and let go of what is too old; 4 times a second."""
        now_us = self._now_us()
        if self.counters.packets:
            self._rates.append((now_us, self.counters.packets))
        ring, oldest_us = self._ring, now_us - RING_US
        while ring and ring[0].received_us < oldest_us:
            ring.popleft()

    def status(self) -> FeedStatus:
        """Return a snapshot for the status line."""
        now_us = self._now_us()
        state = self._state(now_us)
        depth, capacity = self.queue()
        outage, rate_hz = self.outage(), self._rate_hz(now_us)
        lasts_s = outage.room / rate_hz if outage and rate_hz else None
        if outage is not None and state is not FeedState.FAILED:
            message, remedy = outage_text(outage, lasts_s), outage.remedy
        else:
            message, remedy = self._words(state, now_us)
        return FeedStatus(
            state=state,
            source=self.source,
            endpoint=self.endpoint,
            rate_hz=rate_hz,
            age_s=(
                max(0, now_us - self.last_packet_us) / 1e6
                if self.last_packet_us
                else None
            ),
            counters=copy(self.counters),
            queue_depth=depth,
            queue_capacity=capacity,
            message=message,
            remedy=remedy,
            outage=outage,
            lasts_s=lasts_s,
        )

    def lap_board(self) -> Sequence[BoardRow]:
        """Return every car whose laps the game tells, the quickest first."""
        return self.board.rows()

    def value(self, channel: str) -> float | None:
        """Return a channel of the latest frame by its key."""
        frame = self.latest
        if frame is None:
            return None
        index = self._extra_index.get(channel)
        if index is not None:
            return frame.extra_value(index)
        field = _FIELD_OF.get(channel)
        value = getattr(frame, field) if field else None
        return None if value is None else float(value)

    def frames_since(self, cursor: int) -> tuple[int, list[Frame]]:
        """Return the next cursor and the frames after ``cursor``; 0 asks for all."""
        count = min(self._appended - cursor, len(self._ring))
        if count <= 0:
            return self._appended, []
        frames = list(islice(reversed(self._ring), count))
        frames.reverse()
        return self._appended, frames

    def _state(self, now_us: int) -> FeedState:
        if self._failure is not None:
            return FeedState.FAILED
        if self._watching:
            return FeedState.WATCHING
        if not self._is_started:
            return FeedState.STARTING
        latest = self.latest
        if latest is not None and now_us - latest.received_us < SILENT_AFTER_US:
            return FeedState.LIVE
        if latest is None:
            return FeedState.CONNECTED if self._has_answered else FeedState.WAITING
        is_greeting_newest = self._greeted_us >= self.last_packet_us
        if is_greeting_newest and now_us - self._greeted_us < GREETING_US:
            return FeedState.CONNECTED
        if now_us - self.last_packet_us < SILENT_AFTER_US:
            return FeedState.PAUSED
        return FeedState.SILENT

    def _words(self, state: FeedState, now_us: int) -> tuple[str, str]:
        if self._failure is not None:
            return self._failure
        if state is FeedState.WATCHING:
            return f"{self._watching} records.", ""
        if self._warning and now_us - self._warned_us < _WARNING_US:
            return self._warning, ""
        return self.hint if state is FeedState.WAITING else ("", "")

    def _rate_hz(self, now_us: int) -> float:
        if not self._rates:
            return 0.0
        since_us, packets = self._rates[0]
        elapsed_us = now_us - since_us
        if elapsed_us < 200_000:
            return 0.0
        return (self.counters.packets - packets) * 1e6 / elapsed_us
