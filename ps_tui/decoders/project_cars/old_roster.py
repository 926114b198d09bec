"""Who drives what and where, in the older protocol: packets of names."""

from __future__ import annotations

from msgspec.structs import replace

from ps_tui.decoders.project_cars.parts import text
from ps_tui.domain.frame import Identity

NAMES_SIZE = 1347
MORE_NAMES_SIZE = 1028
_KINDS = {NAMES_SIZE: 1, MORE_NAMES_SIZE: 2}
_NAME_SIZE = 64
_FIRST_LETTER = 32


class OldRoster:
    """Names by number, and the identity of the car in view.

    ``identity`` is the same object as long as nothing changed.
    """

    def __init__(self) -> None:
        self.identity: Identity | None = None
        self._drivers: dict[int, str | None] = {}
        self._in_view = (-1, 0.0, 0)

    def view(self, viewed: int, length_m: float, max_rpm: int) -> None:
        """Take what telemetry tells of car and track; nought is unknown."""
        if (viewed, length_m, max_rpm) != self._in_view:
            self._in_view = viewed, length_m, max_rpm
            self._note(Identity())

    def forget(self) -> None:
        """Await what telemetry tells next."""
        self._in_view = (-1, 0.0, 0)

    def learn(self, datagram: bytes) -> bool:
        """Take a packet of names; ``False`` where it has none."""
        has_car = len(datagram) == NAMES_SIZE
        if datagram[2] & 3 != _KINDS[len(datagram)]:
            return False
        start, count = (3, 20) if has_car else (4, 16)  # then their best laps
        fields = [
            datagram[at : at + _NAME_SIZE]
            for at in range(start, start + count * _NAME_SIZE, _NAME_SIZE)
        ]
        if not all(map(_is_text, fields)):
            return False
        names = [text(field) for field in fields]
        if has_car:
            first, newer = 0, Identity(car=names[0], track=names[2], layout=names[3])
            del names[:4]
        else:
            first, newer = datagram[3], Identity()
        self._drivers.update(enumerate(names, first))
        self._note(newer)
        return True

    def _note(self, newer: Identity) -> None:
        """Merge what is known into the identity."""
        viewed, length_m, max_rpm = self._in_view
        known = replace(
            (self.identity or Identity()).merged(newer),
            driver=self._drivers.get(viewed),
            track_length_m=length_m or None,
            max_rpm=float(max_rpm) or None,
        )
        if known != self.identity:
            self.identity = known


def _is_text(field: bytes) -> bool:
    """Tell a name from the numbers of another game's packet of this size."""
    return not any(byte < _FIRST_LETTER for byte in field.partition(b"\0")[0])
