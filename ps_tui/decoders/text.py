"""Names as games send them, made fit to be stored and shown."""

from __future__ import annotations

NAME_LIMIT = 100


def clean_name(text: str) -> str | None:
    """Return ``text`` without unprintable characters and outer blanks.

    At most :data:`NAME_LIMIT` characters; ``None`` where nothing is left.
    """
    if not text.isprintable():
        text = "".join(character for character in text if character.isprintable())
    return text.strip()[:NAME_LIMIT].rstrip() or None
