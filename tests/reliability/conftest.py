"""What the tests here are given: an open store, and a disk that is soon full."""

from tests.support.little_room import small_disk
from tests.support.open_stores import clock, path, store

__all__ = ["clock", "path", "small_disk", "store"]
