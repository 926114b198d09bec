"""What the Compare screen shows, apart from the widgets that show it."""
