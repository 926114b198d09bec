"""What a datagram on the port of the F1 games is, from its first bytes alone."""

from __future__ import annotations

from ps_tui.decoders.f1.layout import HEADER, LAYOUTS, PACKET_VERSION, Kind
from ps_tui.decoders.f1.packets import PACKETS, packet_key

FORMATS_NOTE = "set UDP Format to 2023 or newer in the game's telemetry settings"

_OLD_HEADER_SIZES = {2019: 23, 2020: 24, 2021: 24, 2022: 24}
"""``<HBBBBQfIB``, from 2020 on with a second player: packet version 4, id at 5."""
_OLD_KIND_COUNT = 12
_HEADER_2018_SIZE = 21
"""``<HBBQfIB``: packet version at 2, id at 3."""
_KIND_COUNT_2018 = 8
_NEWEST_THINKABLE = 2035
_LARGEST_KIND = 40


def detect(datagram: bytes) -> bool:
    """Say whether a datagram is one of a decoded format: header, kind and size."""
    if len(datagram) < HEADER.size:
        return False
    packet_format, version_and_kind = HEADER.unpack_from(datagram)[:2]
    packet = PACKETS.get(packet_key(packet_format, version_and_kind))
    return packet is not None and packet.size == len(datagram)


def describe(datagram: bytes) -> str | None:
    """Name an F1 datagram for a person, decoded or not; ``None`` if it is none."""
    if len(datagram) < 2:
        return None
    packet_format = int.from_bytes(datagram[:2], "little")
    year = packet_format - 2000
    if detect(datagram):
        kind = Kind(datagram[6]).name.lower().replace("_", " ")
        return f"an F1 game, format {packet_format} ({kind})"
    if packet_format in _OLD_HEADER_SIZES and _is_old(datagram, packet_format):
        return f"F1 {_title(year)}, format {packet_format}: {FORMATS_NOTE}"
    if packet_format == 2018 and _is_2018(datagram):
        return f"F1 2018, format 2018: {FORMATS_NOTE}"
    if max(LAYOUTS) < packet_format <= _NEWEST_THINKABLE and _is_new(datagram):
        return (
            f"an F1 game, format {packet_format}, newer than this ps-tui: set UDP "
            f"Format to {max(LAYOUTS)} or older in the game's telemetry settings"
        )
    return None


def refusal(datagram: bytes) -> str:
    """Return why a datagram that :func:`detect` denies cannot be decoded."""
    known = describe(datagram)
    if known is not None:
        return known
    if len(datagram) < HEADER.size:
        return f"{len(datagram)} bytes, shorter than the header of an F1 packet"
    packet_format = int.from_bytes(datagram[:2], "little")
    version, kind = datagram[5], datagram[6]
    layout = LAYOUTS.get(packet_format)
    if layout is None:
        return "no header of an F1 game"
    if version != PACKET_VERSION:
        return f"F1 format {packet_format}, packet version {version} is unknown"
    if kind not in list(layout.sizes):
        return f"F1 format {packet_format} has no packet kind {kind}"
    return (
        f"{len(datagram)} bytes, where F1 format {packet_format} sends "
        f"{layout.sizes[Kind(kind)]} "
        f"for kind {kind}"
    )


def _title(year: int) -> str:
    """Return the year as the game's title wrote it."""
    return str(year) if year >= 22 else f"20{year}"


def _is_old(datagram: bytes, packet_format: int) -> bool:
    if len(datagram) < _OLD_HEADER_SIZES[packet_format]:
        return False
    version, kind = datagram[4], datagram[5]
    return version == PACKET_VERSION and kind < _OLD_KIND_COUNT


def _is_2018(datagram: bytes) -> bool:
    if len(datagram) < _HEADER_2018_SIZE:
        return False
    version, kind = datagram[2], datagram[3]
    return version == PACKET_VERSION and kind < _KIND_COUNT_2018


def _is_new(datagram: bytes) -> bool:
    if len(datagram) < HEADER.size:
        return False
    version, kind = datagram[5], datagram[6]
    return version == PACKET_VERSION and kind < _LARGEST_KIND
