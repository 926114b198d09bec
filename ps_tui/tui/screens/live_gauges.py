"""The gauges of the Live screen: each is handed the newest frame, and no other."""

from __future__ import annotations

from ps_tui.domain.frame import Frame
from ps_tui.domain.ports import LiveView
from ps_tui.tui import measures
from ps_tui.tui.lately import Lately
from ps_tui.tui.live_words import clock_text, gear_text, lap_note, rounded
from ps_tui.tui.widgets import palette
from ps_tui.tui.widgets.big_digits import NOT_SENT, BigDigits
from ps_tui.tui.widgets.input_bars import InputBars
from ps_tui.tui.widgets.lap_times import LapTimes
from ps_tui.tui.widgets.rpm_bar import RpmBar

_NO_LAP = "no lap yet"
"""A game that counts laps has a clock, too: it does not run on the grid."""


class Gauges:
    """Digits, bars and the times of the running lap."""

    def __init__(self) -> None:
        self._lately = Lately()
        self._rpm_bar = RpmBar(dom_id="rpm-bar")
        self._gear = BigDigits("GEAR", palette.GEAR, columns=1, dom_id="gear")
        self._speed = BigDigits(
            "SPEED", palette.SPEED, columns=3, unit="km/h", dom_id="speed"
        )
        self._rpm = BigDigits("RPM", palette.RPM, columns=4, dom_id="rpm")
        self._inputs = InputBars(dom_id="inputs")
        self._lap_clock = BigDigits("LAP CLOCK", "", columns=6, dom_id="lap-clock")
        self.lap_times = LapTimes(dom_id="lap-times")
        self.widgets = (
            self._rpm_bar,
            self._gear,
            self._speed,
            self._rpm,
            self._inputs,
            self._lap_clock,
            self.lap_times,
        )

    def forget(self) -> None:
        """Hold no value of before: another game is shown."""
        self._lately.forget()

    def show(self, frame: Frame, live: LiveView, possible_ms: float | None) -> None:
        """Show one frame, and what its lap can still become."""
        frame = self._lately.filled(frame)
        limit = live.value("max_rpm") or live.identity.max_rpm
        self._rpm_bar.set_frame(frame, limit)
        self._gear.set_text(gear_text(frame.gear))
        speed = frame.speed_kmh
        if speed is not None:
            speed = measures.amount(speed, "km/h")
        self._speed.set_text(rounded(speed))
        self._rpm.set_text(rounded(frame.rpm, 10))
        self._inputs.set_frame(frame, live.value("clutch"))
        counts_laps = frame.lap_number is not None
        self._lap_clock.set_text(
            clock_text(frame.lap_time_ms), _NO_LAP if counts_laps else NOT_SENT
        )
        progress = live.progress
        lap_number = progress.lap_number
        self.lap_times.set_progress(
            progress,
            frame.lap_number if lap_number is None else lap_number,
            lap_note(frame),
        )
        self.lap_times.set_possible(possible_ms)
