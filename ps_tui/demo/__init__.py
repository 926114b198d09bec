"""A built-in driver on a circuit of our own: real datagrams without a game."""
