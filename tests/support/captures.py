"""Where the real recordings lie, and how a test does without them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

CAPTURES = Path(
    os.environ.get(
        "PS_TUI_CAPTURES",
        Path(__file__).parents[2].parent / "shared" / "captures",
    )
)


def capture(name: str) -> Path:
    """Return the path of a recording, or skip the calling test."""
    path = CAPTURES / name
    if not path.exists():
        pytest.skip(f"no capture {name}: set PS_TUI_CAPTURES to the recordings")
    return path
