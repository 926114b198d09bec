"""Plug-ins that ship with the program and register as any other would."""
