"""Laps in formats that other tools read: out of the database, and into it."""
