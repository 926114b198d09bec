"""How the Live screen writes figures, states of the feed and what the game tells."""

from __future__ import annotations

from typing import NamedTuple

from ps_tui.domain.frame import Frame, Identity
from ps_tui.domain.recording import FeedState, FeedStatus
from ps_tui.domain.units import format_age, format_at_least
from ps_tui.tui.widgets import palette

FLAGS = {
    1: ("GREEN FLAG", palette.GOOD),
    2: ("BLUE FLAG", palette.SPEED),
    3: ("YELLOW FLAG", palette.CAUTION),
    4: ("RED FLAG", palette.ALARM),
}
SAFETY_CARS = {1: "SAFETY CAR", 2: "VIRTUAL SAFETY CAR", 3: "FORMATION LAP"}
ERS_MODES = {0: "none", 1: "medium", 2: "hotlap", 3: "overtake"}


class Sign(NamedTuple):
    """A word that a driver must not miss, and its colour."""

    word: str
    color: str


def signs(flag: float | None, safety_car: float | None) -> tuple[Sign, ...]:
    """Return what is shown to the driver from the side of the track."""
    shown = []
    if safety_car is not None and (word := SAFETY_CARS.get(int(safety_car))):
        shown.append(Sign(word, palette.CAUTION))
    if flag is not None and (row := FLAGS.get(int(flag))):
        shown.append(Sign(*row))
    return tuple(shown)


def gap_text(gap_ms: float | None) -> str | None:
    """Write a gap on the track in seconds, from a minute on in minutes."""
    if gap_ms is None:
        return None
    if gap_ms < 60_000:
        return f"{gap_ms / 1000:.3f}"
    minutes, rest_ms = divmod(round(gap_ms), 60_000)
    return f"{minutes}:{rest_ms / 1000:06.3f}"


def gear_text(gear: int | None) -> str | None:
    """Write a gear as the car's dash does: R, N, 1 …"""
    if gear is None:
        return None
    return {-1: "R", 0: "N"}.get(gear, str(gear))


def rounded(value: float | None, step: int = 1) -> str | None:
    """Write a whole number, in steps that the eye can follow."""
    return None if value is None else str(round(value / step) * step)


def clock_text(lap_time_ms: int | None) -> str | None:
    """Write a running lap clock to the tenth; more would only flicker."""
    if lap_time_ms is None or lap_time_ms < 0:
        return None
    minutes, rest_ms = divmod(lap_time_ms, 60_000)
    return f"{minutes}:{rest_ms // 1000:02d}.{rest_ms % 1000 // 100}"


def lap_note(frame: Frame) -> str:
    """Return a word on the running lap, empty if there is nothing to say."""
    if frame.in_pit:
        return "IN PIT"
    return "invalid" if frame.lap_valid is False else ""


def identity_text(identity: Identity) -> str:
    """Write car, track and layout on one line."""
    place = " ".join(part for part in (identity.track, identity.layout) if part)
    return " · ".join(part for part in (identity.car, place) if part)


def not_saved_text(status: FeedStatus) -> str:
    """Say that nothing is saved and how long that may last, empty if all is well."""
    outage = status.outage
    if outage is None:
        return ""
    where = "to a side file" if outage.folder else "in memory"
    lasts = "" if status.lasts_s is None else f" {format_at_least(status.lasts_s)}"
    return f"NOT SAVED, {where}{lasts}"


def warning_text(status: FeedStatus) -> str:
    """Say in words what is wrong with the feed, empty if nothing is."""
    if not_saved := not_saved_text(status):
        return not_saved
    if status.state is FeedState.SILENT:
        return f"NO DATA {format_age(status.age_s or 0.0)}"
    if status.state is FeedState.FAILED:
        return status.message
    if status.state in (FeedState.PAUSED, FeedState.CONNECTED):
        return status.state.value.upper()
    return ""


def waiting_text(status: FeedStatus, *, has_doctor: bool = False) -> str:
    """Say what happens while there is nothing to show, and the next key."""
    why = "\nw says why there is no data." if has_doctor else ""
    if status.state is FeedState.FAILED:
        return f"{status.message}\n\n{status.remedy}".strip() + why
    if status.state is FeedState.CONNECTED:
        return (
            f"The game at {status.endpoint} has answered.\n\n"
            "Drive onto the track: it sends no telemetry from its menus." + why
        )
    if status.state is FeedState.WATCHING:
        return "Another window records.\n\nIts telemetry appears here as it arrives."
    if status.state is FeedState.STARTING:
        return f"Opening {status.endpoint} for {status.source} telemetry …"
    return (
        f"Listening on {status.endpoint} for {status.source} telemetry.\n\n"
        "Start the game, or press R to open a session before it sends.\n"
        "Without the game: quit with q and start ps-tui --demo." + why
    )
