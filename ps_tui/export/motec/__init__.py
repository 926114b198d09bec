"""MoTeC logs: .ld with the channels, .ldx with the lap beacons."""
