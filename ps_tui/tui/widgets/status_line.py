"""The status line: is data coming, is it being recorded, is it safe?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from ps_tui.domain.errors import PsError
from ps_tui.domain.health import DatabaseInfo, Verdict
from ps_tui.domain.ports import Services
from ps_tui.domain.recording import FeedState, FeedStatus
from ps_tui.domain.units import format_age, format_bytes
from ps_tui.tui.compat import start
from ps_tui.tui.glyphs import TONES, Glyphs
from ps_tui.tui.live_words import not_saved_text
from ps_tui.tui.workspace import Workspace

INTERVAL_S = 0.4
DISK_EVERY = 25
"""The disk is looked at every so many pulls: 10 s."""
LOW_DISK_BYTES = 2 * 2**30


class Part(NamedTuple):
    """One fact. The highest ``rank`` goes first where the window is narrow."""

    rank: int
    text: str
    style: str = "$muted"
    is_right: bool = False


def fit_parts(parts: Sequence[Part], width: int) -> list[Part]:
    """Return the parts that fit on one line of ``width`` cells."""
    chosen = list(parts)
    while len(chosen) > 1 and _length(chosen) > width:
        chosen.remove(max(chosen, key=lambda part: part.rank))
    return chosen


def _length(parts: Sequence[Part]) -> int:
    return sum(cell_len(part.text) for part in parts) + 2 * (len(parts) - 1) + 2


def feed_parts(status: FeedStatus) -> list[Part]:
    """Say in words what is known about the game."""
    age = "" if status.age_s is None else f" {format_age(status.age_s)}"
    source = Part(2, status.source, "$foreground")
    match status.state:
        case FeedState.LIVE:
            rate = f"{status.source} {status.rate_hz:.0f} Hz"
            return [Part(2, rate, "$foreground"), Part(7, f"packet{age} ago")]
        case FeedState.SILENT:
            return [Part(4, status.source), Part(1, f"NO DATA{age}", "bold $warning")]
        case FeedState.WAITING:
            return [source, Part(5, f"waiting on {status.endpoint}")]
        case FeedState.CONNECTED | FeedState.PAUSED:
            return [source, Part(3, status.state.value, "$warning")]
        case FeedState.FAILED:
            text = f"FAILED: {status.message}" if status.message else "FAILED"
            return [Part(1, text, "bold $error"), Part(6, status.remedy)]
    return [source, Part(5, status.state.value)]


class StatusLine(Static, can_focus=False):
    """One line that is always there and never wraps; its own clock pulls."""

    def __init__(self, services: Services, workspace: Workspace) -> None:
        super().__init__(id="status-line", markup=False)
        self._services = services
        self._workspace = workspace
        self._info: DatabaseInfo | None = None
        self._pulls = 0
        self._timer: Timer | None = None

    def on_mount(self) -> None:
        if self._workspace.has_clocks:
            self._timer = self.set_interval(INTERVAL_S, self.pull)

    def on_resize(self) -> None:
        self.draw()

    def pause(self) -> None:
        """Stop pulling while the screen is not seen."""
        if self._timer is not None:
            self._timer.pause()

    def resume(self) -> None:
        """Pull again, at once."""
        self._pulls = 0
        if self._timer is not None:
            self._timer.resume()
        self.pull()

    def pull(self) -> None:
        """Read the state of the feed, now and then that of the disk, and draw."""
        if self._pulls % DISK_EVERY == 0:
            start(self, self._look_at_disk, group="disk", exclusive=True)
        self._pulls += 1
        self.draw()

    async def _look_at_disk(self) -> None:
        self._info = await self._services.care.info()
        self.draw()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        event.stop()
        if event.state is WorkerState.ERROR:
            self._info = None
            if not isinstance(event.worker.error, PsError):
                self.log.error(event.worker.error)

    def draw(self) -> None:
        """Lay the parts out, the database at the right end."""
        parts = fit_parts(self.parts(), self.size.width)
        left = [part for part in parts if not part.is_right]
        right = [part for part in parts if part.is_right]
        if not parts or not self.size.width:
            return
        gap = self.size.width - _length(parts) + 2
        spans: list[tuple[str, str]] = [(" ", "")]
        for index, part in enumerate(left):
            spans.append(("  " if index else "", ""))
            spans.append((part.text, part.style))
        if left and right:
            spans.append((" " * gap, ""))
        for index, part in enumerate(right):
            spans.append(("  " if index else "", ""))
            spans.append((part.text, part.style))
        self.update(Content.assemble(*spans), layout=False)

    def parts(self) -> list[Part]:
        """Return every fact, in the order in which it stands."""
        status = self._services.live.status()
        counters = status.counters
        gone = counters.lost + counters.dropped
        parts = [self._recording_part(), *feed_parts(status)]
        if outage := not_saved_text(status):
            parts.insert(1, Part(1, outage, "bold $error"))
        parts.append(Part(5 if gone else 9, f"lost {gone}", _alarm(gone)))
        if self._services.recording.other is not None and counters.unrecorded:
            count = counters.unrecorded
            parts.append(Part(4, f"not recorded {count}", _alarm(count)))
        bad = counters.rejected
        parts.append(Part(5 if bad else 10, f"rejected {bad}", _alarm(bad)))
        is_filling = status.queue_depth * 2 > status.queue_capacity > 0
        depth = f"queue {status.queue_depth}"
        parts.append(Part(4 if is_filling else 8, depth, _alarm(int(is_filling))))
        if (capture := status.capture) is not None:
            gone = capture.dropped
            text = f"capture {capture.datagrams}" + (f", {gone} lost" if gone else "")
            text = capture.problem or text
            parts.append(Part(3, text, _alarm(gone + len(capture.problem))))
        if self._info is not None:
            free = self._info.disk_free_bytes
            is_low = free < LOW_DISK_BYTES
            text = f"disk {format_bytes(free)}"
            parts.append(Part(3 if is_low else 6, text, _alarm(int(is_low)), True))
        parts.append(self._health_part())
        return [part for part in parts if part.text]

    def _recording_part(self) -> Part:
        glyphs = self._workspace.glyphs
        recording = self._services.recording
        if (playback := self._services.playback) is not None:
            name = _shortened(playback.path.name)
            return Part(0, f"{glyphs.watching} PLAY {name}", "bold $accent")
        if recording.session is not None:
            name = _shortened(recording.session.name)
            return Part(0, f"{glyphs.recording} REC {name}", "bold $error")
        if recording.other is not None:
            pid = recording.other.recorder.pid
            return Part(0, f"{glyphs.watching} pid {pid} records", "bold $accent")
        if (selected := recording.selected) is not None:
            return Part(0, f"{glyphs.idle} idle, R records {_shortened(selected.name)}")
        return Part(0, f"{glyphs.idle} idle")

    def _health_part(self) -> Part:
        return health_part(self._workspace, self._workspace.glyphs)


def health_part(workspace: Workspace, glyphs: Glyphs) -> Part:
    """Return the health light: a sign, a word and how many are wrong."""
    if workspace.is_checking:
        return Part(2, "checking…", "$muted", True)
    report = workspace.health
    if report is None:
        return Part(6, "health unknown", "$muted", True)
    verdict = report.verdict
    count = sum(check.status is verdict for check in report.checks)
    word = "healthy" if verdict is Verdict.OK else f"{count} {verdict.value}"
    if verdict is not Verdict.OK and count > 1:
        word += "s"
    return Part(1, f"{glyphs.of(verdict)} {word}", f"${TONES[verdict]}", True)


def _alarm(count: int) -> str:
    return "bold $warning" if count else "$muted"


def _shortened(name: str, most: int = 22) -> str:
    return name if len(name) <= most else name[: most - 1] + "…"
