"""What the tests here are given: an open store in a folder of its own."""

from tests.support.open_stores import clock, path, store

__all__ = ["clock", "path", "store"]
