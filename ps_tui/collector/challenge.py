"""A second sender may be the game, and the first one only something that parses.

While the sender that is read has not shown a drive, what a refused one sends is kept
for a moment and looked at: a steady drive takes the place of none.
"""

from __future__ import annotations

from collections.abc import Callable

from ps_tui.collector.binding import Address
from ps_tui.collector.live import LiveState
from ps_tui.collector.senders import Held
from ps_tui.collector.steadiness import is_steady
from ps_tui.domain.frame import Frame
from ps_tui.domain.ports import Decoder

LOOK_US = 2_000_000
_REST_US = 500_000
"""After a look at nothing it is first the turn of others."""
_HELD_LIMIT = 1_000
_JUDGED_FRAMES = 64
_PAST_ALL = 1 << 62


class Challenge:
    """Whether the sender that is read is a drive, and if not, who else may be.

    One challenger at a time; one that was no drive waits before it may try again.
    """

    def __init__(self, live: LiveState) -> None:
        self._live = live
        self.make_decoder: Callable[[], Decoder] | None = None
        """Makes one that knows nothing yet; without it nobody is looked at."""
        self._is_drive = False
        self._since = 0
        self._held: list[Held] = []
        self._failed: Address | None = None
        self._failed_us = 0

    def begin(self) -> list[Held]:
        """Judge another sender from its next frame on; return who waited."""
        self._is_drive = False
        self._since, _ = self._live.frames_since(_PAST_ALL)
        return self._give_back()

    def look(self) -> None:
        """Look whether the sender that is read is a drive; call it now and then."""
        if self._is_drive:
            return
        newest, _ = self._live.frames_since(_PAST_ALL)
        _, frames = self._live.frames_since(max(self._since, newest - _JUDGED_FRAMES))
        self._is_drive = is_steady(frames)

    def takes(self, held: Held) -> bool:
        """Keep a datagram of a refused sender; False where nobody will look at it."""
        if self.make_decoder is None or self._is_drive:
            return False
        if len(self._held) >= _HELD_LIMIT:
            return False
        if self._held:
            if held.address != self._held[0].address:
                return False
        elif held.address == self._failed and (
            held.received_us - self._failed_us < _REST_US
        ):
            return False
        self._held.append(held)
        return True

    def decide(self, now_us: int) -> tuple[list[Held], bool]:
        """Return the challenger's datagrams once they are enough, and whether they
        are a drive while those of the sender that is read are none."""
        held = self._held
        is_due = held and (
            len(held) >= _HELD_LIMIT or now_us - held[0].received_us >= LOOK_US
        )
        if not is_due:
            return [], False
        assert self.make_decoder is not None
        has_won = not self._is_drive and is_steady(_decoded(held, self.make_decoder()))
        self._failed, self._failed_us = held[0].address, now_us
        return self._give_back(), has_won

    def _give_back(self) -> list[Held]:
        held, self._held = self._held, []
        return held


def _decoded(held: list[Held], decoder: Decoder) -> list[Frame]:
    """Return the newest frames; what the decoder does not survive is none."""
    frames: list[Frame] = []
    for each in held:
        try:
            decoded = decoder.decode(each.datagram, each.received_us)
        except Exception:
            continue
        if isinstance(decoded, Frame):
            frames.append(decoded)
    return frames[-_JUDGED_FRAMES:]
