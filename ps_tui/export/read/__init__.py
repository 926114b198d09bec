"""Files with laps, read as laps of sessions, and filed in the library."""
