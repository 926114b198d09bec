"""Public ids: UUID version 7 (RFC 9562 §5.7), so that ids sort by creation."""

from __future__ import annotations

import os
import uuid


def new_id(unix_ms: int) -> str:
    """Return a fresh id stamped ``unix_ms`` (milliseconds since 1970 UTC)."""
    value = (unix_ms & 0xFFFF_FFFF_FFFF) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))


def short_id(public_id: str) -> str:
    """Return the random end of an id: enough for a person to type."""
    return public_id[-8:]
