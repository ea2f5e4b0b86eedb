"""Images from their sources to the size of the game."""
