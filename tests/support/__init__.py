"""What several tests share: fixtures built in code, stand-ins for games."""
