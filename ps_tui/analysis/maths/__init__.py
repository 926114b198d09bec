"""Math channels: formulas over channels, parsed by hand to a whitelisted tree."""
