"""The terminal user interface: it is given Services and draws."""
