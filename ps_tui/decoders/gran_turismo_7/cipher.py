"""The encryption of Gran Turismo 7's packets: Salsa20 with a key known to all.

Each packet carries four bytes at 0x40 that its nonce is made of, and the constant
that they are combined with tells the four kinds of packet apart, as their lengths do.
"""

from __future__ import annotations

from functools import cache
from typing import Any

MAGIC = b"0S7G"
"""What a decrypted packet begins with."""

_KEY = b"Simulator Interface Packet GT7 ver 0.0"[:32]
_NONCE_OFFSET = 0x40
_CONSTANTS = {
    296: 0xDEAD_BEAF,
    316: 0xDEAD_BEEF,
    344: 0x55FA_BB4F,
    368: 0xDEAD_BEEF,
}


@cache
def _salsa20() -> Any:
    """Import the cipher when the first packet comes: no other game needs it."""
    from Crypto.Cipher import Salsa20

    return Salsa20.new


def decrypt(datagram: bytes) -> bytes | None:
    """Return the plain packet; ``None`` for a size or bytes that the game sends not.

    What the plain packet holds at 0x40 means nothing.
    """
    constant = _CONSTANTS.get(len(datagram))
    if constant is None:
        return None
    sent = datagram[_NONCE_OFFSET : _NONCE_OFFSET + 4]
    mixed = int.from_bytes(sent, "little") ^ constant
    nonce = mixed.to_bytes(4, "little") + sent
    plain: bytes = _salsa20()(_KEY, nonce).decrypt(datagram)
    return plain if plain.startswith(MAGIC) else None
