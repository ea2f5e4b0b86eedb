"""A run of the game, from the first check to the last record."""
