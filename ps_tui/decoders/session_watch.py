"""Numbers the sessions of a game that does not number them itself."""

from __future__ import annotations

from collections.abc import Hashable


class SessionWatch:
    """Tells when another session, another car or a race begun anew is what comes."""

    def __init__(self) -> None:
        self.uid = 1
        self._what: Hashable = None
        self._lap = 0

    def follow(self, what: Hashable, lap: int) -> int:
        """Return the number of the session; ``what`` is all that makes it another.

        A lap counter that falls is a race begun anew.
        """
        if self._what is not None and (what != self._what or lap < self._lap):
            self.uid += 1
        self._what, self._lap = what, lap
        return self.uid

    def restart(self) -> None:
        """Note that the game said so."""
        if self._what is not None:
            self.uid += 1
            self._what = None
