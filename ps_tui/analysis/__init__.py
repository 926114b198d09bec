"""Maths on recorded laps: pure functions of arrays, with no I/O and no clock."""
