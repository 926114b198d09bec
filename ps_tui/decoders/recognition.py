"""Names the game behind a datagram by its size and first bytes.

It serves messages about the wrong game on a port, so it also knows games that
have no decoder. It judges by what is written in public about each format and may
be wrong about bytes that no game sent.
"""

from __future__ import annotations

from collections.abc import Callable

from ps_tui.decoders import f1
from ps_tui.decoders.native import NativeDecoder
from ps_tui.decoders.outsim_options import marked_outsim, odd_outsim
from ps_tui.domain.frame import Frame, Identity

_SIZES: dict[int, str] = {
    232: "Forza (Sled format)",
    311: "Forza Motorsport 7 (Dash format)",
    323: "Forza Horizon (Dash format)",
    324: "Forza Horizon (Dash format)",
    331: "Forza Motorsport (Dash format)",
    237: "EA SPORTS WRC",
    264: "DiRT Rally",
    296: "Gran Turismo 7",
    316: "Gran Turismo 7",
    344: "Gran Turismo 7",
    368: "Gran Turismo 7",
    64: "Live for Speed OutSim",
    68: "Live for Speed OutSim",
}
_PROJECT_CARS_2_SIZES: dict[int, tuple[int, ...]] = {
    0: (555, 559),
    1: (308,),
    2: (1136,),
    3: (1059, 1063),
    4: (24,),
    7: (1040,),
    8: (1164, 1452),
}
_PROJECT_CARS_1_SIZES = (1367, 1347, 1028)
_ACC_SIZES = range(40, 600)
_ACC_IDS = range(1, 8)
_QUOTED_BYTES = 8


def _native(datagram: bytes) -> str | None:
    """Ask the decoder: its messages have no mark, and any size."""
    decoded = NativeDecoder().decode(datagram, 0)
    return "Purple Sector frames" if isinstance(decoded, Frame | Identity) else None


def _assetto_corsa(datagram: bytes) -> str | None:
    if len(datagram) == 328 and datagram[:4] == b"a\0\0\0":
        return "Assetto Corsa"
    if len(datagram) == 408 and datagram[200:204] == (4242).to_bytes(4, "little"):
        return "Assetto Corsa (handshake reply)"
    return None


def _project_cars(datagram: bytes) -> str | None:
    size = len(datagram)
    if size >= 12 and size in _PROJECT_CARS_2_SIZES.get(datagram[10], ()):
        return "Project CARS 2 or Automobilista 2"
    if (
        size in _PROJECT_CARS_1_SIZES
        and _PROJECT_CARS_1_SIZES.index(size) == datagram[2] & 3
    ):
        return "Project CARS 1 protocol"
    return None


def _outgauge(datagram: bytes) -> str | None:
    if len(datagram) == 88 and datagram[:4] == b"BNG1":
        return "BeamNG MotionSim"
    if len(datagram) in {92, 96}:
        is_beamng = datagram[4:8] == b"beam"
        return f"{'BeamNG' if is_beamng else 'Live for Speed'} OutGauge"
    return None


def _by_size(datagram: bytes) -> str | None:
    return _SIZES.get(len(datagram))


def _competizione(datagram: bytes) -> str | None:
    """Judge by the first byte and counters that stay small; last of all."""
    if (
        len(datagram) in _ACC_SIZES
        and datagram[0] in _ACC_IDS
        and datagram[2] == 0
        and datagram[4] < 32
    ):
        return "Assetto Corsa Competizione"
    return None


_TESTS: tuple[Callable[[bytes], str | None], ...] = (
    _native,
    f1.describe,
    _assetto_corsa,
    _project_cars,
    marked_outsim,
    _outgauge,
    _by_size,
    _competizione,
    odd_outsim,
)


def recognise(datagram: bytes) -> str | None:
    """Return the name of the game that sends such datagrams, if one is known."""
    if not datagram:
        return None
    return next((name for test in _TESTS if (name := test(datagram))), None)


def describe(datagram: bytes) -> str:
    """Say what a datagram looks like, in words that follow "what arrives"."""
    if not datagram:
        return "unknown, empty"
    name = recognise(datagram)
    if name is not None:
        return f"looks like {name}"
    start = datagram[:_QUOTED_BYTES].hex(" ")
    more = " …" if len(datagram) > _QUOTED_BYTES else ""
    return f"unknown, {len(datagram)} bytes, starts {start}{more}"
