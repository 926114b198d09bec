"""The commands of the database as the screens offer them."""
