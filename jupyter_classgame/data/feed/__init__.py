"""Fast batches for the training loop, equal to those of the player's own DataLoader."""
