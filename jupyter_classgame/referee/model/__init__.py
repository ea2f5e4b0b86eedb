"""What a model does: traced passes, its first layer, what it knows before its first step."""
