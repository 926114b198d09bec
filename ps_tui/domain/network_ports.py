"""What screens may ask of the side that receives: sources, captures, playback."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from ps_tui.domain.diagnosis import Diagnosis
from ps_tui.domain.recording import CaptureStatus, FoundSource


class SourceSwitch(Protocol):
    """The games that were found, and which of them is shown."""

    def found(self) -> list[FoundSource]:
        """Return the games whose packets arrived, in the order of their arrival."""
        ...

    def choose(self, key: str | None) -> None:
        """Show the game with this key; ``None`` follows whichever sends."""
        ...

    def cycle(self) -> str | None:
        """Show the next game and return its key; ``None`` where there is no other."""
        ...


class CaptureControl(Protocol):
    """Writes what arrives as a pcap, beside the recording."""

    def capture_status(self) -> CaptureStatus | None:
        """Return the counters of the capture that runs."""
        ...

    def start_capture(self, path: Path) -> None:
        """Write every packet to ``path`` from now on. Raises PsError."""
        ...

    async def stop_capture(self) -> CaptureStatus | None:
        """Finish the capture; returns its counters, None where there was none."""
        ...


class Doctor(Protocol):
    """Says why there is no data."""

    async def examine(self) -> Diagnosis:
        """Look at ports, senders and conversations as they are now."""
        ...


class Playback(Protocol):
    """A capture played through the pipeline. Times in seconds from its begin."""

    @property
    def path(self) -> Path: ...
    @property
    def position_s(self) -> float: ...
    @property
    def duration_s(self) -> float: ...
    @property
    def speed(self) -> float: ...
    @property
    def is_paused(self) -> bool: ...
    @property
    def is_over(self) -> bool:
        """Say whether the end is reached; a seek goes on from elsewhere."""
        ...

    def pause(self) -> None: ...
    def resume(self) -> None: ...

    def seek(self, position_s: float) -> None:
        """Go on at ``position_s``, within the capture."""
        ...

    def set_speed(self, speed: float) -> None:
        """Play at ``speed`` times the recorded pace, 0.1 to 64."""
        ...
