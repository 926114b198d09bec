"""The engineer's assistant: its conversations and run plans as tables of their own."""
