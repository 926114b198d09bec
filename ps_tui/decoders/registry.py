"""The table of games: a new one is a decoder, and a row here.

What differs from game to game is data of its row; no other module asks which
game it has before it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import msgspec

from ps_tui.decoders import assetto_corsa, f1
from ps_tui.decoders.assetto_corsa import AssettoCorsaDecoder
from ps_tui.decoders.native import NativeDecoder
from ps_tui.decoders.recognition import describe, recognise
from ps_tui.domain.frame import Frame, Identity
from ps_tui.domain.ports import Decoder

__all__ = ["SOURCES", "SourceSpec", "describe", "detect", "recognise"]

Transport = Literal["listen", "assetto-corsa"]
"""``listen``: the game sends to our port. Else we talk first, to the game's port,
in the way of that name."""


class SourceSpec(msgspec.Struct, frozen=True):
    """One game: where its datagrams come from and who reads them."""

    name: str
    label: str
    port: int
    """Ours where we listen, the game's where we talk first."""
    transport: Transport
    make_decoder: Callable[[], Decoder]
    """Makes the decoder of one stream; it may remember what the stream told."""
    detect: Callable[[bytes], bool]
    settings_hint: str
    """What to set in the game, or its sender, word for word."""


def _is_native(datagram: bytes) -> bool:
    return isinstance(NativeDecoder().decode(datagram, 0), Frame | Identity)


def _is_assetto_corsa(datagram: bytes) -> bool:
    if len(datagram) == assetto_corsa.CAR_INFO_SIZE:
        return datagram.startswith(assetto_corsa.CAR_INFO_MARK)
    return len(datagram) == assetto_corsa.HANDSHAKE_SIZE and isinstance(
        AssettoCorsaDecoder().decode(datagram, 0), Identity
    )


SOURCES: Mapping[str, SourceSpec] = {
    spec.name: spec
    for spec in (
        SourceSpec(
            name="native",
            label="Purple Sector frames",
            port=9997,
            transport="listen",
            make_decoder=NativeDecoder,
            detect=_is_native,
            settings_hint=(
                "Send one serialised TelemetryFrame (proto/telemetry.proto) per UDP "
                "datagram to port 9997 of this computer."
            ),
        ),
        SourceSpec(
            name="assetto-corsa",
            label="Assetto Corsa",
            port=9996,
            transport="assetto-corsa",
            make_decoder=AssettoCorsaDecoder,
            detect=_is_assetto_corsa,
            settings_hint=(
                "Nothing to set in Assetto Corsa: load a session and drive. If the "
                "game runs on another computer, give its address with --host and "
                "allow inbound UDP 9996 in that computer's firewall."
            ),
        ),
        SourceSpec(
            name="f1",
            label="EA F1 23, 24 and 25",
            port=f1.DEFAULT_PORT,
            transport="listen",
            make_decoder=f1.F1Decoder,
            detect=f1.detect,
            settings_hint=f1.MENU_HINT,
        ),
    )
}


def detect(datagram: bytes) -> str | None:
    """Return the name of the source that reads such datagrams, if there is one."""
    return next((spec.name for spec in SOURCES.values() if spec.detect(datagram)), None)
