"""Where stored images come from: whether they are the game's own."""
