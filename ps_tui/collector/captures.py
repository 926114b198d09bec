"""At most one capture of packets at a time, beside the recording."""

from __future__ import annotations

import asyncio
from pathlib import Path

from ps_tui.collector.capture import Capture
from ps_tui.collector.lines import Lines
from ps_tui.domain.errors import PsError
from ps_tui.domain.recording import CaptureStatus


class Captures:
    """Starts and ends captures of what ``lines`` hear. Implements CaptureControl."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._capture: Capture | None = None
        self.last: CaptureStatus | None = None
        """How the last capture ended."""

    def capture_status(self) -> CaptureStatus | None:
        """Return the counters of the capture that runs."""
        return None if self._capture is None else self._capture.status()

    def start_capture(self, path: Path) -> None:
        """Write every packet to ``path`` from now on.

        Raises PsError where the file cannot be made, or a capture runs already.
        """
        if self._capture is not None:
            raise PsError(
                f"A capture to {self._capture.path} runs already.", "Stop it first."
            )
        self._capture = capture = Capture(path)
        self._lines.copy = lambda datagram, sender, us, gate: capture.put(
            datagram, sender, us, gate.port
        )

    async def stop_capture(self) -> CaptureStatus | None:
        """Finish the capture; returns its counters, None where there was none."""
        capture, self._capture = self._capture, None
        if capture is None:
            return None
        self._lines.copy = None
        await asyncio.to_thread(capture.close)
        self.last = capture.status()
        return self.last
