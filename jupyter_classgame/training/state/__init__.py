"""The state of a run: snapshots, checkpoints, and the store that keeps them."""
