"""Purple Sector for the terminal: live sim telemetry, recorded without loss."""

__version__ = "0.1.0"
