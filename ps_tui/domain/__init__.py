"""Values and rules of the sport: no I/O, no clock, no third party but msgspec."""
