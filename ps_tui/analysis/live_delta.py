"""The delta while driving: prepared once per reference, cheap for each frame."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from enum import Enum

from ps_tui.analysis.profile import TimeProfile

TREND_SHARE = 0.04
"""How much of the lap the trend looks back: about 200 m of 5 km."""

_SETTLING_MS = 1_000
_SETTLING_PLACE = 0.06
"""In the first second a car is no further than this, or the clock is not yet reset:
300 m of 5 km."""

_HISTORY = 64
_HISTORY_STEP = TREND_SHARE / (_HISTORY - 8)


class NoDelta(Enum):
    """Why there is no delta now; the value is for people."""

    NO_REFERENCE = "no reference lap yet"
    NO_POSITION = "the game sends no track position"
    NO_CLOCK = "the game sends no lap clock"
    AT_LINE = "waiting for the lap clock behind the line"
    OUTSIDE = "the reference does not cover this place"


class LiveDelta:
    """Compares the running lap with one reference, by place on the track."""

    def __init__(
        self,
        reference: TimeProfile | None,
        missing: NoDelta | str = NoDelta.NO_REFERENCE,
    ) -> None:
        """``missing`` is what to say where there is no reference."""
        self._missing = missing
        self._places: list[float] = []
        self._times_ms: list[float] = []
        self.reference_ms: float | None = None
        if reference is not None:
            self._places = reference.places.tolist()
            # As the game's clock shows them, which is what update() is given.
            shown_ms = reference.times_ms + reference.clock_offset_ms
            self._times_ms = shown_ms.tolist()
            self.reference_ms = reference.lap_time_ms
        self._history: deque[tuple[float, float]] = deque(maxlen=_HISTORY)
        self._last_place = -1.0
        self._reason: NoDelta | str | None = missing
        self.delta_ms: float | None = None

    @property
    def reason(self) -> str | None:
        """Return why there is no delta, ``None`` where there is one."""
        reason = self._reason
        return reason.value if isinstance(reason, NoDelta) else reason

    @property
    def predicted_ms(self) -> float | None:
        """Return the lap time if the rest is driven as the reference was."""
        if self.delta_ms is None or self.reference_ms is None:
            return None
        return self.reference_ms + self.delta_ms

    @property
    def trend_ms(self) -> float | None:
        """Return the change of the delta over the last stretch; positive is losing."""
        if self.delta_ms is None or len(self._history) < 2:
            return None
        start = self._last_place - TREND_SHARE
        for place, delta_ms in self._history:
            if place >= start:
                return self.delta_ms - delta_ms
        return 0.0

    def update(self, place: float | None, lap_time_ms: float | None) -> float | None:
        """Take position and lap clock of a frame; return the delta in ms."""
        places = self._places
        if not places:
            return self._nothing(self._missing)
        if place is None:
            return self._nothing(NoDelta.NO_POSITION)
        if lap_time_ms is None:
            return self._nothing(NoDelta.NO_CLOCK)
        if lap_time_ms < _SETTLING_MS and place > _SETTLING_PLACE:
            return self._nothing(NoDelta.AT_LINE)
        if place < _SETTLING_PLACE and lap_time_ms > self._times_ms[-1] / 2.0:
            return self._nothing(NoDelta.AT_LINE)
        right = bisect_right(places, place)
        if right == 0 or right == len(places):
            if not right or place > places[-1]:
                return self._nothing(NoDelta.OUTSIDE)
            right -= 1
        left = right - 1
        low, low_ms = places[left], self._times_ms[left]
        share = (place - low) / (places[right] - low)
        delta_ms = lap_time_ms - low_ms - share * (self._times_ms[right] - low_ms)
        self._remember(place, delta_ms)
        self._reason = None
        self.delta_ms = delta_ms
        return delta_ms

    def _nothing(self, reason: NoDelta | str) -> float | None:
        self._reason = reason
        self.delta_ms = None
        return None

    def _remember(self, place: float, delta_ms: float) -> None:
        history = self._history
        if place < self._last_place:
            history.clear()
        if not history or place >= history[-1][0] + _HISTORY_STEP:
            history.append((place, delta_ms))
        self._last_place = place
