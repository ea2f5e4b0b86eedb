"""Pictures as stored, their decoding, and images at the size of the game."""
