"""Project CARS, Project CARS 2 and Automobilista 2, whichever protocol is set."""

from __future__ import annotations

from ps_tui.decoders.project_cars.new import NewProtocol
from ps_tui.decoders.project_cars.new_packet import SIZES as NEW_SIZES
from ps_tui.decoders.project_cars.old import TELEMETRY_SIZE, OldProtocol
from ps_tui.decoders.project_cars.old_roster import MORE_NAMES_SIZE, NAMES_SIZE
from ps_tui.decoders.project_cars.parts import CHANNELS
from ps_tui.domain.frame import Decoded, Identity, Rejected


class ProjectCarsDecoder:
    """Reads the stream of one game; sizes tell the two protocols apart."""

    source = "project-cars"
    channels = CHANNELS

    def __init__(self) -> None:
        self._old = OldProtocol()
        self._new = NewProtocol()
        self._decoders = {
            NAMES_SIZE: self._old.learn_names,
            MORE_NAMES_SIZE: self._old.learn_names,
            **dict.fromkeys(NEW_SIZES, self._new.decode),
        }

    @property
    def identity(self) -> Identity | None:
        return self._new.identity or self._old.identity

    def decode(self, datagram: bytes, received_us: int) -> Decoded:
        """Return the frame that a datagram completes, or what else it is."""
        if len(datagram) == TELEMETRY_SIZE:  # nearly all that the older protocol sends
            return self._old.take_telemetry(datagram, received_us)
        decode = self._decoders.get(len(datagram))
        if decode is None:
            return Rejected(
                f"{len(datagram)} bytes, which no packet of Project CARS has"
            )
        return decode(datagram, received_us)
