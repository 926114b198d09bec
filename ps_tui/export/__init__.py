"""Laps in formats that other tools read."""
