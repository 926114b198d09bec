"""What marks a file as ours, and the revision that this version works with."""

from __future__ import annotations

APPLICATION_ID = 0x50535455
"""``PSTU`` in the header of the file."""

LATEST_REVISION = 3
"""The number of the newest file in ``migrations``; a test keeps them equal."""
