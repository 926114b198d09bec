"""Reads lap beacons and details of the .ldx file beside a log."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import msgspec

from ps_tui.export.read.laps import UnreadableFileError

LARGEST_BYTES = 16 << 20


class Extra(msgspec.Struct, frozen=True):
    """Beacons in ms since the log began, rising, and details by name."""

    beacons_ms: tuple[float, ...] = ()
    details: dict[str, str] = {}


def read_extra(path: Path) -> Extra:
    """Return what is there; nothing where there is no file.

    Raises UnreadableFileError.
    """
    if not path.is_file():
        return Extra()
    if path.stat().st_size > LARGEST_BYTES:
        raise _unreadable(path, "it is too large")
    content = path.read_bytes()
    # Entities can blow up a file a millionfold, and no logger writes any.
    if b"<!" in content:
        raise _unreadable(path, "it declares entities")
    try:
        root = ElementTree.fromstring(content)
        beacons = {
            float(marker.get("Time", "nan")) / 1000.0
            for marker in root.iter("Marker")
            if marker.get("ClassName") == "BCN"
        }
    except (ElementTree.ParseError, ValueError) as error:
        raise _unreadable(path, str(error)) from error
    details = {
        str(text.get("Id")): str(text.get("Value"))
        for text in root.iter("String")
        if text.get("Id") is not None and text.get("Value") is not None
    }
    return Extra(tuple(sorted(at for at in beacons if at >= 0.0)), details)


def _unreadable(path: Path, why: str) -> UnreadableFileError:
    return UnreadableFileError(
        f"{path} is no file of lap beacons: {why}.",
        "Move it away to import the log without its laps.",
    )
