"""Following a forward pass operation by operation."""
