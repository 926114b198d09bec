"""Who drives what and where, in version 2 of the protocol: packets that come rarely."""

from __future__ import annotations

import struct

from msgspec.structs import replace

from ps_tui.decoders.project_cars.parts import text
from ps_tui.domain.frame import Identity

_NAME_SIZE = 64
_NAMES_OFFSET = 16
_INDICES = struct.Struct("<16H")
_INDICES_OFFSET = 1104
_PER_PART = 16
_VEHICLE = struct.Struct("<H6x64s")
"""Number of the car, its class, its name."""
_VEHICLES_OFFSET = 12
_HUMAN = 0x8000


class Roster:
    """Names by number, and the identity of the car in view.

    ``identity`` is the same object as long as nothing changed.
    """

    def __init__(self) -> None:
        self.identity: Identity | None = None
        self._drivers: dict[int, str | None] = {}
        self._cars: dict[int, str | None] = {}
        self._in_view: tuple[int, int] | None = None

    def view(self, car: int, participant: int) -> None:
        """Take the numbers that timings gave for the car in view."""
        self._in_view = (car & ~_HUMAN, participant)
        self.note(Identity())

    def learn_drivers(self, datagram: bytes, part: int) -> None:
        """Take names by their index, or by their place where all indices are zero."""
        indices = _INDICES.unpack_from(datagram, _INDICES_OFFSET)
        if not any(indices):
            first = max(part - 1, 0) * _PER_PART
            indices = tuple(range(first, first + _PER_PART))
        for position, index in enumerate(indices):
            at = _NAMES_OFFSET + position * _NAME_SIZE
            name = text(datagram[at : at + _NAME_SIZE])
            if name is not None:
                self._drivers[index] = name
        self.note(Identity())

    def learn_cars(self, datagram: bytes) -> None:
        for at in range(_VEHICLES_OFFSET, len(datagram), _VEHICLE.size):
            number, name = _VEHICLE.unpack_from(datagram, at)
            self._cars[number & ~_HUMAN] = text(name)
        self.note(Identity())

    def note(self, newer: Identity) -> None:
        """Merge what is known into the identity."""
        known = (self.identity or Identity()).merged(newer)
        if self._in_view is not None:
            car, participant = self._in_view
            known = replace(
                known, driver=self._drivers.get(participant), car=self._cars.get(car)
            )
        if known != (self.identity or Identity()):
            self.identity = known
