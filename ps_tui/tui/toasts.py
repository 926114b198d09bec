"""What is worth a message when it happens by itself."""

from __future__ import annotations

from typing import Literal, NamedTuple

from ps_tui.domain.models import LapKind
from ps_tui.domain.ports import Services
from ps_tui.domain.recording import (
    Alert,
    LapStored,
    Notice,
    SessionClosed,
    SessionOpened,
)
from ps_tui.domain.units import format_lap_time
from ps_tui.tui.workspace import Workspace

Severity = Literal["information", "warning", "error"]


class Toast(NamedTuple):
    """A short message in the corner."""

    text: str
    title: str = ""
    severity: Severity = "information"


def toast_for(notice: Notice, services: Services, workspace: Workspace) -> Toast | None:
    """Return the message for a notice, ``None`` where it needs none."""
    match notice:
        case SessionOpened() | SessionClosed() if services.playback is not None:
            return None  # nothing is kept of what is played
        case SessionOpened(is_automatic=True):
            workspace.automatic_start_us = services.clock.now_us()
            return Toast(
                f"Telemetry arrived: recording into {notice.name}. "
                "Rename it with e on Sessions.",
                "Recording began",
            )
        case SessionOpened():
            return Toast(f"Recording into {notice.name}.")
        case SessionClosed():
            return Toast(f"{notice.name} is saved.", "Recording stopped")
        case LapStored():
            return _lap_toast(notice, services)
        case Alert():
            severity: Severity = "error" if notice.severity == "error" else "warning"
            if notice.severity == "information":
                severity = "information"
            return Toast(notice.message, "", severity)
    return None


def _lap_toast(notice: LapStored, services: Services) -> Toast | None:
    lap = notice.lap
    best = services.live.progress.best_lap_number
    if lap.kind is not LapKind.FLYING or not lap.valid or lap.lap_time_ms is None:
        return None
    if best is not None and lap.lap_number != best:
        return None  # Slower, or just as quick as one before.
    time = format_lap_time(lap.lap_time_ms)
    return Toast(f"{time} in lap {lap.lap_number}", "Best lap")
