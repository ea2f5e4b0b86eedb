"""Fast batches for the engine in place of the loader of a game."""
